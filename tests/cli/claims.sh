#!/bin/sh
# What a run leaves behind: the records, the claims made from published.tsv, and the figures' data.
# shellcheck disable=SC2016 # what stands in single quotes is awk's
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

train "$tmp/run" --seeds 2 --threads 1
check "a run succeeds" is 0
check "eval.tsv: its header" [ "$(head -n 1 "$tmp/run/eval.tsv" | tr '\t' ' ')" = "model seed epoch train_error test_error" ]
check "eval.tsv: a row for each network and seed" [ "$(wc -l <"$tmp/run/eval.tsv")" -eq 13 ]
check "eval.tsv: errors are percentages" awk -F '\t' 'NR > 1 && (NF != 5 || $4 + 0 < 0 || $4 + 0 > 100 || $5 + 0 < 0 || $5 + 0 > 100) { exit 1 }' \
    "$tmp/run/eval.tsv"
check "train.tsv: its header" [ "$(head -n 1 "$tmp/run/train.tsv" | tr '\t' ' ')" = \
    "model seed epoch step loss train_error lr gradient_norm seconds" ]
check "train.tsv: the time only grows" awk -F '\t' 'NR > 2 && $9 < last { exit 1 } { last = $9 }' "$tmp/run/train.tsv"
check "train.tsv: the rate falls within a training" awk -F '\t' '$1 == name && $2 == seed && $7 + 0 >= lr + 0 { exit 1 }
    { name = $1; seed = $2; lr = $7 }' "$tmp/run/train.tsv"

if command -v python3 >/dev/null 2>&1; then
    for file in result config; do check "$file.json is JSON" python3 -m json.tool "$tmp/run/$file.json" /dev/null; done
else
    skip "JSON files are read" "there is no python3"
fi
for field in experiment preset device threads seconds command version dataset name sha256 claims id what published source better \
    band values mean sd ci95 verdict; do
    check "result.json has $field" holds "$tmp/run/result.json" "\"$field\":"
done
check "result.json: the experiment" holds "$tmp/run/result.json" '"experiment": "lenet"'
check "result.json: the preset" holds "$tmp/run/result.json" '"preset": "smoke"'
check "result.json: the threads" holds "$tmp/run/result.json" '"threads": 1'
check "result.json: the command" holds "$tmp/run/result.json" '"command": "make experiments/lenet PRESET=smoke ARGS='
check "result.json: a verdict for each network" [ "$(grep -c '"verdict"' "$tmp/run/result.json")" -eq 6 ]
check "smoke makes no claim" [ "$(grep '"verdict"' "$tmp/run/result.json" | sort -u | tr -d ' ,')" = '"verdict":"noclaim"' ]
check "nor on the terminal" not shows "reproduced *$"
train "$tmp/lab" --preset lab --model linear --epochs 1 --quiet
check "other data make no claim in lab either" [ "$(grep '"verdict"' "$tmp/lab/result.json" | sort -u | tr -d ' ,')" = '"verdict":"noclaim"' ]
check "published numbers are shown" shows "^linear classifier (%)  *12\.*0* "
check "and where they are from" shows "LeCun et al. 1998, fig. 9"
check "the command to repeat it is shown" shows "^repeat: make experiments/lenet PRESET=lab ARGS='"

run --preset lab --out "$tmp/lab" --report
check "--report shows the closing table again" is 0
train "$tmp/lab" --preset lab --model linear --epochs 1 --quiet
sed '/^time: /d' "$tmp/out" >"$tmp/closing"
run --preset lab --out "$tmp/lab" --report
sed '/^time: /d' "$tmp/out" >"$tmp/table"
check "the same one" cmp "$tmp/closing" "$tmp/table"
run --preset lab --out "$tmp/nowhere" --report
refused "--report without a run" 1 "$tmp/nowhere/result.json"
check "--report makes no folder" absent "$tmp/nowhere"
echo '{"experiment": 5, "claims": [{}, 7]}' >"$tmp/lab/result.json"
run --preset lab --out "$tmp/lab" --report
refused "--report of another JSON file" 1 "^lenet: "
head -c 500 "$tmp/run/result.json" >"$tmp/lab/result.json"
run --preset lab --out "$tmp/lab" --report
refused "--report of a truncated file" 1 "$tmp/lab/result.json" "not valid JSON"

# ---- the figures' data are what plots/draw reads

train "$tmp/run" --seeds 2
for table in curves curves.ref bars filters feature_maps misclassified confusion figures; do
    check "$table.tsv has a header line" [ -n "$(head -n 1 "$tmp/run/$table.tsv")" ]
done
check "curves: a row for each network and pass" [ "$(wc -l <"$tmp/run/curves.tsv")" -eq 7 ]
check "passes: the first network's two errors after each pass" [ "$(wc -l <"$tmp/run/passes.tsv")" -eq 3 ]
check "bars: the six networks" [ "$(wc -l <"$tmp/run/bars.tsv")" -eq 7 ]
check "confusion: ten rows that add up to the test set" awk 'NR > 1 { for (i = 1; i <= NF; i++) sum += $i }
    END { exit !(NR == 11 && sum == 300) }' "$tmp/run/confusion.tsv"
for sheet in filters feature_maps misclassified; do
    pixels=$(awk -F '\t' 'NR > 1 { n += $4 * $5 } END { print 4 * n }' "$tmp/run/$sheet.tsv")
    check "$sheet: the pixels that its table names" [ "$(wc -c <"$tmp/run/$sheet.f32")" -eq "$pixels" ]
done
check "filters: LeNet-5's six of 5 x 5" [ "$(wc -c <"$tmp/run/filters.f32")" -eq 600 ]
for name in $(tail -n +2 "$tmp/run/figures.tsv" | cut -f 3); do check "figures.tsv: $name is there" [ -s "$tmp/run/$name" ]; done

# ---- published.tsv is read from the current folder

mkdir -p "$tmp/root/experiments/lenet"
published=$tmp/root/experiments/lenet/published.tsv
tab=$(printf '\t')

# wrong NAME LINE PATTERN SED: published.tsv, changed by this sed script, is refused
wrong()
{
    sed "$4" experiments/lenet/published.tsv >"$published"
    rm -rf "$tmp/wrong"
    cd "$tmp/root" || exit 1
    train "$tmp/wrong" --model linear --quiet
    cd "$repository" || exit 1
    refused "$1" 1 "published.tsv:$2: " "$3"
    check "$1: found before the training" absent "$tmp/wrong/checkpoint"
}
wrong "a value that is no number" 3 'published "about one" is not a number' '3s/0\.95/about one/'
wrong "an unknown mark" 4 'marks "X" is unknown' "4s/${tab}V$tab/${tab}X$tab/"
wrong "a missing tab" 2 'has 10 fields; 11 are needed' "2s/$tab/ /"
wrong "an id twice" 5 'id "lenet1" stands in an earlier row too' '5s/^mlp/lenet1/'
wrong "another header" 1 'column "key" is not the one expected' '1s/band/x/; 1s/^id/key/'
rm "$published"
cd "$tmp/root" || exit 1
train "$tmp/wrong" --model linear --quiet
cd "$repository" || exit 1
refused "no published.tsv" 1 "experiments/lenet/published.tsv: "

finish
