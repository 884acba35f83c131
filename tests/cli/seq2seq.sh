#!/bin/sh
# experiments/seq2seq: training that is interrupted, texts in two languages of all kinds, and translation line by line.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/seq2seq
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }

# pair FOLDER PART NUMBER SEED: sentences of a language, and what they are in another: other words, in the opposite order
pair()
{
    awk -v lines="$3" -v seed="$4" 'BEGIN {
        srand(seed)
        for (i = 0; i < lines; i++) {
            n = 2 + int(7 * rand())
            line = ""
            for (j = 0; j < n; j++) line = line (j ? " " : "") "w" int(9 * rand())
            print line
        }
    }' >"$1/$2.lc.norm.tok.de"
    awk '{ line = ""; for (i = NF; i > 0; i--) line = line (i < NF ? " " : "") "m" substr($i, 2); print line }' "$1/$2.lc.norm.tok.de" >"$1/$2.lc.norm.tok.en"
}
set=$tmp/data/multi30k
mkdir -p "$set"
pair "$set" train 600 1
pair "$set" val 60 2
pair "$set" test_2016_flickr 60 3
source=$set/train.lc.norm.tok.de
target=$set/train.lc.norm.tok.en

# own SOURCE TARGET OUT ARG...: a short training on two files
own()
{
    own_source=$1 own_target=$2 own_out=$3
    shift 3
    run --preset smoke --source "$own_source" --target "$own_target" --out "$own_out" --quiet "$@"
}

# ---- a whole run, and others that must end with the same bytes

long="--preset smoke --data $tmp/data --trial multi30k --epochs 12 --dropout 0.1 --sampling 0.3 --smooth 0.1"
# shellcheck disable=SC2086 # flags are words
again() { run $long --out "$1" --quiet --threads "$2" --resume; }
same_run()
{
    for file in eval.tsv multi30k.tsv checkpoint network alignments.tsv attention.html; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}
# until_points FOLDER NUMBER: waits until the curves have so many lines
until_points()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/multi30k.tsv" ] && [ "$(wc -l <"$1/multi30k.tsv")" -gt "$2" ] && return
        sleep 0.01
        turns=$((turns - 1))
    done
}

again "$tmp/whole" 2
check "a whole run succeeds" is 0
check "the closing table is shown" shows "seq2seq, preset smoke"
check "no claim is made" not holds "$tmp/whole/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "the claims of three networks" [ "$(cut -f 3 "$tmp/whole/eval.tsv" | tr '\n' ' ')" = "claim documented attention_gain reverse_gain length_gain perplexity_gain " ]
check "weights are shares" awk -F '\t' 'NR > 1 { sum[$1 "," $2] += $6 } END { for (k in sum) if (sum[k] < 0.99 || sum[k] > 1.01) exit 1 }' "$tmp/whole/alignments.tsv"
check "a page to hold the mouse over" holds "$tmp/whole/attention.html" 'data-w='
again "$tmp/other" 1
check "1 and 2 threads give the same bytes" same_run "$tmp/whole" "$tmp/other"
for turn in "INT 130 3" "KILL 137 12" "INT 130 40"; do
    # shellcheck disable=SC2086 # a signal, its exit status, a number of lines
    set -- $turn
    # shellcheck disable=SC2086
    start $long --out "$tmp/broken" --threads 2 --resume
    until_points "$tmp/broken" "$3"
    stop "$1"
    check "$1 in training: exit status $2" is "$2"
    check "$1: no result" absent "$tmp/broken/result.json"
done
again "$tmp/broken" 1
check "interrupted or not gives the same bytes" same_run "$tmp/whole" "$tmp/broken"

run --preset smoke --data "$tmp/data" --trial synthetic --out "$tmp/synthetic" --quiet
check "tasks that are made up" is 0
check "accuracy for each of them" [ "$(cut -f 2 "$tmp/synthetic/synthetic.tsv" | sed 1d | sort -u | wc -l)" -eq 4 ]

# ---- translating

