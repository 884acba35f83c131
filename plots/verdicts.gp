# How many claims of each experiment were reproduced: one bar a record, cut up by verdict, with the numbers in it.
# DATA: record, reproduced, close, missed, unclaimed. No options.
call ARG0[1:strlen(ARG0)-strlen("verdicts.gp")]."style.gp" ARG1 ARG2 ARG3
if (strlen(unknown_option(""))) { exit error sprintf("unknown option '%s'; this script takes none", unknown_option("")) }
VERDICTS = "reproduced close missed unclaimed"
if (strlen(missing_column("record ".VERDICTS))) { exit error refuse_header("record ".VERDICTS) }
array NAME[4] = ["reproduced", "close", "not reproduced", "a number without a claim"]
array FILL[4] = [BLUE, ORANGE, VERMILLION, PALE]
array TEXT[4] = ["white", BLACK, "white", BLACK]

stats DATA using (column("reproduced")) nooutput
n = STATS_records
if (n == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
array LABEL[n]
i = 0; widest_n = 0; most = 1
note(label, all) = (i = i + 1, LABEL[i] = label, widest_n = max(widest_n, strlen(label)), most = max(most, all), 0)
stats DATA using (note(strcol("record"), \
    column("reproduced") + column("close") + column("missed") + column("unclaimed"))) nooutput

row = 44; half = 15
head = title_height(TITLE) + 44
eval canvas(1200, head + row*n + 24)
eval put_title
x0 = 48 + text_width(widest_n, 20); x1 = 1170
set lmargin at screen sx(x0); set rmargin at screen sx(x1); set tmargin at screen sy(head); set bmargin at screen sy(head + row*n)
key_y = title_height(TITLE) + 18
key_x = 48
do for [v=1:4] {
    set object rect from screen sx(key_x), sy(key_y - 9) to screen sx(key_x + 36), sy(key_y + 9) \
        fc rgb FILL[v] fs solid border lc rgb MUTED
    set label NAME[v] at screen sx(key_x + 46), sy(key_y) left textcolor rgb INK
    key_x = key_x + 86 + text_width(strlen(NAME[v]), 20)
}
do for [i=1:n] { set label LABEL[i] at screen sx(x0 - 14), sy(head + row*(i - 0.5)) right textcolor rgb INK }

set border 2
unset xtics
unset ytics
unset grid
set xrange [0:most]
set yrange [row*n:0]
y(k) = row*(int(k) + 0.5)
before(v) = v == 1 ? 0 : before(v - 1) + column(word(VERDICTS, v - 1))
here(v) = column(word(VERDICTS, v))
plot for [v=1:4] DATA using (before(v)):(y($0)):(before(v)):(before(v) + here(v)):(y($0) - half):(y($0) + half) \
         with boxxyerror fc rgb FILL[v] fs solid border lc rgb MUTED, \
     for [v=1:4] DATA using (before(v) + here(v)/2.0):(y($0)):(here(v) > 0 ? sprintf("%d", here(v)) : "") \
         with labels center font bold(20) textcolor rgb TEXT[v]
