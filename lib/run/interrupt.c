#include "run/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const int watched[] = {SIGINT, SIGTERM};
enum { WATCHED = sizeof watched / sizeof watched[0] };

static volatile sig_atomic_t came;
static struct sigaction former[WATCHED];
static bool installed[WATCHED];

/* Whichever signal comes first, the next of either kind finds the default action: it kills. */
static void note(int signum)
{
    came = signum;
    for (int i = 0; i < WATCHED; i++)
        if (installed[i]) signal(watched[i], SIG_DFL);
}

void dt_interrupt_begin(void)
{
    dt_interrupt_end();
    came = 0;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < WATCHED; i++) sigaddset(&action.sa_mask, watched[i]);
    for (int i = 0; i < WATCHED; i++) {
        sigaction(watched[i], NULL, &former[i]);
        installed[i] = former[i].sa_handler != SIG_IGN;
    }
    for (int i = 0; i < WATCHED; i++)
        if (installed[i]) sigaction(watched[i], &action, NULL);
}

int dt_interrupted(void)
{
    return (int)came;
}

void dt_interrupt_end(void)
{
    for (int i = 0; i < WATCHED; i++) {
        if (installed[i]) sigaction(watched[i], &former[i], NULL);
        installed[i] = false;
    }
}
