#!/bin/sh
# Where a run writes: folders that cannot be written, full disks, two runs in one folder, pipes and terminals.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
dataset "$tmp/data"
escape=$(printf '\033')
return=$(printf '\r')

# ---- folders

echo text >"$tmp/file"
train "$tmp/file/run" --model linear
refused "a folder below a file" 1 "$tmp/file: " "cannot make the folder" "with --out"
train "$tmp/file" --model linear
refused "a file in place of the folder" 1 "$tmp/file: " "with --out"
train /dev/null/run --model linear
refused "a folder below a device" 1 "/dev/null: "
train "$tmp/$(printf '%0300d' 1)" --model linear
refused "a name that is too long" 1 "name too long"
mkdir "$tmp/locked"
chmod 500 "$tmp/locked"
if [ "$(id -u)" -eq 0 ]; then
    skip "a folder that may not be written" "root may write everywhere"
else
    train "$tmp/locked/run" --model linear
    refused "a folder that may not be written" 1 "$tmp/locked/run" "Permission denied" "with --out"
fi
if [ -d /proc/self ]; then
    train /proc/run --model linear
    refused "a place without files" 1 "/proc/run"
fi
train "$tmp/a/b c/it's ü" --model linear --quiet
check "folders are made, whatever their names" is 0
check "and filled" holds "$tmp/a/b c/it's ü/eval.tsv" "^linear"
train "$tmp/plain/" --model linear
check "a run succeeds" is 0

# ---- full disks

# limited BLOCKS ARG...: no file may become larger than so many blocks of 512 bytes
limited()
{
    blocks=$1
    shift
    (
        trap '' XFSZ
        ulimit -f "$blocks"
        train "$@"
        exit "$status"
    )
    status=$?
}
cp -r "$tmp/plain" "$tmp/full"
limited 16 "$tmp/full" --model linear
refused "a file that may not grow" 1 "$tmp/full/" "File too large" "free some space, or write to another disk with --out"
check "the former checkpoint is whole" cmp "$tmp/plain/checkpoint" "$tmp/full/checkpoint"
check "no working file is left" [ -z "$(find "$tmp/full" -name '*.tmp' -o -name .probe)" ]
train "$tmp/full" --model linear --resume
check "with space it goes on" same_run "$tmp/plain" "$tmp/full"

# disk OPTIONS COMMAND: runs it where there is a small disk at $tmp/disk, whose files are then in $tmp/disk.copy
disk()
{
    # shellcheck disable=SC2016 # for the inner shell
    unshare -rm sh -c 'mount -t tmpfs -o "$1" small "$2" && shift 2 && "$@"; status=$?; cp -r "$0/." "$0.copy"; exit $status' \
        "$tmp/disk" "$1" "$tmp/disk" sh -c "$2" >"$tmp/out" 2>"$tmp/err"
    status=$?
}
mkdir "$tmp/disk"
disk size=64k true
if is 0; then
    for kilobytes in 4 40 68 100 132; do
        rm -rf "$tmp/disk.copy"
        disk "size=${kilobytes}k" "exec '$lenet' --preset smoke --data '$tmp/data' --out '$tmp/disk' --model linear --epochs 3 --seeds 2"
        refused "a disk of $kilobytes KB" 1 "$tmp/disk" "No space left on device" "free some space"
        check "a disk of $kilobytes KB: no working file is left" [ -z "$(find "$tmp/disk.copy" -name '*.tmp' -o -name .probe)" ]
        if [ -e "$tmp/disk.copy/checkpoint" ]; then
            train "$tmp/disk.copy" --model linear --epochs 3 --seeds 2 --resume --quiet
            check "a disk of $kilobytes KB: it goes on elsewhere" is 0
        fi
    done
    disk ro "exec '$lenet' --preset smoke --data '$tmp/data' --out '$tmp/disk' --model linear"
    refused "a disk that is read-only" 1 "$tmp/disk" "Read-only file system" "choose a folder that you may write to with --out"
else
    skip "a full disk" "no file system may be mounted here"
fi

# ---- two runs in one folder

start --preset smoke --data "$tmp/data" --out "$tmp/busy" --model linear --epochs 100000
until_rows "$tmp/busy" 30
cp "$tmp/busy/config.json" "$tmp/config"
train "$tmp/busy" --model linear
refused "a second run in the folder" 1 "$tmp/busy: " "another run, process $child, is using this folder" "wait for it, or choose"
check "it changes nothing" cmp "$tmp/config" "$tmp/busy/config.json"
train "$tmp/beside" --model linear
check "another folder is free" is 0
stop KILL
train "$tmp/busy" --model linear
check "a killed run does not lock its folder" is 0

# ---- pipes and terminals

"$lenet" --preset smoke --data "$tmp/data" --out "$tmp/piped" --epochs 3 2>"$tmp/err" </dev/null | cat >"$tmp/out"
check "through a pipe: a line for each training" [ "$(grep -c 'seed 1: training error .* test error' "$tmp/out")" -eq 6 ]
check "through a pipe: no carriage return" not shows "$return"
check "through a pipe: no escape sequence" not shows "$escape"
check "through a pipe: no error" not [ -s "$tmp/err" ]
if command -v script >/dev/null 2>&1; then
    script -q -e -c "'$lenet' --preset smoke --data '$tmp/data' --out '$tmp/shown' --epochs 3" /dev/null \
        >"$tmp/out" </dev/null
    check "on a terminal: a run succeeds" [ $? -eq 0 ]
    check "on a terminal: percent, loss, speed and time left" shows "$return *[0-9]* %  .*loss [0-9.]*  [0-9]* examples/s  .* left"
    check "on a terminal: the same results" same_run "$tmp/piped" "$tmp/shown"
else
    skip "progress on a terminal" "there is no script command"
fi
if [ -w /dev/full ]; then
    "$lenet" --help >/dev/full 2>"$tmp/err"
    status=$?
    check "a report that cannot be written is an error" is 1
else
    skip "a report that cannot be written" "there is no /dev/full"
fi

finish
