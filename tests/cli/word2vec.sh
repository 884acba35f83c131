#!/bin/sh
# experiments/word2vec: training, questions, and bad texts and vectors. The texts are made here, so there is no claim.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/word2vec
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }

# text FILE LINES: sentences of two groups of words that never meet
text()
{
    awk -v lines="$2" 'BEGIN {
        srand(1)
        for (i = 0; i < lines; i++) {
            line = ""
            for (j = 0; j < 8; j++) line = line (j ? " " : "") (i % 2 ? "left" : "right") int(12 * rand())
            print line
        }
    }' >"$1"
}

# evaluation FOLDER: questions and pairs of these words
evaluation()
{
    mkdir -p "$1"
    awk 'BEGIN {
        print ": sides"
        for (i = 0; i < 6; i++) print "left" i, "right" i, "Left" i + 1, "right" i + 1
        print "left1 right1 elsewhere right2"
        print ": gram1-other"
        for (i = 0; i < 6; i++) print "right" i, "left" i, "right" i + 2, "left" i + 2
    }' >"$1/questions-words.txt"
    for set in WS-353-ALL SIMLEX-999 MEN-TR-3k RG-65 MC-30; do
        awk 'BEGIN {
            for (i = 0; i < 6; i++) printf "left%d\tleft%d\t%g\r\n", i, i + 1, 9 - i / 10
            for (i = 0; i < 6; i++) printf "left%d\tRight%d\t%g\r\n", i, i, 1 + i / 10
            print "nowhere\tleft1\t5"
        }' >"$1/EN-$set.txt"
    done
}

mkdir -p "$tmp/data/wiki100m"
text "$tmp/data/wiki100m/wiki100m.txt" 3000
evaluation "$tmp/data/word2vec_eval"
good="--dims 20 --passes 4 --negatives 3 --sample 1 --quiet"

# ---- the trials

# shellcheck disable=SC2086 # several flags
whole() { train "$1" --threads "$2" $good --resume; }
same()
{
    for file in eval.tsv table.tsv demo.tsv dimension.tsv passes.tsv similarity.tsv accuracy.tsv vectors.bin map.html; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}
whole "$tmp/one" 1
check "all trials run on one thread" is 0
check "the questions that were seen are counted" holds "$tmp/one/table.tsv" "CBOW	negative sampling	total	13	12	"
check "and those of a section" holds "$tmp/one/table.tsv" "skip-gram	hierarchical softmax	gram1-other	6	6	"
check "pairs whose words are known are counted" holds "$tmp/one/similarity.tsv" "WordSim-353	skip-gram, negative sampling	nan	13	12	"
check "likeness is found" awk -F '\t' '$3 ~ /^skip-gram, neg/ { seen = 1 } $3 ~ /^skip-gram, neg/ && $7 < 0.5 { bad = 1 } END { exit bad || !seen }' "$tmp/one/similarity.tsv"
# Two groups that never meet have a PMI of log 2 within: less than log 3 is nothing.
train "$tmp/svd" --trial table --dims 20 --passes 1 --negatives 1 --sample 1 --quiet
check "by counting too" awk -F '\t' '$3 == "SVD of PMI" { seen = 1 } $3 == "SVD of PMI" && $7 < 0.5 { bad = 1 } END { exit bad || !seen }' "$tmp/svd/similarity.tsv"
check "other texts make no claim" not grep -q '"verdict": "reproduced"' "$tmp/one/result.json"
whole "$tmp/two" 2
check "all trials run on two" is 0
mv "$tmp/one/eval.tsv" "$tmp/all.tsv"
grep -v "^hogwild" "$tmp/all.tsv" >"$tmp/one/eval.tsv"
cp "$tmp/two/eval.tsv" "$tmp/all.tsv"
grep -v "^hogwild" "$tmp/all.tsv" >"$tmp/two/eval.tsv"
check "1 and 2 threads give the same bytes, hogwild left aside" same "$tmp/one" "$tmp/two"
check "threads in order change nothing" holds "$tmp/all.tsv" "ordered_spread	0$"
check "the map has a search and fetches nothing" not grep -E 'src=|href=|url\(|@import' "$tmp/one/map.html"
check "it has the words" holds "$tmp/one/map.html" '"left1",'
train "$tmp/none" --trial nonsense --quiet
refused "an unknown trial" 2 "nonsense"
rm "$tmp/data/word2vec_eval/EN-RG-65.txt"
train "$tmp/none" --trial table --quiet
refused "a missing evaluation set" 1 "EN-RG-65.txt: is not there" "datasets/fetch word2vec_eval"
evaluation "$tmp/data/word2vec_eval"
echo "left1 right1 left2" >>"$tmp/data/word2vec_eval/questions-words.txt"
# shellcheck disable=SC2086
train "$tmp/none" --trial table $good
refused "a question of three words" 1 "questions-words.txt" "line 16 is no question"

