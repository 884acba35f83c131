# Curves against passes or steps, in one panel or several: mean over seeds as a line, low..high as a pale band.
# DATA: panel, series, x, mean, low, high. Beside it, optional, DATA's name with .ref.tsv: panel, series, value, label.
# Options: xlabel=, ylabel=, log=auto|none|x|y|xy (auto: y, where a panel spans more than a factor of 20), yrange=LO:HI.
call ARG0[1:strlen(ARG0)-strlen("curves.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "xlabel ylabel log yrange"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "panel series x mean low high"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
LOG = opt("log", "auto")
YRANGE = opt("yrange", "")
LEFT = 112; BOTTOM = 90; TOP = 48; GAP = 16       # around each panel: tics and labels; tics and labels; its name; nothing

# ---- what is there: panels and series in the order of their first appearance, references

array PANEL[12]; array SERIES[MAX_SERIES]; array SHOWN[MAX_SERIES]
array POINTS[12*MAX_SERIES]                       # how many points each series has in each panel
do for [i=1:|POINTS|] { POINTS[i] = 0 }
cell(p, s) = (p - 1)*MAX_SERIES + s
panels = 0; series = 0; crowd = 0
panel_of(name)  = sum [i=1:panels] (PANEL[i] eq name ? i : 0)
series_of(name) = sum [i=1:series] (SERIES[i] eq name ? i : 0)
note_panel(name)  = panel_of(name)  ? 0 : panels == |PANEL|     ? (crowd = 1) : (panels = panels + 1, PANEL[panels] = name, 0)
note_series(name) = series_of(name) ? 0 : series == MAX_SERIES ? (crowd = 1) : (series = series + 1, SERIES[series] = name, 0)
count(p, s) = p && s ? (POINTS[cell(p, s)] = POINTS[cell(p, s)] + 1, 0) : 0
stats DATA using (note_panel(strcol("panel")), note_series(strcol("series")), \
                  count(panel_of(strcol("panel")), series_of(strcol("series")))) nooutput
if (panels == 0) { exit error sprintf("no points below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d panels or %d series, too many for one figure: %s", |PANEL|, MAX_SERIES, DATA) }

REFS = (DATA[strlen(DATA)-3:*] eq ".tsv" ? DATA[1:strlen(DATA)-4] : DATA).".ref.tsv"
array REF_PANEL[32]; array REF_COLOUR[32]; array REF_VALUE[32]; array REF_TEXT[32]; array REF_Y[32]; array ORDER[32]
refs = 0
note_ref(p, s, value, text) = p == 0 || refs == 32 ? 0 : (refs = refs + 1, REF_PANEL[refs] = p, REF_COLOUR[refs] = s ? s : 9, \
    REF_VALUE[refs] = value, REF_TEXT[refs] = wrap(text, 18), 0)
if (strlen(system("test -r ".quoted(REFS)." && echo yes"))) {
    stats REFS using (note_ref(panel_of(strcol("panel")), series_of(strcol("series")), column("value"), strcol("label"))) nooutput
}

# ---- the page: a key in rows under the title, then the panels

columns = panels == 4 ? 2 : min(panels, 3)
rows = int(ceil(panels / (1.0*columns)))
SMALL = columns == 3 ? 17 : 20

array KEY_X[MAX_SERIES]; array KEY_ROW[MAX_SERIES]
x = 40; key_rows = 1
do for [s=1:series] {
    width = 96 + text_width(strlen(SERIES[s]), 20)
    if (x > 40 && x + width > 1190) { x = 40; key_rows = key_rows + 1 }
    KEY_X[s] = x; KEY_ROW[s] = key_rows
    x = x + width
}
head = title_height(TITLE) + 34*key_rows
height = rows < 3 ? 800 : head + 340*rows
eval canvas(1200, height)

note_widest(r) = (widest_n = max(widest_n, widest(REF_TEXT[r])), 0)
widest_ref(p) = (widest_n = 0, sum [r=1:refs] (REF_PANEL[r] == p ? note_widest(r) : 0), widest_n)
gutter_of(p) = refs == 0 ? 40 : max(40, 34 + text_width(widest_ref(p), SMALL))

set multiplot
eval put_title
do for [s=1:series] {
    y = title_height(TITLE) + 34*KEY_ROW[s] - 18
    set arrow from screen sx(KEY_X[s]), sy(y) to screen sx(KEY_X[s] + 56), sy(y) nohead ls s
    set label at screen sx(KEY_X[s] + 28), sy(y) point ls s
    set label SERIES[s] at screen sx(KEY_X[s] + 66), sy(y) left textcolor rgb INK
}

do for [p=1:panels] {
    x0 = ((p - 1) % columns)*WIDTH/(1.0*columns) + LEFT
    x1 = ((p - 1) % columns + 1)*WIDTH/(1.0*columns) - gutter_of(p)
    y0 = head + ((p - 1)/columns)*(HEIGHT - head)/(1.0*rows) + (panels > 1 ? TOP : GAP)
    y1 = head + ((p - 1)/columns + 1)*(HEIGHT - head)/(1.0*rows) - BOTTOM

    # the points of this panel, one block per series: in the file, rows of different series may alternate
    undefine $POINTS
    shown = 0
    do for [s=1:series] {
        if (POINTS[cell(p, s)]) {
            set table $POINTS append
            plot DATA using (column("x")):(finite(column("mean"))):(finite(column("low"))):(finite(column("high"))) \
                with table if (strcol("panel") eq PANEL[p] && strcol("series") eq SERIES[s])
            unset table
            set print $POINTS append; print ""; print ""; unset print
            shown = shown + 1; SHOWN[shown] = s
        }
    }

    # ranges: the whole x range; in y everything that is drawn, and zero if it is near (stats keeps to the ranges that are set)
    set autoscale; unset logscale
    undefine M_*
    here(name) = strcol("panel") eq PANEL[p] ? finite(column(name)) : NaN
    stats DATA using (here("x")) name "X" nooutput
    stats DATA using (here("x") - floor(here("x"))) name "FRACTION" nooutput
    stats DATA using (here("mean")) name "M" nooutput
    stats DATA using (here("mean") > 0 ? here("mean") : NaN) name "P" nooutput
    stats DATA using (here("low")) name "L" nooutput
    stats DATA using (here("high")) name "H" nooutput
    if (!exists("M_min")) { exit error sprintf("no finite value in panel '%s' of %s", PANEL[p], DATA) }
    log_x = LOG eq "x" || LOG eq "xy"
    log_y = LOG eq "y" || LOG eq "xy" || (LOG eq "auto" && M_min > 0 && M_max > 20*M_min)
    low = log_y ? max(L_min, P_min/3) : L_min
    high = H_max
    do for [r=1:refs] { if (REF_PANEL[r] == p) { low = min(low, REF_VALUE[r]); high = max(high, REF_VALUE[r]) } }
    pad = high > low ? 0.06*(high - low) : high != 0 ? 0.5*abs(high) : 1
    low = log_y ? low/1.2 : low >= 0 && low < 0.4*high ? 0 : low - pad
    high = log_y ? high*1.2 : high + pad
    if (strlen(YRANGE)) { low = lower_of(YRANGE); high = upper_of(YRANGE) }
    if (log_x) { set logscale x }
    if (log_y) { set logscale y }
    set xrange [X_min:X_max > X_min ? X_max : X_min + 1]
    set yrange [low:high]
    tic_room = max(54, 30 + 0.6*SMALL*max(strlen(sprintf("%g", X_max)), strlen(sprintf("%g", X_max/2))))
    step = nice((X_max - X_min)*tic_room/(x1 - x0))
    step = FRACTION_max > 0 ? step : max(step, 1)
    if (log_x) { set xtics auto } else { set xtics step }
    if (log_x && X_max < 30*X_min) {
        STEPS = X_max < 12*X_min ? "1 1.5 2 2.5 3 4 5 7" : "1 2 5"
        set xtics ("" X_min)
        do for [e=-9:9] {
            do for [m in STEPS] { v = m*10.0**e; if (v >= X_min && v <= X_max && (FRACTION_max > 0 || v == floor(v))) { set xtics add (sprintf("%g", v) v) } }
        }
    }
    set ytics auto
    set format y log_y && high >= 1e5 ? "1e%T" : "%g"         # long numbers would meet the label
    if (log_y && high < 300*low) {                            # more numbers than powers of ten, the more the shorter the axis
        STEPS = high < 12*low ? "1 1.5 2 3 4 5 7" : "1 2 5"
        set ytics ("" low)
        do for [e=-9:9] {
            do for [m in STEPS] { v = m*10.0**e; if (v >= low && v <= high) { set ytics add (sprintf("%g", v) v) } }
        }
    }

    # references: a thin line across, its name in the gutter, names pushed apart where they would meet
    at(v) = log_y ? y1 - (y1 - y0)*log(v/low)/log(high/low) : y1 - (y1 - y0)*(v - low)/(high - low)
    named = 0
    do for [r=1:refs] {
        if (REF_PANEL[r] == p && REF_VALUE[r] >= low && REF_VALUE[r] <= high) {
            named = named + 1; ORDER[named] = r; REF_Y[r] = at(REF_VALUE[r])
            do for [i=named-1:1:-1] {
                if (REF_Y[ORDER[i]] > REF_Y[ORDER[i+1]]) { swap = ORDER[i]; ORDER[i] = ORDER[i+1]; ORDER[i+1] = swap }
            }
        }
    }
    room(i) = 0.6*SMALL*(lines(REF_TEXT[ORDER[i]]) + lines(REF_TEXT[ORDER[i+1]]))
    do for [i=1:named-1]    { r = ORDER[i+1]; REF_Y[r] = max(REF_Y[r], REF_Y[ORDER[i]] + room(i)) }
    if (named) { r = ORDER[named]; REF_Y[r] = min(REF_Y[r], y1) }
    do for [i=named-1:1:-1] { r = ORDER[i]; REF_Y[r] = min(REF_Y[r], REF_Y[ORDER[i+1]] - room(i)) }
    do for [i=1:named] {
        r = ORDER[i]; colour = COLOUR[REF_COLOUR[r]]; y = at(REF_VALUE[r])
        set arrow from screen sx(x0), sy(y) to screen sx(x1), sy(y) nohead lc rgb colour lw 1.8 dt (16,10) front
        set arrow from screen sx(x1), sy(y) to screen sx(x1 + 14), sy(REF_Y[r]) nohead lc rgb colour lw 1.2 front
        set label REF_TEXT[r] at screen sx(x1 + 18), sy(REF_Y[r]) left font plain(SMALL) textcolor rgb colour
    }

    if (panels > 1) { set label PANEL[p] at screen sx(x0), sy(y0 - 22) left font bold(SMALL + 1) textcolor rgb INK }
    set lmargin at screen sx(x0); set rmargin at screen sx(x1); set tmargin at screen sy(y0); set bmargin at screen sy(y1)
    tic_font = plain(SMALL); set tics font tic_font
    set label opt("xlabel", "") at screen sx((x0 + x1)/2), sy(y1 + 66) center font plain(SMALL + 1) textcolor rgb INK
    set label opt("ylabel", panels == 1 ? PANEL[1] : "") at screen sx(x0 - 95), sy((y0 + y1)/2) center rotate by 90 \
        font plain(SMALL + 1) textcolor rgb INK
    unset datafile columnheaders
    skip(i) = 1 + POINTS[cell(p, SHOWN[i])]/200               # at most 200 points to a curve: more than the eye can tell
    marks(i) = 1 + POINTS[cell(p, SHOWN[i])]/skip(i)/10       # about ten markers to a curve
    inside(y) = y >= low && y <= high                         # no band where its curve is out of sight
    plot for [i=1:shown] $POINTS index (i-1) every skip(i) using 1:(inside($2) ? log_y ? max($3, low) : $3 : NaN):4 \
             with filledcurves lc rgb COLOUR[SHOWN[i]] fs transparent solid 0.18, \
         for [i=1:shown] $POINTS index (i-1) every skip(i) using 1:(log_y && $2 <= 0 ? NaN : $2) \
             with linespoints ls SHOWN[i] pi marks(i)
    set datafile columnheaders
    unset label; unset arrow
}
unset multiplot
