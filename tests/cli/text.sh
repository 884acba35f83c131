#!/bin/sh
# Texts, with experiments/wordlm as the example: what it makes of good ones, and how it refuses bad ones. The texts are made here, so
# there is no claim.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/wordlm
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }

fresh()
{
    rm -rf "$tmp/data" "$tmp/run"
    cp -r "$tmp/good" "$tmp/data"
}

texts "$tmp/good"
fresh

whole() { train "$1" --quiet --threads "$2" --epochs 2 --batch 50 --resume; }
same_texts()
{
    for file in eval.tsv ngram.tsv nplm.tsv srn.tsv lstm.tsv scrn.tsv zaremba.tsv bengio.tsv bengio_epochs.tsv neighbours.tsv claims.tsv; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}
rows_of() { [ "$(grep -c "^$2	" "$1")" -eq "$3" ]; }

whole "$tmp/one" 1
check "all trials run" is 0
check "the closing table is shown" shows "PTB: Kneser-Ney 5-gram"
check "other texts make no claim" not grep -q '"verdict": "reproduced"' "$tmp/one/result.json"
check "the bars have what was published" holds "$tmp/one/claims.tsv" "^LSTM, 100 units	PTB	115	[0-9]"
check "and what was published of rows that are not computed" holds "$tmp/one/claims.tsv" "^LSTM with dropout, 2 x 650 units	PTB	82.7			"
whole "$tmp/two" 2
check "1 and 2 threads give the same bytes" same_texts "$tmp/one" "$tmp/two"
check "recurrent nets have their rows" rows_of "$tmp/one/srn.tsv" "1	memory	simple recurrent net" 7
check "one figure has all of them" holds "$tmp/one/figures.tsv" "^memory	bands	srn.tsv lstm.tsv scrn.tsv zaremba.tsv	"
check "a larger order helps here or not, but all are there" rows_of "$tmp/one/ngram.tsv" "1	context	modified" 5

start --preset smoke --data "$tmp/data" --out "$tmp/stopped" --quiet --threads 2 --epochs 2 --batch 50 --resume
turns=2000
while [ $turns -gt 0 ] && ! [ -e "$tmp/stopped/nplm.tsv" ]; do sleep 0.01; turns=$((turns - 1)); done
stop INT
check "^C: exit status 130, or it was quicker" [ "$status" -eq 130 -o "$status" -eq 0 ]
whole "$tmp/stopped" 2
check "resumed or not gives the same bytes" same_texts "$tmp/one" "$tmp/stopped"

# A recurrent network that is interrupted within an epoch, whose state is carried on.
long="--preset smoke --data $tmp/data --trial scrn --epochs 60 --batch 10 --unroll 5 --dropout 0.2"
again() { run $long --out "$1" --quiet --threads "$2" --resume; }
same_scrn() { cmp "$1/eval.tsv" "$2/eval.tsv" && cmp "$1/scrn.tsv" "$2/scrn.tsv" && cmp "$1/checkpoint" "$2/checkpoint"; }
again "$tmp/scrn" 2
check "a recurrent network" is 0
for turn in "INT 130 9" "KILL 137 30" "INT 130 60"; do
    # shellcheck disable=SC2086 # a signal, its exit status, a number of lines
    set -- $turn
    # shellcheck disable=SC2086 # flags are words
    start $long --out "$tmp/middle" --threads 1 --resume
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$tmp/middle/result.json" ]; do
        [ -e "$tmp/middle/scrn.tsv" ] && [ "$(wc -l <"$tmp/middle/scrn.tsv")" -gt "$3" ] && break
        sleep 0.01
        turns=$((turns - 1))
    done
    stop "$1"
    check "$1 in its training: exit status $2" is "$2"
    [ "$1" = KILL ] || check "$1: it is kept in the middle" holds "$tmp/middle/checkpoint" '"training":true'
done
again "$tmp/middle" 2
check "resumed within an epoch, the same bytes" same_scrn "$tmp/scrn" "$tmp/middle"
run --preset smoke --data "$tmp/data" --trial srn --out "$tmp/speed"
check "tokens a second are shown" shows "tokens/s"

