# Prints each Criterion test that asserts nothing. A test asserts if it is to die (.signal, .exit_code), or if it names cr_assert,
# cr_expect or the like, itself or through functions and macros of the files that are read. Top-level definitions begin at the left
# edge and end with a brace there, as clang-format writes them.

function names(text, word)
{
    return text ~ ("(^|[^A-Za-z_0-9])" word "([^A-Za-z_0-9]|$)")
}

/^#define +[A-Za-z_]/ {
    name = $2
    sub(/\(.*/, "", name)
    macro = 1
}
/^[A-Za-z_].*\(/ && !/;[ \t]*$/ {
    name = $0
    is_test_here = name ~ /^(Test|ParameterizedTest|Theory)\(/
    sub(/\(.*/, "", name)
    sub(/.*[^A-Za-z_0-9]/, "", name)
    if (is_test_here) {
        name = FILENAME ":" FNR ": " $0
        is_test[name] = 1
        order[++count] = name
    }
    macro = 0
}
name != "" {
    body[name] = body[name] "\n" $0
    if (/cr_(assert|expect|fail|skip)|\.(signal|exit_code) *=/) asserts[name] = 1
}
/^}/ || (macro && !/\\$/) { name = "" }

END {
    do {
        more = 0
        for (name in body) {
            if (name in asserts) continue
            for (other in asserts)
                if (!(other in is_test) && names(body[name], other)) {
                    asserts[name] = 1
                    more = 1
                    break
                }
        }
    } while (more)
    for (i = 1; i <= count; i++) if (!(order[i] in asserts)) print order[i]
}
