#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "misuse.h"
#include "tape/params.h"

static const dt_init zero = {.kind = DT_INIT_CONSTANT};

Test(params, lie_one_after_another_with_zeros_between)
{
    dt_params *params = dt_params_new(1);
    const dt_init one = {.kind = DT_INIT_CONSTANT, .value = 1};
    const dt_param *w = dt_params_add(params, "a.weight", 3, (int64_t[]){2, 3, 5}, one);
    const dt_param *b = dt_params_add(params, "a.bias", 1, (int64_t[]){7}, one);
    const dt_param *c = dt_params_add(params, "b.weight", 2, (int64_t[]){1, 1}, one);
    cr_expect(eq(str, (char *)w->name, "a.weight"));
    cr_expect(w->rank == 3 && w->dim[0] == 2 && w->dim[1] == 3 && w->dim[2] == 5 && w->count == 30);
    cr_expect(w->offset == 0 && b->offset >= 30 && c->offset >= b->offset + 7 && params->size >= c->offset + 1);
    cr_expect(eq(i64, dt_params_count(params), 38));
    cr_expect(w->decays && !b->decays && c->decays);
    cr_expect(w->lr_mult == 1 && w->decay_mult == 1 && b->lr_mult == 1 && b->decay_mult == 1);
    double sum = 0;
    for (int64_t i = 0; i < params->size; i++) sum += (double)params->values[i];
    cr_expect(eq(dbl, sum, 38), "padding holds %g", sum - 38);
    for (int i = 0; i < params->n; i++) {
        cr_expect(eq(sz, (size_t)params->list[i]->offset * sizeof(real) % 64, 0), "each starts a cache line");
        for (int64_t k = 0; k < params->list[i]->count; k++)
            cr_expect(params->values[params->list[i]->offset + k] == 1);
    }
    dt_params_free(params);
}

Test(params, adding_one_keeps_the_others)
{
    dt_params *params = dt_params_new(1);
    const dt_param *first = dt_params_add(params, "p0", 1, (int64_t[]){3}, zero);
    for (int i = 0; i < 3; i++) params->values[i] = (real)(i + 1), params->gradients[i] = (real)(-i - 1);
    for (int k = 1; k < DT_MAX_PARAMS; k++) {
        char name[16];
        snprintf(name, sizeof name, "p%d", k);
        dt_params_add(params, name, 1, (int64_t[]){k * 3}, zero);
    }
    for (int i = 0; i < 3; i++)
        cr_expect(params->values[first->offset + i] == i + 1 && params->gradients[first->offset + i] == -i - 1);
    EXPECT_MISUSE("\"p256\" is one parameter too many, at most 256",
                  dt_params_add(params, "p256", 1, (int64_t[]){1}, zero));
    dt_params_free(params);
}

typedef struct {
    double mean, variance, least, greatest, beyond; /* the share beyond two standard deviations */
} moments;

static moments draw(dt_init init)
{
    enum { N = 200000 };
    dt_params *params = dt_params_new(3);
    dt_params_add(params, "w", 1, (int64_t[]){N}, init);
    moments m = {0, 0, INFINITY, -INFINITY, 0};
    for (int i = 0; i < N; i++) m.mean += (double)params->values[i] / N;
    for (int i = 0; i < N; i++) {
        double x = (double)params->values[i];
        m.variance += (x - m.mean) * (x - m.mean) / N;
        m.least = fmin(m.least, x);
        m.greatest = fmax(m.greatest, x);
    }
    for (int i = 0; i < N; i++) m.beyond += fabs((double)params->values[i]) > 2 * sqrt(m.variance) ? 1.0 / N : 0;
    dt_params_free(params);
    return m;
}

static void expect_uniform(dt_init init, double range)
{
    moments m = draw(init);
    cr_expect(fabs(m.mean) < 0.01 * range, "mean %g", m.mean);
    cr_expect(fabs(m.variance / (range * range / 3) - 1) < 0.01, "variance %g", m.variance);
    cr_expect(m.greatest <= range && m.greatest > 0.999 * range, "up to %g, not %g", m.greatest, range);
    cr_expect(m.least >= -range && m.least < -0.999 * range, "down to %g, not %g", m.least, -range);
}

