/* Back-propagation through time, checked over sequences of 1 to 20 steps; every input, the initial states included. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "gradcheck.h"
#include "ops/op.h"

static const int32_t ids[60] = {1, 0, 2, 2, 1, 0, 0, 2, 1, 1, 2, 0, 2, 1, 0, 1, 2, 2, 0, 1};

#define BUILDERS(name, cell)                                                                         \
    static dt_var *name(dt_var **in)                                                                 \
    {                                                                                                \
        return dt_recurrent_of(cell, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], NULL}); \
    }                                                                                                \
    static dt_var *name##_bare(dt_var **in)                                                          \
    {                                                                                                \
        return dt_recurrent_of(cell, in[0], (dt_recurrent_parts){.w = in[1], .u = in[2]});           \
    }
BUILDERS(rnn_tanh, DT_CELL_TANH)
BUILDERS(rnn_sigmoid, DT_CELL_SIGMOID)
BUILDERS(rnn_relu, DT_CELL_RELU)
BUILDERS(gru, DT_CELL_GRU)

static dt_var *lstm(dt_var **in)
{
    return dt_recurrent_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], in[5]});
}

static dt_var *lstm_bare(dt_var **in)
{
    return dt_recurrent_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){.w = in[1], .u = in[2]});
}

static const struct {
    const char *name;
    dt_cell cell;
    dt_var *(*whole)(dt_var **), *(*bare)(dt_var **);
} cells[] = {{"tanh", DT_CELL_TANH, rnn_tanh, rnn_tanh_bare},
             {"sigmoid", DT_CELL_SIGMOID, rnn_sigmoid, rnn_sigmoid_bare},
             {"relu", DT_CELL_RELU, rnn_relu, rnn_relu_bare},
             {"lstm", DT_CELL_LSTM, lstm, lstm_bare},
             {"gru", DT_CELL_GRU, gru, gru_bare}};
enum { N_CELLS = sizeof cells / sizeof *cells };

static gradient_case case_of(int k, bool whole, int64_t steps, int64_t in, int64_t hidden, int64_t n, char *label,
                             size_t size)
{
    const int64_t units = dt_cell_parts(cells[k].cell) * hidden, biases = dt_cell_biases(cells[k].cell) * hidden;
    snprintf(label, size, "%s%s, %d steps of %d, %d units, %d examples", cells[k].name, whole ? "" : " (bare)",
             (int)steps, (int)in, (int)hidden, (int)n);
    gradient_case c = {label,
                       &dt_recurrent_op,
                       whole ? cells[k].whole : cells[k].bare,
                       {{3, {steps, in, n}}, {2, {units, in}}, {2, {units, hidden}}}};
    if (!whole) return c;
    c.input[3].rank = 1, c.input[3].dim[0] = biases;
    for (int i = 4; i < (cells[k].cell == DT_CELL_LSTM ? 6 : 5); i++)
        c.input[i].rank = 2, c.input[i].dim[0] = hidden, c.input[i].dim[1] = n;
    return c;
}

static void check_shape(bool whole, int64_t steps, int64_t in, int64_t hidden, int64_t n)
{
    for (int k = 0; k < N_CELLS; k++) {
        char label[96];
        gradient_case c = case_of(k, whole, steps, in, hidden, n, label, sizeof label);
        const char *failure = check_case(&c);
        cr_expect(!failure, "%s", failure);
    }
}

Test(recurrent_gradients, of_sequences_of_1_to_20_steps)
{
    for (int64_t steps = 1; steps <= 20; steps++) check_shape(true, steps, 2, 3, steps % 3 + 1);
}

Test(recurrent_gradients, of_wide_layers_and_batches)
{
    check_shape(true, 2, 3, 9, 2);
    check_shape(true, 2, 9, 2, 11);
    check_shape(true, 3, 1, 1, 1);
    check_shape(true, 2, 1, 17, 1);
}

/* Without an initial state one step does not depend on u. */
Test(recurrent_gradients, without_bias_and_initial_state)
{
    check_shape(false, 2, 2, 3, 2);
    check_shape(false, 5, 3, 4, 1);
}

/* ---- without w: x is what w x would be */

#define ADDED_BUILDER(name, cell)                                                                         \
    static dt_var *name(dt_var **in)                                                                      \
    {                                                                                                     \
        return dt_recurrent_of(cell, in[0], (dt_recurrent_parts){.u = in[1], .bias = in[2], .h = in[3]}); \
    }
