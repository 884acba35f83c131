#include "run/classify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/threads.h"
#include "run/atomic.h"
#include "run/run.h"
#include "run/version.h"

enum { EXIT_WORLD = 1, EXIT_FLAGS = 2, EXIT_NUMERICAL = 3, EXIT_INTERRUPTED = 130 };

static int complain(const dt_run *s, const dt_error *err, int status)
{
    char text[1400];
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", s->experiment->name, dt_error_text(err, text, sizeof text));
    return status;
}

static dt_status read_flags(dt_run *s, int argc, char *const argv[], dt_error *err)
{
    static dt_flag own[] = {
        {"model", DT_FLAG_TEXT, NULL, 0, 0, NULL, "train only this network (the ids are in the table below)", "run",
         true},
        {"clip", DT_FLAG_REAL, NULL, 0, 1e9, NULL, "greatest norm of the gradient", "run", true},
        {"validate", DT_FLAG_INT, "0", 0, 1e9, NULL,
         "hold out so many training images and judge by them: for choosing hyper-parameters, makes no claim", "run",
         true},
        {"dataset", DT_FLAG_CHOICE, NULL, 0, 0, NULL, "what to train on", "run", true},
        {"predict", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "classify the PNG or PGM files FILE... with the trained network",
         "files", false},
        {"report", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "show the closing table of the run that is there, and stop",
         "output", false},
        {0}};
    static char datasets[256];
    const dt_dataset *set = s->experiment->datasets;
    for (int i = 0; set[i].name; i++)
        snprintf(datasets + strlen(datasets), sizeof datasets - strlen(datasets), "%s%s", i ? "|" : "", set[i].name);
    for (dt_flag *f = own; f->name; f++)
        if (strcmp(f->name, "dataset") == 0) f->choices = datasets, f->value = set[0].name;
    s->flags = dt_flags_new((const dt_flag *const[]){dt_common_flags, own}, 2);
    dt_status status = dt_flags_parse(s->flags, argc, argv, err);
    if (status == DT_OK && !dt_flag_on(s->flags, "predict")) status = dt_flags_no_rest(s->flags, err);
    if (status != DT_OK) return status;
    const char *preset = dt_flag_text(s->flags, "preset");
    s->preset = strcmp(preset, "smoke") == 0 ? DT_SMOKE : strcmp(preset, "paper") == 0 ? DT_PAPER : DT_LAB;
    char seeds[16];
    snprintf(seeds, sizeof seeds, "%d", s->experiment->seeds[s->preset]);
    dt_flags_preset(s->flags, "seeds", seeds);
    s->config = dt_flags_config(s->flags);
    for (s->dataset = set; strcmp(s->dataset->name, dt_flag_text(s->flags, "dataset")) != 0;) s->dataset++;
    snprintf(s->name, sizeof s->name, "%s%s%s", s->experiment->name, s->dataset == set ? "" : "-",
             s->dataset == set ? "" : s->dataset->name);
    return DT_OK;
}

