# Paths over the contour lines of a surface, in a grid of panels with equal scales on both axes.
# DATA: panel, path, x, y, one row for each step; a path begins at the ring and has a dot at each step.
# Options: f= (the surface, a formula of x and y), x=LO:HI, y=LO:HI (the part that is shown), levels= (of the contour lines,
# separated by commas), columns= (of the grid; default up to 3), valley= (its minima as a formula of x: drawn as a thick line).
call ARG0[1:strlen(ARG0)-strlen("paths.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "f x y levels columns valley"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "panel path x y"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
SURFACE = opt("f", ""); VALLEY = opt("valley", "")
XRANGE = opt("x", "-1:1"); YRANGE = opt("y", "-1:1")
if (strlen(SURFACE) == 0) { exit error "no surface: give f=FORMULA of x and y" }
x_low = lower_of(XRANGE); x_high = upper_of(XRANGE); y_low = lower_of(YRANGE); y_high = upper_of(YRANGE)

# ---- what is there

array PANEL[12]; array PATH[MAX_SERIES]
panels = 0; paths = 0; crowd = 0
panel_of(name) = sum [i=1:panels] (PANEL[i] eq name ? i : 0)
path_of(name)  = sum [i=1:paths]  (PATH[i] eq name ? i : 0)
note_panel(name) = panel_of(name) ? 0 : panels == |PANEL|   ? (crowd = 1) : (panels = panels + 1, PANEL[panels] = name, 0)
note_path(name)  = path_of(name)  ? 0 : paths == MAX_SERIES ? (crowd = 1) : (paths = paths + 1, PATH[paths] = name, 0)
stats DATA using (note_panel(strcol("panel")), note_path(strcol("path")), 0) nooutput
if (panels == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d panels or %d paths, too many for one figure: %s", |PANEL|, MAX_SERIES, DATA) }

# ---- the contour lines, as a block of x and y

eval "f(x, y) = ".SURFACE
eval "valley(x) = ".(strlen(VALLEY) ? VALLEY : "NaN")
set contour base; unset surface; set isosamples 121, 121
set cntrparam linear
if (strlen(opt("levels", ""))) { eval "set cntrparam levels discrete ".opt("levels", "") } else { set cntrparam levels auto 10 }
set xrange [x_low:x_high]; set yrange [y_low:y_high]
unset datafile columnheaders
set table $CONTOUR
splot f(x, y)
unset table
unset contour; set surface
set datafile columnheaders

# ---- the page

LEFT = 72; GAP = 56; NAME = 40; BELOW = 50
columns = real(opt("columns", sprintf("%d", min(panels, 3))))
rows = ceil(panels/columns)
wide = (1184.0 - LEFT - GAP*(columns - 1))/columns
tall = wide*(y_high - y_low)/(x_high - x_low)
head = title_height(TITLE)
eval canvas(1200, int(head + rows*(NAME + tall + BELOW) + 24))
set multiplot
eval put_title
set border 15 lc rgb "#A0A0A0" lw 1
unset grid
tic_font = plain(16); set tics font tic_font
step = nice((x_high - x_low)/8.0)
set xtics step; set ytics step
set samples 1000
do for [p=1:panels] {
    x0 = LEFT + ((p - 1) % int(columns))*(wide + GAP)
    y0 = head + NAME + ((p - 1)/int(columns))*(NAME + tall + BELOW)
    set lmargin at screen sx(x0); set rmargin at screen sx(x0 + wide)
    set tmargin at screen sy(y0); set bmargin at screen sy(y0 + tall)
    set label PANEL[p] at screen sx(x0 + wide/2), sy(y0 - 20) center font plain(20) textcolor rgb INK
    set label "w1" at screen sx(x0 + wide - 6), sy(y0 + tall - 16) right font plain(17) textcolor rgb INK
    set label "w2" at screen sx(x0 + 8), sy(y0 + 16) left font plain(17) textcolor rgb INK
    undefine $PATH
    do for [s=1:paths] {
        set table $PATH append
        plot DATA using (column("x")):(column("y")) with table if (strcol("panel") eq PANEL[p] && strcol("path") eq PATH[s])
        unset table
        set print $PATH append; print ""; print ""; unset print
    }
    unset datafile columnheaders
    set datafile separator whitespace             # gnuplot writes its contour lines so
    plot $CONTOUR using 1:2 with lines lc rgb "#B8B8B8" lw 1.2, \
         for [i=1:strlen(VALLEY) ? 2 : 0] "+" using (i == 1 && $1 < -1e-3 || i == 2 && $1 > 1e-3 ? $1 : NaN):(valley($1)) \
             with lines lc rgb "#909090" lw 5, \
         for [s=1:paths] $PATH index (s-1) using 1:2 with lines lc rgb COLOUR[s] lw 2, \
         for [s=1:paths] $PATH index (s-1) using 1:2 with points pt 7 ps 0.45*POINT lc rgb COLOUR[s], \
         for [s=1:paths] $PATH index (s-1) every ::0::0 using 1:2 with points pt 6 ps 1.7*POINT lw 2.5 lc rgb COLOUR[s]
    set datafile separator "\t"
    set datafile columnheaders
    unset label
}
unset multiplot
