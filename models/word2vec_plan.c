#include "models/word2vec_plan.h"

#include <stdlib.h>

#include "core/error.h"

/* Random numbers one after another. */
typedef struct {
    dt_rng stream;
    uint64_t block;
    uint32_t word[4];
    int used;
} dice;

static uint32_t throw(dice * d)
{
    if (d->used == 4) {
        dt_rng_block(d->stream, d->block++, d->word);
        d->used = 0;
    }
    return d->word[d->used++];
}

static void *resized(void *old, int64_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    DT_REQUIRE(now, "out of memory for a plan of windows");
    return now;
}

void word2vec_plan_init(word2vec_plan *plan)
{
    *plan = (word2vec_plan){.sentence = resized(NULL, WORD2VEC_BLOCK, sizeof *plan->sentence),
                            .found = resized(NULL, WORD2VEC_BLOCK, sizeof *plan->found),
                            .window = resized(NULL, WORD2VEC_BLOCK, sizeof *plan->window)};
}

void word2vec_plan_free(word2vec_plan *plan)
{
    free(plan->sentence);
    free(plan->found);
    free(plan->window);
    free(plan->input);
    free(plan->target);
    free(plan->label);
    *plan = (word2vec_plan){0};
}

/* Room for one more window. */
static void grow(word2vec_plan *plan)
{
    if (plan->inputs + DT_WINDOW_INPUTS > plan->input_room) {
        plan->input_room = 2 * plan->input_room + DT_WINDOW_INPUTS;
        plan->input = resized(plan->input, plan->input_room, sizeof *plan->input);
    }
    if (plan->targets + DT_WINDOW_INPUTS > plan->target_room) {
        plan->target_room = 2 * plan->target_room + DT_WINDOW_INPUTS;
        plan->target = resized(plan->target, plan->target_room, sizeof *plan->target);
        plan->label = resized(plan->label, plan->target_room, sizeof *plan->label);
    }
}

static void add_target(word2vec_plan *plan, int32_t row, real label)
{
    plan->target[plan->targets] = row;
    plan->label[plan->targets++] = label;
}

/* The word itself and negatives; what was drawn already is left out, as the original leaves out the word itself. */
static void add_negatives(word2vec_plan *plan, const word2vec *m, int32_t word, dice *d)
{
    const int64_t first = plan->targets;
    add_target(plan, word, 1);
    for (int64_t k = 0; k < m->recipe.negatives; k++) {
        const int32_t negative = dt_alias_draw(&m->noise, throw(d));
        int64_t i = first;
        while (i < plan->targets && plan->target[i] != negative) i++;
        if (i == plan->targets) add_target(plan, negative, 0);
    }
}

static void add_path(word2vec_plan *plan, const dt_huffman *tree, int32_t word)
{
    for (int64_t i = tree->start[word]; i < tree->start[word + 1]; i++)
        add_target(plan, tree->node[i], (real)(1 - tree->bit[i]));
}

/* The windows of a sentence of n words. */
static void add_sentence(word2vec_plan *plan, const word2vec *m, int64_t n, dice *d)
{
    const int32_t *word = plan->sentence;
    for (int64_t i = 0; i < n; i++) {
        const int64_t width = 1 + (int64_t)((uint64_t) throw(d) * (uint64_t)m->recipe.window >> 32);
        const int64_t first = i - width < 0 ? 0 : i - width, end = i + width >= n ? n : i + width + 1;
        if (end - first < 2) continue;
        grow(plan);
        dt_window *w = &plan->found[plan->count++];
        *w = (dt_window){.input = plan->inputs, .target = plan->targets};
        for (int64_t j = first; j < end; j++)
            if (j != i) plan->input[plan->inputs++] = word[j];
        if (m->recipe.hierarchical)
            add_path(plan, &m->tree, word[i]);
        else
            add_negatives(plan, m, word[i], d);
        w->inputs = (int32_t)(plan->inputs - w->input);
        w->targets = (int32_t)(plan->targets - w->target);
    }
}

/* Neighbours in the text share most of their words: brought into one batch, whose errors do not know of each other,
 * they would overshoot. So a batch has windows from places that lie as far apart as the piece allows. */
static void shuffle(word2vec_plan *plan, int64_t batch, bool cbow)
{
    const int64_t step = (plan->count + batch - 1) / batch;
    int64_t n = 0, pairs = 0;
    for (int64_t first = 0; first < step; first++)
        for (int64_t i = first; i < plan->count; i += step) {
            dt_window *w = &plan->window[n++];
            *w = plan->found[i];
            w->pair = pairs;
            pairs += (cbow ? 1 : (int64_t)w->inputs) * w->targets;
        }
}

void word2vec_plan_make(word2vec_plan *plan, const word2vec *m, int64_t piece)
{
    const int64_t first = piece % m->blocks * WORD2VEC_BLOCK, left = m->text->count - first;
    const int64_t count = left < WORD2VEC_BLOCK ? left : WORD2VEC_BLOCK;
    const int32_t *id = m->text->id + first;
    dice d = {.stream = dt_rng_stream(m->recipe.seed, "word2vec", (uint64_t)piece), .used = 4};
    int64_t n = 0;
    plan->count = plan->inputs = plan->targets = 0;
    for (int64_t i = 0; i < count; i++) {
        if (id[i] >= 0) {
            const uint64_t keep = m->keep[id[i]];
            if (keep >= UINT64_C(1) << 32 || throw(&d) < keep) plan->sentence[n++] = id[i];
            continue;
        }
        add_sentence(plan, m, n, &d);
        n = 0;
    }
    add_sentence(plan, m, n, &d);
    shuffle(plan, m->batch, m->recipe.cbow);
}
