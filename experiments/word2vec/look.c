/* Questions to trained vectors: which words are nearest, and "a is to b as c is to ?". */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

enum { SHOWN = 10, LONGEST = 64, SUGGESTIONS = 3, LINE = 4096 };

/* ---- nearest spelling */

/* Levenshtein's distance in bytes, capitals or not, or `most` where it is no less. */
static int spelling_distance(const char *a, int n, const uint8_t *b, int64_t m, int most)
{
    int row[LONGEST + 1];
    if (m > LONGEST || m - n >= most || n - m >= most) return most;
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            const int change = corner + (tolower((unsigned char)a[i - 1]) != tolower(b[j - 1]));
            corner = row[j];
            const int add = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < add ? change : add;
        }
    }
    return row[m] < most ? row[m] : most;
}

/* "; did you mean a, b, c?": the words spelt most alike, the more frequent ones first. */
static void suggest(const space *s, const char *word, int n, char *buf, size_t size)
{
    int32_t best[SUGGESTIONS];
    int found = 0, limit = n / 3 + 2;
    buf[0] = '\0';
    for (int distance = 1; distance < limit && found < SUGGESTIONS; distance++)
        for (int32_t i = 0; i < s->size && found < SUGGESTIONS; i++) {
            int64_t bytes;
            const uint8_t *other = dt_vocabulary_unit(s->words, i, &bytes);
            if (spelling_distance(word, n, other, bytes, distance + 1) == distance) best[found++] = i;
        }
    for (int k = 0; k < found; k++) {
        int64_t bytes;
        const uint8_t *other = dt_vocabulary_unit(s->words, best[k], &bytes);
        snprintf(buf + strlen(buf), size - strlen(buf), "%s%.*s", k ? ", " : "did you mean ", (int)bytes,
                 (const char *)other);
    }
    if (found) snprintf(buf + strlen(buf), size - strlen(buf), "?");
}

/* ---- answers */

/* The words of a line as numbers, *n of them, at most `most`. DT_ERR_CONFIG: one is not in the vocabulary, or they are
 * too many or none. */
static dt_status find_words(const space *s, const char *line, int most, int32_t *id, int *n, dt_error *err)
{
    char hint[320];
    for (*n = 0; *(line += strspn(line, " \t\r\n")); line += strcspn(line, " \t\r\n")) {
        const int length = (int)strcspn(line, " \t\r\n");
        if (*n == most)
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, NULL, "more than %d words in \"%s\"", most, line);
        if ((id[(*n)++] = space_find(s, line, length)) >= 0) continue;
        if (length > LONGEST)
            snprintf(hint, sizeof hint, "it has %d bytes", length);
        else
            suggest(s, line, length, hint, sizeof hint);
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint[0] ? hint : NULL, "\"%.*s\" is not in the vocabulary",
                            length < 60 ? length : 60, line);
    }
    return DT_OK;
}

/* The words with the largest cosine to the sum of signed words; these themselves are left out. */
static void print_nearest(const space *s, const int32_t *id, const double *sign, int n)
{
    int32_t best[SHOWN];
    double cosine[SHOWN], *sum = calloc((size_t)s->dims, sizeof *sum), norm = 0;
    int found = 0;
    DT_REQUIRE(sum, "out of memory");
    for (int i = 0; i < n; i++)
        for (int64_t k = 0; k < s->dims; k++) sum[k] += sign[i] * (double)s->unit[id[i] * s->dims + k];
    for (int64_t k = 0; k < s->dims; k++) norm += sum[k] * sum[k];
    for (int32_t w = 0; w < s->size; w++) {
        bool asked = false;
        for (int i = 0; i < n; i++) asked |= id[i] == w;
        double dot = 0;
        for (int64_t k = 0; k < s->dims; k++) dot += sum[k] * (double)s->unit[w * s->dims + k];
        int at = found;
        while (at > 0 && cosine[at - 1] < dot) at--;
        if (asked || at == SHOWN) continue;
        found += found < SHOWN;
        for (int i = found - 1; i > at; i--) best[i] = best[i - 1], cosine[i] = cosine[i - 1];
        best[at] = w, cosine[at] = dot;
    }
    for (int i = 0; i < found; i++) {
        int64_t bytes;
        const uint8_t *word = dt_vocabulary_unit(s->words, best[i], &bytes);
        printf("%8.4f  %.*s\n", norm > 0 ? cosine[i] / sqrt(norm) : 0, (int)bytes, (const char *)word);
    }
    free(sum);
}

static dt_status answer_line(const space *s, bool analogy, const char *line, dt_error *err)
{
    static const double analogy_sign[] = {-1, 1, 1}, nearest_sign[] = {1, 1, 1, 1, 1, 1, 1, 1};
    int32_t id[8];
    int n;
    dt_status status = find_words(s, line, analogy ? 3 : 8, id, &n, err);
    if (status != DT_OK) return status;
    if (n != 3 && analogy)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1,
                            "say it so: king man woman, for \"king is to man as ? is to "
                            "woman\"",
                            "an analogy has three words, not %d", n);
    if (n == 0) return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "give a word", "nothing is asked");
    if (analogy) { /* a b c: what is to c as a is to b: a - b + c */
        const int32_t a = id[0];
        id[0] = id[1];
        id[1] = a;
    }
    print_nearest(s, id, analogy ? analogy_sign : nearest_sign, n);
    return DT_OK;
}

/* Lines of the standard input, until it ends; what cannot be answered is said, and the next line read. */
static dt_status answer_lines(const space *s, bool analogy)
{
    char line[LINE], said[1024];
    for (;;) {
        dt_error err;
        fputs(analogy ? "a b c, for \"a is to b as ? is to c\" > " : "word > ", stdout);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin)) break;
        if (line[strspn(line, " \t\r\n")] == '\0') continue;
        if (answer_line(s, analogy, line, &err) != DT_OK) printf("%s\n", dt_error_text(&err, said, sizeof said));
    }
    putchar('\n');
    return DT_OK;
}

dt_status look_answer(const dt_program *p, dt_error *err)
{
    char path[1024];
    const char *file = dt_flag_text(p->flags, "vectors"), *analogy = dt_flag_text(p->flags, "analogy");
    const char *question = analogy ? analogy : dt_flag_text(p->flags, "nearest");
    dt_vectors v;
    space s;
    if (analogy && dt_flag_text(p->flags, "nearest"))
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "ask one thing at a time",
                            "--analogy and --nearest are both given");
    if (!file) file = dt_program_path(p, "vectors.bin", path, sizeof path);
    dt_status status = dt_vectors_read(file, &v, err);
    if (status == DT_ERR_IO && file == path)
        snprintf(
            err->hint, sizeof err->hint,
            "train first (make experiments/word2vec PRESET=%s), or name the run's folder with --out, or a file with "
            "--vectors",
            dt_flag_text(p->flags, "preset"));
    if (status != DT_OK) return status;
    space_init(&s, &v.words, v.words.size, v.dims, v.value);
    status = strcmp(question, "-") == 0 ? answer_lines(&s, analogy != NULL)
                                        : answer_line(&s, analogy != NULL, question, err);
    space_free(&s);
    dt_vectors_free(&v);
    return status;
}
