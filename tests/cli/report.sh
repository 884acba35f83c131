#!/bin/sh
# The report's page, made from two records and read in a browser: wide and narrow, light and dark.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
for program in pandoc gnuplot; do
    command -v $program >/dev/null 2>&1 && continue
    skip "the report" "there is no $program"
    finish
done

# record NAME CLAIMS: a lab record, with a curve and a lab page
record()
{
    folder=$tmp/experiments/$1/record/lab
    mkdir -p "$folder"
    printf '{"experiment": "%s", "title": "how <%s> does", "paper": "Paper & Co 1998", "preset": "lab", "device": "cpu", "threads": 2,
"seconds": 90, "command": "make experiments/%s", "version": "1.2", "dataset": {"name": null}, "claims": [%s]}\n' "$1" "$1" "$1" "$2" >"$folder/result.json"
    printf 'figure\tscript\tdata\ttitle\toptions\ncurve\tcurves\tcurve.tsv\tA curve\t\n' >"$folder/figures.tsv"
    printf 'panel\tseries\tx\tmean\tlow\thigh\nloss\ta\t1\t2\t2\t2\nloss\ta\t2\t1\t1\t1\n' >"$folder/curve.tsv"
    gnuplot -e 'set terminal pngcairo size 200,100; set output "'"$folder"'/curve.png"; plot x' 2>/dev/null
    # shellcheck disable=SC2016 # a formula and code in Markdown
    printf '# %s\n\n## The idea\n\nA formula, $y = w x$, a [link](../two/README.md), `code`:\n\n![A curve](record/lab/curve.png)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n' \
        "$1" >"$tmp/experiments/$1/README.md"
}

# claim WHAT MEAN VERDICT
claim()
{
    printf '{"what": "%s", "unit": "", "marks": "V", "source": "table %s", "published": 2, "band": [1, 3], "values": [%s], "mean": %s, "ci95": null,
"verdict": "%s"}' "$1" "$1" "$2" "$2" "$3"
}
record one "$(claim loss 10 "not reproduced"), $(claim gain 9 close), $(claim share -1 "no claim")"
record two "$(claim two 2.5 reproduced)"
(cd "$tmp" && BUILD=${lenet%/experiments/lenet} "$repository/plots/report") >"$tmp/out" 2>"$tmp/err" || status=$?
check "the report is made" [ -s "$tmp/report/index.html" ]
check "without a word of trouble" [ ! -s "$tmp/err" ]

# browse SIZE FLAG...: the page with the checks appended, as the browser leaves it, in $tmp/dom
browse()
{
    size=$1
    shift
    "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/profile" --window-size="$size" --virtual-time-budget=20000 \
        --enable-logging=stderr "$@" --dump-dom "file://$tmp/report/checked.html" >"$tmp/dom" 2>"$tmp/log"
}
if [ -z "$browser" ]; then
    skip "the page in a browser" "there is no chromium"
    finish
fi
{
    sed '/^<\/body>$/,$d' "$tmp/report/index.html"
    echo '<script>'
    cat tests/cli/report.js
    printf '</script>\n</body>\n</html>\n'
} >"$tmp/report/checked.html"
for way in "1280,1000" "400,900" "1280,1000 --force-dark-mode --blink-settings=preferredColorScheme=0"; do
    # shellcheck disable=SC2086 # size and flags
    browse $way
    check "$way: the console is silent" not grep -q CONSOLE "$tmp/log"
    sed -n '/<pre id="checks">/,/<\/pre>/p' "$tmp/dom" | grep -E '^(not )?ok - ' >"$tmp/checks"
    check "$way: the checks ran" [ "$(wc -l <"$tmp/checks")" -eq 17 ]
    while read -r line; do
        case $line in
        ok*) check "$way: ${line#ok - }" true ;;
        *) check "$way: ${line#not ok - }" false ;;
        esac
    done <"$tmp/checks"
done
finish
