# A confusion matrix: true classes down, predicted classes across; confusions coloured by their count, the diagonal pale.
# DATA: a header line with the names of the classes, then one row of counts for each true class. No options.
call ARG0[1:strlen(ARG0)-strlen("confusion.gp")]."style.gp" ARG1 ARG2 ARG3
if (ARGC > 3) { exit error sprintf("unknown option '%s'; this script takes none", ARGV[4]) }
MAX_WRITTEN = 20                                 # with more classes than this, counts are shown by colour alone

# ---- what is there

unset datafile columnheaders
stats DATA using (1) every ::0::0 nooutput
n = int(STATS_columns)
stats DATA using (1) nooutput
if (STATS_records != n + 1) { exit error sprintf("%d names but %d rows of counts in %s", n, STATS_records - 1, DATA) }
array NAME[n]; array COUNT[n*n]; array TOTAL[n]
i = 0
stats DATA using (sum [j=1:n] (NAME[j] = strcol(j), 0)) every ::0::0 nooutput
stats DATA using (i = i + 1, sum [j=1:n] (COUNT[(i - 1)*n + j] = column(j), 0)) every ::1 nooutput
at(i, j) = COUNT[(i - 1)*n + j]
widest_n = 1; worst = 1; all = 0; wrong = 0
do for [i=1:n] {
    TOTAL[i] = sum [j=1:n] at(i, j)
    all = all + TOTAL[i]; wrong = wrong + TOTAL[i] - at(i, i)
    widest_n = max(widest_n, strlen(NAME[i]))
    do for [j=1:n] { if (i != j) { worst = max(worst, at(i, j)) } }
}
error_of(wrong, total) = total > 0 ? sprintf("%.2f %%", 100.0*wrong/total) : "–"

# ---- the page: names on the left and on top, the matrix, two columns of numbers on the right

written = n <= MAX_WRITTEN                       # as many names as can be read, too
name_px = written ? 20 : 13
name_step = 1 + (n - 1)/45
x0 = 84 + 0.62*name_px*widest_n
cell_w = min(84, (950 - x0)/n)
x1 = x0 + n*cell_w
slanted = 0.62*name_px*widest_n > cell_w - 6
y0 = title_height(TITLE) + 62 + (slanted ? 0.32*name_px*widest_n : 0)
cell_h = min(60, (700 - y0)/n)
y1 = y0 + n*cell_h
eval canvas(1200, y1 + (written ? 100 : 64))
eval put_title
set lmargin at screen sx(x0); set rmargin at screen sx(x1); set tmargin at screen sy(y0); set bmargin at screen sy(y1)
column_1 = x1 + 92; column_2 = x1 + 208
set label "predicted" at screen sx((x0 + x1)/2), sy(title_height(TITLE) + 6) center font bold(20) textcolor rgb INK
set label "true" at screen sx(34), sy((y0 + y1)/2) center rotate by 90 font bold(20) textcolor rgb INK
do for [i=1:n:name_step] {
    x = x0 + (i - 0.5)*cell_w; y = y0 + (i - 0.5)*cell_h
    if (slanted) { set label NAME[i] at screen sx(x - 2), sy(y0 - 10) left rotate by 40 font plain(name_px) textcolor rgb INK } \
    else         { set label NAME[i] at screen sx(x), sy(y0 - 18) center font plain(name_px) textcolor rgb INK }
    set label NAME[i] at screen sx(x0 - 12), sy(y) right font plain(name_px) textcolor rgb INK
    if (written) {
        set label sprintf("%d", TOTAL[i]) at screen sx(column_1), sy(y) right textcolor rgb MUTED
        set label error_of(TOTAL[i] - at(i, i), TOTAL[i]) at screen sx(column_2), sy(y) right textcolor rgb VERMILLION
    }
}
note = "diagonal: correct; the darker a cell, the more errors"
if (written) {
    set label "images" at screen sx(column_1), sy(y0 - 18) right textcolor rgb MUTED
    set label "error" at screen sx(column_2), sy(y0 - 18) right textcolor rgb VERMILLION
    set label "all" at screen sx(x0 - 12), sy(y1 + 24) right textcolor rgb INK
    set label sprintf("%d", all) at screen sx(column_1), sy(y1 + 24) right textcolor rgb INK
    set label error_of(wrong, all) at screen sx(column_2), sy(y1 + 24) right font bold(20) textcolor rgb VERMILLION
} else {
    note = note.sprintf("; %d images, error %s", all, error_of(wrong, all))
}
set label note at screen sx(x0), sy(y1 + (written ? 62 : 28)) left font plain(17) textcolor rgb MUTED

row_of(k) = 1 + (int(k) - 1)/n
col_of(k) = 1 + (int(k) - 1)%n
diagonal(k) = row_of(k) == col_of(k)
share(k) = (COUNT[int(k)]/(1.0*worst))**0.7      # the root keeps single errors visible beside many
blend(from, to, t) = int(from + (to - from)*t + 0.5)
reddened(t) = 65536*blend(0xFF, 0xD5, t) + 256*blend(0xF4, 0x5E, t) + blend(0xEA, 0x00, t)
shade(k) = diagonal(k) ? 0xE3EDF4 : COUNT[int(k)] > 0 ? reddened(share(k)) : 0xFFFFFF
ink(k) = diagonal(k) ? 0x333333 : COUNT[int(k)] == 0 ? 0xBBBBBB : share(k) > 0.8 ? 0xFFFFFF : 0x000000
if (written) {
    do for [k=1:n*n] {
        set label sprintf("%d", COUNT[k]) at col_of(k) - 0.5, row_of(k) - 0.5 \
            center front font plain(n <= 12 ? 20 : 15) textcolor rgb ink(k)
    }
}
set xrange [0:n]; set yrange [n:0]
unset tics; unset grid; set border 0
visible(k) = written || COUNT[int(k)] > 0 || diagonal(k)
plot COUNT using (visible($1) ? col_of($1) - 0.5 : NaN):(row_of($1) - 0.5): \
         (col_of($1) - 1):(col_of($1)):(row_of($1) - 1):(row_of($1)):(shade($1)) \
         with boxxyerror fc rgb variable fs solid border lc rgb "#E4E4E4"
