#!/bin/sh
# The scoreboard: what is kept of a run, RESULTS.md and the table in README.md, stale records, comparing runs.
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
bin=${lenet%/experiments/lenet}
plots=$repository/plots
tree=$tmp/tree
mkdir -p "$tree/experiments/one" "$tree/runs/one/lab"
cp "$repository/experiments/perceptron/published.tsv" "$tree/experiments/one"
echo 'int main(void) { return 0; }' >"$tree/experiments/one/one.c"
printf '# one\n\n<!-- experiments -->\nold\n<!-- /experiments -->\n\n<!-- bench -->\n<!-- /bench -->\n\nend\n' >"$tree/README.md"
mkdir -p "$tree/tests/bench" "$tree/plots"
printf 'fast\t2\tA fast thing\nnever\t1\tNot measured\nours\t1\tNo peer\n' >"$tree/tests/bench/goals.tsv"
printf '| %s | images/s | 300 | 290 to 310 | %s | 90 to 110 | %s | 2 |\n' fast 100 3.00 ours - - other 10 30.00 >"$tree/tests/bench/README.md"

# result PRESET: a result.json with one claim
result()
{
    printf '{"experiment": "one", "title": "how one does", "paper": "Paper 1998", "preset": "%s", "device": "cpu", "threads": 2,
"seconds": 90, "command": "make experiments/one", "version": "1.2", "dataset": {"name": null}, "deviations": [], "claims": [{"what": "loss",
"unit": "", "marks": "V", "source": "table 1", "published": 2, "band": [1, 3], "values": [2.5], "mean": 2.5, "ci95": null,
"verdict": "reproduced"}]}\n' "$1"
}

# in_tree COMMAND...: there, with its exit status and words as `run` has them
in_tree()
{
    status=0
    (cd "$tree" && BUILD=$bin "$@") >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
}

in_tree "$plots/results"
refused "no records" 1 "there are no records" "make experiments/"

# a finished run, whose program only prints the report
run=$tree/runs/one/lab
result lab >"$run/result.json"
echo '{}' >"$run/config.json"
echo 'trial	seed	claim	value' >"$run/eval.tsv"
printf 'figure\tscript\tdata\ttitle\toptions\ncurve\tcurves\tcurve.tsv\tA curve\t\nsheet\tsheet\tsheet.tsv\tTiles\t\nlarge\tcurves\tlarge.tsv\tMuch\t\nboth\tbands\tcurve.tsv other.tsv\tTwo\t\nhalf\tbands\tcurve.tsv large.tsv\tTwo\t\n' \
    >"$run/figures.tsv"
printf 'panel\tseries\tx\tmean\tlow\thigh\nloss\ta\t1\t2\t2\t2\nloss\ta\t2\t1\t1\t1\n' >"$run/curve.tsv"
printf 'panel\tseries\tvalue\tlabel\nloss\ta\t1.5\tpublished\n' >"$run/curve.ref.tsv"
cp "$run/curve.tsv" "$run/other.tsv"
printf 'tile\n' >"$run/sheet.tsv"
: >"$run/sheet.f32"
head -c 100001 /dev/zero | tr '\0' ' ' >"$run/large.tsv"
mkdir -p "$tmp/bin/experiments" "$tmp/bin/plots"
printf '#!/bin/sh\necho the report\n' >"$tmp/bin/experiments/one"
chmod +x "$tmp/bin/experiments/one"
cp "$bin/plots/scoreboard" "$tmp/bin/plots"
bin=$tmp/bin

in_tree "$plots/keep" one lab
record=$tree/experiments/one/record/lab
check "a run is kept" is 0
check "its curves are kept" cmp "$run/curve.tsv" "$record/curve.tsv"
check "with their published values" cmp "$run/curve.ref.tsv" "$record/curve.ref.tsv"
check "pixels are not kept" absent "$record/sheet.tsv"
check "nor are large tables" absent "$record/large.tsv"
check "only figures that can be drawn again are listed" [ "$(cut -f 1 "$record/figures.tsv" | tr '\n' ' ')" = "figure curve both " ]
check "and all their tables are kept" cmp "$run/other.tsv" "$record/other.tsv"
check "its report is kept" holds "$record/report.txt" "the report"

