/* The networks' sizes and structure as LeCun, Bottou, Bengio and Haffner 1998 print them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "models/lenet1.h"
#include "models/lenet4.h"
#include "models/lenet5.h"
#include "models/lenet5_modern.h"
#include "models/linear.h"
#include "models/mlp.h"
#include "run/network.h"

DT_MODEL(lenet5);
DT_MODEL(lenet5_modern);
DT_MODEL(lenet4);
DT_MODEL(lenet1);
DT_MODEL(mlp);
DT_MODEL(linear);

typedef struct {
    dt_params *params;
    dt_tape *tape;
    void *model;
    dt_var *x, *y;
} network;

/* The model's output for a batch of two. */
static network build(const dt_model *model, int64_t side)
{
    network n = {.params = dt_params_new(1), .model = calloc(1, model->size)};
    model->init(n.model, n.params);
    n.tape = dt_tape_new(&dt_cpu, n.params, NULL);
    n.x = dt_input(n.tape, 4, (int64_t[]){1, side, side, 2});
    for (int64_t i = 0; i < n.x->count; i++)
        n.x->value[i] = (real)dt_rng_uniform(dt_rng_stream(1, "image", 0), (uint64_t)i);
    n.y = model->forward(n.model, n.x);
    return n;
}

static void discard(network *n)
{
    dt_tape_free(n->tape);
    dt_params_free(n->params);
    free(n->model);
}

/* Trained parameters of the layer, "" for all, and what its ops count as connections. */
static int64_t parameters(const network *n, const char *layer)
{
    int64_t count = 0;
    size_t length = strlen(layer);
    for (int i = 0; i < n->params->n; i++) {
        const char *name = n->params->list[i]->name;
        if (length == 0 || (strncmp(name, layer, length) == 0 && name[length] == '.'))
            count += n->params->list[i]->count;
    }
    return count;
}

static int64_t connections(const network *n, const char *layer)
{
    int64_t sum = 0;
    for (const dt_var *y = n->tape->last; y; y = y->previous)
        if (y->op->cost && (!layer || strcmp(y->name, layer) == 0)) sum += y->op->cost(y).connections;
    return sum;
}

static void expect_layer(const network *n, const char *layer, int64_t wanted_parameters, int64_t wanted_connections)
{
    cr_expect(eq(i64, parameters(n, layer), wanted_parameters), "parameters of %s", layer);
    cr_expect(eq(i64, connections(n, layer), wanted_connections), "connections of %s", layer);
}

/* Section II.B, layer by layer; 60,000 and 340,908 stand at its end. */
Test(lenet5, has_the_papers_size)
{
    network n = build(&lenet5_model, 32);
    expect_layer(&n, "c1", 156, 122304);
    expect_layer(&n, "s2", 12, 5880);
    expect_layer(&n, "c3", 1516, 151600);
    expect_layer(&n, "s4", 32, 2000);
    expect_layer(&n, "c5", 48120, 48120);
    expect_layer(&n, "f6", 10164, 10164);
    cr_expect(eq(i64, connections(&n, ""), 840), "the RBF units' 84 x 10, which are not trained");
    cr_expect(eq(i64, parameters(&n, ""), 60000));
    cr_expect(eq(i64, connections(&n, NULL), 340908));
    cr_expect(n.y->rank == 2 && n.y->dim[0] == 10 && n.y->dim[1] == 2);
    discard(&n);
}

/* Section III.C.7 says about 100,000 multiply-adds and 2,600 parameters; LeCun et al. 1990 have 98,442 and 2,578. */
Test(lenet1, has_the_papers_size)
{
    network n = build(&lenet1_model, 28);
    expect_layer(&n, "c1", 104, 59904);
    expect_layer(&n, "s2", 8, 2880);
    expect_layer(&n, "c3", 512, 32768);
    expect_layer(&n, "s4", 24, 960);
    expect_layer(&n, "out", 1930, 1930);
    cr_expect(eq(i64, parameters(&n, ""), 2578));
    cr_expect(eq(i64, connections(&n, NULL), 98442));
    discard(&n);
}

