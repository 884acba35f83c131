/* The benchmark: one line a workload, `name median unit min max repeats threads`.
 *
 * Random normal images, eight batches in memory in rotation; a training step is zero gradients, forward, loss,
 * backward, update (SGD with momentum 0.9). Each figure is the median of at least five repeats of at least half a
 * second after a warm-up.
 *
 * Recurrent networks stand in recurrent.c, word vectors in word2vec.c, translation in seq2seq.c, a GAN in
 * gan.c.
 *
 *   bench [--threads N] [--only PREFIX,...] [--repeats N] [--min-time SECONDS] [--data DIR] [--text FILE] */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "models/cifarnet.h"
#include "models/lenet5_modern.h"
#include "models/resnet.h"
#include "run/trainer.h"

enum { MAX_REPEATS = 101 };

static struct {
    int threads, repeats;
    double min_time;
    const char *only, *data, *program, *text;
} options = {2, 7, 0.6, "", "datasets/cache/mnist", "build/experiments/lenet", "datasets/cache/wiki100m/wiki100m.txt"};

/* ---- networks */

typedef struct {
    dt_linear_layer hidden1, hidden2, out;
} mlp800;

static void mlp800_init(mlp800 *m, dt_params *params)
{
    dt_linear_init(&m->hidden1, params, "hidden1", 784, 800, .init = DT_INIT_HE);
    dt_linear_init(&m->hidden2, params, "hidden2", 800, 800, .init = DT_INIT_HE);
    dt_linear_init(&m->out, params, "out", 800, 10, .init = DT_INIT_HE);
}

static dt_var *mlp800_forward(const mlp800 *m, dt_var *x)
{
    x = dt_relu(dt_linear(&m->hidden1, dt_flatten(x)));
    x = dt_relu(dt_linear(&m->hidden2, x));
    return dt_linear(&m->out, x);
}

typedef struct {
    dt_linear_layer hidden[3], out;
    dt_batchnorm_layer norm[3];
} mlpbn100;

static void mlpbn100_init(mlpbn100 *m, dt_params *params)
{
    static const char *const hidden[3] = {"h1", "h2", "h3"}, *const norm[3] = {"n1", "n2", "n3"};
    for (int i = 0; i < 3; i++) {
        dt_linear_init(&m->hidden[i], params, hidden[i], i == 0 ? 784 : 100, 100, .no_bias = true);
        dt_batchnorm_init(&m->norm[i], params, norm[i], 100);
    }
    dt_linear_init(&m->out, params, "out", 100, 10);
}

static dt_var *mlpbn100_forward(const mlpbn100 *m, dt_var *x)
{
    x = dt_flatten(x);
    for (int i = 0; i < 3; i++) x = dt_sigmoid(dt_batchnorm(&m->norm[i], dt_linear(&m->hidden[i], x)));
    return dt_linear(&m->out, x);
}

typedef resnet resnet20;

static void resnet20_init(resnet20 *m, dt_params *params)
{
    m->n = 3;
    resnet_init(m, params);
}

static dt_var *resnet20_forward(const resnet20 *m, dt_var *x)
{
    return resnet_forward(m, x);
}

DT_MODEL(cifarnet);
DT_MODEL(lenet5_modern);
DT_MODEL(mlp800);
DT_MODEL(mlpbn100);
DT_MODEL(resnet20);

/* ---- one workload: steps on batches in memory */

/* What a step is; TRAIN_DECAY: with a weight decay of 1e-4; TRAIN_PLAIN: without momentum, and steps are counted, not
 * images. */
typedef enum { INFER, TRAIN, TRAIN_DECAY, TRAIN_PLAIN } mode;

typedef struct {
    const char *name;
    const dt_model *model;
    int64_t batch, shard, channels, side;
    mode mode;
} workload;

typedef struct {
    const workload *w;
    dt_network net;
    dt_shards shards;
    dt_optimizer optimizer;
    real *images[BATCHES]; /* shard by shard, each [channels,side,side,n] */
    int32_t *labels[BATCHES];
    int next;
} bench;

static void run_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const bench *b = context;
    const workload *w = b->w;
    dt_var *x = dt_constant(tape, 4, (int64_t[]){w->channels, w->side, w->side, count},
                            b->images[b->next] + first * w->channels * w->side * w->side);
    dt_var *scores = w->model->forward(b->net.model, x);
    if (w->mode != INFER) dt_backward(dt_softmax_xent(scores, b->labels[b->next] + first), 1 / (real)w->batch);
}

