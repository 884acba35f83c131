/* y_t = the rows of the table that the symbols of step t name, as columns; the rows' gradients are the sums of those of
 * the columns that they became. */
#include "ops/op.h"

dt_var *dt_embedding_of(dt_symbols x, dt_var *table)
{
    DT_REQUIRE(table->rank == 2, "embedding: %s has shape %s, must be [symbols,features]", table->name, SHAPE(table));
    check_symbols(x, table->dim[0], "embedding");
    const int64_t features = table->dim[1];
    dt_var *y = dt_record(&dt_embedding_op, 1, &table, 3, (int64_t[]){x.steps, features, x.n});
    dt_symbols *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = x;
    KERNEL(y, embedding_forward)(x.steps, features, x.n, x.id, table->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    const dt_symbols *x = y->saved;
    real *d = dt_gradient_sum(y->input[0]);
    if (d) KERNEL(y, embedding_backward)(x->steps, y->dim[1], x->n, x->id, y->gradient, d);
}

const dt_op dt_embedding_op = {"embedding", "y = row of the table that the symbol names", backward, NULL};
