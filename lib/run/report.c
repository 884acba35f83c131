#include "run/report.h"

#include <stdlib.h>
#include <string.h>

#include "run/text.h"

enum { WIDTH = 120, GAP = 2, NARROWEST = 16 };

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* One line of the table, or several: `what` is wrapped to its column. */
static void print_row(FILE *out, const dt_claim_row *r, const int width[DT_CLAIM_COLUMNS])
{
    const char *what = r->cell[DT_CLAIM_WHAT];
    for (bool first = true; *what || first; first = false) {
        char line[sizeof r->cell[0]];
        size_t n = dt_text_line(what, width[DT_CLAIM_WHAT]);
        snprintf(line, sizeof line, "%.*s", (int)n, what);
        if (first) {
            dt_text_pad(out, line, width[DT_CLAIM_WHAT] + GAP);
            for (int c = DT_CLAIM_PUBLISHED; c < DT_CLAIM_VERDICT; c++) dt_text_pad(out, r->cell[c], width[c] + GAP);
            fprintf(out, "%s\n", r->cell[DT_CLAIM_VERDICT]);
        } else
            fprintf(out, "%s\n", line);
        what += n;
        what += strspn(what, " ");
    }
}

void dt_report_table(FILE *out, const dt_claim_row *rows, size_t n)
{
    static const dt_claim_row head = {.cell = {"what", "published", "ours", "band", "verdict"}};
    int width[DT_CLAIM_COLUMNS], others = 0;
    for (int c = 0; c < DT_CLAIM_COLUMNS; c++) {
        width[c] = dt_text_width(head.cell[c], sizeof head.cell[c]);
        for (size_t i = 0; i < n; i++)
            width[c] = max_int(width[c], dt_text_width(rows[i].cell[c], sizeof rows[i].cell[c]));
        if (c != DT_CLAIM_WHAT) others += width[c] + GAP;
    }
    int room = max_int(WIDTH - others, NARROWEST);
    if (width[DT_CLAIM_WHAT] > room) width[DT_CLAIM_WHAT] = room;
    print_row(out, &head, width);
    for (size_t i = 0; i < n; i++) print_row(out, &rows[i], width);
}

static void print_item(FILE *out, const char *lead, const char *text)
{
    fputs(lead, out);
    dt_text_wrap(out, text, dt_text_width(lead, strlen(lead)), WIDTH);
}

static void print_sources(FILE *out, const dt_claim_row *rows, size_t n)
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
    dt_claim_row *rows = calloc(n + 1, sizeof *rows);
    if (!rows) return dt_error_set(err, DT_ERR_SYSTEM, "result.json", -1, "", "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (dt_claim_row_of(json_array_get(claims, i), &rows[i])) continue;
        free(rows);
        return dt_error_set(err, DT_ERR_DATA, "result.json", -1, "run the experiment again",
                            "claim %zu lacks a field, or has one of another type", i + 1);
    }
    fprintf(out, "%s, preset %s; ± is the 95 %% confidence interval of the mean\n\n", experiment, preset);
    dt_report_table(out, rows, n);
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
