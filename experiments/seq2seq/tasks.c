/* Tasks whose sentences are made up: copy, reverse, numbers in words, dates in ISO 8601's form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/seq2seq/parts.h"

static uint32_t below(dt_rng numbers, uint64_t index, uint32_t n)
{
    return dt_rng_below(numbers, index, n);
}

/* ---- copy and reverse: letters */

enum { LETTERS = 20, LONGEST = 64 };

static void print_letters(FILE *out, const char *letter, int length)
{
    for (int i = 0; i < length; i++) fprintf(out, "%s%c", i ? " " : "", letter[i]);
    putc('\n', out);
}

static void draw_letters(int length, dt_rng numbers, char *letter)
{
    for (int i = 0; i < length; i++) letter[i] = (char)('a' + below(numbers, (uint64_t)i, LETTERS));
}

static void make_copy(FILE *source, FILE *target, int length, dt_rng numbers)
{
    char letter[LONGEST];
    draw_letters(length, numbers, letter);
    print_letters(source, letter, length);
    print_letters(target, letter, length);
}

static void make_reverse(FILE *source, FILE *target, int length, dt_rng numbers)
{
    char letter[LONGEST], back[LONGEST];
    draw_letters(length, numbers, letter);
    for (int i = 0; i < length; i++) back[i] = letter[length - 1 - i];
    print_letters(source, letter, length);
    print_letters(target, back, length);
}

/* ---- numbers: digits to words */

static const char *const small[] = {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                                    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};

/* Words with blanks between them. */
typedef struct {
    FILE *out;
    bool any;
} phrase;

static void say(phrase *p, const char *word)
{
    fprintf(p->out, "%s%s", p->any ? " " : "", word);
    p->any = true;
}

static void say_below_thousand(phrase *p, uint32_t n)
{
    if (n >= 100) say(p, small[n / 100]), say(p, "hundred");
    n %= 100;
    if (n >= 20) say(p, tens[n / 10]), n %= 10;
    if (n > 0) say(p, small[n]);
}

/* So many digits, the first of which is not 0, or one digit. */
static void make_number(FILE *source, FILE *target, int length, dt_rng numbers)
{
    static const char *const powers[] = {"million", "thousand", NULL};
    uint32_t n = 0;
    for (int i = 0; i < length; i++) {
        const uint32_t digit = i == 0 && length > 1 ? 1 + below(numbers, 0, 9) : below(numbers, (uint64_t)i, 10);
        fprintf(source, "%s%u", i ? " " : "", digit);
        n = 10 * n + digit;
    }
    phrase words = {target, false};
    if (n == 0) say(&words, small[0]);
    uint32_t power = 1000000;
    for (int i = 0; i < 3; i++, power /= 1000) {
        if (n / power % 1000 == 0) continue;
        say_below_thousand(&words, n / power % 1000);
        if (powers[i]) say(&words, powers[i]);
    }
    putc('\n', source);
    putc('\n', target);
}

/* ---- dates: character by character, with _ for a blank */

static void print_characters(FILE *out, const char *s)
{
    for (int i = 0; s[i]; i++) fprintf(out, "%s%c", i ? " " : "", s[i] == ' ' ? '_' : s[i]);
    putc('\n', out);
}

static void make_date(FILE *source, FILE *target, int length, dt_rng numbers)
{
    static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    (void)length;
    const int month = (int)below(numbers, 0, 12), year = 1900 + (int)below(numbers, 1, 200);
    const int day = 1 + (int)below(numbers, 2, (uint32_t)days[month]);
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    const char *end = endings[day % 10 < 4 && day / 10 != 1 ? day % 10 : 0];
    char text[64];
    switch (below(numbers, 3, 5)) {
    case 0:
        snprintf(text, sizeof text, "%s %d, %d", months[month], day, year);
        break;
    case 1:
        snprintf(text, sizeof text, "%d %.3s %d", day, months[month], year);
        break;
    case 2:
        snprintf(text, sizeof text, "the %d%s of %s %d", day, end, months[month], year);
        break;
    case 3:
        snprintf(text, sizeof text, "%d/%d/%d", month + 1, day, year);
        break;
    default:
        snprintf(text, sizeof text, "%d.%d.%d", day, month + 1, year);
        break;
    }
    print_characters(source, text);
    snprintf(text, sizeof text, "%d-%02d-%02d", year, month + 1, day);
    print_characters(target, text);
}

const task tasks[TASKS] = {{"copy", "copy", 20, {1, 40}, make_copy},
                           {"reverse", "reverse", 20, {1, 40}, make_reverse},
                           {"numbers", "numbers in words", 7, {1, 9}, make_number},
                           {"dates", "dates", 0, {0, 0}, make_date}};

/* ---- texts of them */

typedef struct {
    char *bytes[SIDES];
    size_t size[SIDES];
    FILE *file[SIDES];
} writer;

static void open_writer(writer *w)
{
    for (int side = 0; side < SIDES; side++) {
        w->file[side] = open_memstream(&w->bytes[side], &w->size[side]);
        DT_REQUIRE(w->file[side], "out of memory for a task");
    }
}

/* What was written, as texts. */
static dt_status close_writer(writer *w, const char *name, dt_corpus text[SIDES], dt_error *err)
{
    dt_status status = DT_OK;
    for (int side = 0; side < SIDES; side++) {
        DT_REQUIRE(fclose(w->file[side]) == 0, "out of memory for a task");
        text[side] = (dt_corpus){0};
        if (status == DT_OK) status = dt_corpus_copy(name, w->bytes[side], (int64_t)w->size[side], &text[side], err);
        free(w->bytes[side]);
    }
    return status;
}

static void write_line(const task *t, writer *w, int length, uint64_t seed, uint64_t number)
{
    t->make(w->file[SOURCE], w->file[TARGET], length, dt_rng_stream(seed, t->name, number));
}

/* The streams of the three parts are apart. */
enum { VALID_LINES = 500 };
static const uint64_t part_at[PARTS] = {0, UINT64_C(1) << 40, UINT64_C(2) << 40};

static dt_status make_part(const task *t, int part, int64_t lines, uint64_t seed, dt_corpus text[SIDES], dt_error *err)
{
    writer w;
    open_writer(&w);
    for (int64_t i = 0; i < lines; i++) {
        const uint64_t number = part_at[part] + (uint64_t)i;
        int length =
            t->longest ? 1 + (int)dt_rng_below(dt_rng_stream(seed, "length", number), 0, (uint32_t)t->longest) : 0;
        if (part == TEST) length = t->tested[0] + (int)(i % (t->tested[1] - t->tested[0] + 1));
        write_line(t, &w, length, seed, number);
    }
    return close_writer(&w, t->name, text, err);
}

dt_status task_make(const task *t, int64_t lines, int64_t exam, uint64_t seed, bitext *b, dt_error *err)
{
    const int64_t lengths = t->longest ? t->tested[1] - t->tested[0] + 1 : 10;
    const int64_t count[PARTS] = {lines, VALID_LINES, exam * lengths};
    dt_status status = DT_OK;
    for (int part = 0; part < PARTS && status == DT_OK; part++) {
        dt_corpus text[SIDES];
        status = make_part(t, part, count[part], seed, text, err);
        if (status == DT_OK)
            status = part == TRAIN ? bitext_learn(b, text, &(bitext_options){0}, err)
                                   : bitext_add(b, part, text, &(bitext_options){0}, err);
        for (int side = 0; side < SIDES; side++) dt_corpus_free(&text[side]);
    }
    if (status != DT_OK) bitext_free(b);
    return status;
}
