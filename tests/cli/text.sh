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
    for file in eval.tsv ngram.tsv nplm.tsv bengio.tsv bengio_epochs.tsv neighbours.tsv claims.tsv; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}
rows_of() { [ "$(grep -c "^$2	" "$1")" -eq "$3" ]; }

whole "$tmp/one" 1
check "all trials run" is 0
check "the closing table is shown" shows "PTB: Kneser-Ney 5-gram"
check "other texts make no claim" not grep -q '"verdict": "reproduced"' "$tmp/one/result.json"
check "the bars have what was published" holds "$tmp/one/claims.tsv" "^LSTM, 100 units	PTB	115			"
whole "$tmp/two" 2
check "1 and 2 threads give the same bytes" same_texts "$tmp/one" "$tmp/two"
check "a larger order helps here or not, but all are there" rows_of "$tmp/one/ngram.tsv" "1	context	modified" 5

start --preset smoke --data "$tmp/data" --out "$tmp/stopped" --quiet --threads 2 --epochs 2 --batch 50 --resume
turns=2000
while [ $turns -gt 0 ] && ! [ -e "$tmp/stopped/nplm.tsv" ]; do sleep 0.01; turns=$((turns - 1)); done
stop INT
check "^C: exit status 130, or it was quicker" [ "$status" -eq 130 -o "$status" -eq 0 ]
whole "$tmp/stopped" 2
check "resumed or not gives the same bytes" same_texts "$tmp/one" "$tmp/stopped"

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
