#!/bin/sh
# Checks plots/draw and its scripts on tiny data. Run from the repository root, without arguments.
set -u

limit=100000
passed=0
failed=0

if ! command -v gnuplot >/dev/null 2>&1; then
    echo "skip - plots: gnuplot is not installed (Debian, Ubuntu: apt-get install gnuplot-nox)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
run="$tmp/a run's folder"               # a space and a quote: both must work
mkdir "$run"

# check NAME COMMAND...: passes if the command does
check()
{
    name=$1
    shift
    if "$@" >/dev/null 2>"$tmp/check.err"; then
        passed=$((passed + 1))
        echo "ok - $name"
    else
        failed=$((failed + 1))
        echo "not ok - $name"
        sed 's/^/    /' "$tmp/check.err"
    fi
}

# rows FILE LINE...: a file of these lines, \t and octal escapes as printf has them
rows()
{
    file=$1
    shift
    for line in "$@"; do printf '%b\n' "$line"; done >"$run/$file"
}

draw() { plots/draw "$run" "$@" >"$tmp/out" 2>"$tmp/err"; }
exits() { want=$1; shift; "$@"; [ $? -eq "$want" ]; }
says() { grep -q -e "$1" "$tmp/out" "$tmp/err"; }
absent() { [ ! -e "$run/$1" ]; }

# a PNG is drawn if its red channel has dark and light pixels, and small if it is under the limit
has_png()
{
    cp "$run/$1.png" "$tmp/look.png" &&
        [ "$(wc -c <"$tmp/look.png")" -lt $limit ] &&
        gnuplot -d -e "stats '$tmp/look.png' binary filetype=png using 1 nooutput" \
            -e "if (STATS_max - STATS_min < 200) { exit error 'blank' }"
}
has_svg()
{
    grep -q '</svg>' "$run/$1.svg" && [ "$(grep -c -e '<path' -e '<text' -e '<image' -e '<polygon' "$run/$1.svg")" -gt 5 ]
}
text_in() { grep -q -F -e "$2" "$run/$1.svg"; }

# ---- data: one small figure of each kind, and odd ones

curve="panel\tseries\tx\tmean\tlow\thigh"
rows curves.tsv "$curve" "test\tours\t1\t5\t4\t6" "test\tother\t1\t7\t7\t7" "test\tours\t2\t2\t1.5\t2.5" "test\tother\t2\t4\t4\t4" \
    "training\tours\t1\t90\t80\t95" "training\tours\t2\t0.5\t0.4\t0.6" "training\tours\t3\tnan\tnan\tnan"
rows curves.ref.tsv "panel\tseries\tvalue\tlabel" "test\tours\t0.95\tpublished 0.95" "test\tother\t0.95\tpublished too"
rows one.tsv "$curve" "test\tone seed\t1\t3\t3\t3"
rows nothing.tsv "$curve"
rows diverged.tsv "$curve" "test\tours\t1\tnan\tnan\tnan"
rows wrong.tsv "panel\tseries\tx" "a\tb\t1"
rows bars.tsv "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory" "LeNet-5\tnets\t0.95\t0.93\t0.9\t0.96\t0" \
    "K-NN, with a label that is long enough to need two lines\tmemory\t5.0\t\t\t\t1" "new\tmemory\t\t2.25\t2.25\t2.25\t0"
rows confusion.tsv "cat\tdog\thorse" "97\t2\t1" "3\t95\t2" "0\t1\t99"
rows ragged.tsv "cat\tdog" "1\t2" "3\t4" "5\t6"
tile="tile\trow\tcolumn\theight\twidth\tcaption"
one="\0000\0000\0200\0077"              # 1.0f, low byte first
zero="\0000\0000\0000\0000"
rows sheet.tsv "$tile\tgroup" "0\t0\t0\t2\t2\t4→9\tinput" "1\t1\t0\t2\t3\t\tC1" "2\t1\t1\t1\t1\t\t"
rows scatter.tsv "set\tbound\tmistakes" "easy\t10\t3" "easy\t20\t0" "hard\t1000\tnan" "hard\t2000\t500"
rows rates.tsv "bits\tshape\tlearned" "2\tsmall\t1" "2\tsmall\t0" "2\tlarge\t1" "3\tlarge\t0"
rows lines.tsv "row\tpanel\tkind\ta\tb\tc" "-\t-\tpoint\t1\t2\t1" "-\t-\tpoint\t-1\t-2\t-1" "a learner\tfirst\tline\t1\t1\t0" \
    "a learner\tfirst\tlast\t0\t0\t1" "a learner\tsecond\tlast\t1\t0\t100" "another\tsecond\tlast\t0\t1\t0.5"
