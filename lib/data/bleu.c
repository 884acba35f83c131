#include "data/bleu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "data/grams.h"

/* ---- words as numbers */

typedef struct {
    const char *s;
    size_t bytes;
    int32_t *number; /* where it goes */
} word;

static int by_text(const void *a, const void *b)
{
    const word *x = a, *y = b;
    const int order = memcmp(x->s, y->s, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order ? order : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static const char blanks[] = " \t\r\n\v\f";

static int64_t count_words(const char *line)
{
    int64_t count = 0;
    for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
        count++;
        line += strcspn(line, blanks);
    }
    return count;
}

/* All words of the lines, those of equal text with equal numbers, and the lines as sequences of them. */
static int32_t *number_words(const char *const *line, int lines, gram_sequence *out)
{
    int64_t all = 0;
    for (int i = 0; i < lines; i++) all += out[i].count = count_words(line[i]);
    int32_t *number = malloc((size_t)(all + 1) * sizeof *number);
    word *words = malloc((size_t)(all + 1) * sizeof *words);
    DT_REQUIRE(number && words, "out of memory for %lld words", (long long)all);
    int64_t at = 0;
    for (int i = 0; i < lines; i++) {
        out[i].unit = number + at;
        for (const char *s = line[i] + strspn(line[i], blanks); *s; s += strspn(s, blanks)) {
            words[at] = (word){s, strcspn(s, blanks), number + at};
            s += words[at++].bytes;
        }
    }
    qsort(words, (size_t)all, sizeof *words, by_text);
    for (int64_t i = 0, n = 0; i < all; i++) {
        n += i > 0 && by_text(&words[i - 1], &words[i]) != 0;
        *words[i].number = (int32_t)n;
    }
    free(words);
    return number;
}

/* ---- BLEU */

void dt_bleu_add(dt_bleu *b, const char *translation, const char *const *reference, int references)
{
    DT_REQUIRE(references > 0, "dt_bleu_add: no reference");
    const char **line = malloc((size_t)(references + 1) * sizeof *line);
    gram_sequence *s = malloc((size_t)(references + 1) * sizeof *s);
    DT_REQUIRE(line && s, "out of memory for %d references", references);
    line[0] = translation;
    memcpy(line + 1, reference, (size_t)references * sizeof *line);
    int32_t *number = number_words(line, references + 1, s);
    for (int n = 1; n <= DT_BLEU_ORDER; n++) {
        b->match[n - 1] += grams_shared(s[0], s + 1, references, n);
        b->total[n - 1] += grams_in(s[0], n);
    }
    int64_t nearest = s[1].count;
    for (int i = 2; i <= references; i++) {
        const int64_t here = llabs(s[i].count - s[0].count), best = llabs(nearest - s[0].count);
        if (here < best || (here == best && s[i].count < nearest)) nearest = s[i].count;
    }
    b->words += s[0].count;
    b->reference_words += nearest;
    free(number);
    free(line);
    free(s);
}

/* Brevity penalty times the geometric mean of the precisions (Papineni et al. 2002, section 2.3). */
double dt_bleu_score(const dt_bleu *b, dt_bleu_smoothing smoothing)
{
    double log_sum = 0, share = 1;
    if (b->match[0] == 0) return 0;
    for (int n = 0; n < DT_BLEU_ORDER; n++) {
        double match = (double)b->match[n];
        if (b->total[n] == 0) return 0;
        if (match == 0 && smoothing == DT_BLEU_SMOOTH_EXP) match = share /= 2;
        if (match == 0) return 0;
        log_sum += log(match / (double)b->total[n]) / DT_BLEU_ORDER;
    }
    const double ratio = (double)b->reference_words / (double)b->words;
    return 100 * exp(log_sum + (ratio > 1 ? 1 - ratio : 0));
}

/* ---- mteval-v13a */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool other(char c)
{
    return !digit(c);
}

static bool point(char c)
{
    return c == '.' || c == ',';
}

static bool hyphen(char c)
{
    return c == '-';
}

static bool symbol(char c)
{
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
           (c >= ':' && c <= '@') || c == '/';
}

static char *room_for(size_t bytes)
{
    char *p = malloc(bytes);
    DT_REQUIRE(p, "out of memory for a line of %zu bytes", bytes);
    return p;
}

/* Puts blanks around the byte at which a pair of bytes of these kinds has its point or hyphen: `at` 0 or 1. The pairs
 * do not overlap, as with a regular expression. */
static char *set_apart(char *line, bool (*first)(char), bool (*second)(char), int at)
{
    char *out = room_for(3 * strlen(line) + 1), *to = out;
    for (const char *s = line; *s; s++) {
        const bool here = first(*s) && s[1] && second(s[1]);
        if (!here) {
            *to++ = *s;
            continue;
        }
        if (at == 0) *to++ = ' ';
        *to++ = *s++;
        *to++ = ' ';
        *to++ = *s;
        if (at == 1) *to++ = ' ';
    }
    *to = '\0';
    free(line);
    return out;
}

/* Each `from` becomes `into`, which is not longer. */
static void undo(char *line, const char *from, const char *into)
{
    char *to = line;
    for (const char *s = line; *s;) {
        if (strncmp(s, from, strlen(from)) != 0) {
            *to++ = *s++;
            continue;
        }
        s += strlen(from);
        memcpy(to, into, strlen(into));
        to += strlen(into);
    }
    *to = '\0';
}

char *dt_bleu_words_13a(const char *line)
{
    char *plain = room_for(strlen(line) + 3);
    sprintf(plain, " %s ", line);
    undo(plain, "<skipped>", "");
    undo(plain, "&quot;", "\"");
    undo(plain, "&amp;", "&");
    undo(plain, "&lt;", "<");
    undo(plain, "&gt;", ">");
    char *out = room_for(3 * strlen(plain) + 1), *to = out;
    for (const char *s = plain; *s; s++) {
        const bool alone = symbol(*s);
        if (alone) *to++ = ' ';
        *to++ = *s;
        if (alone) *to++ = ' ';
    }
    *to = '\0';
    free(plain);
    out = set_apart(out, other, point, 1);
    out = set_apart(out, point, other, 0);
    return set_apart(out, digit, hyphen, 1);
}