train "$tmp/seeds" --trial bengio --seeds 2 --epochs 1 --batch 50 --quiet
check "several seeds" is 0
check "each has its rows" rows_of "$tmp/seeds/bengio.tsv" "MLP10" 2
train "$tmp/first" --trial bengio --epochs 1 --batch 50 --quiet
check "the curves are those of the first" cmp "$tmp/seeds/bengio_epochs.tsv" "$tmp/first/bengio_epochs.tsv"

rm -r "$tmp/data/brown"
train "$tmp/run" --trial ngram --quiet
check "a trial needs only its own texts" is 0
train "$tmp/run" --quiet
refused "a missing folder" 1 "brown/brown.txt: is not there" "run: datasets/fetch brown"
fresh
rm "$tmp/data/ptb/ptb.test.txt"
train "$tmp/run" --trial ngram --quiet
refused "a missing test text is seen at once" 1 "ptb/ptb.test.txt: is not there" "run: datasets/fetch ptb"
check "and nothing is written" absent "$tmp/run"
fresh
: >"$tmp/data/ptb/ptb.train.txt"
train "$tmp/run" --trial ngram --quiet
refused "an empty text" 1 "ptb.train.txt: .*is empty"
train "$tmp/run" --trial srn --quiet
refused "an empty text for a recurrent network" 1 "ptb.train.txt: .*is empty"
fresh
head -n 20 "$tmp/good/ptb/ptb.train.txt" >"$tmp/data/ptb/ptb.train.txt"
tail -n 41 "$tmp/good/ptb/ptb.train.txt" >>"$tmp/data/ptb/ptb.train.txt"
for trial in srn lstm scrn zaremba; do
    train "$tmp/run" --trial $trial --batch 300 --quiet
    refused "$trial, a text shorter than a batch" 1 "ptb.train.txt: has [0-9]* tokens, but 300 streams of" "or a smaller batch"
done
train "$tmp/run" --trial lstm --batch 2 --unroll 4000 --quiet
refused "a text shorter than a step" 1 "ptb.train.txt: has [0-9]* tokens, but 2 streams of 4000 steps need at least 8002"
train "$tmp/run" --trial zaremba --unroll 1 --batch 1 --epochs 1 --quiet
check "one word at a time" is 0
fresh
: >"$tmp/data/ptb/ptb.valid.txt"
train "$tmp/run" --trial lstm --quiet
refused "an empty validation text" 1 "ptb.valid.txt: .*is empty"
fresh
: >"$tmp/data/ptb/ptb.test.txt"
train "$tmp/run" --trial lstm --quiet
refused "an empty test text" 1 "ptb.test.txt: .*is empty"
fresh
echo "w1" >"$tmp/data/ptb/ptb.valid.txt"
train "$tmp/run" --trial srn --quiet
check "a validation text of one word and its end" is 0
train "$tmp/run" --trial srn --unroll -1 --quiet
refused "a negative number of steps" 2 "\-\-unroll"
train "$tmp/run" --trial srn --lr 1000000 --quiet
refused "a rate out of range" 2 "\-\-lr"
fresh
printf '\n\n\n' >"$tmp/data/ptb/ptb.train.txt"
train "$tmp/run" --trial ngram --quiet
refused "a vocabulary of one" 1 "ptb.train.txt: has only 1 different word"
fresh
printf 'a caf\351\n' >"$tmp/data/ptb/ptb.train.txt"
train "$tmp/run" --trial ngram --quiet
refused "bytes that are not UTF-8" 1 "ptb.train.txt: offset 5: the byte e9"
fresh
printf 'a b\000\n' >"$tmp/data/ptb/ptb.train.txt"
train "$tmp/run" --trial ngram --quiet
refused "a NUL byte" 1 "ptb.train.txt: offset 3: a NUL byte"
fresh
sed 's/<unk>/w2/' "$tmp/good/ptb/ptb.train.txt" >"$tmp/data/ptb/ptb.train.txt"
echo "w1 zebra" >"$tmp/data/ptb/ptb.valid.txt"
train "$tmp/run" --trial ngram --quiet
refused "a word that the training text lacks" 1 "ptb.valid.txt: offset 3: \"zebra\" is not in the vocabulary"
fresh
echo "the/at plain" >"$tmp/data/brown/brown.txt"
train "$tmp/run" --trial bengio --quiet
refused "an untagged Brown corpus" 1 "brown.txt: offset 7: a token without a tag"

finish
