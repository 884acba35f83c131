#!/bin/sh
# experiments/alexnet: what it makes of good data, and CIFAR-10 files that are missing or damaged: exit status 1, one line with
# the file, and nothing written. Then experiments/batchnorm, which takes CIFAR-10 as a second data set.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/alexnet
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }

mkdir "$tmp/data"
cifar "$tmp/good"
fresh() { rm -rf "$tmp/data" "$tmp/run"; mkdir "$tmp/data"; ln "$tmp/good/"*.bin "$tmp/data"; }

# broken NAME FILE PATTERN...: the run on $tmp/data is refused, naming the file
broken()
{
    broken_name=$1
    broken_file=$2
    shift 2
    train "$tmp/run" --trial layers80sec --quiet
    refused "$broken_name" 1 "^alexnet: $tmp/data/$broken_file: " "$@"
    check "$broken_name: no result" absent "$tmp/run/result.json"
    case $broken_name in
        "a test label"*) ;; # which is read only after the training
        *) check "$broken_name: no folder is made" absent "$tmp/run" ;;
    esac
    fresh
}

fresh
rm "$tmp/data/data_batch_3.bin"
broken "a missing batch" data_batch_3.bin "cannot be opened" "run: datasets/fetch cifar10"
rm "$tmp/data/test_batch.bin"
broken "a missing test set" test_batch.bin "is not there" "run: datasets/fetch cifar10"
rm "$tmp/data/data_batch_2.bin"
head -c 30729999 "$tmp/good/test_batch.bin" >"$tmp/data/data_batch_2.bin"
broken "a byte too few" data_batch_2.bin "30729999 bytes instead of 30730000"
rm "$tmp/data/data_batch_5.bin"
{ cat "$tmp/good/test_batch.bin"; printf x; } >"$tmp/data/data_batch_5.bin"
broken "a byte too many" data_batch_5.bin "30730001 bytes instead of 30730000"
rm "$tmp/data/data_batch_4.bin"
cp "$tmp/good/test_batch.bin" "$tmp/data/data_batch_4.bin"
bytes 10 | dd of="$tmp/data/data_batch_4.bin" bs=1 seek=9219 conv=notrunc 2>/dev/null
broken "a label above 9" data_batch_4.bin "offset 9219:" "the label of image 3 is 10, above 9"
rm "$tmp/data/test_batch.bin"
cp "$tmp/good/test_batch.bin" "$tmp/data/test_batch.bin"
bytes 255 | dd of="$tmp/data/test_batch.bin" bs=1 seek=0 conv=notrunc 2>/dev/null
broken "a test label above 9" test_batch.bin "offset 0:" "label of image 0 is 255"

train "$tmp/whole" --quiet --threads 2
check "good data are read" is 0
check "other images make no claim" not holds "$tmp/whole/result.json" '"verdict": "reproduced"'
for file in layers80sec.tsv layers18pct.tsv fig1.tsv confusion.tsv filters.f32 best.tsv neighbours.tsv; do
    check "$file is there" test -s "$tmp/whole/$file"
done
check "the confusion matrix has every image" [ "$(tail -n 10 "$tmp/whole/confusion.tsv" | tr '\t' '\n' | awk '{ s += $1 } END { print s }')" -eq 1000 ]
check "the filters are in colour" [ "$(wc -c <"$tmp/whole/filters.f32")" -eq $((32 * 25 * 3 * 4)) ]
same_answers() { for f in layers18pct.tsv eval.tsv best.f32 neighbours.f32; do cmp "$1/$f" "$2/$f" || return 1; done; }
train "$tmp/other" --quiet --threads 1
check "1 and 2 threads give the same bytes" same_answers "$tmp/whole" "$tmp/other"

# Each ablation is another training.
for flag in "--lrn off" "--pools plain" "--pooling max" "--pooling average" "--dropout 0.5" "--crops one"; do
    # shellcheck disable=SC2086 # two words
    train "$tmp/ablation" --trial layers18pct --quiet $flag
    check "$flag: succeeds" is 0
    check "$flag: changes the training" not cmp "$tmp/whole/filters.f32" "$tmp/ablation/filters.f32"
done
train "$tmp/ablation" --trial layers80sec --quiet --validate --crops ten --epochs 2
check "held-out images by ten crops" is 0
check "two passes, training and test" [ "$(wc -l <"$tmp/ablation/layers80sec.tsv")" -eq 5 ]
train "$tmp/none" --pooling least
refused "an unknown pooling" 2 "\-\-pooling least"
train "$tmp/none" --dropout 1
refused "all units dropped" 2 "\-\-dropout 1"

# experiments/batchnorm takes CIFAR-10 beside MNIST, for one trial.
lenet=${lenet%/*}/batchnorm
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
dataset "$tmp/mnist"
# both OUT CIFAR ARG...: a short run on both
both()
{
    both_out=$1
    both_cifar=$2
    shift 2
    run --preset smoke --data "$tmp/mnist" --cifar10 "$both_cifar" --out "$both_out" "$@"
}
same_steps() { cmp "$1/cifar.tsv" "$2/cifar.tsv" && cmp "$1/eval.tsv" "$2/eval.tsv"; }

both "$tmp/both" "$tmp/good" --trial cifar --quiet --threads 2
check "a second data set is read" is 0
check "and named in the record" holds "$tmp/both/result.json" '"name": "cifar10"'
check "two marks of three networks, and the best of one" [ "$(wc -l <"$tmp/both/cifar.tsv")" -eq 9 ]
both "$tmp/again" "$tmp/good" --trial cifar --quiet --threads 1
check "1 and 2 threads give the same steps" same_steps "$tmp/both" "$tmp/again"
both "$tmp/small" "$tmp/good" --trial cifar --quiet --sd 0.0001
check "other first weights are another training" not same_steps "$tmp/both" "$tmp/small"
both "$tmp/one" "$tmp/good" --trial cifar --quiet --steps 1
check "a single step has its mark" [ "$(wc -l <"$tmp/one/cifar.tsv")" -eq 5 ]
both "$tmp/none" "$tmp/good" --dry-run
check "its hash and size are shown" shows "50000 training images of 32 x 32"
fresh
rm "$tmp/data/data_batch_3.bin"
both "$tmp/none" "$tmp/data" --quiet
refused "a second data set with a missing batch" 1 "^batchnorm: $tmp/data/data_batch_3.bin: " "run: datasets/fetch cifar10"
both "$tmp/mnist_only" "$tmp/data" --quiet --trial statistics --steps 20
check "other trials do not need it" is 0
check "and do not name it" not holds "$tmp/mnist_only/result.json" second_dataset

cp "$tmp/good/test_batch.bin" "$tmp/data/data_batch_3.bin"
flip "$tmp/data/data_batch_3.bin" 100
start --preset smoke --data "$tmp/mnist" --cifar10 "$tmp/good" --out "$tmp/killed"
turns=3000
while [ $turns -gt 0 ] && ! [ -e "$tmp/killed/checkpoint" ]; do
    sleep 0.02
    turns=$((turns - 1))
done
stop KILL
both "$tmp/killed" "$tmp/data" --quiet --resume
refused "a resume on another second data set" 1 "trained on other data"

finish
