/* y's column i is column `column[i]` of a sequence, which may lie in several parts; a part's gradient gets that of each
 * column that was taken of it. */
#include <string.h>

#include "ops/op.h"

typedef struct {
    dt_var **part;
    int64_t parts, steps; /* steps of all parts */
    const int64_t *column;
} columns_saved;

static void check(dt_var *const *part, int64_t parts, const int64_t *column, int64_t count, int64_t steps)
{
    const int64_t *first = part[0]->dim;
    for (int64_t i = 0; i < parts; i++)
        DT_REQUIRE(part[i]->rank == 3 && part[i]->dim[1] == first[1] && part[i]->dim[2] == first[2],
                   "columns: %s is no sequence of the form of %s", SHAPE(part[i]), SHAPE(part[0]));
    DT_REQUIRE(count > 0, "columns: none of %s is asked for", SHAPE(part[0]));
    for (int64_t i = 0; i < count; i++)
        DT_REQUIRE(column[i] >= 0 && column[i] < steps * first[2], "columns: there is no column %lld in %lld of %lld",
                   (long long)column[i], (long long)steps, (long long)first[2]);
}

dt_var *dt_columns(dt_var *const *part, int64_t parts, const int64_t *column, int64_t count)
{
    int64_t steps = 0;
    for (int64_t i = 0; i < parts; i++) steps += part[i]->dim[0];
    check(part, parts, column, count, steps);
    const int64_t features = part[0]->dim[1], n = part[0]->dim[2];
    dt_var *y = dt_record(&dt_columns_op, 1, part, 2, (int64_t[]){features, count});
    dt_arena *arena = y->tape->arena;
    columns_saved *saved = y->saved = dt_arena_alloc(arena, sizeof *saved);
    *saved = (columns_saved){dt_arena_alloc(arena, (size_t)parts * sizeof *saved->part), parts, steps, column};
    memcpy(saved->part, part, (size_t)parts * sizeof *part);
    const dt_arena_mark mark = dt_arena_tell(arena);
    const real **step = dt_arena_alloc(arena, (size_t)steps * sizeof *step);
    for (int64_t i = 0, at = 0; i < parts; i++) {
        y->needs_gradient |= part[i]->needs_gradient;
        for (int64_t t = 0; t < part[i]->dim[0]; t++) step[at++] = part[i]->value + t * features * n;
    }
    KERNEL(y, columns_forward)(features, n, count, step, column, y->value);
    dt_arena_rewind(arena, mark);
    return y;
}

dt_var *dt_step(dt_var *x, int64_t t)
{
    DT_REQUIRE(x->rank == 3 && t >= 0 && t < x->dim[0], "step %lld of %s", (long long)t, SHAPE(x));
    const int64_t n = dt_batch(x);
    int64_t *column = dt_arena_alloc(x->tape->arena, (size_t)n * sizeof *column);
    for (int64_t i = 0; i < n; i++) column[i] = t * n + i;
    return dt_columns(&x, 1, column, n);
}

static void backward(const dt_var *y)
{
    const columns_saved *saved = y->saved;
    dt_arena *arena = y->tape->arena;
    const int64_t features = y->dim[0], n = saved->part[0]->dim[2];
    real **gradient = dt_arena_alloc(arena, (size_t)saved->parts * sizeof *gradient);
    for (int64_t i = 0; i < saved->parts; i++) gradient[i] = dt_gradient_sum(saved->part[i]);
    const dt_arena_mark mark = dt_arena_tell(arena);
    real **step = dt_arena_alloc(arena, (size_t)saved->steps * sizeof *step);
    for (int64_t i = 0, at = 0; i < saved->parts; i++)
        for (int64_t t = 0; t < saved->part[i]->dim[0]; t++)
            step[at++] = gradient[i] ? gradient[i] + t * features * n : NULL;
    KERNEL(y, columns_backward)(features, n, y->dim[1], y->gradient, saved->column, step);
    dt_arena_rewind(arena, mark);
}

const dt_op dt_columns_op = {"columns", "y_i = column column_i of a sequence", backward, NULL};
