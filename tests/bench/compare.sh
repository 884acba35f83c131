#!/bin/sh
# compare.sh OURS PEER 'PEER, VERSION AND SETTINGS': writes tests/bench/README.md from two files of benchmark lines,
# `name median unit min max repeats threads`. A name may stand in a file several times, once for each process that measured it: its
# median counts. Ratios above 1 mean that ours is faster (or, in s and MiB, smaller).
set -eu
[ $# -eq 3 ] || { sed -n '2,4s/^# *//p' "$0" >&2; exit 2; }
here=$(dirname "$0")
page=$here/README.md

{
    cat <<TEXT
# Speed, beside $3

Written by tests/bench/compare.sh from the two programs' outputs; do not edit. The workloads are defined in bench.c. Both ran in turn on one
machine, several processes each; every figure is the median of the processes' medians, with the least and the greatest of them.

- date: $(date +%F)
- processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(sed -n 's/^flags.*\(avx512f\|avx2\).*/\1/p' /proc/cpuinfo | head -n 1), $(nproc) threads
- system: $(. /etc/os-release && echo "$PRETTY_NAME"), kernel $(uname -r)
- ditto $(sed -n 's/.*DT_VERSION "\(.*\)"/\1/p' lib/run/version.h), $(gcc --version | head -n 1)
- peer: $3

| workload | unit | ditto | range | peer | range | ratio | goal |
|---|---|---|---|---|---|---|---|
TEXT
    awk -F '[ \t]+' -v goals="$here/goals.tsv" '
        function median(list, n,   i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        function figure(side, name,   i, n, list) {
            n = count[side, name]
            for (i = 1; i <= n; i++) list[i] = value[side, name, i]
            m = median(list, n)
            range = written(list[1]) " to " written(list[n])
            return m
        }
        function written(x) { return x >= 1000 ? sprintf("%d", x + 0.5) : sprintf("%.4g", x) }
        BEGIN { while ((getline < goals) > 0) goal[$1] = $2 }
        FNR == 1 { side++ }
        NF >= 3 && $1 !~ /^#/ {
            if (side == 1 && !(($1) in unit)) order[++names] = $1
            unit[$1] = $3
            value[side, $1, ++count[side, $1]] = $2 + 0
        }
        END {
            for (i = 1; i <= names; i++) {
                name = order[i]
                ours = figure(1, name); ours_range = range
                line = sprintf("| %s | %s | %s | %s |", name, unit[name], written(ours), ours_range)
                if (count[2, name]) {
                    theirs = figure(2, name)
                    ratio = unit[name] == "s" || unit[name] == "MiB" ? theirs / ours : ours / theirs
                    line = line sprintf(" %s | %s | %.2f |", written(theirs), range, ratio)
                } else line = line " - | - | - |"
                print line " " (name in goal ? goal[name] : "-") " |"
            }
        }' "$1" "$2"
} >"$page.tmp"
mv "$page.tmp" "$page"
cat "$page"
