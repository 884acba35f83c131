# What the scripts in this folder share; each reads it first, from the repository root. A script ends with `finish`.
# shellcheck shell=sh
set -u
export LC_ALL=C

repository=$PWD
lenet=${BUILD:-build}/experiments/lenet
case $lenet in
    /*) ;;
    *) lenet=$repository/$lenet ;;
esac
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
passed=0
failed=0
skipped=0
child=
tmp=$(mktemp -d) || exit 1
trap '[ -z "$child" ] || kill -9 "$child" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check NAME COMMAND...: passes if the command does; a failure shows its output and what the program said last
check()
{
    check_name=$1
    shift
    if "$@" >"$tmp/check.out" 2>&1; then
        passed=$((passed + 1))
        echo "ok - $check_name"
    else
        failed=$((failed + 1))
        echo "not ok - $check_name"
        echo "    the last run's exit status: ${status:-none}"
        cat "$tmp/check.out" "$tmp/err" 2>/dev/null | tail -n 5 | sed 's/^/    /'
    fi
}

# skip NAME WHY
skip()
{
    skipped=$((skipped + 1))
    echo "skip - $1: $2"
}

finish()
{
    if [ $skipped -gt 0 ]; then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ $failed -eq 0 ]
    exit
}

# run ARG...: the program, its exit status in $status, what it wrote in $tmp/out and $tmp/err
run()
{
    status=0
    "$lenet" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
}

# train OUT ARG...: a short run on the data set of `dataset`
train()
{
    train_out=$1
    shift
    run --preset smoke --data "$tmp/data" --out "$train_out" "$@"
}

is() { [ "$status" -eq "$1" ]; }
says() { grep -q -e "$1" "$tmp/err"; }
shows() { grep -q -e "$1" "$tmp/out"; }
holds() { grep -q -e "$2" "$1"; }
absent() { [ ! -e "$1" ]; }
not() { ! "$@"; }
one_line() { [ "$(wc -l <"$1")" -eq 1 ]; }

# refused NAME STATUS PATTERN...: the last run ended so, with one line that has each pattern
refused()
{
    refused_name=$1
    check "$refused_name: exit status $2" is "$2"
    check "$refused_name: one line" one_line "$tmp/err"
    shift 2
    for pattern in "$@"; do check "$refused_name: \"$pattern\"" says "$pattern"; done
}

# start ARG...: the program in the background; env lets ^C reach it, which a shell's background jobs ignore
start()
{
    env --default-signal=INT "$lenet" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
    child=$!
}

# stop SIGNAL: ends it, its exit status in $status
stop()
{
    kill -s "$1" "$child" 2>/dev/null
    status=0
    wait "$child" 2>/dev/null || status=$?
    child=
}

# until_rows FOLDER NUMBER: waits until train.tsv has so many lines, the run is finished, or a minute has passed
until_rows()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/train.tsv" ] && [ "$(wc -l <"$1/train.tsv")" -ge "$2" ] && return
        sleep 0.02
        turns=$((turns - 1))
    done
}

# same_run FOLDER FOLDER: what must not depend on interruptions, threads or time
same_run()
{
    cut -f 1-8 "$1/train.tsv" >"$tmp/steps"
    cut -f 1-8 "$2/train.tsv" | cmp "$tmp/steps" - && cmp "$1/eval.tsv" "$2/eval.tsv" && cmp "$1/checkpoint" "$2/checkpoint"
}

# random FROM TO: a whole number
random() { echo $(($1 + $(od -An -N 2 -tu2 /dev/urandom) % ($2 - $1 + 1))); }

# bytes NUMBER...: these bytes; size NUMBER: four bytes, the highest first
bytes() { for byte in "$@"; do printf '%b' "\\0$(printf %03o "$byte")"; done; }
size() { bytes $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)); }

# flip FILE OFFSET: replaces this byte by another
flip()
{
    flipped=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    bytes $((flipped ^ 1)) | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# drawings NUMBER FIRST: 28 x 28 digits of seven segments, moved about, each a line: the label, a space, the pixels, # or .
drawings()
{
    awk -v count="$1" -v first="$2" 'BEGIN {
        split("1110111 0010010 1011101 1011011 0111010 1101011 1101111 1010010 1111111 1111011", lit, " ")
        for (d = 0; d < 10; d++)
            for (r = 0; r < 20; r++)
                for (c = 0; c < 12; c++) {
                    on = 0
                    if (r < 3) on += substr(lit[d + 1], 1, 1)
                    if (r < 10 && c < 3) on += substr(lit[d + 1], 2, 1)
                    if (r < 10 && c > 8) on += substr(lit[d + 1], 3, 1)
                    if (r > 7 && r < 11) on += substr(lit[d + 1], 4, 1)
                    if (r > 8 && c < 3) on += substr(lit[d + 1], 5, 1)
                    if (r > 8 && c > 8) on += substr(lit[d + 1], 6, 1)
                    if (r > 16) on += substr(lit[d + 1], 7, 1)
                    row[d, r] = row[d, r] (on ? "#" : ".")
                }
        blank = "............................"
        for (i = 0; i < count; i++) {
            n = first + i
            d = n % 10
            across = 6 + int(n / 10) % 5
            down = 2 + int(n / 50) % 5
            image = ""
            for (r = -down; r < 28 - down; r++)
                image = image (r < 0 || r > 19 ? blank : substr(blank, 1, across) row[d, r] substr(blank, 1, 16 - across))
            print d, image
        }
    }'
}

# idx FOLDER SPLIT NUMBER FIRST: the images and labels of one split
idx()
{
    drawings "$3" "$4" >"$tmp/drawings"
    { bytes 0 0 8 3; size "$3"; size 28; size 28; cut -d ' ' -f 2 "$tmp/drawings" | tr -d '\n' | tr '.#' '\000\377'; } \
        >"$1/$2-images-idx3-ubyte"
    { bytes 0 0 8 1; size "$3"; cut -d ' ' -f 1 "$tmp/drawings" | tr -d '\n' | tr '0-9' '\000-\011'; } >"$1/$2-labels-idx1-ubyte"
}

# dataset FOLDER: an easy data set with the names and form of MNIST's
dataset()
{
    mkdir -p "$1"
    idx "$1" train 2000 0
    idx "$1" t10k 300 7
}

# tenfold FILE: repeats it ten times
tenfold() { cat "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" >"$1.more" && mv "$1.more" "$1"; }

# cifar FOLDER: a data set with the names and form of CIFAR-10's: 10,000 images of ten plain greys, one file with six names
cifar()
{
    mkdir -p "$1"
    for label in 0 1 2 3 4 5 6 7 8 9; do
        bytes $label
        head -c 3072 /dev/zero | tr '\000' "\\$(printf %03o $((25 * label + 10)))"
    done >"$1/test_batch.bin"
    tenfold "$1/test_batch.bin"
    tenfold "$1/test_batch.bin"
    tenfold "$1/test_batch.bin"
    for batch in 1 2 3 4 5; do ln "$1/test_batch.bin" "$1/data_batch_$batch.bin"; done
}

# sentences NUMBER SEED TAG: lines of 2 to 7 words, small ones often; TAG follows each word
sentences()
{
    awk -v lines="$1" -v seed="$2" -v tag="$3" 'BEGIN {
        srand(seed)
        for (i = 0; i < lines; i++) {
            n = 2 + int(6 * rand())
            line = ""
            for (j = 0; j < n; j++) line = line (j ? " " : "") "w" int(40 * rand() * rand()) tag
            print line
        }
    }'
}

# texts FOLDER: texts with the names and forms of the Penn Treebank's and of the Brown corpus
texts()
{
    mkdir -p "$1/ptb" "$1/brown"
    { sentences 600 1 ""; awk 'BEGIN { for (i = 0; i < 40; i++) print "w" i }'; echo "w1 <unk>"; } >"$1/ptb/ptb.train.txt"
    sentences 80 2 "" >"$1/ptb/ptb.valid.txt"
    sentences 80 3 "" >"$1/ptb/ptb.test.txt"
    sentences 900 4 "/nn" | awk '{ print } NR % 5 == 0 { print "" }' >"$1/brown/brown.txt"
}
