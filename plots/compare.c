/* compare METRIC X RUN...: writes on standard output, for plots/bands.gp, one measure of several runs. Written for
 * `make plots/compare`, which draws it (plots/overlay). */
#include <stdio.h>

#include "run/compare.h"

int main(int argc, char *argv[])
{
    dt_error err = {0};
    if (argc < 4) {
        fputs("usage: compare METRIC X RUN...\n", stderr);
        return 2;
    }
    if (dt_compare(stdout, (const char *const *)argv + 3, argc - 3, argv[1], argv[2], &err) != DT_OK) {
        char text[1024];
        fprintf(stderr, "compare: %s\n", dt_error_text(&err, text, sizeof text));
        return 1;
    }
    return fflush(stdout) != 0;
}
