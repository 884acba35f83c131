# A vector field: arrows over a density. An arrow is as long as the root of its vector's length, so that short ones show too.
# DATA: x, y, density, dx, dy, a grid row by row from the lowest y, each from the lowest x; nan in dx and dy: no arrow there.
# Options: longest= (of the longest arrow, in distances between neighbours; default 1.6).
call ARG0[1:strlen(ARG0)-strlen("field.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "longest"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "x y density dx dy"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
stats DATA using (column("x")) name "X" nooutput
if (!exists("X_records") || X_records == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
stats DATA using (column("y")) name "Y" nooutput
stats DATA using (column("density")) name "D" nooutput
arrows = 0; longest = 0
note(dx, dy) = dx == dx && dy == dy ? (arrows = arrows + 1, longest = max(longest, sqrt(dx*dx + dy*dy)), 0) : 0
stats DATA using (note(column("dx"), column("dy"))) nooutput
if (arrows == 0) { exit error sprintf("no arrows in %s", DATA) }

# ---- both axes have the same scale

wide = X_max - X_min; tall = Y_max - Y_min
if (wide <= 0 || tall <= 0) { exit error sprintf("the grid of %s has no area", DATA) }
LONGEST = real(opt("longest", "1.6"))*sqrt(wide*tall/arrows)
factor(dx, dy) = dx == 0 && dy == 0 ? 0 : LONGEST/sqrt(longest)/sqrt(sqrt(dx*dx + dy*dy))
head = title_height(TITLE)
side = 1000.0/max(1, tall/wide)
eval canvas(1200, int(head + side*tall/wide + 70))
eval put_title
set lmargin at screen sx(600 - side/2); set rmargin at screen sx(600 + side/2)
set tmargin at screen sy(head + 10); set bmargin at screen sy(head + 10 + side*tall/wide)
set xrange [X_min:X_max]; set yrange [Y_min:Y_max]
unset grid; unset colorbox
set palette defined (0 "#FFFFFF", 0.3 "#DCEBF5", 1 "#9CC6E2")
set cbrange [0:D_max > 0 ? D_max : 1]
set style arrow 1 head filled size screen 0.006,20 lc rgb INK lw 1.2
plot DATA using (column("x")):(column("y")):(column("density")) with image pixels, \
     DATA using (column("x")):(column("y")):(factor(column("dx"), column("dy"))*column("dx")): \
         (factor(column("dx"), column("dy"))*column("dy")) with vectors arrowstyle 1
