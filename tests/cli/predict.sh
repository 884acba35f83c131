#!/bin/sh
# --predict: pictures of all kinds, and what is said about those that are none.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"

# pixels DIGIT: 28 lines of 28, # or .
pixels() { drawings 1 "$1" | cut -d ' ' -f 2 | fold -w 28; }

# pgm SIDE: the lines on standard input as a PGM
pgm()
{
    printf 'P5\n# made by a test\n%d %d\n255\n' "$1" "$1"
    tr -d '\n' | tr '.#' '\000\377'
}

# chunk TYPE: standard input as a chunk of a PNG; gzip makes the CRC, low byte first
chunk()
{
    { printf %s "$1"; cat; } >"$tmp/chunk"
    size $(($(wc -c <"$tmp/chunk") - 4))
    cat "$tmp/chunk"
    # shellcheck disable=SC2046 # four numbers
    bytes $(gzip -nc "$tmp/chunk" | tail -c 8 | head -c 4 | od -An -tu1 | awk '{ print $4, $3, $2, $1 }')
}

# png: 28 lines of 28 as a grey PNG; each line begins with the byte 0 (no filter)
png()
{
    sed 's/^/./' | tr -d '\n' | tr '.#' '\000\377' >"$tmp/raw"
    bytes 137 80 78 71 13 10 26 10
    { size 28; size 28; bytes 8 0 0 0 0; } | chunk IHDR
    {
        bytes 120 156
        gzip -nc "$tmp/raw" | tail -c +11 | head -c -8
        # shellcheck disable=SC2046 # four numbers
        bytes $(od -An -v -tu1 "$tmp/raw" | awk '{ for (i = 1; i <= NF; i++) { a = (a + $i) % 65521; b = (b + a + 1) % 65521 } }
            END { a = (a + 1) % 65521; print int(b / 256), b % 256, int(a / 256), a % 256 }')
    } | chunk IDAT
    chunk IEND </dev/null
}

train "$tmp/run" --model lenet5_modern --epochs 2 --quiet
check "a network is trained" is 0

# predict FILE...
predict() { run --preset smoke --out "$tmp/run" --model lenet5_modern --predict "$@"; }

# adds_up: ten probabilities, together about 100 %
adds_up()
{
    awk '$3 == "%" { n++; sum += $2; if ($2 < 0 || $2 > 100) exit 1 } END { exit !(n == 10 && sum > 99.9 && sum < 100.1) }' "$tmp/out"
}

for digit in 0 1 2 3 4 5 6 7 8 9; do
    pixels $digit | pgm 28 >"$tmp/$digit.pgm"
    predict "$tmp/$digit.pgm"
    check "PGM of a $digit: exit status" is 0
    check "PGM of a $digit: the answer" shows "^$tmp/$digit.pgm: $digit$"
    check "PGM of a $digit: ten probabilities" adds_up
done
pixels 4 | png >"$tmp/4.png"
predict "$tmp/4.png"
check "PNG: exit status" is 0
check "PNG: the answer" shows "^$tmp/4.png: 4$"
sed 1d "$tmp/out" >"$tmp/from_png"
predict "$tmp/4.pgm"
sed 1d "$tmp/out" >"$tmp/from_pgm"
check "PNG and PGM of the same pixels: the same probabilities" cmp "$tmp/from_png" "$tmp/from_pgm"
pixels 2 | sed 's/./&&&&&&&&&&&&&&&&&&&&/g' | awk '{ for (i = 0; i < 20; i++) print }' | tr '.#' '#.' | pgm 560 >"$tmp/big.pgm"
predict "$tmp/big.pgm"
check "large, black on white: the answer" shows "^$tmp/big.pgm: 2$"
check "the digit as it is seen is drawn" shows "███"
predict "$tmp/3.pgm" "$tmp/7.pgm"
check "two files: the first" shows "^$tmp/3.pgm: 3$"
check "two files: the second" shows "^$tmp/7.pgm: 7$"
cp "$tmp/5.pgm" "$tmp/a 5's ü.pgm"
predict -- "$tmp/a 5's ü.pgm"
check "any name will do" shows "a 5's ü.pgm: 5$"

echo "just some text" >"$tmp/text.png"
predict "$tmp/text.png"
refused "no picture" 1 "$tmp/text.png: offset 0: " "none of PNG, JPEG, PGM and PPM"
head -c 60 "$tmp/4.png" >"$tmp/short.png"
predict "$tmp/short.png"
refused "a truncated PNG" 1 "$tmp/short.png: " "damaged PNG"
cp "$tmp/4.png" "$tmp/bad.png"
flip "$tmp/bad.png" 45
predict "$tmp/bad.png"
refused "a damaged PNG" 1 "$tmp/bad.png: " "damaged PNG"
head -c 300 "$tmp/4.pgm" >"$tmp/short.pgm"
predict "$tmp/short.pgm"
refused "a truncated PGM" 1 "$tmp/short.pgm: offset 300: " "too short"
: >"$tmp/empty.png"
predict "$tmp/empty.png"
refused "an empty file" 1 "$tmp/empty.png: " "is empty"
predict "$tmp/nowhere.png"
refused "a missing file" 1 "$tmp/nowhere.png: " "No such file"
predict "$tmp"
refused "a folder" 1 "$tmp: " "is a folder"
for side in 28 64; do
    { printf 'P5\n%d %d\n255\n' $side $side; head -c $((side * side)) /dev/zero; } >"$tmp/blank.pgm"
    predict "$tmp/blank.pgm"
    refused "a blank picture of $side x $side" 1 "$tmp/blank.pgm: " "blank"
done
printf '\377\330\377\340' >"$tmp/photo.jpg"
predict "$tmp/photo.jpg"
refused "a damaged JPEG" 1 "$tmp/photo.jpg: " "damaged JPEG"
predict "$tmp/3.pgm" "$tmp/nowhere.png"
check "one good and one bad file: exit status 1" is 1
check "one good and one bad file: the good one is answered" shows "^$tmp/3.pgm: 3$"
predict
refused "no file at all" 2 "\-\-predict has no file"
run --preset smoke --out "$tmp/none" --predict "$tmp/3.pgm"
refused "no checkpoint" 1 "$tmp/none/checkpoint" "train first (make experiments/lenet PRESET=smoke)"
check "no folder is made for it" absent "$tmp/none"
run --preset smoke --out "$tmp/run" --model mlp --predict "$tmp/3.pgm"
refused "a network that was not trained" 1 "$tmp/run/checkpoint" "trained/mlp"
flip "$tmp/run/checkpoint" 20000
predict "$tmp/3.pgm"
refused "a damaged checkpoint" 1 "$tmp/run/checkpoint" "corrupt"

finish
