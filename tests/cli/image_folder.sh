#!/bin/sh
# experiments/alexnet on a folder of images: what it makes of good ones, and of those that are broken, missing or in another layout.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/alexnet
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }

# picture FILE WIDTH HEIGHT BYTE: a plain PPM
picture() { { printf 'P6 %d %d 255\n' "$2" "$3"; head -c $((3 * $2 * $3)) /dev/zero | tr '\000' "\\$4"; } >"$1"; }

# images FOLDER: eight light pictures and eight dark ones, of all sizes
images()
{
    mkdir -p "$1/dark" "$1/light"
    for i in 1 2 3 4 5 6 7 8; do
        picture "$1/dark/$i.JPEG" $((20 + i)) $((40 - 3 * i)) "$(printf %03o $((10 * i)))"
        picture "$1/light/$i.JPEG" 300 $((250 + 10 * i)) "$(printf %03o $((255 - 10 * i)))"
    done
}

# on FOLDER OUT ARG...: a run on it; CIFAR-10 is not looked for
on()
{
    on_folder=$1
    on_out=$2
    shift 2
    run --preset smoke --data "$tmp/nowhere" --images "$on_folder" --out "$on_out" "$@"
}

fresh() { rm -rf "$tmp/bad" "$tmp/run"; images "$tmp/bad"; }

# broken NAME PATH PATTERN...: the run on $tmp/bad is refused, naming the path
broken()
{
    broken_name=$1
    broken_path=$2
    shift 2
    on "$tmp/bad" "$tmp/run" --quiet
    refused "$broken_name" 1 "^alexnet: $tmp/$broken_path: " "$@"
    check "$broken_name: no result" absent "$tmp/run/result.json"
    fresh
}

images "$tmp/good"
on "$tmp/good" "$tmp/whole" --threads 2
check "good images are read" is 0
check "they are counted" shows "$tmp/good: 2 classes, 14 training images, 2 held out"
check "both errors are reported" [ "$(cut -f 3 "$tmp/whole/eval.tsv" | tr '\n' ' ')" = "claim top1 top5 " ]
check "of two classes, the right one is among five" holds "$tmp/whole/eval.tsv" "top5	0$"
check "one pass" [ "$(cut -f 3 "$tmp/whole/imagenet.tsv" | tr '\n' ' ')" = "series training top-1 top-5 " ]
check "no claim is made" not holds "$tmp/whole/result.json" '"verdict": "\(reproduced\|close\|not reproduced\)"'
check "it has its figure" holds "$tmp/whole/figures.tsv" "^imagenet	"
check "and no other" [ "$(wc -l <"$tmp/whole/figures.tsv")" -eq 2 ]

fresh
head -c 100 "$tmp/good/light/1.JPEG" >"$tmp/bad/light/0.JPEG"
broken "a broken image" bad/light/0.JPEG "too short" "left out by --skip-broken"
printf '\377\330\377\340 no more of it' >"$tmp/bad/dark/8.JPEG"
broken "a broken JPEG" bad/dark/8.JPEG "is a damaged JPEG" "left out by --skip-broken"
: >"$tmp/bad/dark/3.JPEG"
broken "an empty file" bad/dark/3.JPEG "is empty" "left out by --skip-broken"
echo hello >"$tmp/bad/dark/labels.txt"
broken "a text among the images" bad/dark/labels.txt "none of PNG, JPEG, PGM and PPM"
echo hello >"$tmp/bad/labels.txt"
broken "a text among the classes" bad/labels.txt "is a file among the classes" "FOLDER/CLASS/IMAGE"
mkdir "$tmp/bad/dark/more"
broken "a folder among the images" bad/dark/more "is a folder among the images of a class"
rm "$tmp/bad/dark/"*
broken "a class without images" bad/dark "has no images"
rm -r "$tmp/bad/dark" "$tmp/bad/light"
broken "an empty folder" bad "has no folders in it"
rm -r "$tmp/bad"
broken "a missing folder" bad "No such file"
rm -r "$tmp/bad"
on "$tmp/bad" "$tmp/run" --quiet
check "a missing folder: nothing is made" absent "$tmp/run"
for class in dark light; do
    mkdir -p "$tmp/bad/$class"
    cp "$tmp/good/$class/1.JPEG" "$tmp/bad/$class"
done
broken "classes of one image" bad "has no image left" "one of them to hold out"

# Broken ones in front of the others: what is left are the good images.
printf '\377\330\377\340 no more of it' >"$tmp/bad/dark/0.JPEG"
head -c 100 "$tmp/good/light/1.JPEG" >"$tmp/bad/light/0.JPEG"
on "$tmp/bad" "$tmp/skipped" --skip-broken --threads 1 --quiet
check "--skip-broken goes on" is 0
check "--skip-broken names a JPEG" says "^alexnet: $tmp/bad/dark/0.JPEG: is a damaged JPEG: .*; left out$"
check "--skip-broken names a PPM" says "^alexnet: $tmp/bad/light/0.JPEG: .*too short.*; left out$"
check "--skip-broken counts them" says "^alexnet: broken images left out: 2$"
check "and says no more" [ "$(wc -l <"$tmp/err")" -eq 3 ]
same_answers() { for f in imagenet.tsv eval.tsv; do cmp "$1/$f" "$2/$f" || return 1; done; }
check "without them, and on 1 or 2 threads, the same bytes" same_answers "$tmp/whole" "$tmp/skipped"

rm -rf "$tmp/bad"
images "$tmp/bad/train"
mkdir -p "$tmp/bad/val/dark"
cp "$tmp/good/dark/1.JPEG" "$tmp/bad/val/dark"
on "$tmp/bad" "$tmp/run" --quiet
refused "val without a class" 1 "^alexnet: $tmp/bad/val: has no class light, but $tmp/bad/train has"
mkdir "$tmp/bad/val/light"
echo hello >"$tmp/bad/val/light/1.JPEG"
on "$tmp/bad" "$tmp/run" --quiet
refused "a broken image of val" 1 "^alexnet: $tmp/bad/val/light/1.JPEG: "
echo hello >"$tmp/bad/val/dark/1.JPEG"
on "$tmp/bad" "$tmp/run" --quiet --skip-broken
check "nothing is left of val: exit status 1" is 1
check "nothing is left of val: it is named" says "^alexnet: $tmp/bad/val: has no image left"

start --preset smoke --images "$tmp/good" --out "$tmp/stopped" --threads 2
turns=3000
while [ $turns -gt 0 ] && ! shows "held out"; do
    sleep 0.01
    turns=$((turns - 1))
done
stop INT
check "^C: exit status 130" is 130
check "^C: no result" absent "$tmp/stopped/result.json"

run --preset smoke --trial imagenet --out "$tmp/none"
refused "the trial without images" 2 "\-\-trial imagenet needs data of your own" "give it with --images"
on "$tmp/good" "$tmp/none" --trial fig1
refused "images for another trial" 2 "\-\-trial fig1 does not use --images" "it is one of imagenet"
check "nothing is made" absent "$tmp/none"
run --help
check "--help lists the trial" shows "imagenet *AlexNet, with --images"

finish
