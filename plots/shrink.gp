# Writes the PNG file ARG1 again as ARG2, with at most 256 colours: a third of the size. Used by draw.
head = system(sprintf("od -An -tu1 -j16 -N8 '%s'", ARG1))       # width and height, four bytes each
WIDTH  = int(word(head, 3))*256 + int(word(head, 4))
HEIGHT = int(word(head, 7))*256 + int(word(head, 8))

step = 15.0                                      # rounding each channel first leaves few colours besides those of the edges
rounded(v) = step*int(v/step + 0.5)
set terminal png notruecolor size WIDTH,HEIGHT
set output ARG2
set margins 0, 0, 0, 0
unset border; unset tics; unset key
set xrange [-0.5:WIDTH-0.5]; set yrange [-0.5:HEIGHT-0.5]
plot ARG1 binary filetype=png using (rounded($1)):(rounded($2)):(rounded($3)) with rgbimage
