/* What a recipe may ask for beside the steps (run/trainer.h): early stopping, averages of the parameters, dropout. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "misuse.h"
#include "toy_training.h"

/* 50 examples in batches of 20, 20 and 10, each in shards of 6. */
enum { BATCHES = 3 };
static const dt_recipe recipe = {
    .epochs = 8, .batch = 20, .shard = 6, .schedule = {DT_LINEAR, .lr = 0.05}, .optimizer = {.momentum = 0.9}};

/* ---- early stopping */

/* Validation errors after the epochs, and what comes of them. */
static const struct {
    const char *what;
    int64_t patience;
    double error[8];
    int64_t trained, best; /* epochs */
} courses[] = {
    {"patience 1", 1, {5, 4, 3, 3.5}, 4, 3},
    {"patience 2: one worse epoch is borne", 2, {5, 6, 4, 4.5, 4.1}, 5, 3},
    {"patience 3", 3, {9, 8, 8.5, 8.1, 8.2}, 5, 2},
    {"a tie is no new lowest", 2, {5, 4, 4, 4}, 4, 2},
    {"lowest in time, each time", 2, {8, 9, 7, 9, 6, 9, 5, 9}, 8, 7},
    {"the first is the best", 3, {1, 2, 2, 2}, 4, 1},
    {"the end comes before patience has", 4, {9, 8, 7, 6, 5, 6, 7, 8}, 8, 5},
    {"patience 0: all epochs, and the best of them", 0, {5, 4, 4, 4, 4, 3, 4, 4}, 8, 6},
};

/* One step, and the error after an epoch. */
static void step_and_tell(training *t, const double *error)
{
    step(t);
    if (t->trainer.state.batch == 0) dt_trainer_validated(&t->trainer, error[t->trainer.state.epoch - 1]);
}

static void follow(training *t, const double *error)
{
    while (!dt_trainer_finished(&t->trainer)) step_and_tell(t, error);
}

Test(trainer_options, early_stopping)
{
    for (size_t k = 0; k < sizeof courses / sizeof *courses; k++) {
        training t;
        dt_recipe how = recipe;
        how.patience = courses[k].patience;
        start(&t, &toy_linear_task, &how, 1);
        follow(&t, courses[k].error);
        cr_expect(eq(i64, t.trainer.state.epoch, courses[k].trained), "%s", courses[k].what);
        cr_expect(eq(i64, dt_trainer_result(&t.trainer), courses[k].best), "%s", courses[k].what);
        end(&t);
    }
}

Test(trainer_options, a_training_that_was_stopped_is_finished)
{
    training t;
    dt_recipe how = recipe;
    how.patience = 1;
    start(&t, &toy_linear_task, &how, 1);
    follow(&t, (double[]){5, 5});
    EXPECT_MISUSE("dt_trainer_step: the training of linear is finished", dt_trainer_step(&t.trainer, NULL));
    end(&t);
}

/* A patience of which nothing is made: no validation error was told. */
Test(trainer_options, never_told_trains_all_epochs)
{
    training told, untold;
    dt_recipe how = recipe;
    how.patience = 1;
    start(&untold, &toy_linear_task, &how, 1);
    finish(&untold);
    cr_expect(eq(i64, untold.trainer.state.epoch, 8));
    cr_expect(eq(i64, dt_trainer_result(&untold.trainer), 8));
    how.patience = 0;
    start(&told, &toy_linear_task, &how, 1);
    finish(&told);
    cr_expect(same_values(&told, &untold));
    end(&told), end(&untold);
}

Test(trainer_options, an_error_is_told_between_epochs)
{
    training t;
    start(&t, &toy_linear_task, &recipe, 1);
    EXPECT_MISUSE("dt_trainer_validated: within epoch 1", dt_trainer_validated(&t.trainer, 5));
    for (int i = 0; i < BATCHES + 1; i++) step(&t);
    EXPECT_MISUSE("dt_trainer_validated: within epoch 2", dt_trainer_validated(&t.trainer, 5));
    end(&t);
}

/* ---- averages */

static real *copied(const real *values, size_t bytes)
{
    real *copy = malloc(bytes);
    cr_assert(copy != NULL);
    memcpy(copy, values, bytes);
    return copy;
}

