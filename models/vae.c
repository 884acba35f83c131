#include "models/vae.h"

void vae_init(vae *m, dt_params *params)
{
    static const char *const encoder[VAE_LAYERS] = {"encoder1", "encoder2"};
    static const char *const decoder[VAE_LAYERS] = {"decoder1", "decoder2"};
    DT_REQUIRE(m->latent > 0 && m->hidden > 0 && m->layers >= 1 && m->layers <= VAE_LAYERS,
               "vae: %lld latent dimensions, %d hidden layers of %lld units", (long long)m->latent, m->layers,
               (long long)m->hidden);
    const dt_init_kind init = m->init;
    for (int i = 0; i < m->layers; i++)
        dt_linear_init(&m->encoder[i], params, encoder[i], i ? m->hidden : VAE_PIXELS, m->hidden, .init = init,
                       .sd = m->sd);
    dt_linear_init(&m->mean, params, "mean", m->hidden, m->latent, .init = init, .sd = m->sd);
    dt_linear_init(&m->log_variance, params, "log_variance", m->hidden, m->latent, .init = init, .sd = m->sd);
    for (int i = 0; i < m->layers; i++)
        dt_linear_init(&m->decoder[i], params, decoder[i], i ? m->hidden : m->latent, m->hidden, .init = init,
                       .sd = m->sd);
    dt_linear_init(&m->out, params, "out", m->hidden, VAE_PIXELS, .init = init, .sd = m->sd);
}

dt_var *vae_pixels(const vae *m, dt_var *x)
{
    if (!m->binary) return x;
    const dt_tape *tape = x->tape;
    DT_REQUIRE(tape->noise_examples == dt_batch(x), "vae: %lld images without noise for their pixels",
               (long long)dt_batch(x));
    const dt_rng of = tape->noise.stream, stream = {of.seed, of.purpose ^ dt_rng_purpose("binary"), of.step};
    dt_var *y = dt_input(x->tape, x->rank, x->dim);
    for (int64_t i = 0; i < x->count; i++) {
        const int64_t pixel = i / dt_batch(x), example = tape->noise.first + i % dt_batch(x);
        y->value[i] = dt_rng_uniform(stream, (uint64_t)(example * VAE_PIXELS + pixel)) < (double)x->value[i];
    }
    return y;
}

void vae_encode(const vae *m, dt_var *x, dt_var **mean, dt_var **log_variance)
{
    for (int i = 0; i < m->layers; i++) x = dt_tanh(dt_linear(&m->encoder[i], x)); /* [hidden,N] */
    *mean = dt_linear(&m->mean, x);                                                /* [latent,N] */
    *log_variance = dt_linear(&m->log_variance, x);                                /* [latent,N] */
}

dt_var *vae_decode(const vae *m, dt_var *z)
{
    for (int i = 0; i < m->layers; i++) z = dt_tanh(dt_linear(&m->decoder[i], z)); /* [hidden,N] */
    return dt_linear(&m->out, z);                                                  /* [784,N]    */
}

dt_var *vae_forward(const vae *m, dt_var *x)
{
    dt_var *mean, *log_variance, *seen = vae_pixels(m, dt_flatten(x)); /* [784,N] */
    vae_encode(m, seen, &mean, &log_variance);
    dt_var *noise = dt_normal_input(x->tape, 2, mean->dim);
    dt_var *logits = vae_decode(m, dt_gaussian_sample(mean, log_variance, noise));
    dt_var *loss = dt_add(dt_gaussian_kl(mean, log_variance), dt_bernoulli_nll(seen, logits)); /* [N] */
    return dt_reshape(loss, 2, (int64_t[]){1, dt_batch(x)});
}
