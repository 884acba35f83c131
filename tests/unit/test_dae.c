/* models/dae.h and models/sdae.h: noise, the loss beside its definition, what each stage trains; and the images that
 * experiments/dae/variants.c makes. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "experiments/dae/variants.c"
#include "guarded.h"
#include "misuse.h"

enum { IN = 9, HIDDEN = 4, N = 6 };

static dt_params *params;
static dt_tape *tape;

static void setup(void)
{
    params = dt_params_new(3);
    tape = dt_tape_new(&dt_cpu, params, NULL);
}
static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(params);
}
TestSuite(dae_lab, .init = setup, .fini = teardown);

/* The examples first .. first + n - 1 on an empty tape with the noise of a step. */
static dt_var *examples(int64_t features, int64_t first, int64_t n, uint64_t step)
{
    dt_tape_reset(tape);
    dt_tape_noise(tape, dt_rng_stream(7, "noise", step), first, n);
    dt_var *x = dt_input(tape, 2, (int64_t[]){features, n});
    for (int64_t i = 0; i < x->count; i++)
        x->value[i] = (real)dt_rng_uniform(dt_rng_stream(3, "grey", (uint64_t)(first + i % n)), (uint64_t)(i / n));
    return x;
}

/* How often, in %, a number is as it was, 0 and 1. */
static void count(dae_noise noise, double level, double *same, double *zeros, double *ones)
{
    enum { FEATURES = 100, MANY = 200 };
    const dae m = {.noise = noise, .level = level};
    dt_var *x = examples(FEATURES, 0, MANY, 1);
    const dt_var *y = dae_corrupt(&m, x);
    *same = *zeros = *ones = 0;
    for (int64_t i = 0; i < x->count; i++) {
        *same += y->value[i] == x->value[i] ? 100 / (double)x->count : 0;
        *zeros += y->value[i] == 0 ? 100 / (double)x->count : 0;
        *ones += y->value[i] == 1 ? 100 / (double)x->count : 0;
    }
}

Test(dae_lab, noise_destroys_as_much_as_it_says)
{
    double same, zeros, ones;
    count(DAE_MASKING, 0.3, &same, &zeros, &ones);
    cr_expect(fabs(same - 70) < 1.5 && fabs(zeros - 30) < 1.5 && ones == 0, "%g %g %g", same, zeros, ones);
    count(DAE_SALT_AND_PEPPER, 0.3, &same, &zeros, &ones);
    cr_expect(fabs(same - 70) < 1.5 && fabs(zeros - 15) < 1.5 && fabs(ones - 15) < 1.5, "%g %g %g", same, zeros, ones);
    count(DAE_MASKING, 1, &same, &zeros, &ones);
    cr_expect(fabs(zeros - 100) < 1e-9, "%g", zeros);
    count(DAE_SALT_AND_PEPPER, 1, &same, &zeros, &ones);
    cr_expect(same == 0 && fabs(zeros + ones - 100) < 1e-9);
    const dae m = {.noise = DAE_GAUSSIAN, .level = 0.25};
    dt_var *x = examples(200, 0, 200, 1);
    const dt_var *y = dae_corrupt(&m, x);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < x->count; i++) {
        const double e = (double)(y->value[i] - x->value[i]);
        sum += e / (double)x->count;
        squares += e * e / (double)x->count;
    }
    cr_expect(fabs(sum) < 0.006 && fabs(sqrt(squares) - 0.25) < 0.005, "%g %g", sum, sqrt(squares));
    const dae none = {.noise = DAE_GAUSSIAN, .level = 0};
    cr_expect(dae_corrupt(&none, x) == x);
}

Test(dae_lab, noise_depends_on_the_example_not_on_its_shard)
{
    for (dae_noise noise = DAE_MASKING; noise <= DAE_GAUSSIAN; noise++) {
        const dae m = {.noise = noise, .level = 0.5};
        real whole[IN * N], again[IN * N];
        memcpy(whole, dae_corrupt(&m, examples(IN, 0, N, 1))->value, sizeof whole);
        memcpy(again, dae_corrupt(&m, examples(IN, 0, N, 2))->value, sizeof again);
        cr_expect(memcmp(whole, again, sizeof whole) != 0, "each step has its own");
        const dt_var *part = dae_corrupt(&m, examples(IN, 2, 3, 1));
        for (int64_t i = 0; i < IN * 3; i++) cr_expect(part->value[i] == whole[i / 3 * N + 2 + i % 3]);
    }
}

