# Pairs of points with their names, an arrow from the first to the second.
# DATA: panel, from, x1, y1, to, x2, y2. Options: xlabel=, ylabel=. All pairs stand in one plane; panel is not shown.
call ARG0[1:strlen(ARG0)-strlen("arrows.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "xlabel ylabel"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "from x1 y1 to x2 y2"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
stats DATA using (column("x1")) name "A" nooutput
if (!exists("A_records") || A_records == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
stats DATA using (column("x2")) name "B" nooutput
stats DATA using (column("y1")) name "C" nooutput
stats DATA using (column("y2")) name "D" nooutput

x_low = min(A_min, B_min); x_high = max(A_max, B_max)
y_low = min(C_min, D_min); y_high = max(C_max, D_max)
x_pad = x_high > x_low ? 0.14*(x_high - x_low) : 1
y_pad = y_high > y_low ? 0.08*(y_high - y_low) : 1
head = title_height(TITLE)
eval canvas(1200, 900)
eval put_title
set lmargin at screen sx(140); set rmargin at screen sx(1170)
set tmargin at screen sy(head + 16); set bmargin at screen sy(810)
set xrange [x_low - x_pad:x_high + x_pad]; set yrange [y_low - y_pad:y_high + y_pad]
set label opt("xlabel", "first component") at screen sx(655), sy(876) center font plain(21) textcolor rgb INK
set label opt("ylabel", "second component") at screen sx(32), sy((head + 826)/2) center rotate by 90 font plain(21) textcolor rgb INK
set style arrow 1 head filled size screen 0.010,18 lc rgb SKY lw 2.5
plot DATA using (column("x1")):(column("y1")):(column("x2")-column("x1")):(column("y2")-column("y1")) with vectors arrowstyle 1, \
     DATA using (column("x1")):(column("y1")) with points pt 7 ps 0.9*POINT lc rgb BLUE, \
     DATA using (column("x2")):(column("y2")) with points pt 7 ps 0.9*POINT lc rgb VERMILLION, \
     DATA using (column("x1")):(column("y1")):(strcol("from")) with labels offset 0, 0.8 font plain(19) textcolor rgb BLUE, \
     DATA using (column("x2")):(column("y2")):(strcol("to")) with labels offset 0, 0.8 font plain(19) textcolor rgb VERMILLION
