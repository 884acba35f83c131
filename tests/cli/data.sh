#!/bin/sh
# Data that are missing or damaged: exit status 1, one line with the file and the offset, and nothing written.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/good"
images=train-images-idx3-ubyte
labels=train-labels-idx1-ubyte

fresh() { rm -rf "$tmp/data" "$tmp/run"; cp -r "$tmp/good" "$tmp/data"; }

# broken NAME FILE PATTERN...: the run on $tmp/data is refused, naming the file
broken()
{
    broken_name=$1
    broken_file=$2
    shift 2
    train "$tmp/run" --model linear --quiet
    refused "$broken_name" 1 "^lenet: $tmp/data/$broken_file: " "$@"
    check "$broken_name: no result" absent "$tmp/run/result.json"
    check "$broken_name: nothing half-written" [ -z "$(find "$tmp/run" -name '*.tmp' -o -name .probe 2>/dev/null)" ]
    case $broken_file in
        train*) check "$broken_name: no folder is made" absent "$tmp/run" ;;
    esac
    fresh
}

fresh
train "$tmp/plain" --model linear --quiet
check "good data are read" is 0
gzip -n "$tmp/data/$images" "$tmp/data/$labels"
train "$tmp/packed" --model linear --quiet
check "packed data are read" is 0
check "and give the same" same_run "$tmp/plain" "$tmp/packed"

head -c 9000 "$tmp/data/$images.gz" >"$tmp/data/half" && mv "$tmp/data/half" "$tmp/data/$images.gz"
broken "truncated gzip" "$images.gz" "offset [0-9]" "gzip data ends too early"
gzip -n "$tmp/data/$images"
flip "$tmp/data/$images.gz" 9000
broken "damaged gzip" "$images.gz" "offset [0-9]" "damaged"

rm -r "$tmp/data"
broken "a missing folder" "$images" "is not there" "run: datasets/fetch mnist"
rm "$tmp/data/$labels"
broken "a missing file" "$labels" "is not there" "run: datasets/fetch mnist"
: >"$tmp/data/$images"
broken "an empty file" "$images" "is empty"
rm "$tmp/data/$images" && mkdir "$tmp/data/$images"
broken "a folder in place of a file" "$images" "is a folder"
head -c 7 "$tmp/good/$labels" >"$tmp/data/$labels"
broken "truncated within the header" "$labels" "offset 7:" "ends within"
head -c 100000 "$tmp/good/$images" >"$tmp/data/$images"
broken "truncated images" "$images" "offset 100000:" "after 99984 of 1568000 elements"
head -c 1000 "$tmp/good/$labels" >"$tmp/data/$labels"
broken "truncated labels" "$labels" "offset 1000:" "after 992 of 2000 elements"
printf x >>"$tmp/data/$labels"
broken "a byte too many" "$labels" "offset 2008:" "bytes follow"
echo "<html>404</html>" >"$tmp/data/$images"
broken "another kind of file" "$images" "offset 0:" "IDX"
flip "$tmp/data/$images" 2
broken "another type of elements" "$images" "offset 2:" "type 09"
cp "$tmp/good/$images" "$tmp/data/$labels"
broken "images in place of labels" "$labels" "offset 3:" "exchanged?"
{ bytes 0 0 8 3; size 0; size 28; size 28; } >"$tmp/data/$images"
broken "no images" "$images" "offset 4:" "dimension 0 is 0"
{ bytes 0 0 8 3 255 255 255 255 255 255 255 255 255 255 255 255; echo; } >"$tmp/data/$images"
broken "a header that promises too much" "$images" "offset 4:" "dimension 0 is 4294967295"
bytes 10 | dd of="$tmp/data/$labels" bs=1 seek=13 conv=notrunc 2>/dev/null
broken "a label above 9" "$labels" "offset 13:" "label 5 is 10, above 9"
{ bytes 0 0 8 1; size 1999; tail -c 1999 "$tmp/good/$labels"; } >"$tmp/data/$labels"
broken "fewer labels than images" "$labels" "offset 4:" "1999 labels" "2000 images"

rm "$tmp/data/t10k-labels-idx1-ubyte"
broken "a missing test set" t10k-labels-idx1-ubyte "is not there" "run: datasets/fetch mnist"
bytes 77 | dd of="$tmp/data/t10k-labels-idx1-ubyte" bs=1 seek=8 conv=notrunc 2>/dev/null
broken "a test label above 9" t10k-labels-idx1-ubyte "offset 8:" "label 0 is 77"

# Good files, but not for this experiment: also then a sentence, not an abort.
idx "$tmp/data" train 300 0
train "$tmp/run" --model linear --quiet
refused "fewer images than the recipe takes" 1 "$tmp/data" "2000" "300"
fresh
{ bytes 0 0 8 3; size 2000; size 40; size 40; head -c 3200000 /dev/zero; } >"$tmp/data/$images"
train "$tmp/run" --model linear --quiet
refused "images larger than the network's input" 1 "$tmp/data" "40 \{0,1\}x \{0,1\}40"
fresh

{ bytes 0 0 8 3; size 300; size 40; size 40; head -c 480000 /dev/zero; } >"$tmp/data/t10k-images-idx3-ubyte"
train "$tmp/run" --model linear --quiet
refused "test images of another size" 1 "$tmp/data" "40 \{0,1\}x \{0,1\}40" "28 \{0,1\}x \{0,1\}28"
fresh

if [ "$(id -u)" -eq 0 ]; then
    skip "a file that may not be read" "root may read all"
else
    chmod 000 "$tmp/data/$images"
    broken "a file that may not be read" "$images" "Permission denied"
fi

finish
