# How often something happened: a bar for each value of x (and series), from rows of 0 and 1.
# Options: x=, hit= (1 or 0) and series= (names of columns of DATA; without series all rows are one), xlabel=, ylabel=.
# Whiskers are 95 % intervals of the share by Wilson's formula (1927), which holds near 0 and 100 % too.
call ARG0[1:strlen(ARG0)-strlen("rates.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "x hit series xlabel ylabel"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
XCOL = opt("x", "x"); HIT = opt("hit", "hit"); SCOL = opt("series", "")
COLUMNS = XCOL." ".HIT." ".SCOL
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }

# ---- counts, in the order of first appearance

MOST = 4
array PLACE[16]; array SERIES[MOST]; array N[16*MOST]; array HITS[16*MOST]
do for [i=1:|N|] { N[i] = 0; HITS[i] = 0 }
places = 0; series = 0; crowd = 0
name_of(dummy) = strlen(SCOL) ? strcol(SCOL) : ""
place_of(name)  = sum [i=1:places] (PLACE[i] eq name ? i : 0)
series_of(name) = sum [i=1:series] (SERIES[i] eq name ? i : 0)
cell(p, s) = (p - 1)*MOST + s
note_place(name)  = place_of(name)  ? 0 : places == |PLACE| ? (crowd = 1) : (places = places + 1, PLACE[places] = name, 0)
note_series(name) = series_of(name) ? 0 : series == MOST    ? (crowd = 1) : (series = series + 1, SERIES[series] = name, 0)
count(c, hit) = (N[c] = N[c] + 1, HITS[c] = HITS[c] + (hit > 0), 0)
stats DATA using (note_place(strcol(XCOL)), note_series(name_of(0)), 0) nooutput
if (places == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
if (crowd) { exit error sprintf("more than %d bars or %d series, too many for one figure: %s", |PLACE|, MOST, DATA) }
stats DATA using (count(cell(place_of(strcol(XCOL)), series_of(name_of(0))), column(HIT))) nooutput
fewest = 1e9; most = 0
do for [p=1:places] { do for [s=1:series] { if (N[cell(p, s)]) {
    fewest = min(fewest, N[cell(p, s)]); most = max(most, N[cell(p, s)])
} } }

z = 1.96
share(c) = 1.0*HITS[c]/N[c]
middle(c) = (share(c) + z**2/(2.0*N[c]))/(1 + z**2/N[c])
half(c) = z/(1 + z**2/N[c])*sqrt(share(c)*(1 - share(c))/N[c] + z**2/(4.0*N[c]**2))

# ---- the page

head = title_height(TITLE) + (strlen(SCOL) ? 34 : 0)
eval canvas(1200, 700)
eval put_title
if (strlen(SCOL)) {
    x = 40; y = title_height(TITLE) + 16
    do for [s=1:series] {
        set object rect from screen sx(x), sy(y - 9) to screen sx(x + 36), sy(y + 9) fc rgb COLOUR[s] fs solid noborder
        set label SERIES[s] at screen sx(x + 48), sy(y) left textcolor rgb INK
        x = x + 96 + text_width(strlen(SERIES[s]), 20)
    }
}
set lmargin at screen sx(120); set rmargin at screen sx(1160)
set tmargin at screen sy(head + 24); set bmargin at screen sy(570)
set label opt("xlabel", XCOL) at screen sx(640), sy(632) center font plain(21) textcolor rgb INK
set label opt("ylabel", HIT) at screen sx(32), sy((head + 594)/2) center rotate by 90 font plain(21) textcolor rgb INK
runs = fewest == most ? sprintf("%d", most) : sprintf("%d to %d", fewest, most)
set label sprintf("each bar: %s runs; whiskers: 95 %% interval", runs) at screen sx(24), sy(680) left font plain(17) textcolor rgb MUTED

WIDE = 0.7/series                                 # of a bar
left(p, s) = p - 0.35 + (s - 1)*WIDE
do for [p=1:places] {
    do for [s=1:series] {
        c = cell(p, s)
        if (N[c]) {
            x = left(p, s) + 0.5*WIDE
            low = 100*(middle(c) - half(c)); high = 100*(middle(c) + half(c))
            set object rect from first left(p, s) + 0.03*WIDE, first 0 to first left(p, s) + 0.97*WIDE, first 100*share(c) \
                fc rgb COLOUR[s] fs solid noborder
            set arrow from first x, first low to first x, first high heads size screen 0.005,90 lc rgb BLACK lw 2 front
            set label sprintf("%.0f", 100*share(c)) at first x, first high offset 0, 0.8 center font bold(20) textcolor rgb INK front
        }
    }
}
set xrange [0.4:places + 0.6]
set yrange [0:112]
set grid noxtics
set xtics scale 0 ("" 0)
do for [p=1:places] { set xtics add (PLACE[p] p) }
set ytics 20
plot NaN
