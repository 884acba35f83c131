# A film: each tile of a sheet is one frame. As PNG and SVG it is the film strip, all frames side by side; as GIF it moves.
# DATA and options: those of sheet.gp. The GIF takes palette gray or ink and range=LO:HI from them, and shows a frame for
# 0.4 s, the last one for 2 s.
HERE = ARG0[1:strlen(ARG0)-strlen("film.gp")]
MOVES = ARG2[strlen(ARG2)-3:*] eq ".gif"
array OPTION[6]                                   # a call changes ARG4 to ARG9
do for [i=1:6] { OPTION[i] = i + 3 > ARGC ? "" : ARGV[i + 3] }
if (!MOVES) {
    call HERE."sheet.gp" ARG1 ARG2 ARG3 OPTION[1] OPTION[2] OPTION[3] OPTION[4] OPTION[5] OPTION[6]
    exit
}
call HERE."style.gp" ARG1 ARG2 ARG3 OPTION[1] OPTION[2] OPTION[3] OPTION[4] OPTION[5] OPTION[6]
RANGE = opt("range", "0:1")
unset datafile columnheaders
unset border; unset tics; unset grid; unset colorbox
PIXELS = DATA[1:strlen(DATA)-4].".f32"
stats DATA using (1) nooutput
n = int(STATS_records) - 1
if (n < 1) { exit error sprintf("no frames in %s", DATA) }
array H[n]; array W[n]; array CAPTION[n]; array SKIP[n]
i = 0; bytes = 0; tallest = 0; widest_frame = 0
note(h, w, caption) = (i = i + 1, H[i] = int(h), W[i] = int(w), CAPTION[i] = caption, SKIP[i] = bytes, \
    bytes = bytes + 4*H[i]*W[i], tallest = max(tallest, H[i]), widest_frame = max(widest_frame, W[i]), 0)
stats DATA using (note($4, $5, strcol(6))) every ::1 nooutput
size = int(system("wc -c < ".quoted(PIXELS)." 2>/dev/null || echo -1"))
if (size != bytes) { exit error sprintf("the frames need %d bytes, the file has %d: %s", bytes, size, PIXELS) }
ENLARGED = max(1, floor(280.0/max(tallest, widest_frame)))     # small frames are shown in larger pixels
FOOT = 22
WIDTH = ENLARGED*widest_frame; HEIGHT = ENLARGED*tallest + FOOT
set terminal gif animate delay 40 loop 0 size WIDTH,HEIGHT noenhanced background 'white' font "DejaVu Sans,9"
set output OUT
set palette gray
if (opt("palette", "gray") eq "ink") { set palette gray negative }
set cbrange [lower_of(RANGE):upper_of(RANGE)]
set margins 0, 0, 0, 0
set xrange [0:WIDTH]; set yrange [0:HEIGHT]
last = 4                                          # so often the last frame is shown again
do for [k=1:n+last] {
    i = min(k, n)
    set label 1 CAPTION[i] at 4, 0.5*FOOT left textcolor rgb INK
    plot PIXELS binary array=(W[i],H[i]) skip=SKIP[i] format="%float32" flipy \
         origin=(0.5*ENLARGED, FOOT + 0.5*ENLARGED) dx=ENLARGED dy=ENLARGED using 1 with image
}
