#include "run/scoreboard.h"

#include <stdlib.h>
#include <string.h>

#include "run/atomic.h"
#include "run/report.h"
#include "run/text.h"

static dt_status bad(const char *path, dt_error *err, const char *why)
{
    return dt_error_set(err, DT_ERR_DATA, path, -1,
                        "run the experiment again, and keep its record with `make record/NAME`", "%s", why);
}

dt_status dt_score_read(const char *path, dt_score *s, dt_error *err)
{
    *s = (dt_score){0};
    dt_status status = dt_json_load(path, &s->json, err);
    if (status != DT_OK) return status;
    json_t *claims, *dataset;
    json_error_t why;
    if (json_unpack_ex(s->json, &why, 0, "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:F, s:{s:o}, s:o}", "experiment",
                       &s->experiment, "title", &s->title, "paper", &s->paper, "preset", &s->preset, "device",
                       &s->device, "command", &s->command, "version", &s->version, "threads", &s->threads, "seconds",
                       &s->seconds, "dataset", "name", &dataset, "claims", &claims) != 0) {
        status = bad(path, err, why.text);
        dt_score_free(s);
        return status;
    }
    s->dataset = json_string_value(dataset);
    const size_t n = json_array_size(claims);
    s->rows = calloc(n + 1, sizeof *s->rows);
    DT_REQUIRE(s->rows, "dt_score_read: out of memory");
    for (size_t i = 0; i < n && status == DT_OK; i++) {
        const json_t *claim = json_array_get(claims, i);
        if (!dt_claim_row_of(claim, &s->rows[s->n]))
            status = bad(path, err, "a claim lacks a field, or has one of another type");
        else if (json_array_size(json_object_get(claim, "values")) > 0)
            s->n++;
    }
    if (status != DT_OK) dt_score_free(s);
    return status;
}

void dt_score_free(dt_score *s)
{
    json_decref(s->json);
    free(s->rows);
    *s = (dt_score){0};
}

/* A cell of a Markdown table. */
static void print_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    for (; *text; text++) {
        if (strchr("|<>*_`\\", *text)) fputc('\\', out);
        fputc(*text, out);
    }
    fputs(" |", out);
}

static bool is_claim(const dt_claim_row *row)
{
    return strcmp(row->cell[DT_CLAIM_VERDICT], "no claim") != 0;
}

static void print_score(FILE *out, const dt_score *s)
{
    char time[32];
    fprintf(out, "\n## %s, %s\n\n%s: %s.\n\n", s->experiment, s->preset, s->paper, s->title);
    fprintf(out, "`%s`: %s on %s, %d thread%s; data: %s; version %s; [lab page](experiments/%s/README.md).\n\n",
            s->command, dt_text_duration(s->seconds, time, sizeof time), s->device, s->threads,
            s->threads == 1 ? "" : "s", s->dataset ? s->dataset : "none", s->version, s->experiment);
    fputs("| what | published | ours | band | verdict | published in |\n| --- | --- | --- | --- | --- | --- |\n", out);
    for (int i = 0; i < s->n; i++) {
        fputs("|", out);
        for (int c = 0; c < DT_CLAIM_COLUMNS; c++) print_cell(out, s->rows[i].cell[c]);
        print_cell(out, s->rows[i].source);
        fputs("\n", out);
    }
}

int dt_scoreboard_count(const dt_score *scores, int n, const char *verdict)
{
    int times = 0;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < scores[k].n; i++) times += strcmp(scores[k].rows[i].cell[DT_CLAIM_VERDICT], verdict) == 0;
    return times;
}

/* "Of 12 claims 10 are reproduced, 1 close, 1 not reproduced; 3 more numbers are shown without a claim." */
static void print_counts(FILE *out, const dt_score *scores, int n)
{
    const int reproduced = dt_scoreboard_count(scores, n, "reproduced"),
              close = dt_scoreboard_count(scores, n, "close"),
              missed = dt_scoreboard_count(scores, n, "not reproduced");
    fprintf(out,
            "Of %d claims %d are reproduced, %d close, %d not reproduced; %d more numbers are shown without a claim.",
            reproduced + close + missed, reproduced, close, missed, dt_scoreboard_count(scores, n, "no claim"));
}

