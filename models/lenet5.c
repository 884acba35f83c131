#include "models/lenet5.h"

/* Table I: which maps of S2 (rows) feed which maps of C3 (columns). */
/* clang-format off */
static const char *const c3_connections[6] = {
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
};
/* clang-format on */

/* Fig. 3, the digits. */
static const char *const bitmaps[LENET5_BITMAP_HEIGHT][10] = {
    {".#####.", "...##..", ".#####.", "#######", ".#####.", ".#####.", "..####.", "#######", ".#####.", ".#####."},
    {".......", "..###..", ".......", ".....##", ".......", ".......", ".##....", ".....##", "##...##", "##..###"},
    {"..###..", ".####..", ".#####.", "....##.", ".......", "#######", "##.....", ".....##", "##...##", "##...##"},
    {".##.##.", "...##..", "##...##", "...##..", ".##..##", "##.....", "##.....", "....##.", "##...##", "##...##"},
    {"##...##", "...##..", "#....##", "..####.", ".##..##", "##.....", "#####..", "...##..", ".#####.", "##..###"},
    {"##...##", "...##..", "....##.", ".....##", "###..##", ".####..", "###..##", "...##..", "##...##", ".######"},
    {"##...##", "...##..", "..###..", ".....##", "##...##", "..####.", "##...##", "..##...", "##...##", ".....##"},
    {"##...##", "...##..", ".##....", ".....##", "##...##", ".....##", "##...##", "..##...", "##...##", ".....##"},
    {".##.##.", "...##..", "##.....", "##...##", "##..###", "##...##", "###..##", "..##...", "##...##", "....##."},
    {"..###..", ".######", "#######", ".#####.", ".######", ".#####.", ".#####.", "..##...", ".#####.", ".####.."},
    {".......", ".......", ".......", ".......", ".....##", ".......", ".......", ".......", ".......", "......."},
    {".......", ".......", ".......", ".......", ".....##", ".......", ".......", ".......", ".......", "......."},
};

static real centres[10][LENET5_F6];

const real *lenet5_bitmaps(void)
{
    for (int digit = 0; digit < 10; digit++)
        for (int pixel = 0; pixel < LENET5_F6; pixel++)
            centres[digit][pixel] =
                bitmaps[pixel / LENET5_BITMAP_WIDTH][digit][pixel % LENET5_BITMAP_WIDTH] == '#' ? 1 : -1;
    return centres[0];
}

void lenet5_init(lenet5 *m, dt_params *params)
{
    lenet5_bitmaps();
    dt_conv_init(&m->c1, params, "c1", 1, 6, 5);
    dt_subsample_init(&m->s2, params, "s2", 6, 2);
    dt_conv_init(&m->c3, params, "c3", 6, 16, 5, .table = c3_connections);
    dt_subsample_init(&m->s4, params, "s4", 16, 2);
    dt_linear_init(&m->c5, params, "c5", 16 * 5 * 5, 120);
    dt_linear_init(&m->f6, params, "f6", 120, LENET5_F6);
}

dt_var *lenet5_forward(const lenet5 *m, dt_var *x)
{
    x = dt_scaled_tanh(dt_conv(&m->c1, x));                      /* [6,28,28,N]  */
    x = dt_scaled_tanh(dt_subsample(&m->s2, x));                 /* [6,14,14,N]  */
    x = dt_scaled_tanh(dt_conv(&m->c3, x));                      /* [16,10,10,N] */
    x = dt_scaled_tanh(dt_subsample(&m->s4, x));                 /* [16,5,5,N]   */
    x = dt_scaled_tanh(dt_linear(&m->c5, dt_flatten(x)));        /* [120,N]: a convolution as large as its input */
    x = dt_scaled_tanh(dt_linear(&m->f6, dt_hidden_dropout(x))); /* [84,N]       */
    return dt_rbf(x, centres[0], 10);                            /* [10,N]       */
}
