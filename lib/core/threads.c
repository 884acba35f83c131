#include "core/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/error.h"

/* A worker spins for a few tens of microseconds after its last piece, the usual gap between two kernels, then sleeps: a
 * spinning barrier beside a busy neighbour makes programs slower by an order of magnitude. */
enum { SPINS = 1000, MAX_THREADS = 256, MAX_PIECES = 65535 };

/* Numbers in a range that take longer than a sleeping thread takes to begin. */
enum { WORTH_WAKING = 65536 };

static struct {
    int n_threads;
    pthread_t workers[MAX_THREADS];
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_int sleeping;
    atomic_bool stop;
    /* The current loop. `ticket` is (generation << 32 | pieces taken from the back << 16 | pieces taken from the
     * front): a worker that comes late holds an old generation or finds it CLOSED, so it never claims a piece with the
     * fields of another loop. */
    _Atomic uint64_t ticket;
    _Atomic(void (*)(void *, int64_t)) body;
    _Atomic(void *) context;
    _Atomic int64_t n;
    _Atomic int64_t done;
    _Atomic uint64_t started; /* the generation when the workers were started */
} pool = {.n_threads = 1, .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

#define CLOSED UINT64_C(0xffffffff)
#define FROM_BACK UINT64_C(0x10000)

static _Thread_local bool inside;

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static int64_t taken(uint64_t ticket)
{
    return (int64_t)(ticket & 0xffff) + (int64_t)(ticket >> 16 & 0xffff);
}

/* Takes pieces of the loop of `generation` until none is left: every second thread from the back, so that from loop to
 * loop a thread mostly meets what it has in its cache (an 800-unit layer trains a quarter faster by it). */
static void work(uint64_t generation, bool from_back)
{
    void (*body)(void *, int64_t) = atomic_load(&pool.body);
    void *context = atomic_load(&pool.context);
    int64_t n = atomic_load(&pool.n);
    uint64_t ticket = atomic_load(&pool.ticket);
    while (ticket >> 32 == generation && taken(ticket) < n) {
        if (!atomic_compare_exchange_weak(&pool.ticket, &ticket, ticket + (from_back ? FROM_BACK : 1))) continue;
        inside = true;
        body(context, from_back ? n - 1 - (int64_t)(ticket >> 16 & 0xffff) : (int64_t)(ticket & 0xffff));
        inside = false;
        atomic_fetch_add(&pool.done, 1);
        ticket = atomic_load(&pool.ticket);
    }
}

static void *worker(void *arg)
{
    const bool from_back = (uintptr_t)arg % 2;
    uint64_t seen = atomic_load(&pool.started);
    for (;;) {
        uint64_t generation = atomic_load(&pool.ticket) >> 32;
        for (int spins = 0; generation == seen && !atomic_load(&pool.stop); spins++) {
            if (spins < SPINS) {
                relax();
            } else {
                pthread_mutex_lock(&pool.mutex);
                atomic_fetch_add(&pool.sleeping, 1);
                if (atomic_load(&pool.ticket) >> 32 == seen && !atomic_load(&pool.stop))
                    pthread_cond_wait(&pool.wake, &pool.mutex);
                atomic_fetch_sub(&pool.sleeping, 1);
                pthread_mutex_unlock(&pool.mutex);
                spins = 0;
            }
            generation = atomic_load(&pool.ticket) >> 32;
        }
        if (atomic_load(&pool.stop)) return NULL;
        seen = generation;
        work(generation, from_back);
    }
}

static void wake_sleepers(void)
{
    if (atomic_load(&pool.sleeping) == 0) return;
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
}

static void stop_workers(void)
{
    atomic_store(&pool.stop, true);
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
    for (int i = 1; i < pool.n_threads; i++) pthread_join(pool.workers[i], NULL);
    pool.n_threads = 1;
    atomic_store(&pool.stop, false);
}

/* The processors that the process may use, as they were before any thread was placed. */
static const cpu_set_t *allowed(void)
{
    static cpu_set_t set;
    if (CPU_COUNT(&set) == 0 && sched_getaffinity(0, sizeof set, &set) != 0) CPU_SET(0, &set);
    return &set;
}

/* Gives each thread a processor of its own, if there are enough; one thread alone may go anywhere. Left to the system,
 * a worker that sleeps often and is woken by a busy thread tends to land on that one's processor, where the two then
 * take turns for good (measured: two threads as slow as one). Where it fails, it is only slower. */
static void place_threads(void)
{
    const cpu_set_t *all = allowed();
    int cpu = sched_getcpu();
    if (pool.n_threads == 1 || pool.n_threads > CPU_COUNT(all) || cpu < 0) {
        sched_setaffinity(0, sizeof *all, all);
        return;
    }
    for (int i = 0; i < pool.n_threads; i++, cpu++) {
        while (!CPU_ISSET(cpu % CPU_SETSIZE, all)) cpu++;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu % CPU_SETSIZE, &one);
        pthread_setaffinity_np(i ? pool.workers[i] : pthread_self(), sizeof one, &one);
    }
}

