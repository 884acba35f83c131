#!/bin/sh
# experiments/vae: all trials on an easy data set; training that is interrupted; what its flags refuse.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/vae
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
dataset "$tmp/data"

# ---- everything once

train "$tmp/all" --quiet
check "all trials" is 0
check "the closing table is shown" shows "vae, preset smoke"
check "no claim is made" not holds "$tmp/all/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "their claims" [ "$(cut -f 3 "$tmp/all/eval.tsv" | tr '\n' ' ')" = "claim bound_20 gain_5 gain_10 gain_20 superfluous overfitting marginal gap " ]
check "five figures" [ "$(cut -f 1 "$tmp/all/figures.tsv" | tr '\n' ' ')" = "figure bound samples manifold film marginal " ]
check "five networks draw twelve images each" [ "$(wc -c <"$tmp/all/samples.f32")" -eq $((5 * 12 * 784 * 4)) ]
check "the manifold is one picture of 20 x 20 images" [ "$(cut -f 4-5 "$tmp/all/manifold.tsv" | tail -n 1)" = "560	560" ]
check "the film has 16 frames" [ "$(wc -l <"$tmp/all/film.tsv")" -eq 17 ]
check "images are probabilities" awk 'BEGIN { while (("od -An -v -tf4 '"$tmp/all/samples.f32"'" | getline) > 0) for (i = 1; i <= NF; i++) if ($i < 0 || $i > 1) exit 1 }'
# The estimate of log p(x) rises with the number of samples.
check "more samples, a higher estimate" awk -F '\t' 'NR > 1 { if (seen && $5 < last) exit 1; last = $5; seen = 1 } END { exit !seen }' "$tmp/all/marginal.tsv"

# ---- the same bytes, interrupted or not

long="--preset smoke --data $tmp/data --trial bound --epochs 12"
again() { run $long --out "$1" --quiet --threads "$2" --resume; }
begin() { start $long --out "$1" --threads "$2" --resume; }
same_run()
{
    for file in eval.tsv bound.tsv checkpoint samples.f32; do cmp "$1/$file" "$2/$file" || return 1; done
}

# until_points FOLDER NUMBER: waits until the curves have so many lines
until_points()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/bound.tsv" ] && [ "$(wc -l <"$1/bound.tsv")" -gt "$2" ] && return
        sleep 0.01
        turns=$((turns - 1))
    done
}

again "$tmp/whole" 2
check "a whole run succeeds" is 0
again "$tmp/other" 1
check "1 and 2 threads give the same bytes" same_run "$tmp/whole" "$tmp/other"
for turn in "INT 130 3" "KILL 137 20" "INT 130 40"; do
    # shellcheck disable=SC2086 # a signal, its exit status, a number of lines
    set -- $turn
    begin "$tmp/broken" 2
    until_points "$tmp/broken" "$3"
    stop "$1"
    if [ "$status" -eq 0 ]; then
        skip "$1 in training" "the run was quicker"
    else
        check "$1 in training: exit status $2" is "$2"
        check "$1: no result" absent "$tmp/broken/result.json"
    fi
done
again "$tmp/broken" 1
check "an interrupted run is resumed" is 0
check "interrupted or not gives the same bytes" same_run "$tmp/whole" "$tmp/broken"

# ---- flags

train "$tmp/one" --quiet --trial bound --latent 7 --hidden 9 --validate
check "one network of one's own" is 0
check "it has its samples" [ "$(wc -l <"$tmp/one/samples.tsv")" -eq 13 ]
check "and claims nothing" [ "$(wc -l <"$tmp/one/eval.tsv")" -eq 1 ]
for latent in 0 -1 1001; do
    train "$tmp/none" --latent $latent
    refused "$latent latent dimensions" 2 "\-\-latent"
done
train "$tmp/none" --trial bond
refused "no such trial" 2 "bond"
train "$tmp/broke" --quiet --trial marginal --lr 1000 --epochs 20
check "a rate that breaks the training: exit status 3" is 3
check "it is said where" says "broke down in epoch"
run --preset smoke --data "$tmp/nowhere" --out "$tmp/none"
refused "no data" 1 "$tmp/nowhere"

finish
