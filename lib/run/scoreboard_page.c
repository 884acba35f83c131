#include "run/scoreboard_page.h"

#include <math.h>
#include <string.h>

#include "run/text.h"

static void print_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fputc(*text, out);
    }
}

void dt_page_counts(FILE *out, const dt_score *scores, int n)
{
    static const char *const verdicts[][2] = {
        {"reproduced", "reproduced"}, {"close", "close"}, {"not reproduced", "not"}, {"no claim", "none"}};
    fputs("<ul class=\"counts\">\n", out);
    for (size_t v = 0; v < sizeof verdicts / sizeof *verdicts; v++)
        fprintf(out, "<li><b>%d</b> <span class=\"verdict %s\">%s</span></li>\n",
                dt_scoreboard_count(scores, n, verdicts[v][0]), verdicts[v][1], verdicts[v][0]);
    fputs("</ul>\n", out);
}

/* A cell, with the number in `json` beside its text where there is one. */
static void print_cell(FILE *out, const char *text, const json_t *json)
{
    if (json_is_number(json))
        fprintf(out, "<td data-value=\"%.10g\">", json_number_value(json));
    else
        fputs(json ? "<td data-value=\"\">" : "<td>", out);
    print_text(out, text);
    fputs("</td>", out);
}

static void print_verdict(FILE *out, const char *verdict)
{
    const char *class = strcmp(verdict, "not reproduced") == 0 ? "not"
                        : strcmp(verdict, "no claim") == 0     ? "none"
                                                               : verdict;
    fprintf(out, "<td><span class=\"verdict %s\">%s</span></td>", class, verdict);
}

static void print_row(FILE *out, const dt_score *s, int i)
{
    const dt_claim_row *row = &s->rows[i];
    const json_t *band = json_object_get(row->claim, "band"), *low = json_array_get(band, 0);
    fprintf(out, "<tr><th scope=\"row\"><a href=\"#%s\">%s</a></th>", s->experiment, s->experiment);
    print_cell(out, row->cell[DT_CLAIM_WHAT], NULL);
    print_cell(out, row->cell[DT_CLAIM_PUBLISHED], json_object_get(row->claim, "published"));
    print_cell(out, row->cell[DT_CLAIM_OURS], json_object_get(row->claim, "mean"));
    print_cell(out, row->cell[DT_CLAIM_BAND], json_is_null(low) ? json_array_get(band, 1) : low);
    print_verdict(out, row->cell[DT_CLAIM_VERDICT]);
    print_cell(out, s->preset, NULL);
    fprintf(out, "<td>%.1f</td>", s->seconds / 60);
    print_cell(out, row->source, NULL);
    fputs("</tr>\n", out);
}

void dt_page_rows(FILE *out, const dt_score *scores, int n)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < scores[k].n; i++) print_row(out, &scores[k], i);
}

void dt_page_head(FILE *out, const dt_score *scores, int n)
{
    fprintf(out, "<h2>%s: ", scores->experiment);
    print_text(out, scores->title);
    fputs("</h2>\n<p>", out);
    print_text(out, scores->paper);
    fputs("</p>\n", out);
    for (int k = 0; k < n; k++) {
        char time[32];
        fprintf(out, "<p>%s, %s on %s, %d thread%s, version %s: <code class=\"command\" tabindex=\"0\">",
                scores[k].preset, dt_text_duration(scores[k].seconds, time, sizeof time), scores[k].device,
                scores[k].threads, scores[k].threads == 1 ? "" : "s", scores[k].version);
        print_text(out, scores[k].command);
        fputs("</code></p>\n", out);
    }
}