/* A claim is made with the paper's data, the preset's recipe, and all its seeds. */
static bool makes_claims(const dt_run *s)
{
    static const char *const changes[] = {"epochs", "batch", "lr", "clip"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (dt_flag_given(s->flags, changes[i])) return false;
    return strcmp(s->train.sha256, s->experiment->sha256) == 0 && dt_flag_int(s->flags, "validate") == 0 &&
           dt_flag_int(s->flags, "seeds") >= s->experiment->seeds[s->preset];
}

static dt_recipe recipe_of(const dt_run *s, const dt_study *study)
{
    dt_recipe r = study->recipe[s->preset];
    if (dt_flag_given(s->flags, "epochs")) r.epochs = dt_flag_int(s->flags, "epochs");
    if (dt_flag_given(s->flags, "batch")) r.batch = dt_flag_int(s->flags, "batch");
    if (dt_flag_given(s->flags, "lr")) r.schedule.lr = dt_flag_real(s->flags, "lr");
    if (dt_flag_given(s->flags, "clip")) r.clip = dt_flag_real(s->flags, "clip");
    return r;
}

/* The recipes as they will be followed, into the recorded configuration. */
static void record_recipes(dt_run *s)
{
    static const char *const schedules[] = {"constant", "linear", "cosine", "exponential", "step", "inverse", "table"};
    json_t *recipes = json_object();
    for (int j = 0; j < s->n_jobs; j++) {
        const dt_recipe *r = &s->jobs[j].recipe;
        const dt_distortion *d = &r->distortion;
        json_t *recipe =
            json_pack("{s:I, s:I, s:I, s:f, s:s, s:f, s:f, s:b, s:f, s:I, s:[f,f,f,f]}", "epochs",
                      (json_int_t)r->epochs, "batch", (json_int_t)r->batch, "shard", (json_int_t)r->shard, "lr",
                      r->schedule.lr, "schedule", schedules[r->schedule.kind], "momentum", r->momentum, "weight_decay",
                      r->weight_decay, "nesterov", r->nesterov, "clip", r->clip, "examples", (json_int_t)r->examples,
                      "distortion", (double)d->translate, (double)d->scale, (double)d->squeeze, (double)d->shear);
        DT_REQUIRE(recipe, "out of memory");
        json_object_set_new(recipes, s->jobs[j].study->task.id, recipe);
    }
    json_object_set_new(s->config, "recipes", recipes);
}

/* The jobs: each study of the preset (or the one that --model names), each seed. */
static dt_status plan(dt_run *s, dt_error *err)
{
    const dt_classification *e = s->experiment;
    const char *only = dt_flag_text(s->flags, "model");
    int64_t seeds = dt_flag_int(s->flags, "seeds"), first = dt_flag_int(s->flags, "seed");
    s->jobs = calloc((size_t)(e->n_studies * seeds), sizeof *s->jobs);
    DT_REQUIRE(s->jobs, "out of memory");
    DT_REQUIRE(e->n_studies <= (int)(sizeof s->trained / sizeof *s->trained), "%s has too many studies", e->name);
    for (int i = 0; i < e->n_studies; i++) {
        const dt_study *study = &e->studies[i];
        if (only ? strcmp(only, study->task.id) != 0 : study->recipe[s->preset].epochs == 0) continue;
        if (study->recipe[s->preset].epochs == 0)
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "choose another --preset",
                                "--model %s is not part of the preset %s", only, dt_flag_text(s->flags, "preset"));
        for (int64_t k = 0; k < seeds; k++)
            s->jobs[s->n_jobs++] = (dt_job){study, recipe_of(s, study), (uint64_t)(first + k)};
    }
    record_recipes(s);
    if (s->n_jobs > 0) return DT_OK;
    char ids[256] = "";
    for (int i = 0; i < e->n_studies; i++)
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", i ? ", " : "", e->studies[i].task.id);
    char hint[320];
    snprintf(hint, sizeof hint, "it is one of %s", ids);
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--model %s is not known", only);
}

static void help(const dt_run *s)
{
    const dt_classification *e = s->experiment;
    char usage[128], about[2048];
    snprintf(usage, sizeof usage, "%s [FLAGS]  or  %s --predict FILE...", e->name, e->name);
    snprintf(about, sizeof about, "%s (%s).", e->title, e->paper);
    dt_flags_help(stdout, s->flags, usage, about);
    printf("\nnetworks:\n");
    for (int i = 0; i < e->n_studies; i++) printf("  %-16s %s\n", e->studies[i].task.id, e->studies[i].task.title);
    printf("\nexit status: 0 done, 1 file or data, 2 flags, 3 not a number, 130 interrupted\n");
}

