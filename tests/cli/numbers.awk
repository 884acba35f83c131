# numbers.awk KIND=record|source FILE... KIND=page PAGE: prints the numbers with a decimal point in the text of a page that
# none of the files has, with the line where each stands. A file's number may have more digits: 1.4164 bears out 1.42. Tables of a
# record hold thousands of numbers, so that a short one would be found in them by chance: they bear out four digits and more.
# Code, formulas, links and what `make` writes (fenced, or between marks <!-- X --> and <!-- /X -->) are no text of the page.

# Every number in s, rounded to 1 to 5 places.
function learn(s, known,   n, places) {
    while (match(s, /[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?/)) {
        n = substr(s, RSTART, RLENGTH) + 0
        s = substr(s, RSTART + RLENGTH)
        if (n > 1e9 || (n == int(n) && n > 1e5)) continue
        for (places = 1; places <= 5; places++) {
            known[sprintf("%.*f", places, n * (1 - 1e-9))]
            known[sprintf("%.*f", places, n * (1 + 1e-9))]
        }
    }
}

function judge(text,   n, digits, line, at, kept) {
    gsub(/`[^`]*`/, " ", text)
    gsub(/\$\$[^$]*\$\$/, " ", text)
    gsub(/\$[^$]*\$/, " ", text)
    gsub(/\]\([^)]*\)/, " ", text)
    gsub(/arXiv:[0-9.]+/, " ", text)
    gsub(/sec(tion|\.) [0-9.]+/, " ", text)
    while (match(text, /(^|[^A-Za-z0-9_.@])[0-9][0-9,]*\.[0-9]+/)) {
        n = substr(text, RSTART, RLENGTH)
        sub(/^[^0-9]+/, "", n)
        gsub(/,/, "", n)
        text = substr(text, RSTART + RLENGTH)
        digits = n
        gsub(/[^0-9]/, "", digits)
        sub(/^0+/, "", digits)
        if (!(n in sources) && !(length(digits) >= 4 && (n in records))) print n
    }
}

KIND == "record" { learn($0, records) }
KIND == "source" { learn($0, sources) }
KIND == "page" && /^```/ { fenced = !fenced; next }
KIND == "page" && /^<!-- \// { marked = 0; next }
KIND == "page" && /^<!-- [a-z]/ { marked = 1 }
KIND == "page" && !fenced && !marked && !/^    / { text = text "\n" $0 }
END { judge(text) }
