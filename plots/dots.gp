# Single values, a dot for each run (a seed, say), in rows by name, with their mean and the paper's value.
# DATA: any columns. Options: row=, value= and published= (names of columns; published may be empty), xlabel=, log=auto|none|x,
# each= (what a dot is, in the key).
call ARG0[1:strlen(ARG0)-strlen("dots.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "row value published xlabel log each"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
ROW = opt("row", "row"); VALUE = opt("value", "value"); PUBLISHED = opt("published", "published")
COLUMNS = ROW." ".VALUE." ".PUBLISHED
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
LOG = opt("log", "auto")                            # auto: x, where the values span more than a factor of 20

# ---- rows in the order of their first appearance, their means and published values, the range

MOST = 24
array NAME[MOST]; array N[MOST]; array SUM[MOST]; array PAPER[MOST]
do for [r=1:MOST] { N[r] = 0; SUM[r] = 0; PAPER[r] = NaN }
rows = 0; crowd = 0; widest_n = 0; low = 1e30; high = -1e30; papers = 0
row_of(name) = sum [r=1:rows] (NAME[r] eq name ? r : 0)
note(name) = row_of(name) ? 0 : rows == MOST ? (crowd = 1) : (rows = rows + 1, NAME[rows] = name, \
    widest_n = max(widest_n, strlen(name)), 0)
stretch(v) = v == v ? (low = min(low, v), high = max(high, v), 0) : 0
count(r, v, paper) = r == 0 ? 0 : (N[r] = N[r] + (v == v), SUM[r] = SUM[r] + (v == v ? v : 0), \
    PAPER[r] = paper == paper ? paper : PAPER[r], papers = papers || paper == paper, stretch(v), stretch(paper), 0)
positive_only = LOG eq "x"
shown(v) = !positive_only || v > 0 ? finite(v) : NaN
stats DATA using (note(strcol(ROW))) nooutput
if (rows == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d rows, too many for one figure: %s", MOST, DATA) }
stats DATA using (count(row_of(strcol(ROW)), shown(column(VALUE)), shown(column(PUBLISHED)))) nooutput
if (low > high) { exit error sprintf("no finite value in %s", DATA) }
LOG = LOG eq "x" || (LOG eq "auto" && low > 0 && high > 20*low)

# ---- the page: a key under the title, then rows of equal height

head = title_height(TITLE) + 44
height = 64*rows
eval canvas(1200, head + height + 96)
eval put_title
x0 = 48 + text_width(widest_n, 20)
set lmargin at screen sx(x0); set rmargin at screen sx(1150)
set tmargin at screen sy(head); set bmargin at screen sy(head + height)
key_y = title_height(TITLE) + 18
set label at screen sx(60), sy(key_y) point pt 6 ps 1.6*POINT lw 2 lc rgb BLUE
set label "ours, ".opt("each", "one a seed") at screen sx(78), sy(key_y) left textcolor rgb INK
set arrow from screen sx(306), sy(key_y - 12) to screen sx(306), sy(key_y + 12) nohead lc rgb BLUE lw 4
set label "their mean" at screen sx(318), sy(key_y) left textcolor rgb INK
if (papers) {
    set label at screen sx(478), sy(key_y) point pt 13 ps 2*POINT lc rgb MUTED
    set label "published" at screen sx(496), sy(key_y) left textcolor rgb INK
}
do for [r=1:rows] { set label NAME[r] at screen sx(x0 - 14), sy(head + 64*(r - 0.5)) right textcolor rgb INK }

set border 3
if (LOG) { set logscale x } else { set xtics nice((high - low)*100.0/(1150 - x0)) }
if (LOG && high < 300*low) {
    do for [e=-9:9] { set xtics add (sprintf("%g", 2*10.0**e) 2*10.0**e, sprintf("%g", 5*10.0**e) 5*10.0**e) }
}
pad = 0.06*(high - low) + (high == low)*0.5*max(abs(high), 1e-9)
set xrange [LOG ? low/1.25 : (low >= 0 && low < 0.4*high ? 0 : low - pad) : LOG ? high*1.25 : high + pad]
set yrange [rows:0]
unset ytics
set grid noytics
set label opt("xlabel", VALUE) at screen sx((x0 + 1150)/2), sy(head + height + 66) center font plain(21) textcolor rgb INK
place(name) = row_of(name) - 0.5
mean(r) = N[r] ? SUM[r]/N[r] : NaN
set samples max(rows, 2)
do for [r=1:rows] {
    set arrow from graph 0, first r - 0.5 to graph 1, first r - 0.5 nohead lc rgb "#E0E0E0" lw 1 back
    if (N[r]) { set arrow from first mean(r), first r - 0.72 to first mean(r), first r - 0.28 nohead lc rgb BLUE lw 4 front }
}
plot DATA using (shown(column(PUBLISHED))):(place(strcol(ROW))) with points pt 13 ps 2*POINT lc rgb MUTED, \
     DATA using (shown(column(VALUE))):(place(strcol(ROW))) with points pt 6 ps 1.6*POINT lw 2 lc rgb BLUE
