#include "run/breakdown.h"

dt_status dt_broke_down(const dt_breakdown *at, dt_error *err)
{
    return dt_error_set(
        err, DT_ERR_DATA, NULL, -1, "lower --lr, or bound the gradient with --clip",
        "the training of %s broke down in epoch %lld, step %lld: not a number in %s (loss %g, gradient norm %g, "
        "lr %g)",
        at->title, (long long)at->epoch + 1, (long long)at->step + 1, at->culprit, at->loss, at->norm, at->lr);
}
