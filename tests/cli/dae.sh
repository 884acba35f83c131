#!/bin/sh
# experiments/dae: all trials on an easy data set; training that is interrupted in each stage; what its flags refuse.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/dae
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
dataset "$tmp/data"

# ---- everything once

train "$tmp/all" --quiet
check "all trials" is 0
check "the closing table is shown" shows "dae, preset smoke"
check "no claim is made" not holds "$tmp/all/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "twenty networks" [ "$(wc -l <"$tmp/all/stack.tsv")" -eq 21 ]
check "fifteen points of curves" [ "$(wc -l <"$tmp/all/noise.tsv")" -eq 16 ]
check "all of them from 0 to 100 %" awk -F '\t' 'FNR > 1 && ($NF < 0 || $NF > 100) { exit 1 }' "$tmp/all/stack.tsv" "$tmp/all/noise.tsv"
check "a claim for each set, curve, filter and field" [ "$(cut -f 3 "$tmp/all/eval.tsv" | sed 1d | sort -u | wc -l)" -eq 21 ]
for sheet in filters_0 filters_25 filters_50 filters_sparse filters_contractive; do
    check "$sheet: 16 filters" [ "$(wc -c <"$tmp/all/$sheet.f32")" -eq $((16 * 784 * 4)) ]
done
check "the film has 16 frames" [ "$(wc -l <"$tmp/all/film.tsv")" -eq 17 ]
check "eight walks of twelve steps" [ "$(wc -l <"$tmp/all/walk.tsv")" -eq 97 ]
check "the field is a grid of 49 x 49, with arrows on 25 x 25" \
    [ "$(grep -vc nan "$tmp/all/manifold.tsv") $(wc -l <"$tmp/all/manifold.tsv")" = "626 2402" ]
check "the chain has as many points as the data" [ "$(grep -c '^chain' "$tmp/all/chain.tsv") $(grep -c '^data' "$tmp/all/chain.tsv")" = "1500 1500" ]

# ---- the same bytes, interrupted or not

long="--preset smoke --data $tmp/data --trial stack --set rot --pretrain 12 --epochs 20 --hidden 60"
# shellcheck disable=SC2086 # flags are words
again() { run $long --out "$1" --quiet --threads "$2" --resume; }
# shellcheck disable=SC2086
begin() { start $long --out "$1" --threads "$2" --resume; }
same_run()
{
    for file in eval.tsv stack.tsv checkpoint; do cmp "$1/$file" "$2/$file" || return 1; done
}

again "$tmp/whole" 2
check "a whole run succeeds" is 0
again "$tmp/other" 1
check "1 and 2 threads give the same bytes" same_run "$tmp/whole" "$tmp/other"
for turn in "INT 130" "INT 130" "KILL 137" "INT 130"; do
    # shellcheck disable=SC2086 # a signal and its exit status
    set -- $turn
    begin "$tmp/broken" 2
    sleep "0.$(random 3 6)"
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

for noise in masking salt-and-pepper gaussian; do
    train "$tmp/$noise" --quiet --trial stack --set rect --noise $noise --level 0.5 --layers 1 --hidden 9 --epochs 3 --validate
    check "a stack of one's own, $noise" is 0
    check "$noise: its four networks" [ "$(wc -l <"$tmp/$noise/stack.tsv")" -eq 5 ]
done
train "$tmp/penalties" --quiet --trial stack --set basic --untied --sparsity 0.1 --contraction 0.1
check "penalties, and decoders with weights of their own" is 0
for level in -0.1 1.1 nan; do
    train "$tmp/none" --level $level
    refused "a noise of level $level" 2 "\-\-level"
done
for hidden in 0 -1; do
    train "$tmp/none" --hidden $hidden
    refused "$hidden hidden units" 2 "\-\-hidden"
done
train "$tmp/none" --layers 4
refused "four layers" 2 "\-\-layers"
train "$tmp/none" --noise pink
refused "no such noise" 2 "pink"
train "$tmp/none" --contraction -1
refused "a penalty below 0" 2 "\-\-contraction"
train "$tmp/still" --quiet --trial manifold --level 0
refused "a field without noise" 1 "without noise there is no field" "\-\-level"

# So few training images that the test takes some of the test images.
mkdir "$tmp/few"
idx "$tmp/few" train 60 0
idx "$tmp/few" t10k 300 7
for set in rot rect; do
    run --preset smoke --data "$tmp/few" --out "$tmp/few.$set" --quiet --trial stack --set $set --hidden 9
    check "few images, $set" is 0
done

# Images that no set can be made of.
mkdir "$tmp/small"
for split in train t10k; do
    { bytes 0 0 8 3; size 4; size 2; size 2; bytes 0 0 0 0 1 1 1 1 2 2 2 2 3 3 3 3; } >"$tmp/small/$split-images-idx3-ubyte"
    { bytes 0 0 8 1; size 4; bytes 0 1 2 3; } >"$tmp/small/$split-labels-idx1-ubyte"
done
run --preset smoke --data "$tmp/small" --trial stack --out "$tmp/none" --quiet
refused "images of 2 x 2" 1 "images of 28 x 28 pixels, these have 2 x 2"
run --preset smoke --data "$tmp/nowhere" --out "$tmp/none"
refused "no data" 1 "$tmp/nowhere"

finish
