#!/bin/sh
# No number of a page is typed by hand: each is in a record, in published.tsv, in a source, or in numbers.tsv, which says where it comes
# from; the closing tables are those of the records.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
awk=$repository/tests/cli/numbers.awk

# typed PAGE: its numbers that come from nowhere
typed()
{
    folder=${1%/*}
    # shellcheck disable=SC2046 # a list of files; names have no blanks
    awk -f "$awk" KIND=record $(find "$folder/record" -name '*.tsv' 2>/dev/null) KIND=source \
        $(find "$folder" \( -name 'result.json' -o -name 'report.txt' -o -name published.tsv -o -name numbers.tsv -o -name '*.[ch]' \) -print) \
        KIND=page "$1" </dev/null
}

# same_report PAGE NAME PRESET RECORD: whether the page shows the record's closing table
same_report()
{
    sed -n "/^<!-- report $2 $3 -->\$/,/^<!-- \/report -->\$/p" "$1" | sed '1,2d' | sed '$d' | sed '$d' | cmp -s - "$4/report.txt"
}

for page in "$repository/README.md" "$repository/CONTRIBUTING.md" "$repository/lib/README.md"; do
    awk -f "$awk" KIND=page "$page" </dev/null >"$tmp/out"
    check "${page#"$repository/"}: no number is typed" [ ! -s "$tmp/out" ]
    [ ! -s "$tmp/out" ] || printf '      typed: %s\n' "$(tr '\n' ' ' <"$tmp/out")"
done
for page in "$repository"/experiments/*/README.md; do
    name=${page%/README.md}
    name=${name##*/}
    typed "$page" >"$tmp/out"
    check "$name: each number comes from somewhere" [ ! -s "$tmp/out" ]
    [ ! -s "$tmp/out" ] || printf '      of unknown origin: %s\n' "$(tr '\n' ' ' <"$tmp/out")"
    for record in "$repository/experiments/$name/record"/*/; do
        [ -f "$record/report.txt" ] || continue
        preset=${record%/}
        check "$name: the table of ${preset##*/} is the record's" same_report "$page" "$name" "${preset##*/}" "${record%/}"
    done
    file=${page%/README.md}/numbers.tsv
    [ ! -f "$file" ] || check "$name: numbers.tsv says where each comes from" awk -F '\t' 'NF != 3 || !$2 || !$3 { exit 1 }' "$file"
done

# RESULTS.md and the tables in README.md, where no record is stale.
mkdir -p "$tmp/tree/tests"
cp -r "$repository/experiments" "$repository/plots" "$repository/README.md" "$tmp/tree"
cp -r "$repository/tests/bench" "$tmp/tree/tests"
(cd "$tmp/tree" && BUILD=${lenet%/experiments/lenet} plots/results) >"$tmp/out" 2>"$tmp/err"
if grep -q 'is stale' "$tmp/err"; then
    skip "RESULTS.md and README.md are those of the records" "$(head -n 1 "$tmp/err")"
else
    check "RESULTS.md is that of the records" cmp "$tmp/tree/RESULTS.md" "$repository/RESULTS.md"
    check "README.md has the records' tables" cmp "$tmp/tree/README.md" "$repository/README.md"
fi

# The check itself.
mkdir -p "$tmp/one/record/lab"
printf '{"mean": 1.41637, "values": [97.0]}\n' >"$tmp/one/record/lab/result.json"
printf 'x\tvalue\n1\t0.123456\n2\t3.141592\n' >"$tmp/one/record/lab/curve.tsv"
printf 'number\twhat\tfrom\n8.5 9.5\ttried\tseed 1, validation images\n' >"$tmp/one/numbers.tsv"
say()
{
    printf '%s\n' "$@" >"$tmp/one/README.md"
    typed "$tmp/one/README.md" >"$tmp/out"
}
say 'It is 1.42, or 1.4164; `--lr 0.7`, $e = 2.718$, 8.5 and 9.5; the curve ends at 3.1416.' '```' '6.6' '```' '    make ARGS=7.7'
check "numbers that are somewhere pass" [ ! -s "$tmp/out" ]
say 'It is 1.43.'
check "a wrong digit is found" holds "$tmp/out" '^1.43$'
say 'The curve begins at 0.12.'
check "a table of a record bears out no short number" holds "$tmp/out" '^0.12$'
say 'Here.' '<!-- table -->' '| 5.5 |' '<!-- /table -->' 'There.'
check "what is written between marks passes" [ ! -s "$tmp/out" ]
say 'Here **12.5 %**, there (3,000.5).'
check "numbers among signs are found" [ "$(tr '\n' ' ' <"$tmp/out")" = "12.5 3000.5 " ]
finish
