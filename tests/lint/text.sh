#!/bin/sh
# What no compiler refuses: tests that assert nothing, a library that prints or exits, unfinished marks, trailing blanks.
set -u
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

# files PATTERN...: those of the repository, also before they are committed
files() {
    git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
        [ -f "$file" ] && printf '%s\n' "$file"
    done
}
# refuse WHY: notes each line that comes in
refuse() {
    sed "s/\$/: $1/" >>"$found"
}

files 'tests/*.h' 'tests/*.c' | xargs awk -f tests/lint/assertions.awk | sort | refuse 'the test asserts nothing'

# Only the programs' frame in lib/run speaks to the user; core/error.c prints a programmer's error before it aborts.
files 'lib/*.c' 'lib/*.h' | xargs grep -nE '(^|[^A-Za-z_])(v?printf|puts|putchar|perror)\(|[(, ](stdout|stderr)[,)]' |
    grep -vE '^lib/(run/|core/error\.c:)' | refuse 'the library does not print'
files 'lib/*.c' 'lib/*.h' | xargs grep -nE '(^|[^A-Za-z_])(exit|_exit|_Exit|quick_exit|abort)\(' |
    grep -v '^lib/core/error\.c:' | refuse 'the library does not exit'
files '*.c' '*.h' '*.sh' '*.mk' '*.gp' Makefile setup.sh datasets/fetch plots/draw | grep -v '^tests/lint/' |
    xargs grep -nwE 'TODO|FIXME' | refuse 'unfinished'
files . ':!*.tsv' ':!experiments/*/record/*' | xargs grep -nIE '[[:blank:]]+$' | refuse 'blanks at the end of the line'

[ ! -s "$found" ] || { cat "$found" >&2; exit 1; }
