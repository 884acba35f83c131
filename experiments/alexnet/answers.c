/* Asking a trained network. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/alexnet/parts.h"

enum { BATCH = 100, CROPS = 5 };

/* Where the crops lie, in pixels from the middle. */
static const struct {
    int down, right;
} places[CROPS] = {{0, 0}, {4, 4}, {4, -4}, {-4, 4}, {-4, -4}};

int64_t hidden_size(const cifarnet *m)
{
    return m->fc10.weight->dim[1];
}

int32_t best_class(const real share[CLASSES])
{
    int32_t best = 0;
    for (int32_t c = 1; c < CLASSES; c++)
        if (share[c] > share[best]) best = c;
    return best;
}

/* Adds `part` of the softmax of the scores [CLASSES,n] to share [n][CLASSES]. */
static void add_softmax(const dt_var *scores, double part, real *share)
{
    const int64_t n = dt_batch(scores);
    for (int64_t i = 0; i < n; i++) {
        double most = (double)scores->value[i], sum = 0;
        for (int64_t c = 1; c < CLASSES; c++) most = fmax(most, (double)scores->value[c * n + i]);
        for (int64_t c = 0; c < CLASSES; c++) sum += exp((double)scores->value[c * n + i] - most);
        for (int64_t c = 0; c < CLASSES; c++)
            share[i * CLASSES + c] += (real)(part * exp((double)scores->value[c * n + i] - most) / sum);
    }
}

/* Some images as one view shows them. */
typedef struct {
    dt_images images;
    uint8_t pixels[BATCH * PIXELS];
    uint32_t order[BATCH];
    int32_t labels[BATCH];
} view;

static void show(view *v, const dt_images *from, int64_t first, int64_t n, int number)
{
    v->images = *from;
    v->images.count = n;
    v->images.labels = from->labels + first;
    v->images.pixels = v->pixels;
    for (int64_t i = 0; i < n; i++) {
        v->order[i] = (uint32_t)i;
        dt_move(from->pixels + (first + i) * PIXELS, 3, SIDE, SIDE, places[number / 2].down, places[number / 2].right,
                number % 2 == 1, v->pixels + i * PIXELS);
    }
}

void ask(const dt_training *t, const dt_images *images, bool ten, real *share, real *hidden)
{
    const cifarnet *m = t->net.model;
    const dt_frame *frame = &t->net.task->frame;
    const int views = ten ? 2 * CROPS : 1;
    view *v = malloc(sizeof *v);
    DT_REQUIRE(v, "ask: out of memory");
    dt_tape *tape = dt_tape_new(t->trainer.backend, t->net.params, NULL);
    memset(share, 0, (size_t)(images->count * CLASSES) * sizeof *share);
    for (int64_t first = 0; first < images->count; first += BATCH) {
        const int64_t left = images->count - first, n = left < BATCH ? left : BATCH, size = hidden_size(m);
        for (int number = 0; number < views; number++) {
            dt_tape_reset(tape);
            tape->recording = false;
            show(v, images, first, n, number);
            dt_var *x = dt_input(tape, 4, (int64_t[]){3, frame->height, frame->width, n});
            dt_batch_gather(&v->images, frame, v->order, n, x->value, v->labels);
            dt_var *h = cifarnet_hidden(m, x);
            add_softmax(dt_linear(&m->fc10, h), 1.0 / views, share + first * CLASSES);
            for (int64_t k = 0; hidden && number == 0 && k < n * size; k++)
                hidden[(first + k / size) * size + k % size] = h->value[k % size * n + k / size];
        }
    }
    dt_tape_free(tape);
    free(v);
}

double exam_error(const dt_training *t, const dt_images *exam, bool ten)
{
    real *share = malloc((size_t)(exam->count * CLASSES) * sizeof *share);
    DT_REQUIRE(share, "exam_error: out of memory");
    ask(t, exam, ten, share, NULL);
    int64_t wrong = 0;
    for (int64_t i = 0; i < exam->count; i++) wrong += best_class(share + i * CLASSES) != exam->labels[i];
    free(share);
    return 100.0 * (double)wrong / (double)exam->count;
}
