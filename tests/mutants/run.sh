#!/bin/sh
# Tests the tests: plants each bug of mutants.tsv in a copy of the sources and expects some test to fail. `make mutants` calls it.
#   tests/mutants/run.sh [PATTERN]   only the mutants whose op, file or description matches PATTERN
# Only the changed file (or, for a header, each file that includes it) is compiled again; it stands before the library when linking,
# so that the library's own member is not taken. The suites are unit, grad, and cli: experiments/lenet under the script tests/cli/FILTER.sh.
# Wants in the environment: BUILD, CC, MUTANT_CFLAGS, LDLIBS; JOBS is optional.
set -u
: "${BUILD:?}" "${CC:?}" "${MUTANT_CFLAGS:?}" "${LDLIBS:?}"
here=tests/mutants
tab=$(printf '\t')

fail() {
    printf 'mutants: %s\n' "$*" >&2
    exit 1
}

# field N LINE: the N-th column of that line of the table
field() {
    sed -n "$2p" "$table" | cut -f "$1"
}

# What is linked for a suite: the gradient checks are in double, all else in float.
precision() {
    if [ "$1" = grad ]; then echo f64; else echo f32; fi
}
flags() {
    if [ "$1" = grad ]; then echo -DDT_DOUBLE; fi
}
main_object() {
    if [ "$1" = cli ]; then echo "$BUILD/f32/experiments/lenet/lenet.o"; else echo "$BUILD/mutants/$1.o -lcriterion"; fi
}

# binary DIR SUITE: what is linked into DIR; the scripts look for it there
binary() {
    if [ "$2" = cli ]; then echo "$1/experiments/lenet"; else echo "$1/tests"; fi
}

# run_tests DIR SUITE FILTER: exit status of the tests, 124 if they hang. Some mutants would eat all memory.
run_tests() {
    (
        # shellcheck disable=SC3045 # where the shell has it
        ulimit -v 8000000 2>/dev/null
        export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
        case $2 in
        cli) BUILD=$1 timeout 300 sh "tests/cli/$3.sh" ;;
        *) timeout 60 "$(binary "$1" "$2")" -j1 --timeout 30 --filter "$3" ;;
        esac
    ) >"$1/log" 2>&1
}

# plant LINE DIR: copies the sources to DIR and changes one file; prints why not, if it cannot
plant() {
    file=$(field 2 "$1")
    mkdir -p "$2" && cp -R lib models "$2" || return 1
    [ -f "$2/$file" ] || { echo "there is no $file"; return 1; }
    sed -i "$(field 3 "$1")" "$2/$file" || return 1
    if cmp -s "$file" "$2/$file"; then
        echo "the sed expression changes nothing in $file"
        return 1
    fi
}

# link LINE DIR SUITE: the suite's binary with the changed file compiled again
link() {
    changed=$(field 2 "$1")
    case $changed in
    *.h) changed=$(grep -rlF "#include \"${changed#lib/}\"" lib models --include="*.c") ;;
    esac
    objects=
    for source in $changed; do
        object=$2/$(echo "$source" | tr / _).o
        # shellcheck disable=SC2046,SC2086 # flags are words
        $CC $MUTANT_CFLAGS $(flags "$3") -I"$2/lib" -I"$2" -c "$2/$source" -o "$object" 2>"$2/compiler" || return 1
        objects="$objects $object"
    done
    mkdir -p "$2/experiments"
    # shellcheck disable=SC2046,SC2086 # lists of words
    $CC $objects $(main_object "$3") "$BUILD/libditto_$(precision "$3").a" $LDLIBS -o "$(binary "$2" "$3")" 2>"$2/compiler"
}

# one LINE: plants one bug, prints one line that begins with caught, SURVIVED or BROKEN
one() {
    op=$(field 1 "$1") suite=$(field 4 "$1") filter=$(field 5 "$1") what=$(field 6 "$1")
    dir=$scratch/$1
    if ! why=$(plant "$1" "$dir" 2>&1); then
        verdict="BROKEN  "
    elif ! link "$1" "$dir" "$suite"; then
        verdict="BROKEN  " why=$(grep -m1 error "$dir/compiler")
    elif run_tests "$dir" "$suite" "$filter"; then
        verdict=SURVIVED why="$suite tests $filter pass"
    else
        verdict="caught  "
    fi
    printf '%s %s: %s%s\n' "$verdict" "$op" "$what" "${why:+ ($why)}"
    rm -rf "$dir"
}

# The suites without a bug must pass with each filter, or `caught` would mean nothing.
check_baseline() {
    cut -f 4,5 "$table" | sort -u | while IFS=$tab read -r suite filter; do
        dir=$scratch/baseline
        mkdir -p "$dir/experiments"
        case $suite in
        cli) cp "$BUILD/experiments/lenet" "$dir/experiments/lenet" ;;
        *) cp "$BUILD/tests/$suite" "$dir/tests" ;;
        esac
        run_tests "$dir" "$suite" "$filter" || {
            cat "$dir/log"
            fail "the $suite tests $filter fail without any planted bug"
        }
        grep -q -e 'Tested: [1-9]' -e '^[1-9][0-9]* passed' "$dir/log" || fail "no $suite test is called $filter"
        rm -rf "$dir"
    done
}

# Every op of the registry and every kernel of the backend's table needs a mutant.
check_complete() {
    ops=$(sed -n '/dt_ops\[\]/,/NULL/p' lib/ops/registry.c | grep -o 'dt_[a-z0-9_]*_op\b' | sed 's/^dt_//; s/_op$//')
    kernels=$(grep -o '^ *KERNEL([a-z0-9_]*' lib/backend/backend.h | sed 's/.*(//')
    if [ -z "$ops" ] || [ -z "$kernels" ]; then fail 'no ops or kernels found in lib'; fi
    missing=0
    for name in $ops $kernels; do
        grep -q "^$name$tab" $here/mutants.tsv && continue
        echo "MISSING  $name: has no mutant"
        missing=$((missing + 1))
    done
}

if [ "${1:-}" = --one ]; then
    one "$2"
    exit 0
fi
scratch=$(mktemp -d) || fail 'no temporary folder'
table=$scratch/table
export scratch table
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
sed '1d; /^#/d; /^$/d' $here/mutants.tsv | grep -e "${1:-}" >"$table"
[ -s "$table" ] || fail "no mutant matches ${1:-}"
awk -F '\t' 'NF != 6 { print "mutants.tsv: not 6 columns: " $0; bad = 1 } END { exit bad }' "$table" >&2 || exit 1
check_complete
check_baseline || exit 1
seq "$(wc -l <"$table")" | xargs -n 1 -P "${JOBS:-$(nproc)}" "$0" --one | tee "$scratch/verdicts"
passed=$(grep -c '^caught' "$scratch/verdicts")
failed=$(($(wc -l <"$table") - passed + missing))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