static void expect_normal(dt_init init, double variance)
{
    moments m = draw(init);
    cr_expect(fabs(m.mean) < 0.01 * sqrt(variance), "mean %g", m.mean);
    cr_expect(fabs(m.variance / variance - 1) < 0.02, "variance %g, not %g", m.variance, variance);
    cr_expect(fabs(m.beyond - 0.0455) < 0.003, "%g lie beyond two standard deviations", m.beyond);
}

Test(params, initial_values_have_their_distribution)
{
    expect_uniform((dt_init){DT_INIT_LECUN98, 100, 7, 0}, 2.4 / 100);
    expect_uniform((dt_init){DT_INIT_STANDARD, 100, 50, 0}, 0.1);
    expect_uniform((dt_init){DT_INIT_GLOROT, 100, 50, 0}, sqrt(6.0 / 150));
    expect_normal((dt_init){DT_INIT_LECUN, 100, 50, 0}, 1.0 / 100);
    expect_normal((dt_init){DT_INIT_HE, 100, 50, 0}, 2.0 / 100);
    moments m = draw((dt_init){.kind = DT_INIT_CONSTANT, .value = 0.25});
    cr_expect(m.least == 0.25 && m.greatest == 0.25);
}

Test(params, values_depend_on_seed_and_name_only)
{
    const dt_init init = {DT_INIT_HE, 10, 10, 0};
    dt_params *a = dt_params_new(1), *b = dt_params_new(1), *c = dt_params_new(2);
    const dt_param *wa = dt_params_add(a, "w", 1, (int64_t[]){100}, init);
    dt_params_add(b, "before", 1, (int64_t[]){5}, init);
    const dt_param *wb = dt_params_add(b, "w", 2, (int64_t[]){10, 10}, init),
                   *vb = dt_params_add(b, "v", 1, (int64_t[]){100}, init);
    const dt_param *wc = dt_params_add(c, "w", 1, (int64_t[]){100}, init);
    const size_t bytes = 100 * sizeof(real);
    cr_expect(eq(int, memcmp(a->values + wa->offset, b->values + wb->offset, bytes), 0));
    cr_expect(ne(int, memcmp(a->values + wa->offset, b->values + vb->offset, bytes), 0), "another name");
    cr_expect(ne(int, memcmp(a->values + wa->offset, c->values + wc->offset, bytes), 0), "another seed");
    dt_params_free(a), dt_params_free(b), dt_params_free(c);
}

/* A part that is drawn with its own fan-in gets the numbers that it would have had, at another scale. */
Test(params, a_part_can_be_drawn_anew)
{
    dt_params *params = dt_params_new(1);
    const dt_param *w = dt_params_add(params, "w", 1, (int64_t[]){50}, (dt_init){DT_INIT_LECUN98, 24, 1, 0});
    real former[50];
    memcpy(former, params->values + w->offset, sizeof former);
    dt_params_draw(params, w, 10, 20, (dt_init){DT_INIT_LECUN98, 12, 1, 0});
    for (int i = 0; i < 50; i++) {
        double factor = i >= 10 && i < 30 ? 2 : 1;
        cr_expect(fabs((double)params->values[i] - factor * (double)former[i]) < 1e-6, "number %d", i);
    }
    dt_params_free(params);
}

Test(params, wrong_shapes_are_misuse)
{
    dt_params *params = dt_params_new(1);
    EXPECT_MISUSE("\"w\" has rank 0, must be 1 to 5", dt_params_add(params, "w", 0, (int64_t[]){1}, zero));
    EXPECT_MISUSE("\"w\" has rank 6, must be 1 to 5",
                  dt_params_add(params, "w", 6, (int64_t[]){1, 1, 1, 1, 1, 1}, zero));
    dt_params_free(params);
    dt_params_free(NULL);
}

