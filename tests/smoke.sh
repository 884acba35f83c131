#!/bin/sh
# A short training, its report and a prediction, and some on other experiments, for `make sanitize`, `make tsan` and `make valgrind`.
# MODEL=lenet5 trains only that network; the arguments are a program to run it under, valgrind and its flags.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# shellcheck disable=SC2154,SC2317 # tmp and lenet are set there; check calls this
lenet() { "$@" --out "$tmp/run" --data "$tmp/data" --preset smoke --threads 2; }

dataset "$tmp/data"
{ printf 'P5 28 28 255\n'; drawings 1 3 | cut -d ' ' -f 2 | tr -d '\n' | tr '.#' '\000\377'; } >"$tmp/digit.pgm"
# shellcheck disable=SC2154
check "training" lenet "$@" "$lenet" --quiet ${MODEL:+--model "$MODEL"}
check "its result" test -s "$tmp/run/result.json"
check "its report" lenet "$@" "$lenet" --report
check "prediction" lenet "$@" "$lenet" --predict "$tmp/digit.pgm"
[ -n "${MODEL:-}" ] || check "batch normalisation" "$@" "${lenet%/*}/batchnorm" --preset smoke --trial statistics --steps 20 \
    --data "$tmp/data" --out "$tmp/norm" --threads 2 --quiet
[ -n "${MODEL:-}" ] || cifar "$tmp/cifar"
[ -n "${MODEL:-}" ] || check "convolutions in colour" "$@" "${lenet%/*}/alexnet" --preset smoke --trial layers18pct \
    --crops ten --data "$tmp/cifar" --out "$tmp/alexnet" --threads 2 --quiet
[ -n "${MODEL:-}" ] || texts "$tmp/texts"
[ -n "${MODEL:-}" ] || check "texts" "$@" "${lenet%/*}/wordlm" --preset smoke --epochs 1 --batch 50 --data "$tmp/texts" --out "$tmp/wordlm" \
    --threads 2 --quiet
[ -n "${MODEL:-}" ] || check "characters" "$@" "${lenet%/*}/charlm" --preset smoke --text "$tmp/texts/ptb/ptb.train.txt" --hidden 8 \
    --out "$tmp/charlm" --threads 2 --quiet
finish