static dt_status open_data(dt_run *s, dt_error *err)
{
    const char *data = dt_flag_text(s->flags, "data"), *dataset = s->dataset->name;
    if (data)
        snprintf(s->data_folder, sizeof s->data_folder, "%s", data);
    else
        snprintf(s->data_folder, sizeof s->data_folder, "datasets/cache/%s", dataset);
    dt_status status = dt_images_read_idx(s->data_folder, "train", dataset, &s->train, err);
    if (status != DT_OK) return status;
    int64_t hold = dt_flag_int(s->flags, "validate");
    if (hold >= s->train.count)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "hold out fewer",
                            "--validate %lld holds out all of the %lld images", (long long)hold,
                            (long long)s->train.count);
    s->info.claims = makes_claims(s);
    if (hold > 0) {
        dt_images all = s->train;
        dt_images_split(&all, all.count - hold, &s->train, &s->held_out);
        s->train.view = false; /* it owns what both show */
    }
    return DT_OK;
}

/* Whether the data are enough for each recipe and fit each network. */
static dt_status check_data(const dt_run *s, dt_error *err)
{
    int64_t hold = dt_flag_int(s->flags, "validate"), count = s->train.count, height = s->train.height,
            width = s->train.width;
    for (int j = 0; j < s->n_jobs; j++) {
        const dt_study *study = s->jobs[j].study;
        const dt_frame *frame = &study->task.frame;
        int64_t examples = s->jobs[j].recipe.examples;
        if (examples > count && hold > 0)
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "hold out fewer",
                                "--validate %lld leaves %lld images, but %s takes %lld", (long long)hold,
                                (long long)count, study->task.title, (long long)examples);
        if (examples > count)
            return dt_error_set(err, DT_ERR_DATA, s->data_folder, -1, "give a larger data set, or another --preset",
                                "%s takes %lld training images, but there are %lld", study->task.title,
                                (long long)examples, (long long)count);
        if (height > frame->height || width > frame->width)
            return dt_error_set(err, DT_ERR_DATA, s->data_folder, -1, "reduce the images",
                                "images of %lldx%lld do not fit into the %lldx%lld input of %s", (long long)height,
                                (long long)width, (long long)frame->height, (long long)frame->width, study->task.title);
    }
    return hold > 0 ? DT_OK : dt_images_present(s->data_folder, "t10k", s->dataset->name, err);
}

static void describe(dt_run *s, int argc, char *const argv[])
{
    const dt_classification *e = s->experiment;
    s->info.experiment = e->name;
    s->info.preset = dt_flag_text(s->flags, "preset");
    s->info.command = s->command;
    s->info.device = s->backend->name;
    s->info.instructions = s->backend->instructions;
    s->info.threads = dt_threads();
    s->info.dataset = s->dataset->name;
    s->info.sha256 = s->train.sha256;
    s->info.deviations = e->deviations;
    while (e->deviations[s->info.n_deviations]) s->info.n_deviations++;
    size_t at =
        (size_t)snprintf(s->command, sizeof s->command, "make experiments/%s PRESET=%s", e->name, s->info.preset);
    char extra[400] = "";
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--preset", 8) == 0 || strcmp(argv[i], "--resume") == 0 ||
            strcmp(argv[i], "--quiet") == 0) {
            if (strcmp(argv[i], "--preset") == 0) i++;
            continue;
        }
        size_t used = strlen(extra);
        snprintf(extra + used, sizeof extra - used, "%s%s", used ? " " : "", argv[i]);
    }
    if (extra[0]) snprintf(s->command + at, sizeof s->command - at, " ARGS='%s'", extra);
}

static void introduce(const dt_run *s)
{
    const dt_classification *e = s->experiment;
    printf("%s: %s, %s, %d %s, %s\n", s->info.dataset, s->data_folder,
           s->info.claims ? "the paper's data" : "no claim with these data and flags", dt_threads(),
           dt_threads() == 1 ? "thread" : "threads", s->backend->instructions);
    printf("sha256 %s, %lld training images of %lld x %lld\n", s->train.sha256, (long long)s->train.count,
           (long long)s->train.height, (long long)s->train.width);
    for (int i = 0; i < e->n_studies; i++) {
        bool used = false;
        for (int j = 0; j < s->n_jobs; j++) used |= s->jobs[j].study == &e->studies[i];
        if (used) dt_layers_print(stdout, &e->studies[i], &s->train);
    }
    fflush(stdout);
}

