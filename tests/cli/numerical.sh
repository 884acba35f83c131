#!/bin/sh
# A training that breaks down: exit status 3, a sentence that says where and what to try, and the last good checkpoint kept.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

train "$tmp/first" --model linear --lr 1000
refused "the first training" 3 "^lenet: " "linear broke down" "epoch 1, step [0-9]" "in the value of mse" "loss inf" \
    "gradient norm [0-9]" "lr [0-9]" "lower --lr, or bound the gradient with --clip"
check "no result" absent "$tmp/first/result.json"
check "no checkpoint" absent "$tmp/first/checkpoint"
check "train.tsv has no row of it" not grep -q -i -e nan -e inf "$tmp/first/train.tsv"
check "it does not promise a checkpoint that is not there" not says "checkpoint is good"

# The networks whose units saturate bear that rate; the linear one, the fifth, does not.
train "$tmp/fifth" --lr 1000
refused "the fifth training" 3 "^lenet: " "linear broke down" "checkpoint is good"
check "no result of it" absent "$tmp/fifth/result.json"
check "four trainings are in eval.tsv" [ "$(wc -l <"$tmp/fifth/eval.tsv")" -eq 5 ]
{ printf 'P5\n28 28\n255\n'; drawings 1 3 | cut -d ' ' -f 2 | tr -d '\n' | tr '.#' '\000\377'; } >"$tmp/three.pgm"
run --preset smoke --out "$tmp/fifth" --model mlp --predict "$tmp/three.pgm"
check "the last checkpoint opens" is 0

cp "$tmp/fifth/checkpoint" "$tmp/kept"
train "$tmp/fifth" --lr 1000 --resume
check "resumed it breaks down again" is 3
check "in the same step" says "linear broke down"
train "$tmp/fifth" --lr 0.0001 --resume
refused "another rate with --resume" 1 "\-\-lr 1000.0, this one 0.0001"
check "the checkpoint is untouched" cmp "$tmp/kept" "$tmp/fifth/checkpoint"

train "$tmp/clipped" --model linear --lr 1000 --clip 0.0001 --quiet
check "with --clip that rate does not break down" is 0

finish
