#include "run/claims.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/atomic.h"
#include "run/stats.h"

enum { ID, WHAT, PUBLISHED, UNIT, LOW, HIGH, BETTER, PRESET, MARKS, SOURCE, NOTE, COLUMNS };
static const char *const column_names[COLUMNS] = {"id",     "what",   "published", "unit",   "low", "high",
                                                  "better", "preset", "marks",     "source", "note"};

/* Where the reader is, for its errors. */
typedef struct {
    const char *path;
    long line;
    dt_error *err;
} place;

static dt_status bad(const place *at, const char *hint, const char *column, const char *text, const char *problem)
{
    char file_line[256];
    snprintf(file_line, sizeof file_line, "%.230s:%ld", at->path, at->line);
    return dt_error_set(at->err, DT_ERR_DATA, file_line, -1, hint, "%s \"%.80s\" %s", column, text, problem);
}

/* Cuts a line at its tabs, in place. Returns how many fields there are, of which at most COLUMNS are stored. */
static int split(char *line, char *field[COLUMNS])
{
    int n = 0;
    for (char *at = line; at; n++) {
        char *tab = strchr(at, '\t');
        if (tab) *tab = '\0';
        if (n < COLUMNS) field[n] = at;
        at = tab ? tab + 1 : NULL;
    }
    return n;
}

static dt_status check_header(char *line, const place *at)
{
    static const char hint[] = "the first line names the columns: id what published unit low high better preset marks "
                               "source note, with tabs between";
    char *field[COLUMNS];
    int n = split(line, field);
    for (int i = 0; i < n && i < COLUMNS; i++)
        if (strcmp(field[i], column_names[i]) != 0) return bad(at, hint, "column", field[i], "is not the one expected");
    if (n != COLUMNS) return bad(at, hint, "the header", field[0], n < COLUMNS ? "lacks columns" : "has extra columns");
    return DT_OK;
}

static bool number(const char *text, double absent, double *out)
{
    *out = absent;
    if (strcmp(text, "-") == 0) return true;
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out);
}

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0) return true;
    return false;
}

/* Everything about a row that can be wrong; fills the claim's numbers. */
static dt_status check_row(char *const field[COLUMNS], dt_claim *c, const place *at)
{
    static const char *const better[] = {"lower", "higher", NULL}, *const marks[] = {"V", "S", "M", NULL};
    static const char *const presets[] = {"lab", "paper", "lab,paper", "paper,lab", "-", NULL};
    static const char a_number[] = "write a number, or - where there is none";
    if (!field[ID][0] || strpbrk(field[ID], " ,")) return bad(at, "", "id", field[ID], "is not one word");
    if (!field[WHAT][0]) return bad(at, "", "what", field[WHAT], "is empty");
    if (!number(field[PUBLISHED], NAN, &c->published))
        return bad(at, a_number, "published", field[PUBLISHED], "is not a number");
    if (!number(field[LOW], -INFINITY, &c->low)) return bad(at, a_number, "low", field[LOW], "is not a number");
    if (!number(field[HIGH], INFINITY, &c->high)) return bad(at, a_number, "high", field[HIGH], "is not a number");
    if (!isfinite(c->low) && !isfinite(c->high))
        return bad(at, "give low, high or both", "band of", field[ID], "is open at both ends");
    if (c->low > c->high) return bad(at, "", "low", field[LOW], "is above high");
    if (!one_of(field[BETTER], better)) return bad(at, "write lower or higher", "better", field[BETTER], "is unknown");
    if (!one_of(field[PRESET], presets))
        return bad(at, "write lab, paper, lab,paper or -", "preset", field[PRESET], "cannot make a claim");
    if (!one_of(field[MARKS], marks))
        return bad(at, "write V (seen in the source), S (in slides) or M (from memory)", "marks", field[MARKS],
                   "is unknown");
    if (!field[SOURCE][0]) return bad(at, "", "source", field[SOURCE], "is empty");
    c->lower_is_better = strcmp(field[BETTER], "lower") == 0;
    return DT_OK;
}

static dt_claim *find(const dt_claims *claims, const char *id)
{
    for (int i = 0; i < claims->n; i++)
        if (strcmp(claims->claim[i].id, id) == 0) return &claims->claim[i];
    return NULL;
}

static dt_status add_row(dt_claims *claims, char *line, const place *at)
{
    char *field[COLUMNS];
    int n = split(line, field);
    if (n != COLUMNS) {
        char problem[80];
        snprintf(problem, sizeof problem, "has %d fields; %d are needed", n, COLUMNS);
        return bad(at, "put one tab between two fields, also empty ones", "row", field[0], problem);
    }
    dt_claim c = {0};
    dt_status status = check_row(field, &c, at);
    if (status != DT_OK) return status;
    if (find(claims, field[ID])) return bad(at, "", "id", field[ID], "stands in an earlier row too");
    dt_claim *grown = realloc(claims->claim, ((size_t)claims->n + 1) * sizeof *grown);
    if (!grown) return dt_error_set(at->err, DT_ERR_SYSTEM, at->path, -1, "", "out of memory");
    claims->claim = grown;
    char **const copy[] = {&c.id, &c.what, &c.unit, &c.preset, &c.marks, &c.source, &c.note};
    static const int from[] = {ID, WHAT, UNIT, PRESET, MARKS, SOURCE, NOTE};
    bool copied = true;
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        *copy[i] = strdup(field[from[i]]);
        copied = copied && *copy[i];
    }
    claims->claim[claims->n++] = c;
    return copied ? DT_OK : dt_error_set(at->err, DT_ERR_SYSTEM, at->path, -1, "", "out of memory");
}