/* By its definition, from numbers that the noise gives: of tied weights, with both penalties. */
Test(dae_lab, the_loss_is_its_definition)
{
    dae m = {.name = "a", .in = IN, .hidden = HIDDEN, .level = 0.4, .sparsity = 0.3, .contraction = 0.7};
    dae_init(&m, params);
    const real *w = params->values + m.encoder.weight->offset;
    real *b = params->values + m.encoder.bias->offset, *c = params->values + m.visible->offset;
    for (int j = 0; j < HIDDEN; j++) b[j] = (real)(0.1 * j);
    for (int i = 0; i < IN; i++) c[i] = (real)(0.2 - 0.1 * i);
    real noisy[IN * N];
    memcpy(noisy, dae_corrupt(&m, examples(IN, 0, N, 1))->value, sizeof noisy);
    dt_var *x = examples(IN, 0, N, 1);
    const dt_var *loss = dae_loss(&m, x);
    for (int n = 0; n < N; n++) {
        double h[HIDDEN], wanted = 0;
        for (int j = 0; j < HIDDEN; j++) {
            double a = (double)b[j], norm = 0;
            for (int i = 0; i < IN; i++) a += (double)w[j * IN + i] * (double)noisy[i * N + n];
            for (int i = 0; i < IN; i++) norm += pow((double)w[j * IN + i], 2);
            h[j] = 1 / (1 + exp(-a));
            wanted += 0.3 * h[j] + 0.7 * pow(h[j] * (1 - h[j]), 2) * norm;
        }
        for (int i = 0; i < IN; i++) {
            double a = (double)c[i];
            for (int j = 0; j < HIDDEN; j++) a += (double)w[j * IN + i] * h[j];
            const double p = 1 / (1 + exp(-a)), t = (double)x->value[i * N + n];
            wanted -= t * log(p) + (1 - t) * log(1 - p);
        }
        cr_expect(is_close((double)loss->value[n], wanted, 1e-5), "%g, not %g", (double)loss->value[n], wanted);
    }
}

Test(dae_lab, unbounded_and_untied)
{
    dae m = {.name = "a", .in = IN, .hidden = HIDDEN, .unbounded = true, .untied = true};
    dae_init(&m, params);
    cr_assert(m.decoder.weight && m.decoder.weight->dim[0] == IN && !m.visible);
    dt_var *x = examples(IN, 0, N, 1);
    const dt_var *r = dae_reconstruct(&m, x), *loss = dae_loss(&m, x);
    for (int n = 0; n < N; n++) {
        double wanted = IN * log(8 * atan(1)) / 2;
        for (int i = 0; i < IN; i++) wanted += pow((double)(x->value[i * N + n] - r->value[i * N + n]), 2) / 2;
        cr_expect(is_close((double)loss->value[n], wanted, 1e-5));
    }
}

/* Which parameters a stage's gradient reaches. */
static void stage_trains(int stage, double level, const char *names)
{
    dt_params *own = dt_params_new(5);
    dt_tape *t = dt_tape_new(&dt_cpu, own, NULL);
    sdae m = {.layers = 2, .stage = stage, .hidden = 5, .classes = 3, .level = {level, level}};
    static const int32_t labels[2] = {2, 0};
    sdae_init(&m, own);
    real *out = own->values + m.out.weight->offset;
    for (int64_t i = 0; i < m.out.weight->count; i++) out[i] = (real)(i % 3) - 1;
    dt_tape_noise(t, dt_rng_stream(1, "noise", 0), 0, 2);
    dt_var *x = dt_input(t, 4, (int64_t[]){1, 28, 28, 2});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)(i % 5) / 4;
    dt_var *y = sdae_forward(&m, x);
    dt_backward(stage < 2 ? y : dt_softmax_xent(y, labels), 1);
    for (int i = 0; i < own->n; i++) {
        const bool reached = dt_sum_squares(own->list[i]->count, own->gradients + own->list[i]->offset) > 0;
        char quoted[2 * DT_NAME_SIZE];
        snprintf(quoted, sizeof quoted, " %s ", own->list[i]->name);
        cr_expect(reached == (strstr(names, quoted) != NULL), "stage %d, level %g: %s", stage, level,
                  own->list[i]->name);
    }
    dt_tape_free(t);
    dt_params_free(own);
}

Test(dae_lab, each_stage_trains_its_own)
{
    for (int noisy = 0; noisy < 2; noisy++) {
        const double level = noisy ? 0.2 : 0;
        stage_trains(0, level, " layer1.weight  layer1.bias  layer1.decoder ");
        stage_trains(1, level, " layer2.weight  layer2.bias  layer2.decoder ");
        stage_trains(2, level, " layer1.weight  layer1.bias  layer2.weight  layer2.bias  out.weight  out.bias ");
    }
}