static void step(void *context)
{
    bench *b = context;
    dt_shards_run(&b->shards, b->w->batch, b->w->mode != INFER, run_shard, b);
    if (b->w->mode != INFER) dt_optimizer_step(&b->optimizer, &dt_cpu, b->net.params, 0.01);
    b->next = (b->next + 1) % BATCHES;
}

static void start_bench(bench *b, const workload *w)
{
    static dt_task task;
    task.model = w->model;
    *b = (bench){.w = w};
    dt_network_init(&b->net, &task, 1);
    dt_shards_init(&b->shards, &dt_cpu, b->net.params, w->batch, w->shard);
    const dt_optimizer_recipe recipe = {.momentum = w->mode == TRAIN_PLAIN ? 0 : 0.9,
                                        .weight_decay = w->mode == TRAIN_DECAY ? 1e-4 : 0};
    dt_optimizer_init(&b->optimizer, b->net.params, &recipe);
    for (int k = 0; k < BATCHES; k++) {
        dt_rng images = dt_rng_stream(1, "images", (uint64_t)k), labels = dt_rng_stream(1, "labels", (uint64_t)k);
        int64_t count = w->batch * w->channels * w->side * w->side;
        b->images[k] = aligned_alloc(64, (size_t)count * sizeof(real));
        b->labels[k] = malloc((size_t)w->batch * sizeof(int32_t));
        for (int64_t i = 0; i < count; i++) b->images[k][i] = (real)dt_rng_normal(images, (uint64_t)i);
        for (int64_t i = 0; i < w->batch; i++) b->labels[k][i] = (int32_t)dt_rng_below(labels, (uint64_t)i, 10);
    }
}

static void stop_bench(bench *b)
{
    for (int k = 0; k < BATCHES; k++) {
        free(b->images[k]);
        free(b->labels[k]);
    }
    dt_optimizer_free(&b->optimizer);
    dt_shards_free(&b->shards);
    dt_network_free(&b->net);
}

/* ---- timing */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, double *values, int n, const char *unit)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    double median = (values[(n - 1) / 2] + values[n / 2]) / 2;
    printf("%s %.4g %s %.4g %.4g %d %d\n", name, median, unit, values[0], values[n - 1], n, options.threads);
    fflush(stdout);
}

static double seconds_of(void (*work)(void *), void *context, int64_t n)
{
    double start = dt_seconds();
    for (int64_t i = 0; i < n; i++) work(context);
    return dt_seconds() - start;
}

void time_steps(const char *name, void (*step_of)(void *), void *context, int64_t units, const char *unit)
{
    int64_t n = 1;
    double t = seconds_of(step_of, context, 3);
    while ((t = seconds_of(step_of, context, n)) < 0.2 * options.min_time) n *= 2;
    n = (int64_t)((double)n * options.min_time / t) + 1;
    double rates[MAX_REPEATS];
    for (int r = 0; r < options.repeats; r++) rates[r] = (double)(units * n) / seconds_of(step_of, context, n);
    print(name, rates, options.repeats, unit);
}

static void time_workload(const workload *w)
{
    const bool steps = w->mode == TRAIN_PLAIN;
    bench b;
    start_bench(&b, w);
    time_steps(w->name, step, &b, steps ? 1 : w->batch, steps ? "steps/s" : "images/s");
    stop_bench(&b);
}

/* From the start of the program to the first byte that it prints. */
static void time_start(void)
{
    double values[MAX_REPEATS];
    for (int r = -1; r < options.repeats; r++) {
        int ends[2];
        char first;
        if (pipe(ends) != 0) return;
        double start = dt_seconds();
        pid_t child = fork();
        if (child == 0) {
            dup2(ends[1], STDOUT_FILENO);
            execl(options.program, options.program, "--dry-run", (char *)NULL);
            _exit(127);
        }
        close(ends[1]);
        bool printed = read(ends[0], &first, 1) == 1;
        if (r >= 0) values[r] = dt_seconds() - start;
        close(ends[0]);
        waitpid(child, NULL, 0);
        if (!printed) {
            fprintf(stderr, "bench: %s printed nothing; build it with: make all\n", options.program);
            return;
        }
    }
    print("start", values, options.repeats, "s");
}

