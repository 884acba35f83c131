#include "run/progress.h"

#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/text.h"

enum { LINE = 512 };

void dt_progress_start(dt_progress *p, FILE *out, bool quiet, double done_work, double total_work)
{
    bool terminal = !quiet && isatty(fileno(out));
    double now = dt_seconds();
    *p = (dt_progress){.out = out,
                       .quiet = quiet,
                       .terminal = terminal,
                       .total = total_work,
                       .base = done_work,
                       .done = done_work,
                       .start = now,
                       .last = now,
                       .interval = terminal ? 0.1 : 10};
}

void dt_progress_skip(dt_progress *p, double done_work)
{
    p->base = done_work;
    p->start = dt_seconds();
}

/* Asked each time: the window may change its size. */
static int terminal_columns(FILE *out)
{
    struct winsize window;
    if (ioctl(fileno(out), TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return 80;
    return window.ws_col;
}

/* Replaces the line on the terminal. Spaces cover what is left of the former one: that works on every terminal. The
 * last column stays free, since writing there may begin a new line. */
static void rewrite(dt_progress *p, const char *line)
{
    int room = terminal_columns(p->out) - 1;
    size_t fit = dt_text_fit(line, room);
    int width = dt_text_width(line, fit), blank = (p->shown < room ? p->shown : room) - width;
    fprintf(p->out, "\r%.*s%*s", (int)fit, line, blank > 0 ? blank : 0, "");
    if (blank > 0) fprintf(p->out, "\r%.*s", (int)fit, line);
    p->shown = width;
}

static void describe(const dt_progress *p, double now, const char *text, char line[LINE])
{
    double percent = p->total > 0 ? 100 * p->done / p->total : 100;
    double rate = now > p->start ? (p->done - p->base) / (now - p->start) : 0;
    char left[40] = "", time[24];
    if (rate > 0 && p->done < p->total)
        snprintf(left, sizeof left, "  %s left", dt_text_duration((p->total - p->done) / rate, time, sizeof time));
    snprintf(line, LINE, "%3d %%  %s%s", (int)percent, text, left);
}

void dt_progress_update(dt_progress *p, double done_work, const char *format, ...)
{
    p->done = done_work;
    if (p->quiet) return;
    double now = dt_seconds();
    if (now - p->last < p->interval) return;
    p->last = now;
    char text[LINE / 2], line[LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    describe(p, now, text, line);
    if (p->terminal)
        rewrite(p, line);
    else
        fprintf(p->out, "%s\n", line);
    fflush(p->out);
}

void dt_progress_part_done(dt_progress *p, const char *format, ...)
{
    if (p->quiet) return;
    if (p->shown > 0) rewrite(p, "");
    if (p->terminal) putc('\r', p->out);
    p->shown = 0;
    va_list args;
    va_start(args, format);
    vfprintf(p->out, format, args);
    va_end(args);
    putc('\n', p->out);
    fflush(p->out);
    p->last = dt_seconds();
}

void dt_progress_end(dt_progress *p)
{
    if (p->shown == 0) return;
    rewrite(p, "");
    putc('\r', p->out);
    fflush(p->out);
    p->shown = 0;
}