# ---- a text of one's own

# own TEXT OUT ARG...
own()
{
    own_text=$1
    own_out=$2
    shift 2
    # shellcheck disable=SC2086
    run --preset smoke --text "$own_text" --out "$own_out" $good "$@"
}
text "$tmp/text" 2000
for model in cbow skip-gram; do
    for loss in negative hierarchical; do
        own "$tmp/text" "$tmp/own" --model $model --loss $loss --passes 8
        check "$model, $loss" is 0
        run --nearest left3 --out "$tmp/own"
        check "$model, $loss: the nearest word is one of its group" [ "$(head -n 1 "$tmp/out" | grep -c left)" -eq 1 ]
    done
done
own "$tmp/text" "$tmp/own" --passes 8
own "$tmp/text" "$tmp/more" --passes 8 --threads 3
check "any number of threads" cmp "$tmp/own/vectors.txt" "$tmp/more/vectors.txt"
own "$tmp/text" "$tmp/wild" --passes 8 --threads 3 --hogwild
check "hogwild" is 0
check "as text: a header and a line a word" [ "$(wc -l <"$tmp/own/vectors.txt")" -eq 25 ]
check "its header" [ "$(head -n 1 "$tmp/own/vectors.txt")" = "24 20" ]
own "$tmp/text" "$tmp/phrases" --phrases 2 --threshold 0.5
check "phrases" holds "$tmp/phrases/vectors.txt" "^left[0-9]*_left"
own "$tmp/text" "$tmp/none" --lr 1000 --negatives 20
check "a rate that is far too high: it ends, or says so" [ "$status" -eq 0 -o "$status" -eq 3 ]
tr '\n' ' ' <"$tmp/text" >"$tmp/line"
own "$tmp/line" "$tmp/lines"
check "a text of one line" is 0
echo "a b" >"$tmp/tiny"
own "$tmp/tiny" "$tmp/none" --min-count 1 --window 50
check "a vocabulary smaller than the window" is 0
: >"$tmp/empty"
own "$tmp/empty" "$tmp/none"
refused "an empty text" 1 "$tmp/empty" "is empty"
printf '  \n\n \n' >"$tmp/blank"
own "$tmp/blank" "$tmp/none"
refused "a text of blanks" 1 "$tmp/blank" "only 0 different word"
own "$tmp/text" "$tmp/none" --min-count 100000
refused "a min-count that leaves nothing" 1 "$tmp/text" "0 occur 100000 times"
own "$tmp/missing" "$tmp/none"
refused "a missing text" 1 "$tmp/missing"
own "$tmp" "$tmp/none"
refused "a folder" 1 "is a folder"
printf 'a b c\000d\n' >"$tmp/nul"
own "$tmp/nul" "$tmp/none"
refused "a NUL byte" 1 "$tmp/nul: offset 5" "NUL"
printf 'a b caf\351 d\n' >"$tmp/latin"
own "$tmp/latin" "$tmp/none"
refused "bytes that are not UTF-8" 1 "$tmp/latin: offset 7" "iconv"
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "abc " }' >"$tmp/long"
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "abcd" }' >>"$tmp/long"
own "$tmp/long" "$tmp/none"
refused "a word of a megabyte" 1 "offset 1200000" "more than 65536 bytes"
gzip -c "$tmp/text" >"$tmp/text.gz"
own "$tmp/text.gz" "$tmp/none"
refused "a compressed text" 1 "is compressed" "gzip -d"
for bad in "--dims 5000" "--window 129" "--negatives 201" "--sample 2" "--passes -1" "--model glove" "--loss softmax"; do
    # shellcheck disable=SC2086
    own "$tmp/text" "$tmp/none" $bad
    refused "$bad" 2 "${bad%% *}"
