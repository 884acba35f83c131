#!/bin/sh
# experiments/charlm: training that is interrupted in the middle of an epoch, texts of all kinds, and what a network writes.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/charlm
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
texts "$tmp/data"
mkdir "$tmp/data/tinyshakespeare"
sentences 900 5 "" | awk '{ print } NR % 4 == 0 { print "\nA" NR ":\n\"Well\" & <so>" }' >"$tmp/data/tinyshakespeare/tinyshakespeare.txt"
text=$tmp/data/tinyshakespeare/tinyshakespeare.txt

# own FILE OUT ARG...: a short training on it
own()
{
    own_file=$1
    own_out=$2
    shift 2
    run --preset smoke --text "$own_file" --out "$own_out" --quiet --hidden 12 "$@"
}

# ---- a whole run, and others that must end with the same bytes

long="--preset smoke --data $tmp/data --trial documented --epochs 40 --dropout 0.2"
again() { run $long --out "$1" --quiet --threads "$2" --resume; }
begin() { start $long --out "$1" --threads "$2" --resume; }
same_run()
{
    for file in eval.tsv documented.tsv checkpoint network saturation.tsv cells.html samples.txt; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}

# until_points FOLDER NUMBER: waits until the curves have so many lines
until_points()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/documented.tsv" ] && [ "$(wc -l <"$1/documented.tsv")" -gt "$2" ] && return
        sleep 0.01
        turns=$((turns - 1))
    done
}

again "$tmp/whole" 2
check "a whole run succeeds" is 0
check "the closing table is shown" shows "charlm, preset smoke"
check "no claim is made" not holds "$tmp/whole/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "three samples" [ "$(grep -c '^---- after' "$tmp/whole/samples.txt")" -eq 3 ]
check "colours for single cells" [ "$(grep -c '^<h2>' "$tmp/whole/cells.html")" -eq 4 ]
check "text is escaped in them" not holds "$tmp/whole/cells.html" '<so>'
check "gates are between never and always" awk -F '\t' 'NR > 1 && ($2 < 0 || $3 < 0 || $2 + $3 > 1) { bad = 1 } END { exit bad || NR != 193 }' "$tmp/whole/saturation.tsv"
# Of each of 50 parts of the text, its last 5 % in steps of 50 are held back: the first of them is what is coloured first.
steps=$(($(wc -c <"$text") / 2500))
tail -c "+$((steps * 95 / 100 * 50 + 1))" "$text" | head -c 50 >"$tmp/held"
sed -n '/<pre>/,/<\/pre>/p' "$tmp/whole/cells.html" | sed 's/<[^>]*>//g; s/&#38;/\&/g; s/&#60;/</g; s/&#62;/>/g' | head -c 50 >"$tmp/shown"
check "the end of each part of the text is held back" cmp "$tmp/held" "$tmp/shown"
again "$tmp/other" 1
check "1 and 2 threads give the same bytes" same_run "$tmp/whole" "$tmp/other"

for turn in "INT 130 4" "KILL 137 12" "INT 130 40" "KILL 137 60"; do
    # shellcheck disable=SC2086 # a signal, its exit status, a number of lines
    set -- $turn
    begin "$tmp/broken" 2
    until_points "$tmp/broken" "$3"
    stop "$1"
    check "$1 in training: exit status $2" is "$2"
    check "$1: no result" absent "$tmp/broken/result.json"
    [ "$1" = KILL ] || check "$1: it is kept in the middle" holds "$tmp/broken/checkpoint" '"training":true'
done
cp -r "$tmp/broken" "$tmp/middle"
again "$tmp/broken" 1
check "an interrupted run is resumed" is 0
check "interrupted or not gives the same bytes" same_run "$tmp/whole" "$tmp/broken"

# shellcheck disable=SC2086 # flags are words
run $long --out "$tmp/middle" --quiet
refused "an unfinished run without --resume" 1 "\-\-resume"
# shellcheck disable=SC2086
run $long --hidden 9 --out "$tmp/middle" --quiet --resume
refused "another size" 1 "\-\-hidden"

# All networks of a trial, interrupted between and within them.
run --preset smoke --data "$tmp/data" --trial cells --epochs 6 --out "$tmp/cells" --quiet
check "four networks" is 0
check "their claims" [ "$(cut -f 3 "$tmp/cells/eval.tsv" | tr '\n' ' ')" = "claim split lstm_gain gru_gain depth_gain " ]
for points in 20 60 110 180; do
    start --preset smoke --data "$tmp/data" --trial cells --epochs 6 --out "$tmp/cells2" --threads 1 --resume
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$tmp/cells2/result.json" ]; do
        [ -e "$tmp/cells2/cells.tsv" ] && [ "$(wc -l <"$tmp/cells2/cells.tsv")" -gt $points ] && break
        sleep 0.01
        turns=$((turns - 1))
    done
    stop INT
done
[ -e "$tmp/cells2/result.json" ] || run --preset smoke --data "$tmp/data" --trial cells --epochs 6 --out "$tmp/cells2" --quiet --resume
check "interrupted, they end the same" cmp "$tmp/cells/cells.tsv" "$tmp/cells2/cells.tsv"
check "and with the same values" cmp "$tmp/cells/eval.tsv" "$tmp/cells2/eval.tsv"

