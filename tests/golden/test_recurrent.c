/* LSTM and GRU of one unit over two steps, worked out number by number from the equations of Zaremba et al. 2014 (3-6)
 * and Cho et al. 2014 (5-8, the reset gate behind the product), in double and by another program. PyTorch's LSTM and
 * GRU of the same weights give the same digits. */
#include <criterion/criterion.h>
#include <math.h>

#include "ditto.h"

static dt_params *params;
static dt_tape *tape;

static void setup(void)
{
    params = dt_params_new(1);
    tape = dt_tape_new(&dt_cpu, params, NULL);
}

static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(params);
}

TestSuite(recurrent_equations, .init = setup, .fini = teardown);

static const real x[2] = {(real)0.5, -1};

static dt_var *constant(int rank, int64_t count, const real *value)
{
    return dt_constant(tape, rank, (int64_t[]){count, 1, 1}, value);
}

static void expect(const char *what, double got, double wanted)
{
    cr_expect(fabs(got - wanted) < 2e-7, "%s: %.9g, not %.9g", what, got, wanted);
}

Test(recurrent_equations, lstm)
{
    static const real w[4] = {(real)0.4, (real)-0.3, (real)0.8, (real)1.2}; /* i, f, o, g */
    static const real u[4] = {(real)-0.5, (real)0.6, (real)0.1, (real)-0.7};
    static const real bias[4] = {(real)0.1, 1, (real)-0.2, (real)0.05};
    static const real h0 = (real)0.3, c0 = (real)-0.4;
    dt_recurrent_parts parts = {constant(2, 4, w), constant(2, 4, u), constant(1, 4, bias), constant(2, 1, &h0),
                                constant(2, 1, &c0)};
    dt_var *y = dt_recurrent_of(DT_CELL_LSTM, constant(3, 2, x), parts);
    real h, c;
    dt_last_state(y, &h, &c);
    expect("h1", (double)y->value[0], -0.04030848556399751);
    expect("h2", (double)y->value[1], -0.10292856212116572);
    expect("c2", (double)c, -0.404564180728085);
    cr_expect(h == y->value[1]);
}

Test(recurrent_equations, gru)
{
    static const real w[3] = {(real)0.4, (real)-0.3, (real)1.2}; /* r, z, n */
    static const real u[3] = {(real)-0.5, (real)0.6, (real)-0.7};
    static const real bias[4] = {(real)0.1, (real)0.2, (real)0.05, (real)-0.15}; /* r, z, n, q */
    static const real h0 = (real)0.3;
    dt_recurrent_parts parts = {constant(2, 3, w), constant(2, 3, u), constant(1, 4, bias), constant(2, 1, &h0), NULL};
    dt_var *y = dt_recurrent_of(DT_CELL_GRU, constant(3, 2, x), parts);
    expect("h1", (double)y->value[0], 0.3563393125218458);
    expect("h2", (double)y->value[1], -0.04435093572835622);
}
