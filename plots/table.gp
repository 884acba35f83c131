# A table of words, as it stands in the file. DATA: any columns, of which the first is bold. No options.
call ARG0[1:strlen(ARG0)-strlen("table.gp")]."style.gp" ARG1 ARG2 ARG3
if (strlen(unknown_option(""))) { exit error sprintf("unknown option '%s'; this script takes none", unknown_option("")) }
MOST_ROWS = 40; MOST_COLUMNS = 12
COLUMNS = int(system("head -n 1 ".quoted(DATA)." | tr '\\t' '\\n' | wc -l"))
ROWS = int(system("sed 1d ".quoted(DATA)." | wc -l"))
if (ROWS == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
if (ROWS > MOST_ROWS || COLUMNS > MOST_COLUMNS) {
    exit error sprintf("%d rows of %d columns, and %d of %d fit a figure: %s", ROWS, COLUMNS, MOST_ROWS, MOST_COLUMNS, DATA)
}
row = 40
head = title_height(TITLE) + 20
eval canvas(1200, head + row*(ROWS + 1) + 24)
eval put_title
# Columns as wide as their widest cell asks for; the first is bold.
widest_cell(c) = real(system("cut -f ".sprintf("%d ", c).quoted(DATA)." | awk '{ if (length > n) n = length } END { print n + 2 }'"))
array WIDE[COLUMNS]; all = 0
do for [c=1:COLUMNS] { WIDE[c] = widest_cell(c)*(c == 1 ? 1.15 : 1); all = all + WIDE[c] }
before(c) = c == 1 ? 0 : before(c - 1) + WIDE[c - 1]
x(c) = 48 + 1104.0*before(c)/all
y(r) = head + row*(r + 0.5)
cell(r, c) = system(sprintf("sed -n %dp ", r + 1).quoted(DATA).sprintf(" | cut -f %d", c))
do for [c=1:COLUMNS] { set label cell(0, c) at screen sx(x(c)), sy(y(0)) left textcolor rgb MUTED }
do for [r=1:ROWS] { do for [c=1:COLUMNS] {
    set label cell(r, c) at screen sx(x(c)), sy(y(r)) left font (c == 1 ? bold(20) : plain(20)) textcolor rgb INK
} }
set arrow from screen sx(40), sy(y(0) + 22) to screen sx(1160), sy(y(0) + 22) nohead lc rgb PALE lw 1.5
unset border; unset tics; unset grid
set xrange [0:1]; set yrange [0:1]
plot NaN notitle
