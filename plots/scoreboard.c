/* scoreboard terminal|results|overview|verdicts FILE...: a document, on standard output, from these result.json files.
 * Written for `make results` (plots/results), which says which files and where the document goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/scoreboard_page.h"

typedef void (*writer)(FILE *out, const dt_score *scores, int n);

static writer writer_of(const char *name)
{
    static const struct {
        const char *name;
        writer write;
    } writers[] = {{"terminal", dt_scoreboard_terminal},
                   {"results", dt_scoreboard_results},
                   {"overview", dt_scoreboard_overview},
                   {"verdicts", dt_scoreboard_verdicts},
                   {"counts", dt_page_counts},
                   {"rows", dt_page_rows},
                   {"head", dt_page_head}};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if (strcmp(name, writers[i].name) == 0) return writers[i].write;
    return NULL;
}

static int complain(const dt_error *err)
{
    char text[1024];
    fprintf(stderr, "scoreboard: %s\n", dt_error_text(err, text, sizeof text));
    return 1;
}

int main(int argc, char *argv[])
{
    const writer write = argc > 2 ? writer_of(argv[1]) : NULL;
    if (!write) {
        fputs("usage: scoreboard terminal|results|overview|verdicts|counts|rows|head FILE...\n", stderr);
        return 2;
    }
    const int n = argc - 2;
    int status = 0;
    dt_error err = {0};
    dt_score *scores = calloc((size_t)n, sizeof *scores);
    DT_REQUIRE(scores, "out of memory");
    for (int i = 0; i < n && status == 0; i++)
        if (dt_score_read(argv[2 + i], &scores[i], &err) != DT_OK) status = complain(&err);
    if (status == 0) write(stdout, scores, n);
    if (fflush(stdout) != 0) {
        dt_error_set(&err, DT_ERR_IO, "standard output", -1, "make room on the disk", "cannot be written");
        status = complain(&err);
    }
    for (int i = 0; i < n; i++) dt_score_free(&scores[i]);
    free(scores);
    return status;
}
