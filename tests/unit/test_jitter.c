/* Crops and reflections of images. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "data/jitter.h"

enum { CHANNELS = 2, HEIGHT = 5, WIDTH = 4, SIZE = CHANNELS * HEIGHT * WIDTH };

static void make(uint8_t image[SIZE])
{
    for (int i = 0; i < SIZE; i++) image[i] = (uint8_t)(i + 1);
}

/* Each pixel against its definition, moved beyond the edges and past all of the image. */
Test(jitter, moves_and_mirrors)
{
    uint8_t src[SIZE], dst[SIZE + 1];
    make(src);
    for (int64_t down = -6; down <= 6; down++)
        for (int64_t right = -6; right <= 6; right++)
            for (int mirror = 0; mirror < 2; mirror++) {
                memset(dst, 99, sizeof dst);
                dt_move(src, CHANNELS, HEIGHT, WIDTH, down, right, mirror, dst);
                for (int64_t i = 0; i < SIZE; i++) {
                    int64_t row = i / WIDTH % HEIGHT - down, column = i % WIDTH - right;
                    bool inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
                    if (mirror) column = WIDTH - 1 - column;
                    int wanted = inside ? src[(i / (HEIGHT * WIDTH) * HEIGHT + row) * WIDTH + column] : 0;
                    cr_assert(eq(int, dst[i], wanted), "down %d, right %d, mirror %d, byte %d", (int)down, (int)right,
                              mirror, (int)i);
                }
                cr_assert(eq(int, dst[SIZE], 99), "wrote beyond the image");
            }
}

/* Every shift and both reflections occur about as often as they should, and depend on stream and example alone. */
Test(jitter, draws_each_shift_evenly)
{
    enum { DRAWS = 20000, SIDE = 9 };
    uint8_t src[SIDE * SIDE] = {0}, dst[SIDE * SIDE], again[SIDE * SIDE];
    src[4 * SIDE + 4] = 1; /* the middle, and what is at its right */
    src[4 * SIDE + 5] = 2;
    int down[5] = {0}, right[5] = {0}, mirrored = 0, alike = 0;
    const dt_jitter jitter = {.shift = 2, .mirror = true};
    dt_rng stream = dt_rng_stream(1, "jitter", 7);
    for (uint32_t e = 0; e < DRAWS; e++) {
        dt_jitter_image(&jitter, stream, e, src, 1, SIDE, SIDE, dst);
        dt_jitter_image(&jitter, stream, e, src, 1, SIDE, SIDE, again);
        cr_assert(memcmp(dst, again, sizeof dst) == 0);
        const int at = (int)((const uint8_t *)memchr(dst, 1, sizeof dst) - dst);
        cr_assert(at / SIDE >= 2 && at / SIDE <= 6 && at % SIDE >= 2 && at % SIDE <= 6);
        down[at / SIDE - 2]++;
        right[at % SIDE - 2]++;
        mirrored += dst[at - 1] == 2;
        alike += at / SIDE == at % SIDE;
    }
    for (int i = 0; i < 5; i++)
        cr_expect(abs(down[i] - DRAWS / 5) < 300 && abs(right[i] - DRAWS / 5) < 300, "shift %d: %d and %d of %d", i - 2,
                  down[i], right[i], DRAWS);
    cr_expect(abs(mirrored - DRAWS / 2) < 400, "%d of %d are mirrored", mirrored, DRAWS);
    cr_expect(abs(alike - DRAWS / 5) < 300, "%d of %d move both axes alike", alike, DRAWS);
}

Test(jitter, nothing_asked_nothing_done)
{
    uint8_t src[SIZE], dst[SIZE];
    make(src);
    for (uint32_t e = 0; e < 20; e++) {
        dt_jitter_image(&(dt_jitter){0}, dt_rng_stream(1, "jitter", 0), e, src, CHANNELS, HEIGHT, WIDTH, dst);
        cr_assert(memcmp(src, dst, SIZE) == 0);
    }
}