rows dots.tsv "network\tpublished\terror" "one\t1.5\t1" "one\t1.5\t2" "another\tnan\t30"
rows bands.tsv "panel\tseries\tx\tseed\tvalue" "loss\tours\t1\t1\t2" "loss\tours\t1\t2\t4" "loss\tours\t2\t1\t1" "loss\tours\t2\t2\tnan"
rows more.tsv "panel\tseries\tx\tseed\tvalue" "loss\ttheirs\t1\t1\t3" "loss\ttheirs\t2\t1\t2"
rows paths.tsv "panel\tpath\tx\ty" "slow\tdescent\t0.5\t0.5" "slow\tdescent\t0.1\t0.2" "fast\tdescent\t-0.5\t0.5" "fast\tmomentum\t0\t0"
rows film.tsv "$tile" "0\t0\t0\t2\t2\tfirst" "1\t0\t1\t2\t2\tlast"
printf '%b' "$one$zero$zero$one" "$zero$one$one$zero" >"$run/film.f32"
rows pairs.tsv "panel\tfrom\tx1\ty1\tto\tx2\ty2" "p\tfrance\t0\t0\tparis\t1\t2" "p\titaly\t1\t0\trome\t2\t2"
rows field.tsv "x\ty\tdensity\tdx\tdy" "0\t0\t0.1\t1\t0" "1\t0\t0.5\tnan\tnan" "0\t1\t0.2\t0\t0" "1\t1\t0\t-1\t-1"
rows still.tsv "x\ty\tdensity\tdx\tdy" "0\t0\t0.1\tnan\tnan"
rows words.tsv "word\tnearest\t2nd" "Monday\tTuesday\tN" "it's\t100 %\t<unk>"
rows arrowless.tsv "from\tx1\ty1\tto\tx2\ty2"
rows verdicts.tsv "record\treproduced\tclose\tmissed\tunclaimed" "one, lab\t3\t1\t0\t2" "two, lab\t17\t0\t1\t0"
rows align.tsv "sentence\trow\ttarget\tcolumn\tsource\tweight" "1\t0\ta\t0\tein\t1" "2\t0\tman\t0\tein\t0.2" "2\t0\tman\t1\tMann\t0.8" \
    "2\t1\t<eos>\t0\tein\t0" "2\t1\t<eos>\t1\tMann\t0.1"
rows empty.tsv "row\tpanel\tkind\ta\tb\tc"
printf '%b' "$one$zero$zero$one" "$zero$zero$one$one$one$zero" "$one" >"$run/sheet.f32"
rows colour.tsv "$tile" "0\t0\t0\t2\t2\tred" "1\t0\t1\t2\t2\twhite"
printf '%b' "$one$zero$zero$one$zero$zero$one$zero$zero$zero$zero$zero" "$one$one$one$one$one$one$zero$zero$zero$zero$zero$zero" \
    >"$run/colour.f32"
rows none.tsv "$tile"
: >"$run/none.f32"
rows short.tsv "$tile" "0\t0\t0\t2\t2\tshort"
printf '%b' "$one$zero$zero" >"$run/short.f32"
awk 'BEGIN {
    OFS = "\t"
    print "tile", "row", "column", "height", "width", "caption"
    for (i = 0; i < 300; i++) print i, 0, i, 1, 2, i "→x"
}' >"$run/many.tsv"
i=0
while [ $i -lt 300 ]; do
    printf '%b' "$one$zero"
    i=$((i + 1))
done >"$run/many.f32"
awk 'BEGIN {
    OFS = "\t"
    srand(1)
    print "panel", "series", "x", "mean", "low", "high"
    for (x = 0; x < 300; x++)
        for (s = 1; s <= 8; s++) {
            mean = 40 * exp(-x / (10 + 15 * s)) + s * (1 + 0.3 * rand())
            print "loss", "series " s, x, mean, 0.9 * mean, 1.1 * mean
        }
}' >"$run/eight.tsv"

