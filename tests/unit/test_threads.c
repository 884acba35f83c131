#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/threads.h"
#include "misuse.h"

static void visit(void *context, int64_t i)
{
    atomic_fetch_add((atomic_int *)context + i, 1);
}

Test(threads, each_index_is_visited_once)
{
    static const int64_t ns[] = {0, 1, 2, 3, 5, 8, 63, 1000, 10007};
    static const int threads[] = {1, 2, 3, 4, 8};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        dt_threads_set(threads[t]);
        cr_assert(eq(int, dt_threads(), threads[t]));
        for (size_t k = 0; k < sizeof ns / sizeof *ns; k++) {
            atomic_int *count = calloc((size_t)ns[k] + 1, sizeof *count);
            dt_parallel_for(ns[k], visit, count);
            for (int64_t i = 0; i < ns[k]; i++)
                cr_expect(count[i] == 1, "%d threads, n %d: %d visits of %d", threads[t], (int)ns[k], count[i], (int)i);
            cr_expect(count[ns[k]] == 0);
            free(count);
        }
    }
}

/* What the bodies wrote without any lock is there after the loop, and the next loop sees it: loops follow each other
 * closely, so a worker that is late for one must not take a piece of the next with the wrong fields. */
typedef struct {
    int64_t value[7];
} cells;

static void count_up(void *context, int64_t i)
{
    ((cells *)context)->value[i]++;
}

Test(threads, thousands_of_tiny_loops)
{
    enum { LOOPS = 5000 };
    for (int threads = 2; threads <= 4; threads++) {
        cells a = {{0}}, b = {{0}};
        dt_threads_set(threads);
        for (int loop = 0; loop < LOOPS; loop++) {
            dt_parallel_for(2 + loop % 6, count_up, &a);
            dt_parallel_for(3, count_up, &b);
        }
        for (int64_t i = 0; i < 7; i++) {
            int64_t wanted = 0;
            for (int loop = 0; loop < LOOPS; loop++) wanted += i < 2 + loop % 6;
            cr_expect(eq(i64, a.value[i], wanted), "%d threads, cell %d", threads, (int)i);
            cr_expect(eq(i64, b.value[i], i < 3 ? LOOPS : 0));
        }
    }
}

static void wait_for_the_other(void *context, int64_t i)
{
    (void)i;
    atomic_int *arrived = context;
    atomic_fetch_add(arrived, 1);
    for (double start = dt_seconds(); atomic_load(arrived) < 2 && dt_seconds() - start < 20;) sched_yield();
    if (atomic_load(arrived) == 2) atomic_fetch_add(arrived + 1, 1);
}

Test(threads, two_bodies_run_at_the_same_time)
{
    dt_threads_set(2);
    for (int loop = 0; loop < 10; loop++) {
        atomic_int arrived[2] = {0, 0};
        dt_parallel_for(2, wait_for_the_other, arrived);
        cr_expect(arrived[1] == 2, "loop %d ran on one thread", loop);
    }
}

typedef struct {
    pthread_t outer;
    atomic_int *strangers, *visits;
} nest;

static void inner(void *context, int64_t i)
{
    const nest *n = context;
    if (!pthread_equal(pthread_self(), n->outer)) atomic_fetch_add(n->strangers, 1);
    atomic_fetch_add(n->visits + i, 1);
}

static void outer(void *context, int64_t i)
{
    nest n = *(nest *)context;
    n.outer = pthread_self();
    n.visits += 5 * i;
    dt_parallel_for(5, inner, &n);
}

Test(threads, a_loop_inside_a_body_is_serial)
{
    dt_threads_set(4);
    atomic_int strangers = 0, visits[5 * 50] = {0};
    nest n = {.strangers = &strangers, .visits = visits};
    dt_parallel_for(50, outer, &n);
    cr_expect(strangers == 0, "%d inner bodies ran on another thread", strangers);
    for (int i = 0; i < 5 * 50; i++) cr_expect(visits[i] == 1, "cell %d", i);
    /* And the next outer loop is parallel again. */
    atomic_int arrived[2] = {0, 0};
    dt_parallel_for(2, wait_for_the_other, arrived);
    cr_expect(arrived[1] == 2);
}

typedef struct {
    int64_t count, grain;
    atomic_int *visits;
    atomic_int wrong;
} range_check;

static void visit_range(void *context, int64_t first, int64_t end)
{
    range_check *c = context;
    bool last = end == c->count;
    if (first % c->grain != 0 || end <= first || end > c->count || (!last && end - first != c->grain))
        atomic_fetch_add(&c->wrong, 1);
    for (int64_t i = first; i < end; i++) atomic_fetch_add(c->visits + i, 1);
}

Test(threads, ranges_cover_everything_once)
{
    static const int64_t counts[] = {0, 1, 9, 10, 11, 100, 1234}, grains[] = {1, 3, 10, 5000};
    for (int threads = 1; threads <= 3; threads++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t g = 0; g < sizeof grains / sizeof *grains; g++) {
                atomic_int visits[1235] = {0};
                range_check check = {counts[c], grains[g], visits, 0};
                dt_threads_set(threads);
                dt_parallel_ranges(counts[c], grains[g], visit_range, &check);
                cr_expect(check.wrong == 0, "count %d, grain %d", (int)counts[c], (int)grains[g]);
                for (int64_t i = 0; i < 1235; i++)
                    cr_assert(visits[i] == (i < counts[c]), "count %d, grain %d: %d", (int)counts[c], (int)grains[g],
                              (int)i);
            }
}

/* So many that sleeping threads are woken for them: small counts may be run as one range. */
Test(threads, many_are_cut_into_ranges)
{
    static atomic_int visits[120000];
    for (int threads = 2; threads <= 3; threads++) {
        for (int i = 0; i < 120000; i++) visits[i] = 0;
        range_check check = {100001, 10000, visits, 0};
        dt_threads_set(threads);
        dt_parallel_ranges(check.count, check.grain, visit_range, &check);
        cr_expect(check.wrong == 0, "%d ranges are wrong", check.wrong);
        for (int i = 0; i < 120000; i++)
            cr_assert(visits[i] == (i < check.count), "%d is visited %d times", i, visits[i]);
    }
    dt_threads_set(1);
}

Test(threads, the_number_can_change_any_time)
{
    for (int round = 0; round < 60; round++) {
        int threads = 1 + round * 7 % 9;
        atomic_int count[17] = {0};
        dt_threads_set(threads);
        dt_threads_set(threads);
        dt_parallel_for(17, visit, count);
        for (int i = 0; i < 17; i++) cr_assert(count[i] == 1, "round %d, index %d", round, i);
    }
    dt_threads_set(1);
    cr_expect(eq(int, dt_threads(), 1));
}

Test(threads, what_is_available)
{
    int n = dt_threads_available();
    cr_expect(n >= 1);
    cr_expect(eq(int, dt_threads(), 1), "a program starts with one thread");
    dt_threads_set(n);
    cr_expect(eq(int, dt_threads(), n));
}

Test(threads, numbers_out_of_range_are_misuse)
{
    EXPECT_MISUSE("0 threads, must be 1 to 256", dt_threads_set(0));
    EXPECT_MISUSE("257 threads, must be 1 to 256", dt_threads_set(257));
    cr_expect(eq(int, dt_threads(), 1));
}