ADDED_BUILDER(added_sigmoid, DT_CELL_SIGMOID)
ADDED_BUILDER(added_lstm, DT_CELL_LSTM)
ADDED_BUILDER(added_gru, DT_CELL_GRU)

Test(recurrent_gradients, without_w)
{
    const gradient_case added[] = {
        {"added, sigmoid", &dt_recurrent_op, added_sigmoid, {{3, {5, 4, 3}}, {2, {4, 4}}, {1, {4}}, {2, {4, 3}}}},
        {"added, wide", &dt_recurrent_op, added_sigmoid, {{3, {2, 19, 18}}, {2, {19, 19}}, {1, {19}}, {2, {19, 18}}}},
        {"added, lstm", &dt_recurrent_op, added_lstm, {{3, {3, 8, 2}}, {2, {8, 2}}, {1, {8}}, {2, {2, 2}}}},
        {"added, gru", &dt_recurrent_op, added_gru, {{3, {3, 6, 3}}, {2, {6, 2}}, {1, {8}}, {2, {2, 3}}}}};
    for (size_t k = 0; k < sizeof added / sizeof *added; k++) {
        const char *failure = check_case(&added[k]);
        cr_expect(!failure, "%s", failure);
    }
}

/* ---- context units */

static dt_var *context(dt_var **in)
{
    return dt_context_of(in[0], 0.8, in[1]);
}

static dt_var *context_from_0(dt_var **in)
{
    return dt_context_of(in[0], 0.6, NULL);
}

Test(recurrent_gradients, of_context_units_over_1_to_20_steps)
{
    for (int64_t steps = 1; steps <= 20; steps++)
        for (int whole = 0; whole < 2; whole++) {
            char label[64];
            snprintf(label, sizeof label, "context%s, %d steps", whole ? "" : " from 0", (int)steps);
            gradient_case c = {
                label, &dt_context_op, whole ? context : context_from_0, {{3, {steps, 3, steps % 3 + 1}}}};
            if (whole) c.input[1].rank = 2, c.input[1].dim[0] = 3, c.input[1].dim[1] = steps % 3 + 1;
            const char *failure = check_case(&c);
            cr_expect(!failure, "%s", failure);
        }
}

/* ---- symbols */

#define SYMBOL_BUILDER(name, cell, steps, n)                                             \
    static dt_var *name(dt_var **in)                                                     \
    {                                                                                    \
        return dt_recurrent_of_symbols(cell, (dt_symbols){ids, steps, n},                \
                                       (dt_recurrent_parts){in[0], in[1], in[2], 0, 0}); \
    }
SYMBOL_BUILDER(symbols_tanh, DT_CELL_TANH, 5, 3)
SYMBOL_BUILDER(symbols_lstm, DT_CELL_LSTM, 5, 3)
SYMBOL_BUILDER(symbols_gru, DT_CELL_GRU, 5, 3)

Test(recurrent_gradients, of_symbols)
{
    const gradient_case symbols[] = {
        {"symbols, tanh", &dt_recurrent_op, symbols_tanh, {{2, {4, 3}}, {2, {4, 4}}, {1, {4}}}},
        {"symbols, lstm", &dt_recurrent_op, symbols_lstm, {{2, {8, 3}}, {2, {8, 2}}, {1, {8}}}},
        {"symbols, gru", &dt_recurrent_op, symbols_gru, {{2, {9, 3}}, {2, {9, 3}}, {1, {12}}}}};
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++) {
        const char *failure = check_case(&symbols[k]);
        cr_expect(!failure, "%s", failure);
    }
}

/* ---- c after the last step, beside the states */

static dt_var *state_and_cell(dt_var **in)
{
    dt_var *y = dt_recurrent_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], in[5]});
    dt_var *c = dt_last_cell(y), *again = dt_last_cell(y);
    return dt_concat(dt_concat(dt_step(y, 1), c), again);
}

Test(recurrent_gradients, through_the_last_cell)
{
    const gradient_case c = {"h and c of an LSTM",
                             &dt_concat_op,
                             state_and_cell,
                             {{3, {3, 2, 4}}, {2, {12, 2}}, {2, {12, 3}}, {1, {12}}, {2, {3, 4}}, {2, {3, 4}}}};
    const char *failure = check_case(&c);
    cr_expect(!failure, "%s", failure);
}
