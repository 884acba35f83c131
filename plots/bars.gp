# Horizontal bars, ours beside the paper's, in the order of the file, in blocks by group.
# DATA: label, group, published, mean, low, high, from_memory (1: the published value was not checked against the paper).
# An empty published or mean leaves its bar out. Options: xlabel=, xrange=LO:HI,
# format= (of our values; without it, as many decimals as the published value has).
call ARG0[1:strlen(ARG0)-strlen("bars.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "xlabel format xrange"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "label group published mean low high from_memory"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
FORMAT = opt("format", "")
XRANGE = opt("xrange", "")

# ---- what is there

stats DATA using (1) nooutput
n = STATS_records
if (n == 0) { exit error sprintf("no rows below the header line of %s", DATA) }
array LABEL[n]; array GROUP[n]; array Y[n]       # Y: the middle of each row, in pixels below the top of the axes
i = 0; widest_n = 0; tallest = 1; memory = 0; intervals = 0
note(label, group, from_memory, width) = (i = i + 1, LABEL[i] = wrap(label, 30), GROUP[i] = group, \
    widest_n = max(widest_n, widest(LABEL[i])), tallest = max(tallest, lines(LABEL[i])), \
    memory = memory || from_memory == 1, intervals = intervals || width > 0, 0)
stats DATA using (note(strcol("label"), strcol("group"), column("from_memory"), column("high") - column("low"))) nooutput
low = 0; high = 0
stretch(v) = v == v ? (low = min(low, v), high = max(high, v), 0) : 0
stats DATA using (stretch(column("published")), stretch(column("mean")), stretch(column("high")), 0) nooutput
if (high == low) { high = low + 1 }
if (strlen(XRANGE)) { low = lower_of(XRANGE); high = upper_of(XRANGE) }

# ---- the page: a key under the title, rows of equal height, a line for the name of each new group

starts_group(i) = strlen(GROUP[i]) && (i == 1 ? 1 : GROUP[i] ne GROUP[i-1])
groups = sum [i=1:n] starts_group(i)
head = title_height(TITLE) + 44
foot = 84 + (memory ? 28 : 0)
row = max(max(44, 26*tallest + 10), min(76, (800.0 - head - foot)/(n + 0.7*groups)))
y = 0
do for [i=1:n] {
    if (starts_group(i)) { y = y + 0.7*row }
    Y[i] = y + 0.5*row
    y = y + row
}
eval canvas(1200, head + y + foot)
x0 = 48 + text_width(widest_n, 20)
x1 = 1080
eval put_title
set lmargin at screen sx(x0); set rmargin at screen sx(x1); set tmargin at screen sy(head); set bmargin at screen sy(head + y)

half = 0.2*row                                   # half a bar
key_y = title_height(TITLE) + 18
set object rect from screen sx(48), sy(key_y - 9) to screen sx(84), sy(key_y + 9) fc rgb PALE fs solid border lc rgb MUTED
set label "published" at screen sx(94), sy(key_y) left textcolor rgb INK
set object rect from screen sx(232), sy(key_y - 9) to screen sx(268), sy(key_y + 9) fc rgb BLUE fs solid noborder
set label "ours: mean" at screen sx(278), sy(key_y) left textcolor rgb INK
if (intervals) {
    set arrow from screen sx(428), sy(key_y) to screen sx(464), sy(key_y) heads size screen 0.005,90 lc rgb BLACK lw 2
    set label "95 % interval over seeds" at screen sx(474), sy(key_y) left textcolor rgb INK
}
do for [i=1:n] {
    set label LABEL[i] at screen sx(x0 - 14), sy(head + Y[i]) right textcolor rgb INK
    if (starts_group(i)) {
        set label GROUP[i] at screen sx(24), sy(head + Y[i] - 0.78*row) left font bold(20) textcolor rgb INK
        rule = sy(head + Y[i] - 1.16*row)
        if (i > 1) { set arrow from screen sx(24), rule to screen sx(x1), rule nohead lc rgb PALE lw 1.5 }
    }
}
if (memory) {
    set label "* published value quoted from memory, not checked against the paper" \
        at screen sx(24), sy(HEIGHT - 20) left font plain(17) textcolor rgb MUTED
}

step = nice((high - low)*100.0/(x1 - x0))
set border 2
set xtics step scale 0
unset ytics
set grid noytics
set xrange [low:high]
set yrange [y:0]
set label opt("xlabel", "") at screen sx((x0 + x1)/2), sy(head + y + 58) center textcolor rgb INK
base = max(low, min(high, 0))                    # where the bars begin
clip(v) = max(low, min(high, v))
beside(p, m) = p == p && m == m ? half + 1 : 0   # NaN is not equal to itself: a bar alone is in the middle
published_y(k) = Y[int(k) + 1] - beside(column("published"), column("mean"))
ours_y(k) = Y[int(k) + 1] + beside(column("published"), column("mean"))
decimals(s) = strstrt(s, ".") ? strlen(s) - strstrt(s, ".") : 1
digits(v, s) = max(decimals(s), v == 0 ? 0 : 1 - floor(log10(abs(v))))     # and never fewer than two that count
written(mean, published) = strlen(FORMAT) ? sprintf(FORMAT, mean) : \
    strlen(published) ? sprintf(sprintf("%%.%df", digits(mean, published)), mean) : sprintf("%.3g", mean)
plot DATA using (base):(published_y($0)):(base):(clip(column("published"))):(published_y($0) - half):(published_y($0) + half) \
         with boxxyerror fc rgb PALE fs solid border lc rgb MUTED, \
     DATA using (base):(ours_y($0)):(base):(clip(column("mean"))):(ours_y($0) - half):(ours_y($0) + half) \
         with boxxyerror fc rgb BLUE fs solid noborder, \
     DATA using (column("high") > column("low") ? column("mean") : NaN):(ours_y($0)): \
         (clip(column("low"))):(clip(column("high"))) \
         with xerrorbars pt 0 lc rgb BLACK lw 2, \
     DATA using (clip(max(base, column("published")))):(published_y($0)): \
         (strcol("published").(column("from_memory") == 1 ? " *" : "")) \
         with labels left offset 0.6,0 textcolor rgb INK, \
     DATA using (clip(max(base, max(column("mean"), column("high"))))):(ours_y($0)): \
         (written(column("mean"), strcol("published"))) \
         with labels left offset 0.6,0 font bold(20) textcolor rgb BLUE
