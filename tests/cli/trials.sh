#!/bin/sh
# An experiment of trials (run/trials.h), with experiments/perceptron as the example: killed, stopped and resumed runs end
# with the same bytes as one that was not; and what its flags refuse.
# shellcheck disable=SC2317 # functions are called through check
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
lenet=${lenet%/*}/perceptron
[ -x "$lenet" ] || { echo "$lenet is not there: make $lenet"; exit 1; }
dataset "$tmp/data"

# Two trials of one table each would do; all that do not need the whole of MNIST are cheap enough.
again() { train "$1" --trial xor --seeds 3 --quiet --threads "$2" --resume; }
begin() { start --preset smoke --data "$tmp/data" --out "$1" --trial xor --seeds 3 --threads "$2" --resume; }

same_trials()
{
    for file in eval.tsv xor.tsv checkpoint; do cmp "$1/$file" "$2/$file" || return 1; done
}

# until_trial FOLDER NUMBER: waits until that many trials have ended
until_trial()
{
    turns=3000
    while [ $turns -gt 0 ] && [ ! -e "$1/result.json" ]; do
        [ -e "$1/times.tsv" ] && [ "$(wc -l <"$1/times.tsv")" -gt "$2" ] && return
        sleep 0.01
        turns=$((turns - 1))
    done
}

again "$tmp/whole" 2
check "a whole run succeeds" is 0
check "the closing table is shown" shows "perceptron, preset smoke"
check "a run of one trial has that one's figure" holds "$tmp/whole/figures.tsv" "^xor	"
check "and no other's" not holds "$tmp/whole/figures.tsv" "^novikoff	"
again "$tmp/other" 1
check "1 and 2 threads give the same bytes" same_trials "$tmp/whole" "$tmp/other"
again "$tmp/other" 1
check "after a finished run a new one begins" same_trials "$tmp/whole" "$tmp/other"
run --preset smoke --report --out "$tmp/whole"
check "--report shows the table again" shows "XOR: 2-2-1"

for done in 0 1 2; do
    begin "$tmp/killed" 2
    until_trial "$tmp/killed" "$done"
    stop KILL
done
again "$tmp/killed" 2
check "a killed run is resumed" is 0
check "killed or not gives the same bytes" same_trials "$tmp/whole" "$tmp/killed"

begin "$tmp/stopped" 1
until_trial "$tmp/stopped" 1
stop INT
if [ "$status" -eq 0 ]; then
    skip "^C" "the run was quicker"
else
    check "^C: exit status 130" is 130
    check "^C: how many are done" shows "interrupted: [0-9]* of 3 trials are done"
    check "^C: no result" absent "$tmp/stopped/result.json"
    cp -r "$tmp/stopped" "$tmp/middle"
    again "$tmp/stopped" 2
    check "an interrupted run is resumed" same_trials "$tmp/whole" "$tmp/stopped"

    train "$tmp/middle" --trial xor --seeds 3 --quiet
    refused "an unfinished run without --resume" 1 "an unfinished run is there" "\-\-resume"
    train "$tmp/middle" --trial xor --seeds 3 --quiet --resume --presentations 7
    refused "another recipe" 1 "\-\-presentations 5000" "this one 7"
fi

train "$tmp/none" --trial nonsense
refused "an unknown trial" 2 "\-\-trial nonsense" "novikoff, overlap"
train "$tmp/none" --runs many
refused "a flag of the experiment's own" 2 "\-\-runs many: not a whole number"
train "$tmp/none" --trial xor --predict
refused "a flag of other programs" 2 "unknown flag --predict"
run --preset smoke --data "$tmp/nowhere" --out "$tmp/none"
refused "no data" 1 "$tmp/nowhere"
train "$tmp/none" --dry-run
check "a dry run succeeds" is 0
check "and writes nothing" absent "$tmp/none"
run --help
check "--help lists the trials" shows "novikoff *mistakes"

train "$tmp/flags" --trial xor --runs 3 --presentations 1000 --quiet
check "a changed recipe makes no claim" not holds "$tmp/flags/result.json" '"verdict": "reproduced"'

finish
