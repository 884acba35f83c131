/* y = [a; b] along the first dimension, or of sequences along the features, step by step; da and db are the parts of dy
 * where a and b stand. */
#include "ops/op.h"

/* How often a piece of a is followed by one of b: once, or in a sequence at each step. */
static int64_t pieces(const dt_var *y)
{
    return y->dim[0] == y->input[0]->dim[0] ? y->dim[0] : 1;
}

static dt_var *join(dt_var *a, dt_var *b, int along)
{
    bool same = a->rank == b->rank;
    for (int i = 0; same && i < a->rank; i++) same = i == along || a->dim[i] == b->dim[i];
    DT_REQUIRE(same, "concat: %s and %s differ beyond their %s dimension", SHAPE(a), SHAPE(b),
               along ? "second" : "first");
    int64_t dim[DT_MAX_RANK] = {a->dim[0], a->dim[1], a->dim[2], a->dim[3], a->dim[4]};
    dim[along] += b->dim[along];
    dt_var *y = dt_record(&dt_concat_op, 2, (dt_var *[]){a, b}, a->rank, dim);
    const int64_t times = pieces(y), of_a = a->count / times, of_b = b->count / times;
    real *to = y->value;
    for (int64_t k = 0; k < times; k++, to += of_a + of_b) {
        KERNEL(y, copy)(of_a, a->value + k * of_a, 0, to);
        KERNEL(y, copy)(of_b, b->value + k * of_b, 0, to + of_a);
    }
    return y;
}

dt_var *dt_concat(dt_var *a, dt_var *b)
{
    return join(a, b, 0);
}

dt_var *dt_concat_features(dt_var *a, dt_var *b)
{
    DT_REQUIRE(a->rank == 3, "concat: %s must be a sequence, [steps,features,batch]", SHAPE(a));
    return join(a, b, 1);
}

static void backward(const dt_var *y)
{
    const int64_t times = pieces(y);
    const real *dy = y->gradient;
    for (int i = 0; i < 2; dy += y->input[i++]->count / times) {
        const int64_t piece = y->input[i]->count / times;
        real beta, *d = dt_gradient(y->input[i], &beta);
        for (int64_t k = 0; d && k < times; k++)
            KERNEL(y, copy)(piece, dy + k * (y->count / times), beta, d + k * piece);
    }
}

const dt_op dt_concat_op = {"concat", "y = [a; b]", backward, NULL};
