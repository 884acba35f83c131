/* BLEU and chrF: published examples, the tests of sacreBLEU among them, and lines worked out by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/bleu.h"
#include "data/chrf.h"

static double bleu_of(const char *translation, const char *reference, dt_bleu_smoothing smoothing)
{
    dt_bleu b = {0};
    dt_bleu_add(&b, translation, &reference, 1);
    return dt_bleu_score(&b, smoothing);
}

static bool near(double a, double b, double distance)
{
    return fabs(a - b) <= distance;
}

/* The example of sacreBLEU's README, three lines with two references each. */
Test(bleu, equals_sacrebleu_with_two_references)
{
    static const char *const lines[3] = {"The dog bit the man.", "It wasn't surprising.",
                                         "The man had just bitten him."};
    static const char *const references[2][3] = {
        {"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
        {"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."}};
    dt_bleu plain = {0}, cut = {0};
    for (int i = 0; i < 3; i++) {
        const char *both[2] = {references[0][i], references[1][i]};
        char *line = dt_bleu_words_13a(lines[i]), *cut_both[2];
        for (int r = 0; r < 2; r++) cut_both[r] = dt_bleu_words_13a(both[r]);
        dt_bleu_add(&plain, lines[i], both, 2);
        dt_bleu_add(&cut, line, (const char *const *)cut_both, 2);
        free(line), free(cut_both[0]), free(cut_both[1]);
    }
    cr_expect(near(dt_bleu_score(&cut, DT_BLEU_SMOOTH_EXP), 48.530827, 1e-6));
    cr_expect(near(dt_bleu_score(&cut, DT_BLEU_NO_SMOOTHING), 48.530827, 1e-6));
    cr_expect(near(dt_bleu_score(&plain, DT_BLEU_SMOOTH_EXP), 49.1919566, 1e-6));
}

/* Also from sacreBLEU's tests. */
Test(bleu, counts_and_score_equal_sacrebleu)
{
    const char *reference = "I am a symbol string sequence a a";
    static const int64_t match[4] = {4, 2, 1, 0}, total[4] = {6, 5, 4, 3};
    dt_bleu b = {0};
    dt_bleu_add(&b, "am I am a character sequence", &reference, 1);
    cr_expect(memcmp(b.match, match, sizeof match) == 0 && memcmp(b.total, total, sizeof total) == 0);
    cr_expect(b.words == 6 && b.reference_words == 8);
    const dt_bleu counts = {{9, 7, 5, 3}, {10, 8, 6, 4}, 11, 11};
    cr_expect(near(dt_bleu_score(&counts, DT_BLEU_NO_SMOOTHING), 83.75922397, 1e-6));
    cr_expect(near(bleu_of("this is a test", "this is a test", DT_BLEU_NO_SMOOTHING), 100, 1e-9));
}

/* Papineni et al. 2002, example 2: "the" seven times, of which the reference has two. */
Test(bleu, a_word_is_matched_no_more_often_than_it_stands_there)
{
    const char *reference = "the cat is on the mat";
    dt_bleu b = {0};
    dt_bleu_add(&b, "the the the the the the the", &reference, 1);
    cr_expect(b.match[0] == 2 && b.total[0] == 7 && b.match[1] == 0);
}

Test(bleu, smoothing_and_brevity_by_hand)
{
    /* 3 of 4 words, 2 of 3 pairs, 1 of 2 triples, and half a match for the quadruple */
    cr_expect(near(bleu_of("this is a fest", "this is a test", DT_BLEU_SMOOTH_EXP),
                   100 * pow(0.75 * 2 / 3 * 0.5 * 0.5, 0.25), 1e-9));
    cr_expect(bleu_of("this is a fest", "this is a test", DT_BLEU_NO_SMOOTHING) == 0);
    cr_expect(near(bleu_of("a b c d", "a b c d e", DT_BLEU_NO_SMOOTHING), 100 * exp(1 - 5 / 4.0), 1e-9));
    cr_expect(near(bleu_of("a b c d e", "a b c d", DT_BLEU_NO_SMOOTHING),
                   100 * pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25), 1e-9));
    cr_expect(bleu_of("", "a b", DT_BLEU_SMOOTH_EXP) == 0);
    cr_expect(bleu_of("x y z u", "a b c d", DT_BLEU_SMOOTH_EXP) == 0);
    cr_expect(bleu_of("a b", "a b", DT_BLEU_SMOOTH_EXP) == 0, "lines of two words have no quadruples");
}