static int run(dt_run *s, int argc, char *const argv[], dt_error *err)
{
    dt_status status = open_data(s, err);
    if (status == DT_OK) status = check_data(s, err);
    if (status != DT_OK) return complain(s, err, status == DT_ERR_CONFIG ? EXIT_FLAGS : EXIT_WORLD);
    describe(s, argc, argv);
    if (!dt_flag_on(s->flags, "quiet")) introduce(s);
    if (dt_flag_on(s->flags, "dry-run")) {
        printf("dry run: %d trainings, nothing written\n", s->n_jobs);
        return 0;
    }
    dt_claims *claims; /* read again after the training; an error in them must not wait so long */
    if (dt_run_claims(s, &claims, err) != DT_OK) return complain(s, err, EXIT_WORLD);
    dt_claims_free(claims);
    if (dt_record_open(dt_flag_text(s->flags, "out"), s->name, s->info.preset, &s->record, err) != DT_OK)
        return complain(s, err, EXIT_WORLD);
    bool broke_down = false, stopped = false;
    status = dt_run_train(s, dt_flag_on(s->flags, "resume"), &broke_down, &stopped, err);
    if (status != DT_OK) return complain(s, err, broke_down ? EXIT_NUMERICAL : EXIT_WORLD);
    status = dt_run_report(s, !stopped, err);
    if (status != DT_OK) return complain(s, err, EXIT_WORLD);
    return stopped ? EXIT_INTERRUPTED : 0;
}

static void close_run(dt_run *s)
{
    if (s->train_table) dt_table_close(s->train_table);
    if (s->eval_table) dt_table_close(s->eval_table);
    if (s->record) dt_record_close(s->record);
    dt_images_free(&s->train);
    for (size_t i = 0; i < sizeof s->trained / sizeof *s->trained; i++) free(s->trained[i]);
    free(s->jobs);
    json_decref(s->config);
    dt_flags_free(s->flags);
}

static int start(dt_run *s, int argc, char *const argv[], dt_error *err)
{
    if (read_flags(s, argc, argv, err) != DT_OK) return complain(s, err, EXIT_FLAGS);
    if (dt_flag_on(s->flags, "help")) return help(s), 0;
    if (dt_flag_on(s->flags, "version")) return printf("%s (ditto %s)\n", s->experiment->name, DT_VERSION), 0;
    if (plan(s, err) != DT_OK) return complain(s, err, EXIT_FLAGS);
    if (strcmp(dt_flag_text(s->flags, "device"), "cpu") != 0) {
        dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, "use --device cpu", "this build has no CUDA backend");
        return complain(s, err, EXIT_WORLD);
    }
    int64_t threads = dt_flag_int(s->flags, "threads");
    dt_threads_set(threads ? (int)threads : dt_threads_available());
    s->backend = &dt_cpu;
    if (dt_flag_on(s->flags, "report")) {
        dt_status status = dt_run_report_again(s, err);
        return status == DT_OK ? 0 : complain(s, err, EXIT_WORLD);
    }
    if (dt_flag_on(s->flags, "predict")) {
        int n_files;
        dt_flags_rest(s->flags, &n_files);
        dt_status status = dt_run_predict(s, err);
        return status == DT_OK ? 0 : complain(s, err, n_files == 0 ? EXIT_FLAGS : EXIT_WORLD);
    }
    if (!dt_flag_on(s->flags, "quiet")) {
        printf("%s: %s\n  %s\n  expected: %s\n", s->experiment->name, s->experiment->title, s->experiment->paper,
               s->experiment->expected[s->preset]);
        fflush(stdout);
    }
    return run(s, argc, argv, err);
}

int dt_classification_main(const dt_classification *experiment, int argc, char *const argv[])
{
    dt_run s = {.experiment = experiment, .start = dt_seconds()};
    dt_error err = {0};
    int status = start(&s, argc, argv, &err);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        dt_error_set(&err, DT_ERR_IO, NULL, -1, dt_io_hint(errno), "the report cannot be written: %s", strerror(errno));
        if (status == 0) status = complain(&s, &err, EXIT_WORLD);
    }
    close_run(&s);
    return status;
}
