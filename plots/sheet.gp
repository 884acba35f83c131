# A sheet of images: filters, feature maps, misclassified digits.
# DATA: tile, row, column, height, width, caption and, optionally, group (the name of a row, from its first tile). Beside it,
# DATA's name with .f32 for .tsv: the pixels of all tiles as 32-bit floats, tile after tile, each row by row from its top.
# Options: palette=gray (low black) | ink (low white) | diverging (blue, white at zero, red) | rgb (three numbers a pixel: red,
# green, blue; tiles of at least 2 x 2); range=tile (each its own) | row |
# sheet | LO:HI (default: sheet for diverging, which is symmetric, row for named rows, else tile); columns=N (N tiles to a row,
# whatever the file says).
call ARG0[1:strlen(ARG0)-strlen("sheet.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "palette range columns"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "tile row column height width caption"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
PALETTE = opt("palette", "gray")
PIXELS  = DATA[1:strlen(DATA)-4].".f32"
if (!strstrt(" gray ink diverging rgb ", " ".PALETTE." ")) {
    exit error sprintf("unknown palette '%s': gray, ink, diverging or rgb", PALETTE)
}
DEPTH = PALETTE eq "rgb" ? 3 : 1
NUMBERS = DEPTH == 3 ? "%float32%float32%float32" : "%float32"

# ---- what is there

unset datafile columnheaders
stats DATA using (1) nooutput
n = int(STATS_records) - 1
unset border; unset tics; unset grid
if (n < 1) {
    eval canvas(1200, title_height(TITLE) + 80)
    eval put_title
    set label 2 "no image to show" at screen sx(24), sy(title_height(TITLE) + 24) left textcolor rgb MUTED
    plot [0:1][0:1] NaN
    exit
}
has_group = STATS_columns > 6
array ROW[n]; array COL[n]; array H[n]; array W[n]; array CAPTION[n]; array GROUP[n]; array SKIP[n]; array LO[n]; array HI[n]
i = 0; bytes = 0; last_col = 0
text(s) = s eq "caption" ? "" : s   # gnuplot gives the column's name for an empty field at the end of a line
note(row, col, h, w, caption, group) = (i = i + 1, \
    ROW[i] = int(row), COL[i] = int(col), H[i] = int(h), W[i] = int(w), CAPTION[i] = caption, GROUP[i] = wrap(group, 14), \
    SKIP[i] = bytes, bytes = bytes + 4*DEPTH*H[i]*W[i], last_col = max(last_col, COL[i]), 0)
stats DATA using (note($2, $3, $4, $5, text(strcol(6)), has_group ? strcol(7) : "")) every ::1 nooutput
size = int(system("wc -c < ".quoted(PIXELS)." 2>/dev/null || echo -1"))
if (size < 0) { exit error sprintf("no pixels: cannot read %s", PIXELS) }
if (size != bytes) { exit error sprintf("the tiles need %d bytes, the file has %d: %s", bytes, size, PIXELS) }
named = 0
do for [i=1:n] { named = max(named, widest(GROUP[i])) }
RANGE = opt("range", PALETTE eq "diverging" ? "sheet" : named ? "row" : "tile")
if (!strstrt(" tile row sheet ", " ".RANGE." ") && !strstrt(RANGE, ":")) {
    exit error sprintf("unknown range '%s': tile, row, sheet or LO:HI", RANGE)
}

# Tiles without named rows flow in the order of the file where the option asks for it or a row has more than 12.
columns = int(opt("columns", named == 0 && last_col > 11 ? "12" : "0"))
if (columns > 0) { do for [i=1:n] { ROW[i] = (i - 1)/columns; COL[i] = (i - 1)%columns } }
rows = 0
do for [i=1:n] { rows = max(rows, ROW[i] + 1) }

# ---- the page: the largest tiles with which all rows fit; a row of many tiles has smaller ones; what cannot fit is left out

array COLS[rows]; array TALL[rows]; array WIDE[rows]; array LONG[rows]; array SCALE[rows]; array PITCH[rows]; array TOP[rows]
do for [r=1:rows] { COLS[r] = 1; TALL[r] = 1; WIDE[r] = 1; LONG[r] = 0 }
do for [i=1:n] {
    r = ROW[i] + 1
    COLS[r] = max(COLS[r], COL[i] + 1); TALL[r] = max(TALL[r], H[i])
    WIDE[r] = max(WIDE[r], W[i]); LONG[r] = max(LONG[r], strlen(CAPTION[i]))
}
do for [r=1:rows] { do for [q=1:rows] {           # rows alike keep to the same columns
    if (COLS[q] == COLS[r] && WIDE[q] == WIDE[r]) { LONG[r] = max(LONG[r], LONG[q]) }
} }
if (named == 0) { do for [i=1:n] { COLS[1] = max(COLS[1], COL[i] + 1) }; do for [r=2:rows] { COLS[r] = COLS[1] } }
CAPTION_PX = 17
x0 = named ? 44 + 0.6*18*named : 24
share(r) = (1176.0 - x0)/COLS[r]
gap(r) = min(14, 0.2*share(r))
captioned(r) = LONG[r] > 0 && share(r) > 30
scale(r, cap) = min((share(r) - gap(r))/WIDE[r], 1.0*cap/TALL[r])
row_height(r, cap) = max(scale(r, cap)*TALL[r] + (captioned(r) ? 26 : 0) + 10, named ? 28 : 0)
fits_letters(r) = int(share(r)/(0.6*CAPTION_PX))
foot = 44
tallest = 1
do for [r=1:rows] { tallest = max(tallest, TALL[r]) }
MAX_HEIGHT = 1000; MAX_CAP = max(240, 1.5*tallest); MIN_CAP = 68    # of the figure, and of the height of a tile
total(cap) = sum [r=1:rows] row_height(r, cap)
only(k) = sprintf(" (%d of %d)", k, n)         # with no-break spaces
crowded = total(MIN_CAP) > MAX_HEIGHT - foot - title_height(TITLE)
head = title_height(TITLE.(crowded ? only(n) : ""))
cap = MAX_CAP
while (cap > MIN_CAP && total(cap) > MAX_HEIGHT - foot - head) { cap = cap - 2 }
y = head; shown_rows = 0
do for [r=1:rows] {
    if (y + row_height(r, cap) <= MAX_HEIGHT - foot || r == 1) {
        shown_rows = r; TOP[r] = y; SCALE[r] = scale(r, cap); y = y + row_height(r, cap)
        caption_width = captioned(r) ? 0.6*CAPTION_PX*LONG[r] : 0
        PITCH[r] = named == 0 && COLS[r] >= 8 ? share(r) : min(share(r), max(WIDE[r]*SCALE[r] + gap(r), caption_width))
    }
}
shown = sum [i=1:n] (ROW[i] < shown_rows)
if (shown < n) { TITLE = TITLE.only(shown) }
eval canvas(1200, y + foot)
eval put_title

# ---- the range of each tile, then the tiles

lowest = 1e30; highest = -1e30
do for [i=1:n] {
    if (DEPTH == 3 && (H[i] < 2 || W[i] < 2)) { exit error sprintf("tile %d is too small for palette=rgb", i - 1) }
    do for [part=1:DEPTH] {
        stats PIXELS binary record=(H[i]*W[i]) skip=SKIP[i] format=NUMBERS using part nooutput
        LO[i] = part == 1 ? STATS_min : min(LO[i], STATS_min); HI[i] = part == 1 ? STATS_max : max(HI[i], STATS_max)
    }
    lowest = min(lowest, LO[i]); highest = max(highest, HI[i])
}
if (strstrt(RANGE, ":")) { lowest = lower_of(RANGE); highest = upper_of(RANGE) }
do for [i=1:n] {
    if (RANGE eq "row" && i > 1 && ROW[i] == ROW[max(1, i-1)]) { LO[i] = min(LO[i], LO[i-1]); HI[i] = max(HI[i], HI[i-1]) }
    if (RANGE ne "tile" && RANGE ne "row") { LO[i] = lowest; HI[i] = highest }
}
if (RANGE eq "row") { do for [i=n-1:1:-1] { if (ROW[i] == ROW[i+1]) { LO[i] = LO[i+1]; HI[i] = HI[i+1] } } }
do for [i=1:n] {
    if (PALETTE eq "diverging") { HI[i] = max(abs(LO[i]), abs(HI[i])); LO[i] = -HI[i] }
    if (HI[i] == LO[i]) { HI[i] = LO[i] + 1 }
}
if (PALETTE eq "gray") { set palette gray }
if (PALETTE eq "ink") { set palette gray negative }
if (PALETTE eq "diverging") { set palette defined (0 "#004B87", 0.25 "#56A0D3", 0.5 "#FFFFFF", 0.75 "#E8853D", 1 "#A63A00") }
set cbrange [0:1]
unset colorbox
if (RANGE eq "tile" || RANGE eq "row") {
    meaning = DEPTH == 3 ? "in each colour from none at its lowest to all at its highest value" : \
              PALETTE eq "ink" ? "white its lowest and black its highest value" : \
              PALETTE eq "gray" ? "black its lowest and white its highest value" : "white is zero"
    set label sprintf("each %s has its own scale, %s", RANGE, meaning) at screen sx(24), sy(HEIGHT - 20) \
        left font plain(16) textcolor rgb MUTED
} else { if (DEPTH == 1) {
    set colorbox user horizontal origin screen sx(100), sy(HEIGHT - 12) size screen 200.0/WIDTH, 14.0/HEIGHT noborder
    set label sprintf("%.3g", LO[1]) at screen sx(92), sy(HEIGHT - 20) right font plain(16) textcolor rgb MUTED
    set label sprintf("%.3g", HI[1]) at screen sx(308), sy(HEIGHT - 20) left font plain(16) textcolor rgb MUTED
} }
left_of(i) = x0 + COL[i]*PITCH[ROW[i]+1] + 0.5*(PITCH[ROW[i]+1] - gap(ROW[i]+1) - W[i]*SCALE[ROW[i]+1])
top_of(i) = TOP[ROW[i]+1]
size_of(i) = SCALE[ROW[i]+1]
cut(s, most) = strlen(s) <= most ? s : s[1:most-1]."…"
array IMAGE[shown]; array STRIP[shown]            # tiles of one row or one column cannot be drawn with image
images = 0; strips = 0; IMAGE[1] = 1; STRIP[1] = 1     # an empty loop in plot still looks at its first file
do for [i=1:n] {
    r = ROW[i] + 1
    if (r <= shown_rows) {
        if (W[i] > 1 && H[i] > 1) { images = images + 1; IMAGE[images] = i } else { strips = strips + 1; STRIP[strips] = i }
        x = left_of(i); y = top_of(i); w = W[i]*size_of(i); h = H[i]*size_of(i)
        set object rect from screen sx(x - 1), sy(y - 1) to screen sx(x + w + 1), sy(y + h + 1) fc rgb PALE fs solid noborder behind
        if (captioned(r)) {
            set label cut(CAPTION[i], fits_letters(r)) at screen sx(x + 0.5*w), sy(y + h + 13) \
                center font plain(CAPTION_PX) textcolor rgb INK
        }
        if (strlen(GROUP[i]) && COL[i] == 0) {
            set label GROUP[i] at screen sx(24), sy(y + 0.5*h) left font bold(18) textcolor rgb INK
        }
    }
}
set margins 0, 0, 0, 0
set xrange [0:WIDTH]; set yrange [0:HEIGHT]
part(v, i) = max(0, min(1, (v - LO[i])/(HI[i] - LO[i])))
strip_x(i, k) = left_of(i) + (int(k)%W[i])*size_of(i)
strip_y(i, k) = HEIGHT - top_of(i) - (int(k)/W[i])*size_of(i)
if (DEPTH == 3) {
    plot for [k=1:images] i=IMAGE[k] PIXELS binary array=(W[i],H[i]) skip=SKIP[i] format=NUMBERS flipy \
             origin=(left_of(i) + 0.5*size_of(i), HEIGHT - top_of(i) - (H[i] - 0.5)*size_of(i)) dx=size_of(i) dy=size_of(i) \
             using (255*part($1, i)):(255*part($2, i)):(255*part($3, i)) with rgbimage
    exit
}
plot for [k=1:images] i=IMAGE[k] PIXELS binary array=(W[i],H[i]) skip=SKIP[i] format="%float32" flipy \
         origin=(left_of(i) + 0.5*size_of(i), HEIGHT - top_of(i) - (H[i] - 0.5)*size_of(i)) dx=size_of(i) dy=size_of(i) \
         using (part($1, i)) with image, \
     for [k=1:strips] i=STRIP[k] PIXELS binary record=(H[i]*W[i]) skip=SKIP[i] format="%float32" \
         using (0):(0):(strip_x(i, $0)):(strip_x(i, $0) + size_of(i)):(strip_y(i, $0) - size_of(i)):(strip_y(i, $0)): \
             (part($1, i)) \
         with boxxyerror fc palette fs solid noborder
