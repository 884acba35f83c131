#include "tape/params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/rng.h"
#include "core/threads.h"

enum { ALIGN = 64, ALIGN_REALS = ALIGN / sizeof(real) };

dt_params *dt_params_new(uint64_t seed)
{
    dt_params *params = calloc(1, sizeof *params);
    DT_REQUIRE(params, "dt_params_new: out of memory");
    params->seed = seed;
    return params;
}

void dt_params_free(dt_params *params)
{
    if (!params) return;
    for (int i = 0; i < params->n; i++) free(params->list[i]);
    free(params->values);
    free(params->gradients);
    free(params);
}

/* The block grown to `size` reals, the new ones 0. */
static real *grow(real *block, int64_t former, int64_t size)
{
    real *grown = aligned_alloc(ALIGN, (size_t)size * sizeof *grown);
    DT_REQUIRE(grown, "dt_params_add: out of memory for %lld parameters", (long long)size);
    if (former) memcpy(grown, block, (size_t)former * sizeof *grown);
    memset(grown + former, 0, (size_t)(size - former) * sizeof *grown);
    free(block);
    return grown;
}

void dt_params_draw(dt_params *params, const dt_param *param, int64_t first, int64_t count, dt_init init)
{
    real *values = params->values + param->offset;
    dt_rng stream = dt_rng_stream(params->seed, param->name, 0);
    for (int64_t i = first; i < first + count; i++) {
        double uniform = 2 * dt_rng_uniform(stream, (uint64_t)i) - 1, value = init.value;
        switch (init.kind) {
        case DT_INIT_LECUN98:
            value = uniform * 2.4 / init.fan_in;
            break;
        case DT_INIT_STANDARD:
            value = uniform / sqrt(init.fan_in);
            break;
        case DT_INIT_GLOROT:
            value = uniform * sqrt(6 / (init.fan_in + init.fan_out));
            break;
        case DT_INIT_LECUN:
            value = dt_rng_normal(stream, (uint64_t)i) * sqrt(1 / init.fan_in);
            break;
        case DT_INIT_HE:
            value = dt_rng_normal(stream, (uint64_t)i) * sqrt(2 / init.fan_in);
            break;
        case DT_INIT_NORMAL:
            value = dt_rng_normal(stream, (uint64_t)i) * init.value;
            break;
        case DT_INIT_UNIFORM:
            value = uniform * init.value;
            break;
        case DT_INIT_CONSTANT:
            break;
        }
        values[i] = (real)value;
    }
}

dt_param *dt_params_add(dt_params *params, const char *name, int rank, const int64_t *dim, dt_init init)
{
    DT_REQUIRE(params->n < DT_MAX_PARAMS, "dt_params_add: \"%s\" is one parameter too many, at most %d", name,
               DT_MAX_PARAMS);
    DT_REQUIRE(rank >= 1 && rank <= DT_MAX_RANK, "dt_params_add: \"%s\" has rank %d, must be 1 to %d", name, rank,
               DT_MAX_RANK);
    DT_REQUIRE(strlen(name) < DT_NAME_SIZE, "dt_params_add: the name \"%s\" is longer than %d bytes", name,
               DT_NAME_SIZE - 1);
    for (int i = 0; i < params->n; i++)
        DT_REQUIRE(strcmp(params->list[i]->name, name) != 0, "dt_params_add: there is a \"%s\" already", name);
    dt_param *param = calloc(1, sizeof *param);
    DT_REQUIRE(param, "dt_params_add: out of memory");
    snprintf(param->name, sizeof param->name, "%s", name);
    param->rank = rank;
    param->count = 1;
    for (int i = 0; i < rank; i++) {
        DT_REQUIRE(dim[i] > 0, "dt_params_add: \"%s\" has %lld as dimension %d", name, (long long)dim[i], i);
        param->dim[i] = dim[i];
        param->count *= dim[i];
    }
    param->decays = rank > 1;
    param->lr_mult = param->decay_mult = 1;
    param->index = params->n;
    param->offset = params->size;
    int64_t size = params->size + (param->count + ALIGN_REALS - 1) / ALIGN_REALS * ALIGN_REALS;
    params->values = grow(params->values, params->size, size);
    params->gradients = grow(params->gradients, params->size, size);
    params->size = size;
    params->list[params->n++] = param;
    dt_params_draw(params, param, 0, param->count, init);
    return param;
}