in_tree "$plots/results"
check "results are written" is 0
check "RESULTS.md has the claim" holds "$tree/RESULTS.md" '^| loss | 2 | 2.5 (1 seed) | 1 to 3 | reproduced | table 1 |$'
check "README.md has the table" holds "$tree/README.md" '^| \[one\](experiments/one/README.md) | how one does |'
check "in the place of the old one" not holds "$tree/README.md" '^old$'
check "and keeps the rest" holds "$tree/README.md" '^end$'
check "speeds that have a goal and a peer are there" [ "$(grep -c '^| .*images/s' "$tree/README.md")" -eq 1 ]
check "in plain words" holds "$tree/README.md" '^| A fast thing | images/s | 300 | 100 | 3.00 |$'
if command -v gnuplot >/dev/null 2>&1; then check "a picture of it is drawn" [ -s "$tree/plots/scoreboard.png" ]; else skip "a picture of it" "there is no gnuplot"; fi
check "speeds that have a goal and a peer are there" [ "$(grep -c '^| .*images/s' "$tree/README.md")" -eq 1 ]
check "in plain words" holds "$tree/README.md" '^| A fast thing | images/s | 300 | 100 | 3.00 |$'
if command -v gnuplot >/dev/null 2>&1; then check "a picture of it is drawn" [ -s "$tree/plots/scoreboard.png" ]; else skip "a picture of it" "there is no gnuplot"; fi
cp "$tree/README.md" "$tmp/before"
in_tree "$plots/results"
check "a second time changes nothing" cmp "$tree/README.md" "$tmp/before"

printf '/* a comment */\nint main(void)\n{\n    return 0;\n}\n' >"$tree/experiments/one/one.c"
in_tree "$plots/results"
check "comments and blanks make no record stale" is 0
rm "$tree/RESULTS.md"
echo 'int main(void) { return 1; }' >"$tree/experiments/one/one.c"
in_tree "$plots/results"
refused "a changed program" 1 "experiments/one/record/lab is stale" "make experiments/one record/one PRESET=lab"
check "nothing is written" absent "$tree/RESULTS.md"
echo 'int main(void) { return 0; }' >"$tree/experiments/one/one.c"
echo '# one more line' >>"$tree/experiments/one/published.tsv"
in_tree "$plots/results"
refused "changed published numbers" 1 "experiments/one/record/lab is stale"
in_tree "$plots/keep" one lab
echo '{"experiment": "one"}' >"$record/result.json"
in_tree "$plots/results"
check "a record without a field is refused" is 1
check "and named" says "record/lab/result.json: .*title"
check "nothing is written then" absent "$tree/RESULTS.md"

# comparing
bin=${lenet%/experiments/lenet}
dataset "$tmp/data"
train "$tmp/a" --model linear --lr 0.01
train "$tmp/b" --model linear --lr 0.001
in_tree "$plots/overlay" test_error epoch "$tmp/compare" "$tmp/a" "$tmp/b"
check "two runs are compared" is 0
check "by what differs" holds "$tmp/compare/test_error.tsv" "^test_error	lr=0.01: linear	1	"
if command -v gnuplot >/dev/null 2>&1; then check "in a figure" [ -s "$tmp/compare/test_error.png" ]; else skip "in a figure" "there is no gnuplot"; fi
in_tree "$plots/text" "$tmp/compare/test_error.tsv"
check "without gnuplot they are drawn in characters" shows "B lr=0.001: linear"
in_tree "$plots/overlay" luck epoch "$tmp/compare" "$tmp/a" "$tmp/b"
refused "a measure that is not there" 1 "no table has 'luck'" "it has .*test_error"
in_tree "$plots/overlay" test_error epoch "$tmp/compare" "$tmp/nowhere"
refused "a run that is not there" 1 "nowhere/config.json"
in_tree "$plots/overlay" test_error epoch "$tmp/compare"
refused "no runs" 2 "usage: make plots/compare"
finish
