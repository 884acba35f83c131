#!/bin/sh
# One short training and one prediction with the program, under another program's eyes if one is given:
#   BUILD=build tests/smoke.sh [valgrind ...]
. tests/cli/lib.sh
dataset "$tmp/data"
watched() { "$@" "$lenet" --preset smoke --data "$tmp/data" --examples 96 --batch 16 --model lenet5,lenet5_modern,lenet1,mlp,linear --out "$tmp/run" --quiet; }
check "a training ends well" watched "$@"
check "it leaves a result" test -s "$tmp/run/result.json"
sed 's/^/    /' "$tmp/check.out"
finish
