#include "run/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/text.h"

enum { WIDTH = 120, GAP = 2, CELL = 96, NARROWEST = 16 };
enum { WHAT, PUBLISHED, OURS, BAND, VERDICT, COLUMNS };

/* One claim as the table shows it; sources are listed below it. */
typedef struct {
    char cell[COLUMNS][4 * CELL];
    const char *source;
} row;

/* A number, or NaN for null. */
static double real_of(const json_t *json)
{
    return json_is_number(json) ? json_number_value(json) : NAN;
}

/* How many decimals it takes to write x, at most 6. */
static int decimals(double x)
{
    if (!isfinite(x)) return 0;
    for (int d = 0; d < 6; d++) {
        double scaled = x * pow(10, d);
        if (fabs(scaled - round(scaled)) <= 1e-9 * fmax(1, fabs(scaled))) return d;
    }
    return 6;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* Numbers below this are shown with an exponent if the band needs as many decimals. */
static const double tiny = 1e-3;
enum { MOST_DECIMALS = 4 };

static bool is_tiny(double x, int decimals_needed)
{
    return decimals_needed > MOST_DECIMALS && fabs(x) < tiny;
}

/* Ours is shown one decimal finer than the numbers it is compared with, where it has more, so that a mean just outside
 * the band does not look like one inside; and fine enough that the interval is not shown as 0. */
static void show_ours(char *buf, size_t size, double mean, double ci95, size_t seeds, int compared)
{
    int d = compared + 1;
    if ((isnan(ci95) || ci95 == 0) && decimals(mean) < d) d = decimals(mean);
    while (ci95 > 0 && ci95 * pow(10, d) < 0.5 && d < MOST_DECIMALS) d++;
    const char *s = seeds == 1 ? "" : "s";
    if (seeds == 0)
        snprintf(buf, size, "not measured");
    else if (isnan(mean))
        snprintf(buf, size, "not a number (%zu seed%s)", seeds, s);
    else if (isnan(ci95) && is_tiny(mean, d))
        snprintf(buf, size, "%.2g (%zu seed%s)", mean, seeds, s);
    else if (isnan(ci95))
        snprintf(buf, size, "%.*f (%zu seed%s)", d, mean, seeds, s);
    else if (ci95 == 0)
        snprintf(buf, size, "%.*f (each of %zu seeds)", d, mean, seeds);
    else if (is_tiny(mean, d))
        snprintf(buf, size, "%.2g ± %.1g (%zu seed%s)", mean, ci95, seeds, s);
    else
        snprintf(buf, size, "%.*f ± %.*f (%zu seed%s)", d, mean, d, ci95, seeds, s);
}

static void show_band(char *buf, size_t size, double low, double high)
{
    int d = max_int(decimals(low), decimals(high));
    if (isnan(low) && is_tiny(high, d))
        snprintf(buf, size, "≤ %g", high);
    else if (isnan(low))
        snprintf(buf, size, "≤ %.*f", d, high);
    else if (isnan(high))
        snprintf(buf, size, "≥ %.*f", d, low);
    else
        snprintf(buf, size, "%.*f to %.*f", d, low, d, high);
}

static int make_row(const json_t *claim, row *r)
{
    const char *what, *unit, *marks, *verdict;
    json_t *published, *low, *high, *values, *mean, *ci95;
    if (json_unpack((json_t *)claim, "{s:s, s:s, s:s, s:s, s:s, s:o, s:[o, o], s:o, s:o, s:o}", "what", &what, "unit",
                    &unit, "marks", &marks, "source", &r->source, "verdict", &verdict, "published", &published, "band",
                    &low, &high, "values", &values, "mean", &mean, "ci95", &ci95) != 0 ||
        !json_is_array(values))
        return -1;
    size_t size = sizeof r->cell[0];
    double p = real_of(published), l = real_of(low), h = real_of(high);
    int compared = max_int(decimals(p), max_int(decimals(l), decimals(h)));
    snprintf(r->cell[WHAT], size, unit[0] ? "%s (%s)" : "%s", what, unit);
    if (isnan(p))
        snprintf(r->cell[PUBLISHED], size, "-");
    else if (strcmp(marks, "M") == 0)
        snprintf(r->cell[PUBLISHED], size, "~%.10g [from memory]", p);
    else
        snprintf(r->cell[PUBLISHED], size, "%.10g", p);
    show_ours(r->cell[OURS], size, real_of(mean), real_of(ci95), json_array_size(values), compared);
    show_band(r->cell[BAND], size, l, h);
    snprintf(r->cell[VERDICT], size, "%s", verdict);
    return 0;
}

/* One line of the table, or several: `what` is wrapped to its column. */
static void print_row(FILE *out, const row *r, const int width[COLUMNS])
{
    const char *what = r->cell[WHAT];
    for (bool first = true; *what || first; first = false) {
        char line[sizeof r->cell[0]];
        size_t n = dt_text_line(what, width[WHAT]);
        snprintf(line, sizeof line, "%.*s", (int)n, what);
        if (first) {
            dt_text_pad(out, line, width[WHAT] + GAP);
            for (int c = PUBLISHED; c < VERDICT; c++) dt_text_pad(out, r->cell[c], width[c] + GAP);
            fprintf(out, "%s\n", r->cell[VERDICT]);
        } else
            fprintf(out, "%s\n", line);
        what += n;
        what += strspn(what, " ");
    }
}

static void print_table(FILE *out, const row *rows, size_t n)
{
    static const row head = {.cell = {"what", "published", "ours", "band", "verdict"}};
    int width[COLUMNS], others = 0;
    for (int c = 0; c < COLUMNS; c++) {
        width[c] = dt_text_width(head.cell[c], sizeof head.cell[c]);
        for (size_t i = 0; i < n; i++)
            width[c] = max_int(width[c], dt_text_width(rows[i].cell[c], sizeof rows[i].cell[c]));
        if (c != WHAT) others += width[c] + GAP;
    }
    int room = max_int(WIDTH - others, NARROWEST);
    if (width[WHAT] > room) width[WHAT] = room;
    print_row(out, &head, width);
    for (size_t i = 0; i < n; i++) print_row(out, &rows[i], width);
}

static void print_item(FILE *out, const char *lead, const char *text)
{
    fputs(lead, out);
    dt_text_wrap(out, text, dt_text_width(lead, strlen(lead)), WIDTH);
}

static void print_sources(FILE *out, const row *rows, size_t n)
{
    fputs("\npublished in:\n", out);
    for (size_t i = 0; i < n; i++) {
        bool said = false;
        for (size_t j = 0; j < i; j++) said = said || strcmp(rows[j].source, rows[i].source) == 0;
        if (!said) print_item(out, "  - ", rows[i].source);
    }
}

dt_status dt_report(FILE *out, const json_t *result, dt_error *err)
{
    const char *experiment, *preset, *device, *command;
    int threads;
    double seconds;
    json_t *deviations, *claims;
    json_error_t why;
    if (json_unpack_ex((json_t *)result, &why, 0, "{s:s, s:s, s:s, s:s, s:i, s:F, s:o, s:o}", "experiment", &experiment,
                       "preset", &preset, "device", &device, "command", &command, "threads", &threads, "seconds",
                       &seconds, "deviations", &deviations, "claims", &claims) != 0)
        return dt_error_set(err, DT_ERR_DATA, "result.json", -1, "run the experiment again", "%s", why.text);
    size_t n = json_array_size(claims);
    row *rows = calloc(n + 1, sizeof *rows);
    if (!rows) return dt_error_set(err, DT_ERR_SYSTEM, "result.json", -1, "", "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (make_row(json_array_get(claims, i), &rows[i]) == 0) continue;
        free(rows);
        return dt_error_set(err, DT_ERR_DATA, "result.json", -1, "run the experiment again",
                            "claim %zu lacks a field, or has one of another type", i + 1);
    }
    fprintf(out, "%s, preset %s; ± is the 95 %% confidence interval of the mean\n\n", experiment, preset);
    print_table(out, rows, n);
    if (n > 0) print_sources(out, rows, n);
    if (json_array_size(deviations) > 0) fputs("\ndifferences from the paper:\n", out);
    for (size_t i = 0; i < json_array_size(deviations); i++) {
        const char *text = json_string_value(json_array_get(deviations, i));
        print_item(out, "  - ", text ? text : "");
    }
    char time[32];
    fprintf(out, "\ntime: %s on %s, %d thread%s\n", dt_text_duration(seconds, time, sizeof time), device, threads,
            threads == 1 ? "" : "s");
    fprintf(out, "repeat: %s\n", command); /* not wrapped: it is there to be copied */
    free(rows);
    return DT_OK;
}
