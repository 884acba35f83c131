# The one style of all figures, and what the scripts share. Each script loads this file first; see README.md.
# Lengths are pixels of the PNG, measured from the top left corner; sx() and sy() turn them into gnuplot's screen units.

set encoding utf8
set datafile separator "\t"
set datafile columnheaders
set datafile missing "nan"

DATA  = ARG1
OUT   = ARG2
TITLE = ARG3
SVG   = OUT[strlen(OUT)-3:*] eq ".svg"

# ---- colours (Okabe and Ito: told apart by the colour-blind) and line types (told apart in black and white)

BLUE = "#0072B2"; VERMILLION = "#D55E00"; GREEN = "#009E73"; PURPLE = "#CC79A7"; ORANGE = "#E69F00"; SKY = "#56B4E9"
BLACK = "#000000"; INK = "#333333"; MUTED = "#6E6E6E"; PALE = "#D9D9D9"

MAX_SERIES = 8
POINT = SVG ? 0.6 : 1.0                         # svg points are larger
set style line 1 lc rgb BLUE       lw 3 dt solid            pt 7  ps 1.3*POINT
set style line 2 lc rgb VERMILLION lw 3 dt (12,5)           pt 5  ps 1.2*POINT
set style line 3 lc rgb GREEN      lw 3 dt (3,4)            pt 9  ps 1.5*POINT
set style line 4 lc rgb PURPLE     lw 3 dt (14,4,3,4)       pt 13 ps 1.6*POINT
set style line 5 lc rgb ORANGE     lw 3 dt (20,6)           pt 11 ps 1.5*POINT
set style line 6 lc rgb SKY        lw 3 dt (14,4,3,4,3,4)   pt 6  ps 1.3*POINT
set style line 7 lc rgb BLACK      lw 3 dt (6,3)            pt 4  ps 1.2*POINT
set style line 8 lc rgb MUTED      lw 3 dt (3,8)            pt 8  ps 1.5*POINT
array COLOUR[9] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK, MUTED, INK]     # 9: a reference without a series

set border 3 lc rgb INK lw 1.2
set tics nomirror out textcolor rgb INK
set grid xtics ytics lt 1 lc rgb "#E0E0E0" lw 1
set format "%g"
set xtics offset 0, SVG ? 0.4 : 0                # svg puts them lower
set style fill solid 1 noborder
unset key

# ---- text: sizes in pixels in both formats (pngcairo takes points of 96 per inch, svg takes pixels)

FONT = "DejaVu Sans"
plain(px) = sprintf("%s,%g", FONT, SVG ? px : 0.75*px)
bold(px) = sprintf("%s:Bold,%g", FONT, SVG ? px : 0.75*px)
text_width(n, px) = 0.57*px*n                       # of n characters: an upper estimate for ordinary words and numbers

# wrap(s, n): s with line breaks so that no line has more than n characters (single words may)
wrap_from(s, n, i, line, done) = i > words(s) ? done.line \
    : strlen(line) == 0 ? wrap_from(s, n, i + 1, word(s, i), done) \
    : strlen(line) + 1 + strlen(word(s, i)) <= n ? wrap_from(s, n, i + 1, line." ".word(s, i), done) \
    : wrap_from(s, n, i + 1, word(s, i), done.line."\n")
wrap(s, n) = strlen(s) <= n ? s : wrap_from(s, n, 1, "", "")
lines_from(s, at) = at == 0 ? 1 : 1 + lines_from(s[at+1:*], strstrt(s[at+1:*], "\n"))
lines(s) = lines_from(s, strstrt(s, "\n"))
widest_from(s, at) = at == 0 ? strlen(s) : max(at - 1, widest_from(s[at+1:*], strstrt(s[at+1:*], "\n")))
widest(s) = widest_from(s, strstrt(s, "\n"))        # characters in the longest line of s

min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b
nice_of(x, p) = x <= p ? p : x <= 2*p ? 2*p : x <= 5*p ? 5*p : 10*p
nice(x) = x > 0 ? nice_of(x, 10.0**floor(log10(x))) : 1      # the next of ..., 1, 2, 5, 10, ... above x: a step for tics

# ---- the page: eval canvas(w, h) opens it, sx and sy place things on it. GP_SCALE (draw sets it) makes a smaller PNG.

if (!exists("GP_SCALE")) { GP_SCALE = 1.0 }
WIDTH = 1200; HEIGHT = 800
sx(px) = px / (1.0*WIDTH)
sy(px) = 1 - px / (1.0*HEIGHT)
canvas(w, h) = sprintf("WIDTH = %d; HEIGHT = %d; ", w, h) \
    .(SVG ? sprintf("set terminal svg size %d,%d dynamic standalone noenhanced background 'white' font '%s'", w, h, plain(20)) \
          : sprintf("set terminal pngcairo size %d,%d noenhanced background 'white' font '%s' " \
                    ."fontscale %g linewidth %g pointscale %g", \
                    GP_SCALE*w, GP_SCALE*h, plain(20), GP_SCALE, GP_SCALE, GP_SCALE)) \
    ."; set output OUT"

# The title, bold, at the top left; the rest of the figure begins at title_height(TITLE).
title_height(s) = strlen(s) == 0 ? 24 : 34 + 34*lines(wrap(s, 64))
put_title = "set label 1 wrap(TITLE, 64) at screen sx(24), sy(38) left font bold(28) textcolor rgb BLACK"

# ---- options: arguments 4 to 9, each key=value

opt_from(i, key, default) = i > ARGC ? default \
    : ARGV[i][1:strlen(key)+1] eq key."=" ? ARGV[i][strlen(key)+2:*] : opt_from(i + 1, key, default)
opt(key, default) = opt_from(4, key, default)
known(option, keys) = strstrt(option, "=") > 1 && strstrt(" ".keys." ", " ".option[1:strstrt(option, "=")-1]." ")
unknown_from(i, keys) = i > ARGC ? "" : known(ARGV[i], keys) ? unknown_from(i + 1, keys) : ARGV[i]
unknown_option(keys) = ARGC < 4 ? "" : unknown_from(4, keys)
refuse_option(keys) = sprintf("unknown option '%s'; this script takes %s", unknown_option(keys), keys)
lower_of(range) = real(range[1:strstrt(range, ":")-1])       # a range is written LO:HI
upper_of(range) = real(range[strstrt(range, ":")+1:*])

# ---- the data file: its header line must name the columns that a script reads

escaped(s) = strstrt(s, "'") ? s[1:strstrt(s, "'")-1]."'\\''".escaped(s[strstrt(s, "'")+1:*]) : s
quoted(s) = "'".escaped(s)."'"                      # for the shell
HEADER = "\t".system("head -n 1 ".quoted(DATA))."\t"
missing_from(i, names) = i > words(names) ? "" \
    : strstrt(HEADER, "\t".word(names, i)."\t") ? missing_from(i + 1, names) : word(names, i)
missing_column(names) = missing_from(1, names)
refuse_header(names) = sprintf("no column '%s' in the header line of %s", missing_column(names), DATA)
finite(v) = abs(v) < 1e30 ? v : NaN
