#!/bin/sh
# experiments/gan: all trials on an easy data set; training that is interrupted; networks that win, and what flags refuse.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/gan
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
dataset "$tmp/data"

# ---- everything once

train "$tmp/all" --quiet
check "all trials" is 0
check "the closing table is shown" shows "gan, preset smoke"
check "no claim is made" not holds "$tmp/all/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "their claims" [ "$(cut -f 3 "$tmp/all/eval.tsv" | tr '\n' ' ')" = "claim plain_modes plain_quality unrolled_modes unrolled_quality modes_gained parzen score digits dcgan_score dcgan_digits " ]
for film in ring mnist dcgan; do
    check "the film of $film has 16 frames" [ "$(wc -l <"$tmp/all/${film}_film.tsv")" -eq 17 ]
done
check "walks and sums" holds "$tmp/all/latent.tsv" "a walk"
check "what the discriminator says is a probability" awk -F '\t' '$2 == "probability of being real" { n++; if ($5 < 0 || $5 > 1) bad = 1 } END { exit bad || n < 40 }' "$tmp/all/mnist.tsv"
check "a score is from 1 to 10" awk -F '\t' '$2 ~ /^score/ { n++; if ($5 < 1 || $5 > 10) bad = 1 } END { exit bad || n < 10 }' "$tmp/all/dcgan.tsv"
check "modes are from 0 to 8" awk -F '\t' '$2 ~ /^modes/ { n++; if ($5 < 0 || $5 > 8) bad = 1 } END { exit bad || n < 40 }' "$tmp/all/ring.tsv"

# ---- the same bytes, interrupted or not

# both TRIAL FLAGS...: whole runs on one and two threads, and one that is interrupted, end the same
both()
{
    trial=$1
    long="--preset smoke --data $tmp/data --trial $*"
    # shellcheck disable=SC2086 # flags are words
    {
        run $long --out "$tmp/$trial.whole" --quiet --threads 2
        check "$trial: a whole run succeeds" is 0
        run $long --out "$tmp/$trial.other" --quiet --threads 1
        check "$trial: 1 and 2 threads give the same bytes" same_run "$trial.whole" "$trial.other"
        for turn in "INT 3" "KILL 30" "INT 60"; do
            start $long --out "$tmp/$trial.broken" --threads 2 --resume
            until_points "$tmp/$trial.broken" "${turn#* }"
            stop "${turn% *}"
            [ "$status" -ne 0 ] || skip "$turn" "the run was quicker"
        done
        run $long --out "$tmp/$trial.broken" --quiet --threads 1 --resume
        check "$trial: an interrupted run is resumed" is 0
        check "$trial: interrupted or not gives the same bytes" same_run "$trial.whole" "$trial.broken"
    }
}
same_run()
{
    for file in eval.tsv "$trial.tsv" checkpoint "${trial}_film.f32"; do cmp "$tmp/$1/$file" "$tmp/$2/$file" || return 1; done
}
# until_points FOLDER NUMBER: waits until the curves have so many lines
until_points()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/$trial.tsv" ] && [ "$(wc -l <"$1/$trial.tsv")" -gt "$2" ] && return
        sleep 0.01
        turns=$((turns - 1))
    done
}
both ring --steps 300
both mnist --epochs 60
both dcgan --epochs 3

# ---- flags, and networks that win

for latent in 0 -3 1001; do
    train "$tmp/none" --latent $latent
    refused "$latent numbers of noise" 2 "\-\-latent"
done
train "$tmp/two" --quiet --trial mnist --latent 2 --validate --dropout 0 --batch 50
check "another recipe" is 0
train "$tmp/won" --quiet --trial ring --steps 6000 --lr-discriminator 0.1 --lr-generator 1e-6
check "a discriminator that wins: exit status 3" is 3
check "it is named" says "the discriminator has won"
check "and what to try" says "weaken the discriminator"
train "$tmp/broke" --quiet --trial mnist --lr 1e6 --epochs 50
check "a rate that breaks the training: exit status 3" is 3
check "it is said where" says "in step"
train "$tmp/none" --quiet --trial dcgan --batch 60000
refused "a batch larger than the data" 1 "lower --batch"

finish
