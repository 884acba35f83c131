/* Lock-free training (Recht, Re, Wright, Niu 2011): how much faster it is, and what it costs. */
#include <math.h>

#include "core/clock.h"
#include "core/threads.h"
#include "experiments/word2vec/parts.h"

enum { RUNS = 3 };
static const double SHARE = 1.0 / (3 + RUNS); /* of the trial's time, for one training */

/* One training; its row, and what it took. */
static dt_status run_once(dt_trial *trial, const text *t, bool wild, int threads, int run, double done, double *seconds,
                          double *accuracy, dt_error *err)
{
    word2vec m;
    score s;
    static const int64_t passes[DT_PRESETS] = {2, 2, 5};
    const int before = dt_threads();
    const char *mode = !wild ? "in order" : "hogwild";
    word2vec_recipe recipe = recipe_of(trial, true, false);
    recipe.hogwild = wild;
    recipe.passes = dt_trial_int(trial, "passes", passes[dt_trial_preset(trial)]);
    dt_threads_set(threads);
    dt_status status = train(trial, mode, t, &recipe, done, done + SHARE, &m, seconds, err);
    dt_threads_set(before);
    if (status == DT_OK) status = judge(trial, &m, &s, err);
    word2vec_free(&m);
    if (status != DT_OK) return status;
    *accuracy = percent(&s.of[TOTAL]);
    const double speed = (double)(t->ids.words * recipe.passes) / *seconds;
    dt_trial_say(trial, "%s, %d thread%s: %.0f words/s, %.2f %% of %lld questions", mode, threads,
                 threads == 1 ? "" : "s", speed, *accuracy, (long long)s.of[TOTAL].seen);
    return dt_trial_row(trial, err, "%llu\t%s, %d thread%s\t%d\t%.3f\t%.0f\tnan\t%.4f",
                        (unsigned long long)dt_trial_seed(trial), mode, threads, threads == 1 ? "" : "s", run, *seconds,
                        speed, *accuracy);
}

dt_status hogwild_run(dt_trial *trial, dt_error *err)
{
    text t;
    const int threads = dt_threads();
    double alone, together, ordered, again, wild_alone, wild, time, low = INFINITY, high = -INFINITY, mean = 0,
                                                                    mean_time = 0;
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    status = run_once(trial, &t, false, 1, 1, 0, &alone, &ordered, err);
    if (status == DT_OK && threads > 1) status = run_once(trial, &t, false, threads, 1, SHARE, &together, &again, err);
    if (status == DT_OK && threads > 1) status = run_once(trial, &t, true, 1, 1, 2 * SHARE, &wild_alone, &wild, err);
    for (int i = 0; i < RUNS && status == DT_OK && threads > 1 && !dt_trial_stopped(trial); i++) {
        status = run_once(trial, &t, true, threads, i + 1, (3 + i) * SHARE, &time, &wild, err);
        if (status != DT_OK) break;
        low = fmin(low, wild);
        high = fmax(high, wild);
        mean_time += time / RUNS;
        mean += wild / RUNS;
    }
    text_free(&t);
    if (status != DT_OK || threads == 1 || dt_trial_stopped(trial)) return status;
    return dt_trial_values(trial,
                           (dt_trial_result[]){{"hogwild_speedup", wild_alone / mean_time},
                                               {"ordered_speedup", alone / together},
                                               {"ordered_spread", fabs(ordered - again)},
                                               {"hogwild_spread", high - low},
                                               {"hogwild_cost", ordered - mean},
                                               {0}},
                           err);
}