/* 3-4-5. */
Test(params, clipping_scales_a_gradient_that_is_too_long)
{
    dt_params *params = dt_params_new(1);
    const dt_param *a = dt_params_add(params, "a", 1, (int64_t[]){1}, zero),
                   *b = dt_params_add(params, "b", 1, (int64_t[]){1}, zero);
    real *ga = params->gradients + a->offset, *gb = params->gradients + b->offset;
    *ga = 3, *gb = -4;
    cr_expect(eq(dbl, dt_params_clip(params, &dt_cpu, 0), 5));
    cr_expect(eq(dbl, dt_params_clip(params, &dt_cpu, 5), 5));
    cr_expect(eq(dbl, dt_params_clip(params, &dt_cpu, 100), 5));
    cr_expect(ga[0] == 3 && gb[0] == -4, "nothing to clip");
    cr_expect(eq(dbl, dt_params_clip(params, &dt_cpu, 1), 5), "the norm before");
    cr_expect(fabs((double)*ga - 0.6) < 1e-6 && fabs((double)*gb + 0.8) < 1e-6, "%g %g", (double)*ga, (double)*gb);
    *gb = (real)NAN;
    cr_expect(isnan(dt_params_clip(params, &dt_cpu, 1)));
    *gb = INFINITY;
    cr_expect(isinf(dt_params_clip(params, &dt_cpu, 1)));
    dt_params_zero_gradients(params);
    cr_expect(eq(dbl, dt_params_clip(params, &dt_cpu, 1), 0));
    dt_params_free(params);
}

Test(params, an_empty_dimension_is_misuse, .init = cr_redirect_stderr, .signal = SIGABRT)
{
    dt_params_add(dt_params_new(1), "w", 2, (int64_t[]){3, 0}, zero);
}

Test(params, normal_weights_have_the_deviation_that_is_asked_for)
{
    enum { COUNT = 20000 };
    dt_params *params = dt_params_new(4);
    const dt_param *w =
        dt_params_add(params, "w", 2, (int64_t[]){100, COUNT / 100}, (dt_init){.kind = DT_INIT_NORMAL, .value = 0.05});
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < COUNT; i++) {
        double x = (double)params->values[w->offset + i];
        mean += x / COUNT, squares += x * x / COUNT;
    }
    cr_expect(fabs(mean) < 5 * 0.05 / sqrt(COUNT), "mean %g", mean);
    cr_expect(fabs(sqrt(squares) / 0.05 - 1) < 5 / sqrt(2.0 * COUNT), "deviation %g", sqrt(squares));
    dt_params_free(params);
}

Test(params, clamp_bounds_each_number)
{
    dt_params *params = dt_params_new(1);
    const dt_param *w = dt_params_add(params, "w", 1, (int64_t[]){6}, (dt_init){.kind = DT_INIT_CONSTANT});
    const dt_param *r = dt_params_add_running(params, "r", 1, (int64_t[]){1}, (dt_init){.kind = DT_INIT_CONSTANT}, 0.1);
    static const real before[6] = {7, -7, 5, -5, (real)0.5, (real)NAN}, after[5] = {5, -5, 5, -5, (real)0.5};
    memcpy(params->gradients + w->offset, before, sizeof before);
    params->gradients[r->offset] = 9;
    dt_params_clamp(params, &dt_cpu, 5);
    for (int i = 0; i < 5; i++) cr_expect(params->gradients[w->offset + i] == after[i], "number %d", i);
    cr_expect(isnan(params->gradients[w->offset + 5]) && params->gradients[r->offset] == 9);
    EXPECT_MISUSE("dt_params_clamp: gradients in +-0", dt_params_clamp(params, &dt_cpu, 0));
    dt_params_free(params);
}

Test(params, uniform_values_fill_their_range)
{
    enum { COUNT = 10000 };
    dt_params *params = dt_params_new(1);
    dt_params_add(params, "w", 1, (int64_t[]){COUNT}, (dt_init){.kind = DT_INIT_UNIFORM, .value = 0.08});
    double least = 1, most = -1, sum = 0;
    for (int i = 0; i < COUNT; i++) {
        least = fmin(least, (double)params->values[i]), most = fmax(most, (double)params->values[i]);
        sum += (double)params->values[i];
    }
    cr_expect(least >= -0.0801 && least < -0.0799 && most <= 0.0801 && most > 0.0799, "%g to %g", least, most);
    cr_expect(fabs(sum / COUNT) < 0.002, "mean %g", sum / COUNT);
    dt_params_free(params);
}