rows figures.tsv "figure\tscript\tdata\ttitle\toptions" \
    "curves\tcurves\tcurves.tsv\tError against passes\txlabel=passes;ylabel=error (%)" \
    "one\tcurves\tone.tsv\tOne seed, one point\tlog=y" \
    "eight\tcurves\teight.tsv\tEight noisy series\txlabel=steps" \
    "bars\tbars\tbars.tsv\tOurs beside the paper's\txlabel=error (%)" \
    "confusion\tconfusion\tconfusion.tsv\tConfusions\t" \
    "sheet\tsheet\tsheet.tsv\tStages\tpalette=ink" \
    "none\tsheet\tnone.tsv\tNothing wrong\t" \
    "colour\tsheet\tcolour.tsv\tIn colour\tpalette=rgb;range=0:1" \
    "many\tsheet\tmany.tsv\tToo many\trange=0:1" \
    "scatter\tscatter\tscatter.tsv\tMarks\tx=bound;y=mistakes;series=set;log=xy;diagonal=the bound" \
    "rates\trates\trates.tsv\tShares\tx=bits;hit=learned;series=shape" \
    "lines\tlines\tlines.tsv\tLines\t" \
    "dots\tdots\tdots.tsv\tDots\trow=network;value=error;published=published;log=x;xlabel=error" \
    "bands\tbands\tbands.tsv\tBands\txlabel=passes" \
    "paths\tpaths\tpaths.tsv\tPaths\tf=x**2+10*y**2;x=-1:1;y=-1:1;levels=0.1,1,5" \
    "only\tbands\tbands.tsv\tOne panel\tonly=loss;xlabel=passes" \
    "joined\tbands\tbands.tsv more.tsv\tTwo tables\txlabel=passes" \
    "film\tfilm\tfilm.tsv\tIt moves\tpalette=ink;range=0:1" \
    "arrows\tarrows\tpairs.tsv\tPairs\txlabel=first" \
    "field\tfield\tfield.tsv\tArrows\tlongest=0.8" \
    "verdicts\tverdicts\tverdicts.tsv\tClaims\t" \
    "align\talign\talign.tsv\tAttention\tsentence=2" \
    "table\ttable\twords.tsv\tWords\t"

# ---- everything is drawn

check "a run with twenty-three figures is drawn" exits 0 draw
check "draw prints one line for each file" [ "$(wc -l <"$tmp/out")" -eq 47 ]
# a frame begins with a graphic control extension: two frames, and the last one four times more
check "a film moves" [ "$(od -An -v -tx1 "$run/film.gif" | tr -d ' \n' | grep -o '21f904' | wc -l)" -eq 6 ]
check "other figures do not" absent sheet.gif
for figure in curves one eight bars confusion sheet colour many scatter rates lines dots bands paths only joined arrows field verdicts align table film; do
    check "$figure.png is drawn and under $limit bytes" has_png "$figure"
    check "$figure.svg is drawn" has_svg "$figure"
done
check "curves: references are named" text_in curves "published too"
check "curves: axes are labelled" text_in curves "error (%)"
check "bars: a value from memory is marked" text_in bars "5.0 *"
check "bars: our value has the paper's decimals" text_in bars ">0.93<"
check "verdicts: numbers stand in the bars" text_in verdicts ">17<"
check "confusion: error rate of all classes" text_in confusion "3.00 %"
check "sheet: a row is named" text_in sheet ">C1<"
check "sheet: captions are UTF-8" text_in sheet "4→9"
check "sheet without tiles says so" text_in none "no image to show"
check "scatter: the diagonal is named" text_in scatter "the bound"
check "rates: one of two is 50 %" text_in rates ">50<"
check "dots: a row is named" text_in dots ">another<"
check "two tables: the first is in it" text_in joined ">ours<"
check "two tables: the second is in it" text_in joined ">theirs<"
check "lines: a row is named" text_in lines ">another<"
check "align: a word that was read" text_in align ">Mann<"
check "align: a word that was written" text_in align ">man<"
check "sheet: tiles that do not fit are counted in the title" text_in many "300)"
check "svg: bold text is a font weight" text_in curves 'font-weight="bold"'

