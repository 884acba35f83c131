#!/bin/sh
# --early-stop: when a training ends, what is its result, and which images decide. What it should do is worked out from the
# errors of a run without it on the same images.
# shellcheck disable=SC2016,SC2317 # what stands in single quotes is awk's; functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

# mlp OUT ARG...: three trainings of at most 12 passes
mlp()
{
    mlp_out=$1
    shift
    train "$mlp_out" --preset lab --model mlp --epochs 12 --seeds 3 --average 0.9 --dropout 0.5 --quiet "$@"
}

# expected PATIENCE: of the table of all passes the rows up to the best one before the stop, and $tmp/passes: seed and passes trained
expected()
{
    awk -F '\t' -v patience="$1" -v passes="$tmp/passes" '
        function finish() { if (n) { for (k = 1; k <= best; k++) print row[k]; print seed, n >passes } }
        NR == 1 { print; next }
        $2 != seed { finish(); seed = $2; n = 0; stopped = 0 }
        stopped { next }
        { row[++n] = $0 }
        n == 1 || $5 + 0 < low { low = $5 + 0; best = n }
        n - best >= patience { stopped = 1 }
        END { finish() }' "$tmp/all/eval.tsv"
}

mlp "$tmp/all" --validate 400
check "a run without it succeeds" is 0
check "all passes are judged" [ "$(wc -l <"$tmp/all/eval.tsv")" -eq 37 ]
for patience in 1 2 3 12; do
    mlp "$tmp/early" --validate 400 --early-stop $patience
    check "--early-stop $patience succeeds" is 0
    expected $patience >"$tmp/eval"
    check "--early-stop $patience: eval.tsv ends with the best pass" cmp "$tmp/eval" "$tmp/early/eval.tsv"
    awk -F '\t' 'NR > 1 { last[$2] = $3 } END { for (s in last) print s, last[s] }' "$tmp/early/train.tsv" | sort -n >"$tmp/trained"
    check "--early-stop $patience: so many passes without a better one" cmp "$tmp/passes" "$tmp/trained"
    cp "$tmp/trained" "$tmp/trained.$patience"
done
check "not all of that is 12 passes" not cmp -s "$tmp/trained.1" "$tmp/trained.12"
check "the patience is recorded" holds "$tmp/early/config.json" '"early_stop": 12'
check "the header says what judges" [ "$(head -n 1 "$tmp/early/eval.tsv" | cut -f 5)" = validation_error ]

# ---- which images

# of FOLDER IMAGES: each error is that of so many images
of()
{
    awk -F '\t' -v n="$2" 'NR > 1 { x = $5 * n / 100; d = x - int(x + 0.5); if (d > 0.01 || d < -0.01) bad = 1 } END { exit bad || NR < 2 }' \
        "$1/eval.tsv"
}
# one_batch FOLDER: a pass is one step
one_batch() { awk -F '\t' 'NR > 1 && $3 != $4 { bad = 1 } END { exit bad || NR < 2 }' "$1/train.tsv"; }
check "--validate 400: the errors are those of the 400 images" of "$tmp/early" 400
check "--validate 400: not of the 300 test images" not of "$tmp/early" 300
mkdir "$tmp/half"
cp "$tmp/data"/train-* "$tmp/half"
mlp "$tmp/closed" --validate 400 --early-stop 2 --data "$tmp/half"
check "--validate 400: no test set is wanted" is 0

mlp "$tmp/sixth" --early-stop 2
check "without --validate it succeeds" is 0
check "without --validate: the header says that the test set judges" [ "$(head -n 1 "$tmp/sixth/eval.tsv" | cut -f 5)" = test_error ]
check "without --validate: the errors are those of the 300 test images" of "$tmp/sixth" 300
check "without --validate: not of the 333 held out" not of "$tmp/sixth" 333
mlp "$tmp/closed" --early-stop 2 --data "$tmp/half"
refused "without --validate and a test set" 1 "$tmp/half/t10k-images-idx3-ubyte"
mlp "$tmp/one" --early-stop 1 --batch 1667
check "a sixth is held out: 1667 of 2000 images are one batch" one_batch "$tmp/one"
mlp "$tmp/one" --early-stop 1 --batch 1666
check "and no batch of 1666" not one_batch "$tmp/one"
train "$tmp/few" --early-stop 2
refused "more examples wanted than are left" 2 "with 333 images held out there are 1667 to train on, but LeNet-5 takes 2000"

# Too few for a sixth.
mkdir "$tmp/five" "$tmp/lone"
idx "$tmp/five" train 5 0
idx "$tmp/five" t10k 20 7
mlp "$tmp/of5" --early-stop 2 --data "$tmp/five" --batch 4
check "of five images one is held out" one_batch "$tmp/of5"
idx "$tmp/lone" train 1 0
mlp "$tmp/of1" --early-stop 2 --data "$tmp/lone"
refused "of one image none can be" 2 "1 images are to be held out, but there are only 1"

finish