/* LeNet-5 on MNIST from reading the files: ten passes, batches of 64, a test after each. */
static void time_mnist(void)
{
    const dt_task task = {"lenet5", "LeNet-5", .model = &lenet5_modern_model, .loss = dt_softmax_xent,
                          .frame = {32, 32, (real)-0.42, (real)2.82}};
    const dt_recipe recipe = {
        .epochs = 10, .batch = 64, .schedule = {.kind = DT_LINEAR, .lr = 0.05}, .optimizer.momentum = 0.9};
    double walls[3], errors[3];
    for (int seed = 1; seed <= 3; seed++) {
        dt_error err;
        dt_images train, test;
        double start = dt_seconds();
        if (dt_images_read_idx(options.data, "train", "mnist", &train, &err) != DT_OK ||
            dt_images_read_idx(options.data, "t10k", "mnist", &test, &err) != DT_OK) {
            fprintf(stderr, "bench: %s: %s; %s\n", err.path, err.message, err.hint);
            return;
        }
        dt_network net;
        dt_trainer t;
        dt_network_init(&net, &task, (uint64_t)seed);
        dt_trainer_init(&t, &net, &dt_cpu, &train, &recipe, (uint64_t)seed);
        while (!dt_trainer_finished(&t)) {
            if (dt_trainer_step(&t, &err) != DT_OK) return;
            if (t.state.batch == 0) errors[seed - 1] = dt_network_error(&net, &dt_cpu, &test);
        }
        walls[seed - 1] = dt_seconds() - start;
        dt_trainer_free(&t);
        dt_network_free(&net);
        dt_images_free(&train);
        dt_images_free(&test);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    print("mnist_lenet5", walls, 3, "s");
    print("mnist_lenet5_error", errors, 3, "%");
    print("mnist_lenet5_memory", &(double){(double)usage.ru_maxrss / 1024}, 1, "MiB");
}

/* ---- the program */

bool chosen(const char *name)
{
    if (!options.only[0]) return true;
    for (const char *at = options.only; at;) {
        size_t n = strcspn(at, ",");
        if (n > 0 && strncmp(name, at, n) == 0) return true;
        at = at[n] ? at + n + 1 : NULL;
    }
    return false;
}

static void read_options(int argc, char *argv[])
{
    static const struct option known[] = {
        {"threads", 1, 0, 't'}, {"only", 1, 0, 'o'},    {"repeats", 1, 0, 'r'}, {"min-time", 1, 0, 'm'},
        {"data", 1, 0, 'd'},    {"program", 1, 0, 'p'}, {"text", 1, 0, 'x'},    {0}};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (c) {
        case 't':
            options.threads = atoi(optarg);
            break;
        case 'o':
            options.only = optarg;
            break;
        case 'r':
            options.repeats = atoi(optarg);
            break;
        case 'm':
            options.min_time = atof(optarg);
            break;
        case 'd':
            options.data = optarg;
            break;
        case 'p':
            options.program = optarg;
            break;
        case 'x':
            options.text = optarg;
            break;
        default:
            exit(2);
        }
    if (options.repeats < 1 || options.repeats > MAX_REPEATS || options.threads < 1 || options.min_time <= 0) {
        fprintf(stderr, "bench: --repeats is 1 to %d, --threads at least 1, --min-time above 0\n", MAX_REPEATS);
        exit(2);
    }
}

int main(int argc, char *argv[])
{
    static const workload workloads[] = {
        {"lenet5_b64_train", &lenet5_modern_model, 64, 32, 1, 32, TRAIN},
        {"lenet5_b256_train", &lenet5_modern_model, 256, 32, 1, 32, TRAIN},
        {"lenet5_b1_train", &lenet5_modern_model, 1, 1, 1, 32, TRAIN},
        {"lenet5_b64_infer", &lenet5_modern_model, 64, 32, 1, 32, INFER},
        {"lenet5_b256_infer", &lenet5_modern_model, 256, 32, 1, 32, INFER},
        {"mlp800_b128_train", &mlp800_model, 128, 128, 1, 28, TRAIN},
        {"mlp800_b128_infer", &mlp800_model, 128, 64, 1, 28, INFER},
        {"mlpbn100_b60_train", &mlpbn100_model, 60, 0, 1, 28, TRAIN_PLAIN},
        {"cifarnet_b128_train", &cifarnet_model, 128, 64, 3, 32, TRAIN},
        {"cifarnet_b128_infer", &cifarnet_model, 128, 32, 3, 32, INFER},
        {"resnet20_b128_train", &resnet20_model, 128, 128, 3, 32, TRAIN_DECAY},
        {"resnet20_b128_infer", &resnet20_model, 128, 32, 3, 32, INFER},
    };
    read_options(argc, argv);
    dt_threads_set(options.threads);
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (chosen(workloads[i].name)) time_workload(&workloads[i]);
    time_recurrent();
    time_gan();
    time_word2vec(options.text);
    time_seq2seq();
    if (chosen("start")) time_start();
    if (chosen("mnist_lenet5")) time_mnist();
    return 0;
}
