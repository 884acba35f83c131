/* The SCRN: its equations written out, and a state that is handed on from batch to batch. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "models/scrn.h"

enum { STEPS = 6, COLUMNS = 3, SYMBOLS = 5, HIDDEN = 4, CONTEXT = 2, STATES = (HIDDEN + CONTEXT) * COLUMNS };
static const int32_t ids[(STEPS + 1) * COLUMNS] = {1, 0, 4, 2, 2, 3, 0, 1, 0, 3, 4, 1, 0, 2, 2, 4, 3, 1, 2, 4, 0};

typedef struct {
    scrn model;
    dt_params *params;
    dt_tape *tape;
} sample;

static void sample_init(sample *s, int64_t context)
{
    *s = (sample){.params = dt_params_new(3),
                  .model = {.vocabulary = SYMBOLS, .hidden = HIDDEN, .context = context, .alpha = 0.8, .bound = 0.9}};
    scrn_init(&s->model, s->params);
    s->tape = dt_tape_new(&dt_cpu, s->params, NULL);
    s->tape->recording = false;
}

static void sample_free(sample *s)
{
    dt_tape_free(s->tape);
    dt_params_free(s->params);
}

static void first_state(real block[STATES])
{
    for (int i = 0; i < STATES; i++) block[i] = (real)(i % 5 - 2) / 5;
}

/* Row `row` of a matrix of `columns` times a vector. */
static double product(const sample *s, const dt_param *m, int64_t row, int64_t columns, const double *x)
{
    double sum = 0;
    for (int64_t i = 0; i < columns; i++) sum += (double)s->params->values[m->offset + row * columns + i] * x[i];
    return sum;
}

/* Eq. 3-5 for one column: h and s move on over the word, and the loss of the next one is returned. */
static double equations(const sample *s, int32_t word, int32_t next, double *h, double *slow)
{
    const scrn *m = &s->model;
    const real *value = s->params->values;
    double after[HIDDEN], both[HIDDEN + CONTEXT], sum = 0, score = 0;
    for (int64_t i = 0; i < m->context; i++)
        slow[i] = 0.2 * (double)value[m->b.weight->offset + word * m->context + i] + 0.8 * slow[i];
    for (int64_t i = 0; i < HIDDEN; i++) {
        double a = (double)value[m->a.weight->offset + word * HIDDEN + i];
        a += product(s, m->r.recurrent, i, HIDDEN, h);
        if (m->context) a += product(s, m->p.weight, i, m->context, slow);
        after[i] = 1 / (1 + exp(-a));
    }
    for (int64_t i = 0; i < HIDDEN; i++) both[i] = h[i] = after[i];
    for (int64_t i = 0; i < m->context; i++) both[HIDDEN + i] = slow[i];
    for (int64_t v = 0; v < SYMBOLS; v++) {
        const double y = product(s, m->out.weight, v, HIDDEN + m->context, both);
        sum += exp(y);
        if (v == next) score = y;
    }
    return log(sum) - score;
}

static void check_equations(int64_t context)
{
    sample s;
    sample_init(&s, context);
    real block[STATES];
    first_state(block);
    double h[COLUMNS][HIDDEN], slow[COLUMNS][CONTEXT];
    scrn_state state = scrn_state_in(&s.model, COLUMNS, block);
    for (int n = 0; n < COLUMNS; n++) {
        for (int i = 0; i < HIDDEN; i++) h[n][i] = (double)state.h[i * COLUMNS + n];
        for (int i = 0; i < context; i++) slow[n][i] = (double)state.s[i * COLUMNS + n];
    }
    const dt_var *loss = scrn_loss(&s.model, s.tape, (dt_symbols){ids, STEPS, COLUMNS}, ids + COLUMNS, &state);
    for (int r = 0; r < STEPS * COLUMNS; r++) {
        const double wanted = equations(&s, ids[r], ids[r + COLUMNS], h[r % COLUMNS], slow[r % COLUMNS]);
        cr_expect(fabs((double)loss->value[r] - wanted) < 1e-5, "%d context units, word %d: %g, not %g", (int)context,
                  r, (double)loss->value[r], wanted);
    }
    for (int n = 0; n < COLUMNS; n++) {
        for (int i = 0; i < HIDDEN; i++) cr_expect(fabs((double)state.h[i * COLUMNS + n] - h[n][i]) < 1e-6);
        for (int i = 0; i < context; i++) cr_expect(fabs((double)state.s[i * COLUMNS + n] - slow[n][i]) < 1e-6);
    }
    sample_free(&s);
}

Test(scrn, follows_its_equations)
{
    check_equations(CONTEXT);
    check_equations(0);
}

Test(scrn, one_symbol_at_a_time_is_the_same)
{
    sample s;
    sample_init(&s, CONTEXT);
    real block[STATES], single[STATES];
    first_state(block), first_state(single);
    cr_assert(scrn_states(&s.model, COLUMNS) == STATES);
    scrn_state state = scrn_state_in(&s.model, COLUMNS, block), other = scrn_state_in(&s.model, COLUMNS, single);
    const dt_var *whole = scrn_forward(&s.model, s.tape, (dt_symbols){ids, STEPS, COLUMNS}, &state);
    for (int64_t t = 0; t < STEPS; t++) {
        const dt_var *one = scrn_forward(&s.model, s.tape, (dt_symbols){ids + t * COLUMNS, 1, COLUMNS}, &other);
        cr_expect(memcmp(one->value, whole->value + t * one->count, (size_t)one->count * sizeof(real)) == 0, "step %d",
                  (int)t);
    }
    cr_expect(memcmp(block, single, sizeof block) == 0);
    sample_free(&s);
}
