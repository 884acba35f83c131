#!/bin/sh
# Runs test programs and scripts from the repository's root and adds up their counts:
#   tests/run.sh BINARY... SCRIPT...
# A binary is a Criterion program; a script's name ends in .sh, and its last line is "N passed, N failed[, N skipped]".
# Silent but for one line each, unless something fails. Exit status 1 if a test failed, or if a binary or script broke
# off, did not say what it did, or tested nothing.
set -u

passed=0
failed=0
skipped=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ran NAME PASSED FAILED SKIPPED PROBLEM: adds the counts; a problem counts as a failure
ran()
{
    name=$1
    bad=$3
    if [ -n "$5" ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + $2))
    failed=$((failed + bad))
    skipped=$((skipped + $4))
    line="$2 passed"
    [ "$bad" -eq 0 ] || line="$line, $bad failed"
    [ "$4" -eq 0 ] || line="$line, $4 skipped"
    [ -z "$5" ] || line="$line: $5"
    printf '%-14s %s\n' "${name##*/}" "$line"
    [ "$bad" -gt 0 ]
}

# What a test program can write and still exit with status 0.
unsound='ERROR: [A-Za-z]*Sanitizer|SUMMARY: [A-Za-z]*Sanitizer|runtime error: '

binary()
{
    status=0
    env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$1" -j2 --timeout 120 --tap="$tmp/tap" >"$tmp/log" 2>&1 || status=$?
    # [====] Synthesis: Tested: 4 | Passing: 2 | Failing: 2 | Crashing: 1; the tests that are skipped are not among them
    synthesis=$(sed -n 's/.*Synthesis: Tested: \([0-9]*\) | Passing: \([0-9]*\) | Failing: \([0-9]*\) .*/\1 \2 \3/p' "$tmp/log" | tail -n 1)
    skips=$(sed -n 's/^ok - \(.*[^ ]\) *# SKIP /\1: /p' "$tmp/tap" 2>/dev/null)
    n_skips=$(printf %s "$skips" | grep -c '')
    problem=
    if [ -z "$synthesis" ]; then
        problem="broke off with exit status $status"
        synthesis="0 0 0"
    fi
    # shellcheck disable=SC2086 # three words
    set -- "$1" $synthesis
    if [ -z "$problem" ] && [ $(($2 + n_skips)) -eq 0 ]; then problem="tested nothing"; fi
    if [ -z "$problem" ] && [ "$4" -eq 0 ] && [ $status -ne 0 ]; then problem="exit status $status"; fi
    if [ -z "$problem" ] && grep -q -E "$unsound" "$tmp/log"; then problem="a sanitizer complains"; fi
    if ran "$1" "$3" "$4" "$n_skips" "$problem"; then sed 's/^/    /' "$tmp/log"; fi
    [ -z "$skips" ] || printf '%s\n' "$skips" | sed 's/^/    skipped: /'
    rm -f "$tmp/tap"
}

script()
{
    status=0
    sh "$1" >"$tmp/log" 2>&1 || status=$?
    counts=$(tail -n 1 "$tmp/log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)\{0,1\}$/\1 \2 0\4/p')
    problem=
    if [ -z "$counts" ]; then
        problem="broke off with exit status $status"
        counts="$(grep -c '^ok - ' "$tmp/log") $(grep -c '^not ok - ' "$tmp/log") 0"
    fi
    # shellcheck disable=SC2086 # three words
    set -- "$1" $counts
    skips=${4#0}
    skips=${skips:-0}
    if [ -z "$problem" ] && [ $(($2 + $3 + skips)) -eq 0 ]; then problem="tested nothing"; fi
    if [ -z "$problem" ] && [ "$3" -eq 0 ] && [ $status -ne 0 ]; then problem="exit status $status"; fi
    if ran "$1" "$2" "$3" "$skips" "$problem"; then sed -n '/^ok - /d; /^skip - /d; $d; s/^/    /p' "$tmp/log"; fi
    sed -n 's/^skip - /    skipped: /p' "$tmp/log"
}

for test in "$@"; do
    case $test in
        */lib.sh) ;; # what the scripts share
        *.sh) script "$test" ;;
        *) binary "$test" ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