Test(models, have_their_sizes)
{
    static const struct {
        const dt_model *model;
        int64_t side, parameters;
    } cases[] = {
        {&lenet5_modern_model, 32, 61706},
        {&mlp_model, 28, 784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10},
        {&linear_model, 28, 7850},
        {&lenet4_model, 32, 4 * 26 + 2 * 8 + 16 * (8 * 25 + 1) + 32 + 400 * 120 + 120 + 120 * 10 + 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        network n = build(cases[i].model, cases[i].side);
        cr_expect(eq(i64, parameters(&n, ""), cases[i].parameters));
        cr_expect(n.y->rank == 2 && n.y->dim[0] == 10 && n.y->dim[1] == 2);
        discard(&n);
    }
}

static bool sees(const lenet5 *m, int map, int from)
{
    return m->c3.how.table[from % 6][map] == 'X';
}

static int how_many(const lenet5 *m, int map)
{
    int n = 0;
    for (int from = 0; from < 6; from++) n += sees(m, map, from);
    return n;
}

/* Table I in words: "The first six C3 feature maps take inputs from every contiguous subsets of three feature maps in
 * S2. The next six take input from every contiguous subset of four. The next three take input from some discontinuous
 * subsets of four. Finally the last one takes input from all S2 feature maps." */
Test(lenet5, c3_is_connected_by_table_1)
{
    network n = build(&lenet5_model, 32);
    const lenet5 *m = n.model;
    for (int map = 0; map < 6; map++) {
        cr_expect(how_many(m, map) == 3 && sees(m, map, map) && sees(m, map, map + 1) && sees(m, map, map + 2),
                  "map %d", map);
        int next = map + 6;
        cr_expect(how_many(m, next) == 4 && sees(m, next, map) && sees(m, next, map + 1) && sees(m, next, map + 2) &&
                      sees(m, next, map + 3),
                  "map %d", next);
    }
    for (int map = 12; map < 15; map++) {
        int starts = 0; /* of runs, around the circle: one if contiguous */
        for (int from = 0; from < 6; from++) starts += !sees(m, map, from) && sees(m, map, from + 1);
        cr_expect(how_many(m, map) == 4 && starts == 2, "map %d", map);
    }
    cr_expect(eq(int, how_many(m, 15), 6));
    for (int a = 0; a < 16; a++)
        for (int b = 0; b < a; b++) {
            int same = 0;
            for (int from = 0; from < 6; from++) same += sees(m, a, from) == sees(m, b, from);
            cr_expect(same < 6, "maps %d and %d see the same", b, a);
        }
    for (int from = 0; from < 6; from++) {
        int fed = 0;
        for (int map = 0; map < 16; map++) fed += sees(m, map, from);
        cr_expect(eq(int, fed, 10), "map %d of S2 feeds %d of C3", from, fed);
    }
    discard(&n);
}

/* And the convolution does what the table says: a change in one map of S2 shows in those maps of C3 that see it, and no
 * other. */
Test(lenet5, a_map_of_s2_shows_where_the_table_says)
{
    network n = build(&lenet5_model, 32);
    const lenet5 *m = n.model;
    const int64_t plane = 14 * 14 * 2, out_plane = 10 * 10 * 2;
    dt_var *x = dt_input(n.tape, 4, (int64_t[]){6, 14, 14, 2});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)0.5;
    const dt_var *before = dt_conv(&m->c3, x);
    for (int from = 0; from < 6; from++) {
        x->value[from * plane + plane / 2] += 1;
        const dt_var *after = dt_conv(&m->c3, x);
        x->value[from * plane + plane / 2] -= 1;
        for (int map = 0; map < 16; map++) {
            bool same = memcmp(before->value + map * out_plane, after->value + map * out_plane,
                               (size_t)out_plane * sizeof(real)) == 0;
            cr_expect(eq(int, !same, sees(m, map, from)), "map %d of S2, map %d of C3", from, map);
        }
    }
    discard(&n);
}

/* Fig. 3: pictures of 7 x 12 in +1 and -1, no two alike. The paper wants them apart so that confusable characters
 * differ. */
Test(lenet5, bitmaps_are_pictures_of_ten_digits)
{
    cr_expect(LENET5_BITMAP_WIDTH == 7 && LENET5_BITMAP_HEIGHT == 12 && LENET5_F6 == 84);
    const real *bitmap = lenet5_bitmaps();
    for (int digit = 0; digit < 10; digit++) {
        int ink = 0;
        for (int i = 0; i < 84; i++) {
            real pixel = bitmap[digit * 84 + i];
            cr_expect(pixel == 1 || pixel == -1, "digit %d, pixel %d is %g", digit, i, (double)pixel);
            ink += pixel == 1;
        }
        cr_expect(ink >= 15 && ink <= 50, "digit %d has %d black pixels", digit, ink);
        for (int other = 0; other < digit; other++) {
            int differ = 0;
            for (int i = 0; i < 84; i++) differ += bitmap[digit * 84 + i] != bitmap[other * 84 + i];
            cr_expect(differ >= 8, "digits %d and %d differ in %d pixels", other, digit, differ);
        }
    }
}

/* A sharp picture of a digit in F6 has penalty 0 for it, and 4 for each pixel where another digit differs. */
Test(lenet5, the_output_units_answer_to_their_bitmaps)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    const real *bitmap = lenet5_bitmaps();
    dt_var *f6 = dt_input(tape, 2, (int64_t[]){84, 10});
    for (int digit = 0; digit < 10; digit++)
        for (int i = 0; i < 84; i++) f6->value[i * 10 + digit] = bitmap[digit * 84 + i];
    const dt_var *y = dt_rbf(f6, bitmap, 10);
    for (int unit = 0; unit < 10; unit++)
        for (int digit = 0; digit < 10; digit++) {
            int differ = 0;
            for (int i = 0; i < 84; i++) differ += bitmap[digit * 84 + i] != bitmap[unit * 84 + i];
            cr_expect(eq(flt, y->value[unit * 10 + digit], (real)(4 * differ)), "unit %d, digit %d", unit, digit);
        }
    dt_tape_free(tape);
    dt_params_free(params);
}
