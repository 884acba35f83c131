#!/bin/sh
# The command line: what is shown, and what is refused with exit status 2.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

run --help
check "--help succeeds" is 0
check "--help writes no error" not [ -s "$tmp/err" ]
for flag in preset seed seeds epochs batch lr device threads data out resume dry-run quiet help version model clip validate \
    early-stop optimizer schedule weight-decay max-norm dropout input-dropout average dataset predict report; do
    check "--help has --$flag" shows "^  --$flag "
done
for model in lenet5 lenet5_modern lenet1 lenet4 mlp linear softmax; do check "--help has $model" shows "^  $model "; done
check "--help gives ranges" shows "0 to 1000,"
check "--help gives defaults" shows "default lab"
check "--help gives exit statuses" shows "130 interrupted"
check "no line of --help is wider than 100" not grep -q '.\{101\}' "$tmp/out"
run --version
check "--version succeeds" is 0
check "--version has a number" shows "^lenet (ditto [0-9]*\.[0-9]*\.[0-9]*)$"

# bad NAME PATTERN ARG...
bad()
{
    bad_name=$1
    bad_pattern=$2
    shift 2
    run "$@"
    refused "$bad_name" 2 "^lenet: " "$bad_pattern"
}

bad "an unknown flag" "unknown flag --lrr; did you mean --lr?" --lrr 1
bad "a beginning of a flag" "unknown flag --epoch; did you mean --epochs?" --epoch 3
bad "an unknown flag like no other" "unknown flag --xylophone; --help lists" --xylophone
bad "an unknown letter" "unknown flag -x" -x
bad "no number" "\-\-lr fast: not a number; give a number from 0 to 1000" --lr fast
bad "half a number" "\-\-lr 0.1x: not a number" --lr 0.1x
bad "no whole number" "\-\-epochs 1.5: not a whole number; give a number from 1 to 1000000" --epochs 1.5
bad "below the range" "\-\-epochs 0: out of range; give a number from 1 to 1000000" --epochs 0
bad "above the range" "\-\-lr 1001: out of range; give a number from 0 to 1000" --lr 1001
bad "beyond 64 bits" "\-\-seed 99999999999999999999: out of range" --seed 99999999999999999999
bad "not a number" "\-\-lr nan: out of range" --lr nan
bad "a negative number" "\-\-batch -1: out of range" --batch -1
bad "an unknown choice" "\-\-preset huge: no such choice; choose one of smoke|lab|paper" --preset huge
bad "a missing value" "\-\-lr needs a value" --lr
bad "a flag in place of a value" "\-\-out needs a value" --out --quiet
bad "an empty value" "\-\-out is empty" --out ""
bad "a value for a switch" "\-\-quiet takes no value" --quiet=yes
bad "a stray argument" "unexpected argument stray; flags are written --name" stray
bad "an unknown network" "\-\-model resnet is not known; it is one of lenet5, lenet5_modern, " --model resnet
bad "a network of another preset" "\-\-model lenet4 is not part of the preset smoke; choose another --preset" --preset smoke --model lenet4
bad "an unknown optimizer" "the optimizer \"adm\" is not known; it is one of sgd, momentum" --optimizer adm
bad "an optimizer's number" "the optimizer \"adam:2\".* BETA1" --optimizer adam:2
bad "a schedule without its number" "the schedule \"exp\" lacks the number FACTOR" --schedule exp
bad "max-norm on a connection table" "\-\-max-norm does not work for lenet5, whose c3.weight has a connection table" --max-norm 2
bad "dropout without hidden units" "\-\-dropout does not work for linear, which has no hidden units; name another network with --model, or use --input-dropout" \
    --model linear --dropout 0.5
bad "all hidden units left out" "\-\-dropout 1: out of range; give a number from 0 to 0.99" --dropout 1
bad "a negative chance" "\-\-input-dropout -0.1: out of range; give a number from 0 to 0.99" --input-dropout -0.1
bad "an average that never moves" "\-\-average 1: out of range; give a number from 0 to 0.999999" --average 1
bad "a negative patience" "\-\-early-stop -1: out of range; give a number from 0 to 1000000" --early-stop -1
bad "half an epoch's patience" "\-\-early-stop 2.5: not a whole number" --early-stop 2.5
bad "an error after --help" "unknown flag --nonsense" --help --nonsense
bad "too much held out" "2000 images are to be held out, but there are only 2000; hold out fewer with --validate" --preset smoke --data "$tmp/data" --validate 2000
bad "more examples wanted than are left" "1990 images held out" --preset smoke --data "$tmp/data" --validate 1990 --out "$tmp/run"
check "nothing is written then" absent "$tmp/run"

# Each changes what is trained, and is recorded.
train "$tmp/plain" --model mlp --epochs 3 --quiet
for flag in "optimizer adam" "schedule exp:0.5" "weight-decay 0.1" "max-norm 0.01" "dropout 0.5" "input-dropout 0.2" "average 0.9" \
    "average 0"; do
    # shellcheck disable=SC2086  # the flag and its value
    train "$tmp/changed" --model mlp --epochs 3 --quiet --$flag
    check "--$flag succeeds" is 0
    check "--$flag changes the result" not cmp -s "$tmp/plain/eval.tsv" "$tmp/changed/eval.tsv"
    check "--$flag is recorded" holds "$tmp/changed/config.json" "\"${flag% *}\": \"*${flag#* }"
    rm -rf "$tmp/changed"
done
train "$tmp/changed" --model linear --dropout 0 --quiet
check "--dropout 0 asks nothing of the network" is 0

# The paper's data make a claim by the preset's own recipe only.
run --preset lab --dry-run --model mlp
if shows "the paper's data"; then
    for flag in "epochs 3" "batch 7" "lr 0.1" "clip 1" "seeds 1" "optimizer adam" "schedule cosine" "weight-decay 0.1" "max-norm 2" \
        "dropout 0.5" "input-dropout 0.2" "average 0.9" "validate 1000" "early-stop 3"; do
        # shellcheck disable=SC2086  # the flag and its value
        run --preset lab --dry-run --model mlp --$flag
        check "with --$flag there is no claim" shows "no claim with these data and flags"
    done
else
    skip "which flags make no claim" "MNIST is not in datasets/cache"
fi

train "$tmp/dry" --dry-run
check "--dry-run succeeds" is 0
check "--dry-run counts the trainings" shows "^dry run: 6 trainings, nothing written$"
check "--dry-run shows the layers" shows "conv .*\[6,28,28\] .*156 "
check "--dry-run writes nothing" absent "$tmp/dry"
train "$tmp/dry" --dry-run --model=linear --seeds=3 --preset=smoke
check "--name=value is understood" shows "^dry run: 3 trainings"
train "$tmp/run" --model mlp --model linear --quiet
check "of a flag given twice the last counts" holds "$tmp/run/eval.tsv" "^linear"
check "and only it" not holds "$tmp/run/eval.tsv" "^mlp"
check "--quiet shows the report only" not shows "training error"
check "with --quiet, too" shows "no claim"
run --device cuda --preset smoke --data "$tmp/data" --out "$tmp/gpu" --model linear
if is 0; then skip "a device that is not there" "it is there"; else refused "a device that is not there" 1 "CUDA"; fi

finish