void dt_scoreboard_terminal(FILE *out, const dt_score *scores, int n)
{
    int total = 0, i = 0;
    for (int k = 0; k < n; k++) total += scores[k].n;
    dt_claim_row *rows = calloc((size_t)total + 1, sizeof *rows);
    DT_REQUIRE(rows, "dt_scoreboard_terminal: out of memory");
    for (int k = 0; k < n; k++)
        for (int r = 0; r < scores[k].n; r++, i++) {
            rows[i] = scores[k].rows[r];
            snprintf(rows[i].cell[DT_CLAIM_WHAT], sizeof rows[i].cell[DT_CLAIM_WHAT], "%s: %.340s",
                     scores[k].experiment, scores[k].rows[r].cell[DT_CLAIM_WHAT]);
        }
    dt_report_table(out, rows, (size_t)total);
    fputs("\n", out);
    print_counts(out, scores, n);
    fputs("\n", out);
    free(rows);
}

void dt_scoreboard_results(FILE *out, const dt_score *scores, int n)
{
    fputs("# Results\n\nWritten by `make results` from the records in experiments/*/record/; do not edit.\n\n", out);
    print_counts(out, scores, n);
    fputs(" How\na claim is judged stands in [README.md](README.md).\n", out);
    for (int k = 0; k < n; k++) print_score(out, &scores[k]);
}

static bool is_new(const dt_score *scores, int k)
{
    for (int i = 0; i < k; i++)
        if (strcmp(scores[i].experiment, scores[k].experiment) == 0) return false;
    return true;
}

/* Of "A, B 1998, Its title; C 2006, Another" the authors and years: "A, B 1998; C 2006". */
static void print_papers(FILE *out, const char *paper)
{
    char text[1024] = "";
    for (const char *part = paper; *part;) {
        const size_t length = strcspn(part, ";");
        size_t kept = 0;
        for (int digits = 0; kept < length && digits < 4; kept++)
            digits = part[kept] >= '0' && part[kept] <= '9' ? digits + 1 : 0;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", *text ? "; " : "", (int)kept, part);
        part += length;
        part += strspn(part, "; ");
    }
    print_cell(out, text);
}

void dt_scoreboard_overview(FILE *out, const dt_score *scores, int n)
{
    fputs("| experiment | what is reproduced | paper | for one | published | ours | claims reproduced | time |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
          out);
    for (int k = 0; k < n; k++) {
        const dt_score *s = &scores[k];
        const dt_claim_row *first = NULL;
        for (int i = 0; i < s->n && !first; i++)
            if (is_claim(&s->rows[i])) first = &s->rows[i];
        if (!first || !is_new(scores, k)) continue;
        char time[32], share[32];
        const int claims = s->n - dt_scoreboard_count(s, 1, "no claim");
        snprintf(share, sizeof share, "%d of %d", dt_scoreboard_count(s, 1, "reproduced"), claims);
        fprintf(out, "| [%s](experiments/%s/README.md) |", s->experiment, s->experiment);
        print_cell(out, s->title);
        print_papers(out, s->paper);
        print_cell(out, first->cell[DT_CLAIM_WHAT]);
        print_cell(out, first->cell[DT_CLAIM_PUBLISHED]);
        print_cell(out, first->cell[DT_CLAIM_OURS]);
        print_cell(out, share);
        print_cell(out, dt_text_duration(s->seconds, time, sizeof time));
        fputs("\n", out);
    }
}

void dt_scoreboard_verdicts(FILE *out, const dt_score *scores, int n)
{
    fputs("record\treproduced\tclose\tmissed\tunclaimed\n", out);
    for (int k = 0; k < n; k++)
        fprintf(out, "%s, %s\t%d\t%d\t%d\t%d\n", scores[k].experiment, scores[k].preset,
                dt_scoreboard_count(&scores[k], 1, "reproduced"), dt_scoreboard_count(&scores[k], 1, "close"),
                dt_scoreboard_count(&scores[k], 1, "not reproduced"), dt_scoreboard_count(&scores[k], 1, "no claim"));
}
