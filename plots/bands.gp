# Curves of several seeds as their mean and a pale band of one standard deviation each way: awk computes the columns that
# curves.gp reads, and curves.gp draws them.
# DATA: panel, series, x, value, one row for each point of each seed, and any other columns. Where a seed's value is not
# finite, there is a gap. Options: those of curves.gp, and only=PANEL, which leaves the other panels out.
array OPTION[6]                                   # a call changes ARG4 to ARG9
do for [i=1:6] { OPTION[i] = i + 3 > ARGC ? "" : ARGV[i + 3] }
ONLY = ""                                         # this option is ours, the others are for curves.gp
do for [i=1:6] { if (OPTION[i][1:5] eq "only=") { ONLY = OPTION[i][6:*]; OPTION[i] = "" } }
call ARG0[1:strlen(ARG0)-strlen("bands.gp")]."style.gp" ARG1 ARG2 ARG3
COLUMNS = "panel series x value"
if (strlen(missing_column(COLUMNS))) { exit error refuse_header(COLUMNS) }
COMPUTED = OUT.".tsv"                             # beside the figure, until it is drawn
AWK = 'BEGIN { FS = OFS = "\t"; print "panel", "series", "x", "mean", "low", "high" } '\
     .'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } '\
     .'only != "" && $at["panel"] != only { next } { key = $at["panel"] FS $at["series"] FS $at["x"]; v = $at["value"]; if (!(key in n)) order[++keys] = key; '\
     .'if (v ~ /[nN]/) bad[key] = 1; value[key, ++n[key]] = v; sum[key] += v } '\
     .'END { for (k = 1; k <= keys; k++) { key = order[k]; if (key in bad) { print key, "nan", "nan", "nan"; continue } '\
     .'mean = sum[key] / n[key]; square = 0; for (i = 1; i <= n[key]; i++) square += (value[key, i] - mean)^2; '\
     .'sd = n[key] > 1 ? sqrt(square / (n[key] - 1)) : 0; '\
     .'printf "%s\t%.8g\t%.8g\t%.8g\n", key, mean, mean - sd, mean + sd } }'
TROUBLE = system("LC_ALL=C awk -v only=".quoted(ONLY)." ".quoted(AWK)." ".quoted(DATA)." 2>&1 >".quoted(COMPUTED))
if (strlen(TROUBLE)) { exit error TROUBLE }
call ARG0[1:strlen(ARG0)-strlen("bands.gp")]."curves.gp" COMPUTED OUT TITLE \
    OPTION[1] OPTION[2] OPTION[3] OPTION[4] OPTION[5] OPTION[6]
dummy = system("rm -f ".quoted(COMPUTED))
