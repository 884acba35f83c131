/* A parallel loop must not return while a worker is still at its piece. Left to chance, a loop that returns early
 * mostly goes unseen: here the caller's piece always ends first. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/threads.h"

typedef struct {
    pthread_t caller;
    atomic_bool working, finished; /* the worker's piece */
} loop;

static void piece(void *context, int64_t i)
{
    loop *l = context;
    const struct timespec millisecond = {.tv_nsec = 1000000}, long_while = {.tv_nsec = 30000000};
    (void)i;
    if (pthread_equal(pthread_self(), l->caller)) {
        while (!l->working) nanosleep(&millisecond, NULL);
    } else {
        l->working = true;
        nanosleep(&long_while, NULL);
        l->finished = true;
    }
}

Test(threads, a_loop_waits_for_its_slowest_piece)
{
    dt_threads_set(2);
    for (int round = 0; round < 5; round++) {
        loop l = {.caller = pthread_self()};
        dt_parallel_for(2, piece, &l);
        cr_expect(l.finished, "round %d: the loop returned while a piece was running", round);
    }
}
