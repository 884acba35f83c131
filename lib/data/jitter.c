#include "data/jitter.h"

#include <string.h>

#include "core/error.h"

void dt_move(const uint8_t *src, int64_t channels, int64_t height, int64_t width, int64_t down, int64_t right,
             bool mirror, uint8_t *dst)
{
    const int64_t first = right > 0 ? right : 0, end = width + (right < 0 ? right : 0);
    for (int64_t c = 0; c < channels; c++, src += height * width)
        for (int64_t i = 0; i < height; i++, dst += width) {
            const int64_t row = i - down;
            memset(dst, 0, (size_t)width);
            if (row < 0 || row >= height || first >= end) continue;
            const uint8_t *from = src + row * width;
            if (mirror)
                for (int64_t j = first; j < end; j++) dst[j] = from[width - 1 - (j - right)];
            else
                memcpy(dst + first, from + first - right, (size_t)(end - first));
        }
}

void dt_jitter_image(const dt_jitter *jitter, dt_rng stream, uint32_t example, const uint8_t *src, int64_t channels,
                     int64_t height, int64_t width, uint8_t *dst)
{
    DT_REQUIRE(jitter->shift >= 0 && jitter->shift <= INT16_MAX, "dt_jitter_image: a shift of %lld",
               (long long)jitter->shift);
    const uint64_t first = 3 * (uint64_t)example;
    const uint32_t places = 2 * (uint32_t)jitter->shift + 1;
    const int64_t down = (int64_t)dt_rng_below(stream, first, places) - jitter->shift;
    const int64_t right = (int64_t)dt_rng_below(stream, first + 1, places) - jitter->shift;
    const bool mirror = jitter->mirror && dt_rng_below(stream, first + 2, 2) == 1;
    dt_move(src, channels, height, width, down, right, mirror, dst);
}