# translate ARG...: the lines of $tmp/in, by the trained network
translate()
{
    status=0
    "$lenet" --translate "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" || status=$?
}
printf 'w1 w2 w3\n\nw4 w5' >"$tmp/in"
translate --out "$tmp/whole" --beam 3
check "lines are translated" is 0
check "a line for each, the last without an end too" [ "$(wc -l <"$tmp/out")" -eq 3 ]
check "an empty line stays one" [ -z "$(sed -n 2p "$tmp/out")" ]
check "nothing is said besides" [ ! -s "$tmp/err" ]
cp "$tmp/out" "$tmp/first"
printf 'w1 w2 w3\n\nw4 w5\n' >"$tmp/in"
translate --out "$tmp/whole" --beam 3 --threads 1
check "the same lines, the same translations" cmp "$tmp/out" "$tmp/first"
echo 'never seen words' >"$tmp/in"
translate --out "$tmp/whole"
check "unknown words are translated" is 0
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "w1 "; print "" }' >"$tmp/in"
translate --out "$tmp/whole" --beam 2
check "a line of 10,000 words" is 0
check "is cut, and that is said" says "line 1 has 10000 words, the first 60 are translated"
printf 'w1\nw2 \377\n' >"$tmp/in"
translate --out "$tmp/whole"
refused "a line that is not UTF-8" 1 "standard input, line 2" "offset 3" "UTF-8"
check "the lines before it are translated" one_line "$tmp/out"
echo w1 >"$tmp/in"
translate --out "$tmp/whole" --interactive
check "it asks for sentences" shows "^> "
echo w1 >"$tmp/in"
translate --out "$tmp/nowhere"
refused "no network" 1 "$tmp/nowhere/network" "train first"
echo w1 >"$tmp/in"
translate --out "$tmp/whole" --source "$source" --target "$target"
check "the texts that it was trained on" is 0
printf 'quite another text\n' >"$tmp/another"
echo w1 >"$tmp/in"
translate --out "$tmp/whole" --source "$tmp/another"
refused "a network of another vocabulary" 1 "$tmp/whole/network" "made with another vocabulary"
cp -r "$tmp/whole" "$tmp/damaged"
flip "$tmp/damaged/network" 3000
echo w1 >"$tmp/in"
translate --out "$tmp/damaged"
refused "a damaged network" 1 "$tmp/damaged/network" "corrupt"

# ---- texts

own "$source" "$target" "$tmp/own" --reverse --attention none --layers 2 --cell lstm
check "texts of one's own" is 0
echo 'w1 w2' >"$tmp/in"
translate --out "$tmp/own"
check "their network translates" is 0
for attention in dot general; do
    own "$source" "$target" "$tmp/$attention" --attention $attention --merges 6
    check "attention $attention, words in pieces" is 0
    echo 'w1 w2 wxyz' >"$tmp/in"
    translate --out "$tmp/$attention"
    check "$attention: pieces are joined" not shows "@@"
done
own "$source" "$target" "$tmp/none" --layers 2
refused "two layers with additive attention" 1 "\-\-layers 2"
own "$source" "$target" "$tmp/none" --attention hard
refused "an attention that there is not" 2 "\-\-attention hard"
run --preset smoke --source "$source" --out "$tmp/none" --quiet
refused "one file of two" 1 "\-\-target is missing"
own "$tmp/missing" "$target" "$tmp/none"
refused "a missing file" 1 "$tmp/missing"
: >"$tmp/empty"
own "$source" "$tmp/empty" "$tmp/none"
refused "an empty file" 1 "$tmp/empty" "empty"
head -n 590 "$target" >"$tmp/short"
own "$source" "$tmp/short" "$tmp/none"
refused "a file with fewer lines" 1 "$source" "line 591 has no counterpart: it has 600 lines, $tmp/short has 590"
head -n 10 "$source" >"$tmp/few"
own "$tmp/few" "$tmp/few" "$tmp/none"
refused "too few lines" 1 "10 lines are too few"
sed '7s/.*//; 9s/.*//' "$source" >"$tmp/gaps"
own "$tmp/gaps" "$target" "$tmp/gaps.run"
check "empty lines are kept as they are" is 0
awk 'NR == 5 { for (i = 0; i < 10000; i++) printf "w1 "; print ""; next } { print }' "$source" >"$tmp/long"
run --preset smoke --source "$tmp/long" --target "$target" --out "$tmp/long.run"
check "a sentence of 10,000 words is left out" shows "1 pairs with more than 60 words are left out"
cp "$source" "$tmp/latin"
printf '\344' | dd of="$tmp/latin" bs=1 seek=123 conv=notrunc 2>/dev/null
own "$tmp/latin" "$target" "$tmp/none"
refused "a text that is not UTF-8" 1 "$tmp/latin" "offset 123"

# interrupted SOURCE OUT: an unfinished training on it
interrupted()
{
    start --preset smoke --source "$1" --target "$target" --out "$2" --epochs 4000
    sleep 1
    stop INT
}
cp "$source" "$tmp/edited"
interrupted "$tmp/edited" "$tmp/edits"
check "^C in a training on one's own texts" is 130
flip "$tmp/edited" 4
own "$tmp/edited" "$target" "$tmp/edits" --epochs 4000 --resume
refused "a text that was changed meanwhile" 1 "trained on other texts"

finish
