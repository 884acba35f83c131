# What a network attended to: a row of squares for each word that it wrote, over the words that it read.
# DATA: sentence, row, target, column, source, weight, one row for each square; rows and columns count from 0, weights
# are from 0 (white) to 1 (black). Options: sentence=N, the one that is drawn (1).
call ARG0[1:strlen(ARG0)-strlen("align.gp")]."style.gp" ARG1 ARG2 ARG3
OPTIONS = "sentence"
if (strlen(unknown_option(OPTIONS))) { exit error refuse_option(OPTIONS) }
COLUMNS = "sentence row target column source weight"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
WHICH = int(opt("sentence", "1"))
MOST = 40

# ---- the words, and how many of them

array SOURCE[MOST]; array TARGET[MOST]
sources = 0; targets = 0; crowd = 0
here(dummy) = int(column("sentence")) == WHICH
note_word(r, c) = r >= MOST || c >= MOST ? (crowd = 1) \
    : (SOURCE[c + 1] = strcol("source"), TARGET[r + 1] = strcol("target"), sources = max(sources, c + 1), targets = max(targets, r + 1), 0)
stats DATA using (here(0) ? note_word(int(column("row")), int(column("column"))) : 0) nooutput
if (crowd) { exit error sprintf("more than %d words, too many for one figure: %s", MOST, DATA) }
if (sources == 0) { exit error sprintf("no sentence %d in %s", WHICH, DATA) }
widest_source = 1; widest_target = 1
do for [i=1:sources] { widest_source = max(widest_source, strlen(SOURCE[i])) }
do for [i=1:targets] { widest_target = max(widest_target, strlen(TARGET[i])) }

# ---- the page: the words that were read above, slanted, those that were written on the left

x0 = 40 + text_width(widest_target, 20)
side = min(56, (1130 - x0)/sources)
y0 = title_height(TITLE) + 24 + 0.75*text_width(widest_source, 20)
x1 = x0 + sources*side
y1 = y0 + targets*side
eval canvas(1200, y1 + 70)
eval put_title
set lmargin at screen sx(x0); set rmargin at screen sx(x1); set tmargin at screen sy(y0); set bmargin at screen sy(y1)
do for [i=1:sources] { set label SOURCE[i] at screen sx(x0 + (i - 0.6)*side), sy(y0 - 12) left rotate by 45 font plain(20) textcolor rgb INK }
do for [i=1:targets] { set label TARGET[i] at screen sx(x0 - 12), sy(y0 + (i - 0.5)*side) right font plain(20) textcolor rgb INK }
set label "the darker, the more it counted for the word on the left" at screen sx(x0), sy(y1 + 32) left font plain(17) textcolor rgb MUTED
blend(to, t) = int(255 + (to - 255)*t + 0.5)
shade(w) = 65536*blend(0x00, w) + 256*blend(0x3A, w) + blend(0x5C, w)
set xrange [0:sources]; set yrange [targets:0]
unset tics; unset grid; set border 0
c(dummy) = column("column"); r(dummy) = column("row")
plot DATA using (here(0) ? c(0) + 0.5 : NaN):(r(0) + 0.5):(c(0)):(c(0) + 1):(r(0)):(r(0) + 1):(shade(min(1, max(0, column("weight"))))) \
         with boxxyerror fc rgb variable fs solid border lc rgb "#E4E4E4"