Test(dae_lab, misuse)
{
    dae none = {.name = "a", .in = 3, .hidden = 0}, loud = {.name = "a", .in = 3, .hidden = 2, .level = 1.5},
        odd = {.name = "a", .in = 3, .hidden = 2, .sparsity = -1};
    sdae deep = {.layers = 4, .hidden = 3, .classes = 2};
    EXPECT_MISUSE("dae a: 3 numbers to 0 units", dae_init(&none, params));
    EXPECT_MISUSE("noise of level 1.5, must be from 0 to 1", dae_init(&loud, params));
    EXPECT_MISUSE("penalties of -1 and 0", dae_init(&odd, params));
    EXPECT_MISUSE("stage 0 of 4 layers", sdae_init(&deep, params));
}

/* ---- images */

static void a_digit(uint8_t *digit)
{
    for (int i = 0; i < PIXELS; i++) digit[i] = (uint8_t)(i / SIDE > 5 && i / SIDE < 20 && i % SIDE > 9 ? i % 251 : 0);
}

Test(dae_lab, quarter_turns_are_exact)
{
    uint8_t digit[PIXELS], turned[PIXELS];
    a_digit(digit);
    dt_rotate(0, digit, SIDE, SIDE, turned);
    cr_expect(memcmp(digit, turned, PIXELS) == 0);
    for (int quarter = 1; quarter < 4; quarter++) {
        dt_rotate(quarter * M_PI / 2, digit, SIDE, SIDE, turned);
        int wrong = 0;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                int u = x, v = y; /* where that pixel was: turned back, clockwise, `quarter` times */
                for (int k = 0; k < quarter; k++) {
                    const int w = u;
                    u = SIDE - 1 - v;
                    v = w;
                }
                wrong += abs(turned[y * SIDE + x] - digit[v * SIDE + u]) > 1;
            }
        cr_expect(wrong == 0, "%d quarters: %d pixels", quarter, wrong);
    }
}

Test(dae_lab, sets_are_functions_of_their_index)
{
    uint8_t digit[PIXELS], image[3][PIXELS];
    a_digit(digit);
    for (variant_kind kind = BASIC; kind < VARIANTS; kind++) {
        variant_image(kind, 5, digit, image[0]);
        variant_image(kind, 6, digit, image[1]);
        variant_image(kind, 5, digit, image[2]);
        cr_expect(memcmp(image[0], image[2], PIXELS) == 0);
        cr_expect((memcmp(image[0], image[1], PIXELS) == 0) == (kind == BASIC), "%s", variants[kind].id);
        for (int i = 0; i < PIXELS && (kind == BG_RAND || kind == BG_IMG); i++) cr_expect(image[0][i] >= digit[i]);
    }
    variant_image(BASIC, 1, digit, image[0]);
    cr_expect(memcmp(image[0], digit, PIXELS) == 0);
}

Test(dae_lab, noise_and_textures_are_all_greys)
{
    uint8_t digit[PIXELS] = {0}, image[PIXELS];
    double mean = 0, rough[2] = {0};
    for (int set = 0; set < 2; set++)
        for (uint64_t index = 0; index < 20; index++) {
            variant_image(set ? BG_IMG : BG_RAND, index, digit, image);
            for (int i = 0; i < PIXELS; i++) mean += set ? 0 : image[i] / (20.0 * PIXELS);
            for (int i = 0; i + 1 < PIXELS; i++) rough[set] += abs(image[i] - image[i + 1]) / (20.0 * PIXELS);
        }
    cr_expect(fabs(mean - 127.5) < 3, "%g", mean);
    cr_expect(fabs(rough[0] - 85) < 4 && rough[1] < 40, "%g, %g", rough[0],
              rough[1]); /* 256 / 3; a texture is smooth */
}

Test(dae_lab, rectangles_are_wide_or_tall)
{
    uint8_t image[PIXELS];
    int wide = 0;
    for (uint64_t index = 0; index < 400; index++) {
        const uint8_t label = variant_image(RECT, index, NULL, image);
        int left = SIDE, right = -1, top = SIDE, bottom = -1, white = 0;
        for (int i = 0; i < PIXELS; i++) {
            if (image[i] == 0) continue;
            cr_assert(image[i] == 255);
            white++;
            left = i % SIDE < left ? i % SIDE : left;
            right = i % SIDE > right ? i % SIDE : right;
            top = i / SIDE < top ? i / SIDE : top;
            bottom = i / SIDE > bottom ? i / SIDE : bottom;
        }
        const int width = right - left + 1, height = bottom - top + 1;
        cr_expect(abs(width - height) >= 3 && width >= 4 && height >= 4);
        cr_expect(white == 2 * (width + height) - 4, "only the outline");
        cr_expect(label == (width > height));
        wide += label;
    }
    cr_expect(wide > 150 && wide < 250, "%d of 400", wide);
}