void dt_threads_set(int n)
{
    DT_REQUIRE(n >= 1 && n <= MAX_THREADS, "dt_threads_set: %d threads, must be 1 to %d", n, MAX_THREADS);
    allowed();
    if (n == pool.n_threads) return;
    static bool registered;
    if (!registered) registered = atexit(stop_workers) == 0;
    stop_workers();
    atomic_store(&pool.started, atomic_load(&pool.ticket) >> 32);
    for (; pool.n_threads < n; pool.n_threads++) {
        int failed = pthread_create(&pool.workers[pool.n_threads], NULL, worker, (void *)(uintptr_t)pool.n_threads);
        DT_REQUIRE(!failed, "dt_threads_set: thread %d of %d could not be started", pool.n_threads + 1, n);
    }
    place_threads();
}

int dt_threads(void)
{
    return pool.n_threads;
}

int dt_threads_free(bool wake)
{
    if (inside) return 1;
    return wake ? pool.n_threads : pool.n_threads - atomic_load(&pool.sleeping);
}

int dt_threads_available(void)
{
    int n = CPU_COUNT(allowed());
    return n > MAX_THREADS ? MAX_THREADS : n;
}

void dt_parallel_for(int64_t n, void (*body)(void *context, int64_t i), void *context)
{
    if (inside || pool.n_threads == 1 || n <= 1) {
        for (int64_t i = 0; i < n; i++) body(context, i);
        return;
    }
    DT_REQUIRE(n <= MAX_PIECES, "dt_parallel_for: %lld pieces, at most %d", (long long)n, MAX_PIECES);
    uint64_t former = atomic_load(&pool.ticket) >> 32;
    uint64_t generation = (former + 1) & UINT32_MAX;
    atomic_store(&pool.ticket, former << 32 | CLOSED);
    atomic_store(&pool.body, body);
    atomic_store(&pool.context, context);
    atomic_store(&pool.n, n);
    atomic_store(&pool.done, 0);
    atomic_store(&pool.ticket, generation << 32);
    wake_sleepers();
    work(generation, false);
    for (int spins = 0; atomic_load(&pool.done) < n; spins++) {
        relax();
        if (spins > SPINS) sched_yield();
    }
}

void dt_serial(void (*body)(void *context, int64_t i), void *context)
{
    bool before = inside;
    inside = true;
    body(context, 0);
    inside = before;
}

typedef struct {
    int64_t count, grain;
    void (*body)(void *, int64_t, int64_t);
    void *context;
} ranges;

static void run_range(void *context, int64_t i)
{
    const ranges *r = context;
    int64_t first = i * r->grain, end = first + r->grain;
    r->body(r->context, first, end < r->count ? end : r->count);
}

void dt_parallel_ranges(int64_t count, int64_t grain, void (*body)(void *context, int64_t first, int64_t end),
                        void *context)
{
    ranges r = {count, grain, body, context};
    if (count > 0 && dt_threads_free(count >= WORTH_WAKING) == 1)
        body(context, 0, count);
    else
        dt_parallel_for((count + grain - 1) / grain, run_range, &r);
}
