#include "run/claim_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

static int greater(int a, int b)
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
    int d = greater(decimals(low), decimals(high));
    if (isnan(low) && is_tiny(high, d))
        snprintf(buf, size, "≤ %g", high);
    else if (isnan(low))
        snprintf(buf, size, "≤ %.*f", d, high);
    else if (isnan(high))
        snprintf(buf, size, "≥ %.*f", d, low);
    else
        snprintf(buf, size, "%.*f to %.*f", d, low, d, high);
}

bool dt_claim_row_of(const json_t *claim, dt_claim_row *r)
{
    const char *what, *unit, *marks, *verdict;
    json_t *published, *low, *high, *values, *mean, *ci95;
    if (json_unpack((json_t *)claim, "{s:s, s:s, s:s, s:s, s:s, s:o, s:[o, o], s:o, s:o, s:o}", "what", &what, "unit",
                    &unit, "marks", &marks, "source", &r->source, "verdict", &verdict, "published", &published, "band",
                    &low, &high, "values", &values, "mean", &mean, "ci95", &ci95) != 0 ||
        !json_is_array(values))
        return false;
    r->claim = claim;
    size_t size = sizeof r->cell[0];
    double p = real_of(published), l = real_of(low), h = real_of(high);
    int compared = greater(decimals(p), greater(decimals(l), decimals(h)));
    snprintf(r->cell[DT_CLAIM_WHAT], size, unit[0] ? "%s (%s)" : "%s", what, unit);
    if (isnan(p))
        snprintf(r->cell[DT_CLAIM_PUBLISHED], size, "-");
    else if (strcmp(marks, "M") == 0)
        snprintf(r->cell[DT_CLAIM_PUBLISHED], size, "~%.10g [from memory]", p);
    else
        snprintf(r->cell[DT_CLAIM_PUBLISHED], size, "%.10g", p);
    show_ours(r->cell[DT_CLAIM_OURS], size, real_of(mean), real_of(ci95), json_array_size(values), compared);
    show_band(r->cell[DT_CLAIM_BAND], size, l, h);
    snprintf(r->cell[DT_CLAIM_VERDICT], size, "%s", verdict);
    return true;
}