static char *words_in(const char *line, char *buf)
{
    char *cut = dt_bleu_words_13a(line);
    buf[0] = '\0';
    for (char *s = strtok(cut, " "); s; s = strtok(NULL, " ")) strcat(strcat(buf, buf[0] ? "|" : ""), s);
    free(cut);
    return buf;
}

Test(bleu, cuts_words_as_mteval_13a)
{
    static const char *const cases[][2] = {{"Hello, world.", "Hello|,|world|."},
                                           {"It costs $3.50 or 1,000.", "It|costs|$|3.50|or|1,000|."},
                                           {"don't well-known 10-20", "don't|well-known|10|-|20"},
                                           {"&quot;a&amp;b&lt;c&gt;", "\"|a|&|b|<|c|>"},
                                           {"(a/b) [c]", "(|a|/|b|)|[|c|]"},
                                           {"Größe: 5,5 m.", "Größe|:|5,5|m|."},
                                           {"wait... what", "wait|.|.|.|what"},
                                           {"a<skipped>b", "ab"},
                                           {"", ""}};
    char buf[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(words_in(cases[i][0], buf), cases[i][1], "\"%s\" becomes %s", cases[i][0], buf);
}

static double chrf_of(const char *translation, const char *reference, double beta)
{
    dt_chrf c = {{0}, {0}, {0}};
    dt_chrf_add(&c, translation, reference);
    return dt_chrf_score(&c, beta);
}

/* From sacreBLEU's tests, which take beta 3. */
Test(chrf, equals_sacrebleu_on_short_lines)
{
    cr_expect(near(chrf_of("a", "a", 3), 100, 1e-9));
    cr_expect(near(chrf_of("a b c", "abc", 3), 100, 1e-9));
    cr_expect(near(chrf_of("aa", "ab", 3), 25, 1e-9));
    cr_expect(chrf_of("", "reference", 3) == 0 && chrf_of("a", "b", 3) == 0);
    dt_chrf two = {{0}, {0}, {0}};
    dt_chrf_add(&two, "a", "a"), dt_chrf_add(&two, "b", "c");
    cr_expect(near(dt_chrf_score(&two, 3), 50, 1e-9));
}

/* Its tests on whole sentences take the mean of the orders' F-scores, which the counts give too. */
Test(chrf, counts_equal_sacrebleu_on_sentences)
{
    static const struct {
        const char *translation, *reference;
        double score;
    } cases[] = {{"Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře.",
                  "Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře.", 39.14078509},
                 {"Nebo prostě nemají vybavení, které by jim pomohlo, uvedli lékaři.",
                  "A někdy nemáme ani potřebný materiál, abychom jim pomohli, popsali lékaři.", 31.22557079},
                 {"Lapali po dechu, jejich životy skončily dřív, než skutečně začaly.",
                  "Lapali po dechu a pak jejich život skončil - dřív, než skutečně mohl začít, připomněli.",
                  57.15704367}};
    for (int i = 0; i < 3; i++) {
        dt_chrf c = {{0}, {0}, {0}};
        dt_chrf_add(&c, cases[i].translation, cases[i].reference);
        double sum = 0;
        for (int n = 0; n < DT_CHRF_ORDER; n++) {
            const double p = (double)c.match[n] / (double)c.translation[n],
                         r = (double)c.match[n] / (double)c.reference[n];
            sum += p + r > 0 ? 100 * 5 * p * r / (4 * p + r) / DT_CHRF_ORDER : 0;
        }
        cr_expect(near(sum, cases[i].score, 1e-4), "line %d: %.6f, not %.6f", i, sum, cases[i].score);
    }
}

Test(chrf, beta_weighs_recall)
{
    cr_expect(near(chrf_of("abcdefgh", "abcdefgh", 2), 100, 1e-9));
    cr_expect(chrf_of("abcdefghxyz", "abcdefgh", 2) > chrf_of("abcdefgh", "abcdefghxyz", 2));
    cr_expect(near(chrf_of("abcdefghxyz", "abcdefgh", 1), chrf_of("abcdefgh", "abcdefghxyz", 1), 1e-9));
}