run --preset smoke --data "$tmp/data" --trial clipping --out "$tmp/clipping" --quiet
check "with and without clipping" is 0
check "both have norms" [ "$(grep -c 'gradient norm: greatest' "$tmp/clipping/clipping.tsv")" -ge 10 ]
run --preset smoke --data "$tmp/data" --trial documented --out "$tmp/speed"
check "its speed is shown" shows "characters/s"

# ---- writing

sample() { run --sample "$@" --out "$tmp/whole"; }
sample 40 --prime w1
check "a network writes" is 0
check "it begins with the prime" shows "^w1"
check "as much as was asked for" [ "$(wc -c <"$tmp/out")" -eq 43 ]
cp "$tmp/out" "$tmp/first"
sample 40 --prime w1
check "the same seed, the same text" cmp "$tmp/out" "$tmp/first"
sample 40 --prime w1 --seed 2
check "another seed, another text" not cmp "$tmp/out" "$tmp/first"
sample 40 --prime w1 --temperature 0.001
cp "$tmp/out" "$tmp/cold"
sample 40 --prime w1 --temperature 0.001 --seed 2
check "next to no temperature: the most likely text" cmp "$tmp/out" "$tmp/cold"
sample 20 --text "$text"
check "the text that it was trained on" is 0
sample 20 --prime 'w1~'
refused "an unknown character in the prime" 1 '"~" is not in the vocabulary' "offset 2"
sample 20 --prime ''
refused "an empty prime" 2 "\-\-prime is empty"
for temperature in 0 -1; do
    sample 20 --temperature $temperature
    refused "temperature $temperature" 2 "\-\-temperature"
done
sample 0
refused "nothing to write" 2 "\-\-sample"
run --sample 20 --out "$tmp/nowhere"
refused "no network" 1 "$tmp/nowhere/network" "train first"
printf 'quite another text\n' >"$tmp/another"
sample 20 --text "$tmp/another"
refused "a network of another vocabulary" 1 "$tmp/whole/network" "made with another vocabulary"
cp -r "$tmp/whole" "$tmp/damaged"
flip "$tmp/damaged/network" 3000
run --sample 20 --out "$tmp/damaged"
refused "a damaged network" 1 "$tmp/damaged/network" "corrupt"

# ---- texts

own "$text" "$tmp/own"
check "a text of one's own" is 0
check "it has its figure and no other" [ "$(cut -f 1 "$tmp/own/figures.tsv" | tr '\n' ' ')" = "figure text " ]
run --sample 10 --out "$tmp/own"
check "its network writes" is 0
own "$text" "$tmp/gru" --cell gru --layers 3 --clip 1 --dropout 0.1 --lr 0.001 --batch 10 --unroll 7
check "another network" is 0
own "$tmp/missing" "$tmp/none"
refused "a missing text" 1 "$tmp/missing"
: >"$tmp/empty"
own "$tmp/empty" "$tmp/none"
refused "an empty text" 1 "$tmp/empty" "empty"
head -c 60 "$text" >"$tmp/short"
own "$tmp/short" "$tmp/none"
refused "a text shorter than one batch" 1 "$tmp/short" "50 streams of 50 steps need at least 2550"
printf 'ab' >"$tmp/two"
own "$tmp/two" "$tmp/none"
refused "a text of two characters" 1 "$tmp/two" "too short"
awk 'BEGIN { for (i = 0; i < 9000; i++) printf "a" }' >"$tmp/one"
own "$tmp/one" "$tmp/none"
refused "a vocabulary of one" 1 "$tmp/one" "nothing to predict"
cp "$text" "$tmp/latin"
printf '\344' | dd of="$tmp/latin" bs=1 seek=1234 conv=notrunc 2>/dev/null
own "$tmp/latin" "$tmp/none" --units code-points
refused "a text that is not UTF-8" 1 "$tmp/latin" "offset 1234" "let characters be bytes"
own "$tmp/latin" "$tmp/bytes"
check "as bytes it will do" is 0
sed 's/w/ä/g' "$text" >"$tmp/utf8"
own "$tmp/utf8" "$tmp/points" --units code-points
check "code points" is 0
run --sample 30 --prime 'ä' --out "$tmp/points"
check "a prime beyond ASCII" shows "^ä"
own "$text" "$tmp/none" --units words
refused "no unit" 2 "\-\-units words"

# interrupted FILE OUT: an unfinished training on it
interrupted()
{
    start --preset smoke --text "$1" --out "$2" --hidden 12 --epochs 4000
    sleep 1
    stop INT
}
interrupted "$text" "$tmp/mixed"
check "^C in a training on one's own text" is 130
own "$tmp/utf8" "$tmp/mixed" --epochs 4000 --resume
refused "an unfinished run on another text" 1 "\-\-text"
cp "$text" "$tmp/edited"
interrupted "$tmp/edited" "$tmp/edits"
flip "$tmp/edited" 100
own "$tmp/edited" "$tmp/edits" --epochs 4000 --resume
refused "a text that was changed meanwhile" 1 "trained on another text"

finish
