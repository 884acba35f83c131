#!/bin/sh
# A run that was interrupted or killed, and then resumed, ends with the same bytes as one that was not; neither the number
# of threads nor the time shows in them. A checkpoint that cannot be trusted is refused and left alone.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

# What is compared: all networks, two seeds, 12 trainings of 2 passes; train.tsv has 37 lines for each.
again() { train "$1" --epochs 2 --seeds 2 --quiet --threads "$2" --resume; }
begin() { start --preset smoke --data "$tmp/data" --out "$1" --epochs 2 --seeds 2 --threads "$2" --resume; }

again "$tmp/whole" 2
check "a whole run succeeds" is 0
again "$tmp/other" 2
check "the same command gives the same bytes" same_run "$tmp/whole" "$tmp/other"
again "$tmp/other" 1
check "after a finished run --resume begins a new one" is 0
check "1 and 2 threads give the same bytes" same_run "$tmp/whole" "$tmp/other"
check "no working file is left" [ -z "$(find "$tmp/whole" -name snapshots -o -name '*.tmp' -o -name .probe)" ]

# ---- kill -9

for from in 5 80 160 240; do
    rows=$(random $from $((from + 60)))
    begin "$tmp/killed" 2
    until_rows "$tmp/killed" "$rows"
    stop KILL
    check "killed at line $rows of train.tsv" is 137
    check "there is no result then" absent "$tmp/killed/result.json"
done
again "$tmp/killed" 2
check "a killed run is resumed" is 0
check "killed or not gives the same bytes" same_run "$tmp/whole" "$tmp/killed"

# ---- ^C, now and then followed by kill -9: the checkpoint is from the middle of a training

threads=1
rows=0
for turn in 1 2 3 4; do
    rows=$((rows + $(random 5 50)))
    begin "$tmp/stopped" $threads
    until_rows "$tmp/stopped" "$rows"
    stop INT
    threads=$((3 - threads))
    check "^C number $turn, at line $rows: exit status 130" is 130
    check "^C: how many are done" shows "interrupted: [0-9]* of 12 trainings are done"
    check "^C: how to go on" shows "go on with: make experiments/lenet PRESET=smoke ARGS='.*--epochs 2 --seeds 2"
    check "^C: no result" absent "$tmp/stopped/result.json"
    rows=$(wc -l <"$tmp/stopped/train.tsv")
done
cp -r "$tmp/stopped" "$tmp/middle"
begin "$tmp/stopped" 2
until_rows "$tmp/stopped" $((rows + 40))
stop KILL
again "$tmp/stopped" 2
check "an interrupted run is resumed" is 0
check "interrupted or not gives the same bytes" same_run "$tmp/whole" "$tmp/stopped"

# ---- early stopping, averages and dropout: what they know is in the checkpoint

options="--preset lab --model mlp --epochs 40 --batch 16 --lr 0.002 --seeds 2 --early-stop 3 --average 0.9 --dropout 0.5 --input-dropout 0.2"
# shellcheck disable=SC2086 # flags are words
again_optional() { train "$1" $options --quiet --threads "$2" --resume; }
again_optional "$tmp/optional" 2
check "a run with early stopping, averages and dropout succeeds" is 0
check "it stops early" [ "$(cut -f 3 "$tmp/optional/train.tsv" | sort -n | tail -n 1)" -lt 40 ]
again_optional "$tmp/optional1" 1
check "with them 1 and 2 threads give the same bytes" same_run "$tmp/optional" "$tmp/optional1"
threads=1
for turn in "INT 130 30 80" "KILL 137 100 120" "INT 130 140 170" "KILL 137 190 220"; do
    # shellcheck disable=SC2086 # a signal, its exit status, a range
    set -- $turn
    rows=$(random "$3" "$4")
    # shellcheck disable=SC2086 # flags are words
    start --data "$tmp/data" --out "$tmp/broken" $options --threads $threads --resume
    until_rows "$tmp/broken" "$rows"
    stop "$1"
    threads=$((3 - threads))
    check "with them: $1 at line $rows of train.tsv" is "$2"