done

# ---- questions

run --analogy "left1 left2 left3" --out "$tmp/own"
check "an analogy" is 0
check "ten words, with cosines" [ "$(wc -l <"$tmp/out")" -eq 10 ]
check "not those of the question" not grep -q -E " left[123]$" "$tmp/out"
cp "$tmp/out" "$tmp/binary"
run --analogy "left1 left2 left3" --vectors "$tmp/own/vectors.txt"
check "text and binary give the same answers" cmp "$tmp/out" "$tmp/binary"
run --nearest "RIGHT1" --out "$tmp/own"
check "capitals will do" is 0
run --nearest "left1 left2" --out "$tmp/own"
check "two words at once" is 0
run --nearest leftt3 --out "$tmp/own"
refused "a word misspelt" 1 '"leftt3" is not in the vocabulary' "did you mean left3"
run --nearest LEFTT3 --out "$tmp/own"
refused "in capitals" 1 "did you mean left3"
run --nearest "$(head -c 3000 /dev/zero | tr '\000' x)" --out "$tmp/own"
refused "a word of 3,000 bytes" 1 "is not in the vocabulary" "3000 bytes"
run --nearest " " --out "$tmp/own"
refused "nothing" 1 "nothing is asked"
run --nearest left1 --analogy "left1 left2 left3" --out "$tmp/own"
refused "two questions" 1 "one thing at a time"
run --analogy "left1 left2" --out "$tmp/own"
refused "two words of three" 1 "has three words"
run --analogy "left1 left2 left3 left4" --out "$tmp/own"
refused "four words of three" 1 "more than 3 words"
status=0
printf 'left1\n\nleftt3\nright2\n' | "$lenet" --nearest - --out "$tmp/own" >"$tmp/out" 2>"$tmp/err" || status=$?
check "lines are answered" is 0
check "each of them" [ "$(grep -c '^ *[0-9-]' "$tmp/out")" -ge 18 ]
check "and a bad one does not end it" shows "did you mean left3"
run --nearest left1 --out "$tmp/nowhere"
refused "no vectors" 1 "$tmp/nowhere/vectors.bin" "train first"
for form in bin txt; do
    head -c 1000 "$tmp/own/vectors.$form" >"$tmp/short"
    run --nearest left1 --vectors "$tmp/short"
    refused "truncated vectors, $form" 1 "$tmp/short"
done
sed '1s/20/21/' "$tmp/own/vectors.txt" >"$tmp/other"
run --nearest left1 --vectors "$tmp/other"
refused "vectors of another dimension" 1 "$tmp/other" "a number is missing"
sed '1s/20/19/' "$tmp/own/vectors.bin" >"$tmp/other"
run --nearest left1 --vectors "$tmp/other"
refused "binary vectors of another dimension" 1 "$tmp/other"
run --nearest left1 --vectors "$tmp/text"
refused "a text for vectors" 1 "$tmp/text: offset 0" "does not begin with"

# ---- another program reads them

python=
for each in python3 /usr/bin/python3; do # Debian's packages are only seen by the second, where there is another Python
    [ -n "$python" ] || ! "$each" -c 'import gensim' 2>/dev/null || python=$each
done
if [ -n "$python" ]; then
    cat >"$tmp/read.py" <<'PYTHON'
import sys
from gensim.models import KeyedVectors
binary, text = (KeyedVectors.load_word2vec_format(sys.argv[1] + end, binary=b) for end, b in ((".bin", True), (".txt", False)))
assert len(binary.index_to_key) == 24 and binary.vector_size == 20
assert binary.index_to_key == text.index_to_key and (binary.vectors == text.vectors).all()
binary.save_word2vec_format(sys.argv[2], binary=True)
print(binary.most_similar("left3", topn=1)[0][0])
PYTHON
    check "gensim reads both formats" sh -c "$python '$tmp/read.py' '$tmp/own/vectors' '$tmp/gensim.bin' >'$tmp/said'"
    run --nearest left3 --vectors "$tmp/gensim.bin"
    check "and its own is read here" is 0
    check "with the same answer" shows "$(cat "$tmp/said")$"
else
    skip "gensim reads both formats" "python3-gensim is not installed"
fi

finish