dt_param *dt_params_add_running(dt_params *params, const char *name, int rank, const int64_t *dim, dt_init init,
                                double rate)
{
    DT_REQUIRE(rate > 0 && rate <= 1, "dt_params_add_running: \"%s\" has the rate %g, must be above 0 and at most 1",
               name, rate);
    dt_param *param = dt_params_add(params, name, rank, dim, init);
    param->decays = false;
    param->rate = rate;
    return param;
}

void dt_params_note_mixer(dt_params *params, const char *layer)
{
    snprintf(params->mixer, sizeof params->mixer, "%s", layer);
}

int64_t dt_params_count(const dt_params *params)
{
    int64_t count = 0;
    for (int i = 0; i < params->n; i++)
        if (params->list[i]->rate == 0) count += params->list[i]->count;
    return count;
}

void dt_params_zero_gradients(dt_params *params)
{
    memset(params->gradients, 0, (size_t)params->size * sizeof *params->gradients);
}

/* The squares of a block, summed in PIECES pieces of equal size, so that threads can share them and the bits are the
 * same. */
enum { PIECES = 64, GRAIN = 16384 };
typedef struct {
    const real *x;
    int64_t count, piece;
    double sum[PIECES];
} squares;

static void sum_pieces(void *context, int64_t first, int64_t end)
{
    squares *s = context;
    for (int64_t k = first; k < end; k++) {
        int64_t from = k * s->piece, left = s->count - from;
        s->sum[k] = left > 0 ? dt_sum_squares(left < s->piece ? left : s->piece, s->x + from) : 0;
    }
}

static double squares_of(const real *x, int64_t count)
{
    squares s = {.x = x, .count = count, .piece = count / PIECES + 1};
    double total = 0;
    dt_parallel_ranges(PIECES, s.piece < GRAIN ? GRAIN / s.piece : 1, sum_pieces, &s);
    for (int k = 0; k < PIECES; k++) total += s.sum[k];
    return total;
}

/* The next stretch of the flat blocks, from *first to *end, whose parameters are all trained or all running averages;
 * `i` is the first of them. Returns the first parameter behind it. */
static int next_stretch(const dt_params *params, int i, int64_t *first, int64_t *end)
{
    const bool running = params->list[i]->rate > 0;
    *first = params->list[i]->offset;
    while (i < params->n && (params->list[i]->rate > 0) == running) i++;
    *end = i < params->n ? params->list[i]->offset : params->size;
    return i;
}

double dt_params_clip(dt_params *params, const dt_backend *backend, double most)
{
    double sum = 0;
    int64_t first, end;
    for (int i = 0; i < params->n;) {
        bool trained = params->list[i]->rate == 0;
        i = next_stretch(params, i, &first, &end);
        double stretch = squares_of(params->gradients + first, end - first);
        if (trained || !isfinite(stretch)) sum += stretch;
    }
    double norm = sqrt(sum);
    if (!(most > 0 && norm > most)) return norm;
    for (int i = 0; i < params->n;) {
        bool trained = params->list[i]->rate == 0;
        i = next_stretch(params, i, &first, &end);
        if (trained) dt_kernel(backend, scale)(end - first, (real)(most / norm), params->gradients + first);
    }
    return norm;
}

void dt_params_clamp(dt_params *params, const dt_backend *backend, double most)
{
    DT_REQUIRE(most > 0, "dt_params_clamp: gradients in +-%g", most);
    int64_t first, end;
    for (int i = 0; i < params->n;) {
        bool trained = params->list[i]->rate == 0;
        i = next_stretch(params, i, &first, &end);
        if (trained) dt_kernel(backend, clamp)(end - first, (real)most, params->gradients + first);
    }
}