done
again_optional "$tmp/broken" 2
check "with them a run is resumed" is 0
check "with them: interrupted or not gives the same bytes" same_run "$tmp/optional" "$tmp/broken"

# ---- what is refused: $tmp/middle is left as it was

cp -r "$tmp/middle" "$tmp/before"
untouched() { cmp "$tmp/before/checkpoint" "$tmp/middle/checkpoint" && cmp "$tmp/before/eval.tsv" "$tmp/middle/eval.tsv"; }

# forbidden NAME PATTERN ARG...
forbidden()
{
    forbidden_name=$1
    forbidden_pattern=$2
    shift 2
    train "$tmp/middle" "$@"
    refused "$forbidden_name" 1 "$tmp/middle" "$forbidden_pattern"
    check "$forbidden_name: nothing is overwritten" untouched
}
forbidden "an unfinished run without --resume" "go on with --resume, or remove the folder" --epochs 2 --seeds 2
forbidden "another --seed" "has --seed 1, this one 5" --epochs 2 --seeds 2 --seed 5 --resume
forbidden "other --epochs" "has --epochs 2, this one 3" --epochs 3 --seeds 2 --resume
forbidden "another --lr" "has --lr null, this one 0.5" --epochs 2 --seeds 2 --lr 0.5 --resume
forbidden "another --model" "has --model null, this one \"linear\"" --epochs 2 --seeds 2 --model linear --resume
cp -r "$tmp/data" "$tmp/data2"
flip "$tmp/data2/train-images-idx3-ubyte" 5000
forbidden "other data" "other data" --epochs 2 --seeds 2 --resume --data "$tmp/data2"

# damaged NAME PATTERN: $tmp/middle/checkpoint was changed; then it is put back
damaged()
{
    cp "$tmp/middle/checkpoint" "$tmp/damaged"
    again "$tmp/middle" 2
    refused "$1" 1 "$tmp/middle/checkpoint" "$2"
    check "$1: nothing is overwritten" cmp "$tmp/damaged" "$tmp/middle/checkpoint"
    cp "$tmp/before/checkpoint" "$tmp/middle/checkpoint"
    check "$1: nor eval.tsv" untouched
}
length=$(wc -c <"$tmp/before/checkpoint")
for at in 30 $((length / 2)) $((length - 1)) "$(random 1000 $((length - 1)))"; do
    flip "$tmp/middle/checkpoint" "$at"
    damaged "a checkpoint with a bit flipped at $at" "corrupt"
done
for at in 0 10 500 $((length / 2)) $((length - 1)); do
    head -c "$at" "$tmp/before/checkpoint" >"$tmp/middle/checkpoint"
    damaged "a checkpoint cut at $at" "truncated"
done
bytes 99 | dd of="$tmp/middle/checkpoint" bs=1 seek=8 conv=notrunc 2>/dev/null
damaged "a checkpoint of another version" "version 99"
printf x >>"$tmp/middle/checkpoint"
damaged "a checkpoint that is too long" "after the last blob"
echo "not a checkpoint at all" >"$tmp/middle/checkpoint"
damaged "another file in its place" "not a ditto checkpoint"

# The parameters after each pass are kept in a file of their own until the end.
start --preset smoke --data "$tmp/data" --out "$tmp/long" --model linear --epochs 1000
until_rows "$tmp/long" 60
stop INT
check "^C in a later pass: exit status 130" is 130
rm "$tmp/long/snapshots"
train "$tmp/long" --model linear --epochs 1000 --resume
refused "the file with the passes so far is lost" 1 "$tmp/long/snapshots"

# What is finished was counted by the run that did it, not by the next one.
train "$tmp/counted" --model linear --seeds 2
check "two seeds are done" is 0
train "$tmp/counted" --model linear --seeds 3 --resume
check "a finished run is replaced by a longer one" is 0
start --preset smoke --data "$tmp/data" --out "$tmp/five" --model linear --seeds 5 --epochs 200
until_rows "$tmp/five" 3
stop INT
train "$tmp/five" --model linear --seeds 1
refused "an unfinished run is not replaced by a shorter one" 1 "unfinished"

finish
