#include "data/streams.h"

dt_status dt_streams_cut(const dt_tokens *tokens, int64_t batch, int64_t unroll, const char *path, dt_streams *out,
                         dt_error *err)
{
    DT_REQUIRE(batch > 0 && unroll > 0, "dt_streams_cut: %lld streams in steps of %lld", (long long)batch,
               (long long)unroll);
    const int64_t length = tokens->count / batch;
    *out = (dt_streams){tokens->id, batch, length, unroll, length > 0 ? (length - 1) / unroll : 0};
    if (out->steps > 0) return DT_OK;
    return dt_error_set(err, DT_ERR_DATA, path, -1, "give a longer text, or a smaller batch or fewer steps",
                        "has %lld tokens, but %lld streams of %lld steps need at least %lld", (long long)tokens->count,
                        (long long)batch, (long long)unroll, (long long)(batch * (unroll + 1)));
}

void dt_streams_at(const dt_streams *s, int64_t k, int32_t *x, int32_t *y)
{
    DT_REQUIRE(k >= 0 && k < s->steps, "dt_streams_at: step %lld of %lld", (long long)k, (long long)s->steps);
    for (int64_t t = 0; t < s->unroll; t++)
        for (int64_t n = 0; n < s->batch; n++) {
            const int32_t *here = s->id + n * s->length + k * s->unroll + t;
            x[t * s->batch + n] = here[0];
            y[t * s->batch + n] = here[1];
        }
}
