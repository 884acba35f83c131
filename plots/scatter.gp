# Points, one for each row. Options: x=, y= and series= (names of columns of DATA; without series all rows are one),
# xlabel=, ylabel=, log=none|x|y|xy, diagonal=TEXT (the line y = x, dashed, with its name).
# The labels of the axes default to the names of the columns.
call ARG0[1:strlen(ARG0)-strlen("scatter.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "x y series xlabel ylabel log diagonal"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
XCOL = opt("x", "x"); YCOL = opt("y", "y"); SCOL = opt("series", "")
COLUMNS = XCOL." ".YCOL." ".SCOL
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
LOG = opt("log", "none")
DIAGONAL = opt("diagonal", "")
log_x = LOG eq "x" || LOG eq "xy"
log_y = LOG eq "y" || LOG eq "xy"

# ---- what is there: series in the order of their first appearance, and the ranges

array SERIES[MAX_SERIES]
series = 0; crowd = 0
name_of(dummy) = strlen(SCOL) ? strcol(SCOL) : ""
series_of(name) = sum [i=1:series] (SERIES[i] eq name ? i : 0)
note(name) = series_of(name) ? 0 : series == MAX_SERIES ? (crowd = 1) : (series = series + 1, SERIES[series] = name, 0)
stats DATA using (note(name_of(0))) nooutput
if (series == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d series, too many for one figure: %s", MAX_SERIES, DATA) }
shown_x(v) = !log_x || v > 0 ? finite(v) : NaN
shown_y(v) = !log_y || v > 0 ? finite(v) : NaN
stats DATA using (shown_x(column(XCOL))) name "X" nooutput
stats DATA using (shown_y(column(YCOL))) name "Y" nooutput
if (!exists("X_min") || !exists("Y_min")) { exit error sprintf("no finite value in %s", DATA) }
pad(low, high) = high > low ? 0.05*(high - low) : high != 0 ? 0.5*abs(high) : 1
below(low, high, logarithmic) = logarithmic ? low/1.4 : low - pad(low, high)
above(low, high, logarithmic) = logarithmic ? high*1.4 : high + pad(low, high)

# ---- the page: a key in rows under the title

array KEY_X[MAX_SERIES]; array KEY_ROW[MAX_SERIES]
x = 40; key_rows = strlen(SCOL) ? 1 : 0
do for [s=1:series] {
    width = 56 + text_width(strlen(SERIES[s]), 20)
    if (x > 40 && x + width > 1190) { x = 40; key_rows = key_rows + 1 }
    KEY_X[s] = x; KEY_ROW[s] = key_rows
    x = x + width
}
head = title_height(TITLE) + 34*key_rows
eval canvas(1200, 800)
eval put_title
if (strlen(SCOL)) {
    do for [s=1:series] {
        y = title_height(TITLE) + 34*KEY_ROW[s] - 18
        set label at screen sx(KEY_X[s] + 12), sy(y) point ls s
        set label SERIES[s] at screen sx(KEY_X[s] + 28), sy(y) left textcolor rgb INK
    }
}
set lmargin at screen sx(120); set rmargin at screen sx(1160)
set tmargin at screen sy(head + 16); set bmargin at screen sy(710)
set label opt("xlabel", XCOL) at screen sx(640), sy(776) center font plain(21) textcolor rgb INK
set label opt("ylabel", YCOL) at screen sx(32), sy((head + 726)/2) center rotate by 90 font plain(21) textcolor rgb INK

if (log_x) { set logscale x }
if (log_y) { set logscale y }
set xrange [below(X_min, X_max, log_x):above(X_min, X_max, log_x)]
set yrange [below(Y_min, Y_max, log_y):above(Y_min, Y_max, log_y)]
set samples 500
if (strlen(DIAGONAL)) {                           # its name stands below the line, where the points are not
    end = min(above(X_min, X_max, log_x), above(Y_min, Y_max, log_y))
    start = max(below(X_min, X_max, log_x), below(Y_min, Y_max, log_y))
    at = log_x && log_y ? start*(end/start)**0.35 : start + 0.35*(end - start)
    set label DIAGONAL at first at, first at right offset -1.5, 1 font plain(20) textcolor rgb INK front
}
picked(s) = name_of(0) eq SERIES[s] ? shown_y(column(YCOL)) : NaN
plot for [k=1:strlen(DIAGONAL) ? 1 : 0] x with lines lc rgb INK lw 2.5 dt (16,10), \
     for [s=1:series] DATA using (shown_x(column(XCOL))):(picked(s)) with points ls s ps 0.8*POINT