cp "$run/curves.png" "$tmp/first.png"
rm "$run/curves.svg" "$run/bars.png"
check "one figure is drawn by its name" exits 0 draw curves
check "it is the only one" absent bars.png
check "the same data give the same bytes" cmp "$run/curves.png" "$tmp/first.png"

# ---- what is wrong is said, with exit status 1

check "an unknown name fails" exits 1 draw pie
check "and lists the names" says "confusion"
check "a missing run folder fails" exits 1 plots/draw "$tmp/nowhere"
mkdir "$tmp/empty"
check "a missing figures.tsv fails" exits 1 plots/draw "$tmp/empty"
check "no argument is a usage error" exits 2 plots/draw

# refuses NAME ROW PATTERN: the figure of this row fails with a message that has the pattern, and leaves no file
refuses()
{
    rows figures.tsv "figure\tscript\tdata\ttitle\toptions" "bad\t$2"
    check "$1 fails" exits 1 draw
    check "$1 is explained" says "$3"
    check "$1 leaves no file" absent bad.png
}
refuses "an unknown script" "pie\tcurves.tsv\tT\t" "there is no script"
refuses "a missing data file" "curves\tmissing.tsv\tT\t" "missing.tsv cannot be read"
refuses "a missing second table" "bands\tbands.tsv missing.tsv\tT\t" "missing.tsv cannot be read"
refuses "an unknown option" "curves\tcurves.tsv\tT\txlable=passes" "unknown option 'xlable=passes'"
refuses "a missing column" "curves\twrong.tsv\tT\t" "no column 'mean'"
refuses "a file without points" "curves\tnothing.tsv\tT\t" "no points"
refuses "a file without finite values" "curves\tdiverged.tsv\tT\t" "no finite value"
refuses "a ragged confusion matrix" "confusion\tragged.tsv\tT\t" "2 names but 3 rows"
refuses "a sheet with too few pixels" "sheet\tshort.tsv\tT\t" "need 16 bytes, the file has 12"
refuses "a film with too few pixels" "film\tshort.tsv\tT\t" "need 16 bytes, the file has 12"
refuses "a scatter without its column" "scatter\tscatter.tsv\tT\tx=bound;y=wrong" "no column 'wrong'"
refuses "rates without rows" "rates\tempty.tsv\tT\tx=row;hit=a" "no rows"
refuses "bands without values" "bands\tcurves.tsv\tT\t" "no column 'value'"
refuses "a panel that is not there" "bands\tbands.tsv\tT\tonly=wrong" "no points"
refuses "a table without rows" "table\tempty.tsv\tT\t" "no rows"
refuses "paths without a surface" "paths\tpaths.tsv\tT\t" "no surface: give f=FORMULA"
refuses "arrows without rows" "arrows\tarrowless.tsv\tT\t" "no rows"
refuses "arrows without their column" "arrows\twords.tsv\tT\t" "no column 'from'"
refuses "a field without arrows" "field\tstill.tsv\tT\t" "no arrows"
refuses "a field without its column" "field\tpairs.tsv\tT\t" "no column 'x'"
refuses "dots without their column" "dots\tdots.tsv\tT\trow=wrong;value=error" "no column 'wrong'"
refuses "lines without lines" "lines\tempty.tsv\tT\t" "no lines"
refuses "a sentence that is not there" "align\talign.tsv\tT\tsentence=3" "no sentence 3"
refuses "numbers for one colour only" "sheet\tsheet.tsv\tT\tpalette=rgb" "need 132 bytes, the file has 44"
refuses "an unknown palette" "sheet\tsheet.tsv\tT\tpalette=pink" "unknown palette 'pink'"

rows figures.tsv "figure\tscript\tdata\ttitle\toptions" "bad\tcurves\twrong.tsv\tT\t" "bars\tbars\tbars.tsv\tBars\t"
check "one bad figure fails the run" exits 1 draw
check "but the others are drawn" has_png bars

# ---- without gnuplot: a notice, and no failure

mkdir "$tmp/bin"
for tool in sh cut dirname grep mktemp mv rm sed tr wc; do ln -s "$(command -v $tool)" "$tmp/bin/$tool"; done
without_gnuplot() { PATH="$tmp/bin" plots/draw "$run" >"$tmp/out" 2>"$tmp/err"; }
check "without gnuplot draw succeeds" exits 0 without_gnuplot
check "and says what to install" says "gnuplot-nox"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