/* Against an average kept by hand over the same steps. */
static void check_average(double decay)
{
    training t;
    dt_average by_hand;
    dt_recipe how = recipe;
    how.averaged = true;
    how.average_decay = decay;
    start(&t, &toy_conv_task, &how, 1);
    const dt_params *params = t.net.params;
    size_t bytes = (size_t)params->size * sizeof(real);
    dt_average_init(&by_hand, params, decay, 0);
    for (int i = 0; !dt_trainer_finished(&t.trainer); i++) {
        step(&t);
        dt_average_step(&by_hand, &dt_cpu, params);
        real *weights = copied(params->values, bytes);
        dt_trainer_swap(&t.trainer);
        cr_expect(memcmp(params->values, by_hand.values, bytes) == 0, "decay %g, step %d: another average", decay, i);
        cr_expect(eq(int, memcmp(params->values, weights, bytes) == 0, i == 0), "the average of one is that one");
        dt_trainer_swap(&t.trainer);
        cr_expect(memcmp(params->values, weights, bytes) == 0, "decay %g, step %d: not as before", decay, i);
        free(weights);
    }
    dt_average_free(&by_hand);
    end(&t);
}

Test(trainer_options, swapping_shows_the_average_of_the_steps)
{
    check_average(0);
    check_average(0.9);
}

Test(trainer_options, evaluating_the_average_leaves_the_training_alone)
{
    training plain, seen, unseen;
    dt_recipe how = recipe;
    start(&plain, &toy_conv_task, &how, 1);
    finish(&plain);
    how.averaged = true;
    how.average_decay = 0.9;
    start(&unseen, &toy_conv_task, &how, 1);
    finish(&unseen);
    cr_expect(same_values(&plain, &unseen), "averaging is no part of the training");
    start(&seen, &toy_conv_task, &how, 1);
    while (!dt_trainer_finished(&seen.trainer)) {
        step(&seen);
        dt_trainer_swap(&seen.trainer);
        dt_network_error(&seen.net, &dt_cpu, &seen.images);
        dt_trainer_swap(&seen.trainer);
    }
    cr_expect(same_values(&seen, &unseen));
    dt_trainer_swap(&seen.trainer), dt_trainer_swap(&unseen.trainer);
    cr_expect(same_values(&seen, &unseen), "the averages");
    cr_expect(same_values(&plain, &seen) == false, "the average is not the last step");
    end(&plain), end(&seen), end(&unseen);
}

Test(trainer_options, without_averages_there_is_nothing_to_swap)
{
    training t;
    start(&t, &toy_linear_task, &recipe, 1);
    step(&t);
    const real *values = t.net.params->values;
    real former = values[0];
    dt_trainer_swap(&t.trainer);
    cr_expect(t.net.params->values == values && values[0] == former);
    end(&t);
}

/* ---- dropout: the same network with dropout where the recipe asks for it, where its own forward says so, and without
 */

typedef struct {
    dt_linear_layer hidden, out;
} toy_hidden;

static void toy_hidden_init(toy_hidden *m, dt_params *to)
{
    dt_linear_init(&m->hidden, to, "hidden", TOY_SIDE * TOY_SIDE, 30);
    dt_linear_init(&m->out, to, "out", 30, TOY_CLASSES);
}
static dt_var *toy_hidden_forward(const toy_hidden *m, dt_var *x)
{
    return dt_linear(&m->out, dt_hidden_dropout(dt_softsign(dt_linear(&m->hidden, dt_flatten(x)))));
}

typedef toy_hidden toy_explicit;

static void toy_explicit_init(toy_explicit *m, dt_params *to)
{
    toy_hidden_init(m, to);
}
static dt_var *toy_explicit_forward(const toy_explicit *m, dt_var *x)
{
    return dt_linear(&m->out, dt_dropout(dt_softsign(dt_linear(&m->hidden, dt_flatten(x))), 0.5));
}

typedef toy_hidden toy_plain;

static void toy_plain_init(toy_plain *m, dt_params *to)
{
    toy_hidden_init(m, to);
}
static dt_var *toy_plain_forward(const toy_plain *m, dt_var *x)
{
    return dt_linear(&m->out, dt_softsign(dt_linear(&m->hidden, dt_flatten(x))));
}

DT_MODEL(toy_hidden);
DT_MODEL(toy_explicit);
DT_MODEL(toy_plain);
static const dt_task hidden_task = {"hidden", "Hidden", &toy_hidden_model, toy_softmax, .frame = TOY_FRAME};
static const dt_task explicit_task = {"explicit", "Explicit", &toy_explicit_model, toy_softmax, .frame = TOY_FRAME};
static const dt_task plain_task = {"plain", "Plain", &toy_plain_model, toy_softmax, .frame = TOY_FRAME};

static dt_recipe with_dropout(double hidden, double input)
{
    dt_recipe how = recipe;
    how.dropout = hidden;
    how.input_dropout = input;
    return how;
}

static void train(training *t, const dt_task *task, double hidden, double input)
{
    dt_recipe how = with_dropout(hidden, input);
    start(t, task, &how, 1);
    finish(t);
}