static dt_status check_text(const char *line, ssize_t length, const place *at)
{
    json_t *probe = json_string(line);
    bool good = probe && strlen(line) == (size_t)length;
    json_decref(probe);
    return good ? DT_OK : bad(at, "save the file as UTF-8", "line", "", "is not UTF-8 text");
}

static dt_status read_lines(FILE *f, dt_claims *claims, place *at)
{
    char *line = NULL;
    size_t size = 0;
    bool header = false;
    dt_status status = DT_OK;
    for (ssize_t length; status == DT_OK && (length = getline(&line, &size, f)) >= 0;) {
        at->line++;
        status = check_text(line, length, at);
        line[strcspn(line, "\r\n")] = '\0';
        if (status != DT_OK || line[0] == '\0' || line[0] == '#') continue;
        status = header ? add_row(claims, line, at) : check_header(line, at);
        header = true;
    }
    free(line);
    if (status != DT_OK) return status;
    if (ferror(f)) return dt_error_set(at->err, DT_ERR_IO, at->path, -1, "", "cannot read: %s", strerror(errno));
    if (claims->n == 0)
        return dt_error_set(at->err, DT_ERR_DATA, at->path, -1, "", header ? "no claim in it" : "no header line in it");
    return DT_OK;
}

dt_status dt_claims_load(const char *path, dt_claims **out, dt_error *err)
{
    *out = NULL;
    FILE *f = fopen(path, "r");
    if (!f) return dt_error_set(err, DT_ERR_IO, path, -1, dt_io_hint(errno), "cannot open: %s", strerror(errno));
    dt_claims *claims = calloc(1, sizeof *claims);
    place at = {.path = path, .err = err};
    dt_status status =
        claims ? read_lines(f, claims, &at) : dt_error_set(err, DT_ERR_SYSTEM, path, -1, "", "out of memory");
    fclose(f);
    if (status == DT_OK)
        *out = claims;
    else
        dt_claims_free(claims);
    return status;
}

void dt_claims_free(dt_claims *claims)
{
    if (!claims) return;
    for (int i = 0; i < claims->n; i++) {
        dt_claim *c = &claims->claim[i];
        char *const text[] = {c->id, c->what, c->unit, c->preset, c->marks, c->source, c->note};
        for (size_t j = 0; j < sizeof text / sizeof text[0]; j++) free(text[j]);
    }
    free(claims->claim);
    free(claims);
}

void dt_claims_add(dt_claims *claims, const char *id, double value)
{
    dt_claim *c = find(claims, id);
    DT_REQUIRE(c, "no claim \"%s\" in published.tsv", id);
    DT_REQUIRE(c->n < DT_CLAIM_VALUES, "claim \"%s\" has %d values already", id, c->n);
    c->values[c->n++] = value;
}

static bool includes(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, word, length) == 0) return true;
    return false;
}

const char *dt_claim_verdict(const dt_claim *claim, const char *preset, bool same_data)
{
    if (claim->n == 0 || !same_data || !includes(claim->preset, preset)) return "no claim";
    dt_stats s = dt_stats_of(claim->values, claim->n);
    if (s.mean >= claim->low && s.mean <= claim->high) return "reproduced";
    /* comparisons with the NaN of an absent interval are false */
    if (s.mean + s.ci95 >= claim->low && s.mean - s.ci95 <= claim->high) return "close";
    return "not reproduced";
}

static json_t *real_or_null(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *dt_claims_json(const dt_claims *claims, const char *preset, bool same_data)
{
    json_t *list = json_array();
    for (int i = 0; i < claims->n; i++) {
        const dt_claim *c = &claims->claim[i];
        if (c->n == 0 && !includes(c->preset, preset)) continue;
        dt_stats s = dt_stats_of(c->values, c->n);
        json_t *values = json_array();
        for (int j = 0; j < c->n; j++) json_array_append_new(values, real_or_null(c->values[j]));
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:[o, o], s:o, s:o, s:o, s:o, s:s, s:s}", "id", c->id,
                            "what", c->what, "published", real_or_null(c->published), "unit", c->unit, "source",
                            c->source, "marks", c->marks, "better", c->lower_is_better ? "lower" : "higher", "band",
                            real_or_null(c->low), real_or_null(c->high), "values", values, "mean", real_or_null(s.mean),
                            "sd", real_or_null(s.sd), "ci95", real_or_null(s.ci95), "verdict",
                            dt_claim_verdict(c, preset, same_data), "note", c->note));
    }
    return list;
}

void dt_claims_bars(FILE *out, const dt_claims *claims)
{
    fprintf(out, "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory\n");
    for (int i = 0; i < claims->n; i++) {
        const dt_claim *c = &claims->claim[i];
        const char *colon = strstr(c->what, ": "), *label = colon ? colon + 2 : c->what;
        if (!isfinite(c->published)) continue;
        const dt_stats s = dt_stats_of(c->values, c->n);
        const double reach = c->n > 1 ? s.ci95 : 0;
        fprintf(out, "%s\t%.*s\t%.10g\t", label, colon ? (int)(colon - c->what) : 0, c->what, c->published);
        if (c->n > 0)
            fprintf(out, "%.10g\t%.10g\t%.10g", s.mean, s.mean - reach, s.mean + reach);
        else
            fprintf(out, "\t\t");
        fprintf(out, "\t%d\n", strchr(c->marks, 'M') != NULL);
    }
}
