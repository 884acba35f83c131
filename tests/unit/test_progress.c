#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "run/interrupt.h"
#include "run/progress.h"
#include "run/text.h"

/* What the progress of a short run writes to a pipe. */
static char *through_a_pipe(bool quiet, double interval)
{
    static char text[4096];
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    FILE *out = fdopen(ends[1], "w");
    dt_progress p;
    dt_progress_start(&p, out, quiet, 0, 200);
    if (interval >= 0) p.interval = interval;
    dt_progress_update(&p, 84, "epoch %d/%d  loss %.3f", 1, 2, 0.25);
    dt_progress_part_done(&p, "epoch 1: %.2f %%", 1.5);
    dt_progress_update(&p, 200, "epoch 2/2");
    dt_progress_end(&p);
    fclose(out);
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

Test(progress, pipe_gets_plain_lines)
{
    char *text = through_a_pipe(false, 0);
    cr_assert(strchr(text, '\r') == NULL);
    cr_assert(strncmp(text, " 42 %  epoch 1/2  loss 0.250  ", 30) == 0, "%s", text);
    cr_assert(strstr(text, "  0 s left\nepoch 1: 1.50 %\n100 %  epoch 2/2\n") != NULL, "%s", text);
    cr_assert(text[strlen(text) - 1] == '\n');
}

/* One of 1,000 in 0.1 s, when 499 were done before: without that knowledge there would be 0.1 s left. */
Test(progress, what_was_done_before_tells_nothing_about_the_time_left)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    dt_progress p;
    dt_progress_start(&p, out, false, 0, 1000);
    p.interval = 0;
    dt_progress_skip(&p, 499);
    dt_progress_update(&p, 499, "a");
    usleep(100000);
    dt_progress_update(&p, 500, "b");
    fclose(out);
    int left = 0;
    cr_assert(strncmp(text, " 49 %  a\n 50 %  b  ", 19) == 0, "%s", text);
    cr_assert(sscanf(text + 19, "%d s left", &left) == 1 && left >= 49, "500 at 0.1 s each are left: %s", text);
    free(text);
}

Test(progress, pipe_gets_few_lines)
{
    cr_assert(eq(str, through_a_pipe(false, -1), "epoch 1: 1.50 %\n"));
}

Test(progress, quiet)
{
    cr_assert(eq(str, through_a_pipe(true, 0), ""));
}

/* A terminal of that many columns: *master reads what is written to the result. */
static FILE *terminal(int *master, unsigned short columns)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    bool made = *master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0;
    cr_assert(made);
    int fd = open(ptsname(*master), O_RDWR | O_NOCTTY);
    cr_assert(fd >= 0);
    struct termios raw;
    tcgetattr(fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    ioctl(fd, TIOCSWINSZ, &(struct winsize){.ws_row = 24, .ws_col = columns});
    return fdopen(fd, "w");
}

static size_t drain(int master, char *text, size_t size)
{
    ssize_t n = read(master, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

Test(progress, terminal_line_is_rewritten)
{
    int master;
    char text[4096];
    FILE *out = terminal(&master, 100);
    dt_progress p;
    dt_progress_start(&p, out, false, 0, 1000);
    p.interval = 0;
    dt_progress_update(&p, 420, "a long label with metrics");
    drain(master, text, sizeof text);
    cr_assert(strncmp(text, "\r 42 %  a long label with metrics  ", 35) == 0, "%s", text);
    cr_assert(strchr(text, '\n') == NULL);
    int before = p.shown;
    dt_progress_update(&p, 430, "short");
    drain(master, text, sizeof text);
    int first = (int)strcspn(text + 1, "\r"); /* the first writing covers the former line */
    cr_assert(ge(int, first, before));
    cr_assert(strchr(text, '\n') == NULL);
    dt_progress_part_done(&p, "done");
    drain(master, text, sizeof text);
    cr_assert(eq(str, strrchr(text, '\r'), "\rdone\n"));
    dt_progress_update(&p, 500, "x");
    drain(master, text, sizeof text);
    dt_progress_end(&p);
    size_t n = drain(master, text, sizeof text);
    cr_assert(eq(sz, strspn(text, "\r "), n)); /* only blanks: the line is gone */
    fclose(out);
    close(master);
}

Test(progress, narrow_terminal)
{
    int master;
    char text[4096];
    FILE *out = terminal(&master, 20);
    dt_progress p;
    dt_progress_start(&p, out, false, 0, 1000);
    p.interval = 0;
    for (int i = 0; i < 3; i++) {
        dt_progress_update(&p, 100 * i, "épöch %d with a very long tail of metrics", i);
        drain(master, text, sizeof text);
        for (char *line = strtok(text, "\r"); line; line = strtok(NULL, "\r"))
            cr_assert(le(int, dt_text_width(line, strlen(line)), 19));
    }
    cr_assert(eq(int, p.shown, 19));
    fclose(out);
    close(master);
}

Test(progress, updates_in_between_are_cheap_and_silent)
{
    int master;
    char text[4096];
    FILE *out = terminal(&master, 80);
    dt_progress p;
    dt_progress_start(&p, out, false, 500, 1000);
    p.interval = 3600;
    for (int i = 0; i < 1000; i++) dt_progress_update(&p, 500, "x");
    dt_progress_part_done(&p, "end");
    drain(master, text, sizeof text);
    cr_assert(eq(str, text, "\rend\n"));
    fclose(out);
    close(master);
}

Test(interrupt, first_asks_and_end_restores)
{
    signal(SIGINT, SIG_DFL); /* a background job may have been started with it ignored */
    signal(SIGTERM, SIG_IGN);
    dt_interrupt_begin();
    cr_assert(eq(int, dt_interrupted(), 0));
    raise(SIGTERM); /* was ignored, and stays so */
    cr_assert(eq(int, dt_interrupted(), 0));
    raise(SIGINT);
    cr_assert(eq(int, dt_interrupted(), SIGINT));
    dt_interrupt_end();
    cr_assert(eq(int, dt_interrupted(), SIGINT));
    cr_assert(signal(SIGINT, SIG_DFL) == SIG_DFL);
    dt_interrupt_begin();
    cr_assert(eq(int, dt_interrupted(), 0));
    dt_interrupt_end();
}

Test(interrupt, second_kills)
{
    static const int pairs[3][2] = {{SIGINT, SIGINT}, {SIGTERM, SIGINT}, {SIGINT, SIGTERM}};
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGINT, SIG_DFL);
            dt_interrupt_begin();
            raise(pairs[i][0]);
            if (dt_interrupted() == pairs[i][0]) raise(pairs[i][1]);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        int killed_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        cr_assert(eq(int, killed_by, pairs[i][1]));
    }
}
