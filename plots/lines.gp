# Decision lines over the points that they divide, in a grid of panels.
# DATA: row, panel, kind, a, b, c. Rows of kind `point` are drawn in every panel: a and b are the coordinates, the sign of c
# the class. Those of kind `line` and `last` belong to one panel: the line a x1 + b x2 + c = 0, pale, or bold for `last`.
# No options.
call ARG0[1:strlen(ARG0)-strlen("lines.gp")]."style.gp" ARG1 ARG2 ARG3
if (strlen(unknown_option(""))) { exit error sprintf("unknown option '%s'; this script takes none", unknown_option("")) }
COLUMNS = "row panel kind a b c"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }

# ---- what is there: rows and panels of the grid in the order of their first appearance

array ROW[4]; array PANEL[6]
rows = 0; panels = 0; crowd = 0
is_line(kind) = kind eq "line" || kind eq "last"
row_of(name)   = sum [i=1:rows]   (ROW[i] eq name ? i : 0)
panel_of(name) = sum [i=1:panels] (PANEL[i] eq name ? i : 0)
note_row(name)   = row_of(name)   ? 0 : rows == |ROW|     ? (crowd = 1) : (rows = rows + 1, ROW[rows] = name, 0)
note_panel(name) = panel_of(name) ? 0 : panels == |PANEL| ? (crowd = 1) : (panels = panels + 1, PANEL[panels] = name, 0)
note(kind, row, panel) = is_line(kind) ? (note_row(row), note_panel(panel), 0) : 0
stats DATA using (note(strcol("kind"), strcol("row"), strcol("panel"))) nooutput
if (rows == 0) { exit error sprintf("no lines below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d rows or %d panels, too many for one figure: %s", |ROW|, |PANEL|, DATA) }
reach = 1
far(kind, a, b) = kind eq "point" ? (reach = max(reach, max(abs(a), abs(b))), 0) : 0
stats DATA using (far(strcol("kind"), column("a"), column("b"))) nooutput
reach = 1.05*reach

# ---- the page: square panels

LEFT = 72; GAP = 16; NAME = 40
side = min(400, (1184.0 - LEFT)/panels - GAP)
head = title_height(TITLE) + 34
eval canvas(1200, head + NAME + rows*(side + GAP) + 24)
set multiplot
eval put_title
y = title_height(TITLE) + 14
set label at screen sx(40), sy(y) point pt 7 ps 1.3*POINT lc rgb BLUE
set label "class -1" at screen sx(58), sy(y) left textcolor rgb INK
set label at screen sx(188), sy(y) point pt 9 ps 1.5*POINT lc rgb ORANGE
set label "class 1" at screen sx(206), sy(y) left textcolor rgb INK
set arrow from screen sx(340), sy(y) to screen sx(396), sy(y) nohead lc rgb BLACK lw 4
set label "after the last pass of the panel" at screen sx(406), sy(y) left textcolor rgb INK
set arrow from screen sx(796), sy(y) to screen sx(852), sy(y) nohead lc rgb MUTED lw 1.2
set label "after earlier ones" at screen sx(862), sy(y) left textcolor rgb INK

# both ends of a line lie outside of the panel
length(a, b) = sqrt(a**2 + b**2)
foot(a, b, c) = -c/length(a, b)**2
far_x(a, b, c) = a*foot(a, b, c) + 3*reach*b/length(a, b)
far_y(a, b, c) = b*foot(a, b, c) - 3*reach*a/length(a, b)
crosses(a, b, c) = length(a, b) > 0 && abs(c)/length(a, b) < 1.5*reach
here(r, p, kind) = strcol("kind") eq kind && strcol("row") eq ROW[r] && strcol("panel") eq PANEL[p] \
    && crosses(column("a"), column("b"), column("c"))
point_of(class) = strcol("kind") eq "point" && (class > 0) == (column("c") > 0) ? column("b") : NaN
set clip one; set clip two
set border 15 lc rgb "#A0A0A0" lw 1
unset tics; unset grid
set xrange [-reach:reach]; set yrange [-reach:reach]
do for [r=1:rows] {
    do for [p=1:panels] {
        x0 = LEFT + (p - 1)*(side + GAP)
        y0 = head + NAME + (r - 1)*(side + GAP)
        set lmargin at screen sx(x0); set rmargin at screen sx(x0 + side)
        set tmargin at screen sy(y0); set bmargin at screen sy(y0 + side)
        if (r == 1) { set label PANEL[p] at screen sx(x0 + side/2), sy(y0 - 20) center font plain(20) textcolor rgb INK }
        if (p == 1) { set label ROW[r] at screen sx(36), sy(y0 + side/2) center rotate by 90 font bold(21) textcolor rgb INK }
        plot DATA using (column("a")):(point_of(-1)) with points pt 7 ps 0.6*POINT lc rgb BLUE, \
             DATA using (column("a")):(point_of(1)) with points pt 9 ps 0.75*POINT lc rgb ORANGE, \
             DATA using (here(r, p, "line") ? far_x(column("a"), column("b"), column("c")) : NaN): \
                        (far_y(column("a"), column("b"), column("c"))): \
                        (-6*reach*column("b")/length(column("a"), column("b"))):(6*reach*column("a")/length(column("a"), column("b"))) \
                        with vectors nohead lc rgb MUTED lw 1.2, \
             DATA using (here(r, p, "last") ? far_x(column("a"), column("b"), column("c")) : NaN): \
                        (far_y(column("a"), column("b"), column("c"))): \
                        (-6*reach*column("b")/length(column("a"), column("b"))):(6*reach*column("a")/length(column("a"), column("b"))) \
                        with vectors nohead lc rgb BLACK lw 4
        unset label; unset arrow
    }
}
unset multiplot