Test(trainer_options, the_recipes_dropout_is_that_of_the_op)
{
    training t[4], by_hand, plain;
    train(&t[0], &hidden_task, 0, 0);
    train(&t[1], &hidden_task, 0.5, 0);
    train(&t[2], &hidden_task, 0, 0.2);
    train(&t[3], &hidden_task, 0.5, 0.2);
    train(&by_hand, &explicit_task, 0, 0.2);
    train(&plain, &plain_task, 0, 0.2);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++) cr_expect(same_values(&t[i], &t[j]) == false, "recipes %d and %d", i, j);
    cr_expect(same_values(&t[3], &by_hand));
    cr_expect(same_values(&t[2], &plain), "the input's dropout needs no word from the model");
    for (int i = 0; i < 4; i++) end(&t[i]);
    end(&by_hand), end(&plain);
}

/* With the parameters that training with dropout left, the network answers as one that knows no dropout. */
Test(trainer_options, testing_is_without_dropout)
{
    training t, plain;
    train(&t, &hidden_task, 0.5, 0.2);
    start(&plain, &plain_task, &recipe, 1);
    memcpy(plain.net.params->values, t.net.params->values, (size_t)t.net.params->size * sizeof(real));
    double loss, wanted, error = dt_network_judge(&t.net, &dt_cpu, &t.images, &loss);
    cr_expect(eq(dbl, dt_network_judge(&plain.net, &dt_cpu, &t.images, &wanted), error));
    cr_expect(eq(dbl, loss, wanted));
    cr_expect(fabs(t.trainer.state.loss / TOY_COUNT - loss) > 0.01, "training with dropout is harder: %g, %g",
              t.trainer.state.loss / TOY_COUNT, loss);
    end(&t), end(&plain);
}

/* At rate 0 a step's loss is a function of its examples and masks. A product with one column is summed in another
 * order, so the last bits are free. */
Test(trainer_options, masks_do_not_depend_on_the_shards)
{
    static const int64_t shards[] = {20, 16, 7, 1};
    dt_recipe how = with_dropout(0.5, 0.2);
    how.schedule.lr = 0;
    double loss[4][8 * BATCHES];
    for (int k = 0; k < 4; k++) {
        training t;
        how.shard = shards[k];
        start(&t, &hidden_task, &how, 1);
        for (int i = 0; i < 8 * BATCHES; i++) {
            step(&t);
            loss[k][i] = t.trainer.step_loss;
            cr_expect(fabs(loss[k][i] / loss[0][i] - 1) < 1e-6, "shards of %d, step %d: %g, %g", (int)shards[k], i,
                      loss[k][i], loss[0][i]);
        }
        end(&t);
    }
}

/* ---- all at once */

static dt_recipe all_options(void)
{
    dt_recipe how = with_dropout(0.5, 0.2);
    how.averaged = true;
    how.average_decay = 0.9;
    how.patience = 3;
    return how;
}

/* The lowest is the one after epoch 3, so the training ends with epoch 6. */
static const double made_up[8] = {9, 8, 5, 6, 5, 7};

static void expect_same_end(training *a, training *b, const char *what, int number)
{
    follow(b, made_up);
    cr_expect(same_values(a, b), "%d %s", number, what);
    cr_expect(memcmp(&a->trainer.state, &b->trainer.state, sizeof a->trainer.state) == 0, "%d %s", number, what);
    cr_expect(eq(i64, dt_trainer_result(&b->trainer), 3), "%d %s", number, what);
    dt_trainer_swap(&a->trainer), dt_trainer_swap(&b->trainer);
    cr_expect(same_values(a, b), "the average: %d %s", number, what);
    dt_trainer_swap(&a->trainer), dt_trainer_swap(&b->trainer);
}

Test(trainer_options, blobs_hold_all_of_their_state)
{
    dt_recipe how = all_options();
    training whole;
    start(&whole, &hidden_task, &how, 1);
    follow(&whole, made_up);
    cr_expect(eq(i64, whole.trainer.state.epoch, 6));
    for (int stop = 0; stop <= 6 * BATCHES; stop++) {
        training before, after;
        start(&before, &hidden_task, &how, 1);
        for (int i = 0; i < stop; i++) step_and_tell(&before, made_up);
        start(&after, &hidden_task, &how, 1);
        resume(&after, &before);
        end(&before);
        expect_same_end(&whole, &after, "steps before it was stopped", stop);
        end(&after);
    }
    end(&whole);
}

Test(trainer_options, any_number_of_threads_gives_the_same_bits)
{
    dt_recipe how = all_options();
    training one, many;
    dt_threads_set(1);
    start(&one, &hidden_task, &how, 1);
    follow(&one, made_up);
    for (int threads = 2; threads <= 4; threads++) {
        dt_threads_set(threads);
        start(&many, &hidden_task, &how, 1);
        expect_same_end(&one, &many, "threads", threads);
        end(&many);
    }
    end(&one);
}
