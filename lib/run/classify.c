#include "run/classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "run/run.h"

static const dt_flag own_flags[] = {
    {"model", DT_FLAG_TEXT, NULL, 0, 0, NULL, "train only this network (the ids are in the table below)", "run", true},
    {"clip", DT_FLAG_REAL, NULL, 0, 1e9, NULL, "greatest norm of the gradient", "run", true},
    {"validate", DT_FLAG_INT, "0", 0, 1e9, NULL,
     "hold out so many training images and judge by them: for choosing hyper-parameters, makes no claim", "run", true},
    {"early-stop", DT_FLAG_INT, "0", 0, 1e6, NULL,
     "stop after so many epochs without a new lowest error on held-out images (a sixth of the training images, or "
     "those of --validate), and keep the best epoch; 0: never",
     "run", true},
    {"predict", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "classify the PNG, JPEG or PGM files FILE... with the trained network", "files", false},
    {0}};

/* The flags that change a recipe: without them, with the paper's data and all seeds, a run makes claims. */
static const char *const recipe_flags[] = {"epochs",    "batch",         "lr",       "clip",
                                           "optimizer", "weight-decay",  "max-norm", "schedule",
                                           "dropout",   "input-dropout", "average"};

/* How many of all training images --validate or --early-stop hold out. */
static int64_t wanted_held_out(const dt_run *s)
{
    int64_t wanted = dt_flag_int(s->program.flags, "validate"), sixth = s->program.train.count / 6;
    if (wanted > 0 || dt_flag_int(s->program.flags, "early-stop") == 0) return wanted;
    return sixth > 0 ? sixth : 1;
}

static bool recipe_changed(const dt_run *s)
{
    for (size_t i = 0; i < sizeof recipe_flags / sizeof *recipe_flags; i++)
        if (dt_flag_given(s->program.flags, recipe_flags[i])) return true;
    return s->held_out.count > 0;
}

/* Whether the network has hidden units to leave out. */
static bool drops_units(dt_network *net)
{
    const dt_task *task = net->task;
    bool found = false;
    dt_tape *tape = dt_tape_new(&dt_cpu, net->params, NULL);
    dt_tape_noise(tape, dt_rng_stream(1, "dropout", 0), 0, 1);
    tape->dropout = 0.5;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, task->frame.height, task->frame.width, 1});
    memset(x->value, 0, (size_t)x->count * sizeof *x->value);
    task->model->forward(net->model, x);
    for (const dt_var *y = tape->last; y; y = y->previous) found |= y->op && strcmp(y->op->name, "dropout") == 0;
    dt_tape_free(tape);
    return found;
}

static dt_status check_dropout(const dt_task *task, dt_error *err)
{
    dt_network net;
    dt_network_init(&net, task, 1);
    bool has = drops_units(&net);
    dt_network_free(&net);
    return has ? DT_OK
               : dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "name another network with --model, or use --input-dropout",
                              "--dropout does not work for %s, which has no hidden units", task->id);
}

/* A linked convolution's weights do not show which map a kernel belongs to (optim/max_norm.h). */
static dt_status check_max_norm(const dt_task *task, dt_error *err)
{
    dt_network net;
    dt_network_init(&net, task, 1);
    const dt_param *linked = NULL;
    for (int i = 0; i < net.params->n; i++)
        if (net.params->list[i]->rank == 3) linked = net.params->list[i];
    if (linked)
        dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "name another network with --model",
                     "--max-norm does not work for %s, whose %s has a connection table", task->id, linked->name);
    dt_network_free(&net);
    return linked ? DT_ERR_CONFIG : DT_OK;
}

static dt_status recipe_of(const dt_run *s, const dt_study *study, dt_recipe *r, dt_error *err)
{
    const dt_flags *flags = s->program.flags;
    dt_status status = DT_OK;
    *r = study->recipe[s->program.preset];
    if (dt_flag_given(flags, "epochs")) r->epochs = dt_flag_int(flags, "epochs");
    if (dt_flag_given(flags, "batch")) r->batch = dt_flag_int(flags, "batch");
    if (dt_flag_given(flags, "lr")) r->schedule.lr = dt_flag_real(flags, "lr");
    if (dt_flag_given(flags, "clip")) r->clip = dt_flag_real(flags, "clip");
    if (dt_flag_given(flags, "weight-decay")) r->optimizer.weight_decay = dt_flag_real(flags, "weight-decay");
    if (dt_flag_given(flags, "input-dropout")) r->input_dropout = dt_flag_real(flags, "input-dropout");
    if (dt_flag_given(flags, "average")) {
        r->averaged = true;
        r->average_decay = dt_flag_real(flags, "average");
    }
    r->patience = dt_flag_int(flags, "early-stop");
    if (dt_flag_given(flags, "dropout")) {
        r->dropout = dt_flag_real(flags, "dropout");
        if (r->dropout > 0) status = check_dropout(&study->task, err);
    }
    if (status == DT_OK && dt_flag_given(flags, "optimizer"))
        status = dt_optimizer_parse(dt_flag_text(flags, "optimizer"), &r->optimizer, err);
    if (status == DT_OK && dt_flag_given(flags, "schedule"))
        status = dt_schedule_parse(dt_flag_text(flags, "schedule"), &r->schedule, err);
    if (status == DT_OK && dt_flag_given(flags, "max-norm")) {
        r->max_norm = dt_flag_real(flags, "max-norm");
        if (r->max_norm > 0) status = check_max_norm(&study->task, err);
    }
    return status;
}

/* The recipes as they will be followed, into the recorded configuration. */
static void record_recipes(dt_run *s)
{
    char optimizer[DT_OPTIMIZER_NAME], schedule[DT_SCHEDULE_NAME];
    json_t *recipes = json_object();
    for (int j = 0; j < s->n_jobs; j++) {
        const dt_recipe *r = &s->jobs[j].recipe;
        const dt_distortion *d = &r->distortion;
        json_t *recipe = json_pack(
            "{s:I, s:I, s:I, s:f, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:o, s:I, s:I, s:[f,f,f,f]}", "epochs",
            (json_int_t)r->epochs, "batch", (json_int_t)r->batch, "shard", (json_int_t)r->shard, "lr", r->schedule.lr,
            "schedule", dt_schedule_name(&r->schedule, schedule, sizeof schedule), "optimizer",
            dt_optimizer_name(&r->optimizer, optimizer, sizeof optimizer), "weight_decay", r->optimizer.weight_decay,
            "clip", r->clip, "max_norm", r->max_norm, "dropout", r->dropout, "input_dropout", r->input_dropout,
            "average", r->averaged ? json_real(r->average_decay) : json_null(), "early_stop", (json_int_t)r->patience,
            "examples", (json_int_t)r->examples, "distortion", (double)d->translate, (double)d->scale,
            (double)d->squeeze, (double)d->shear);
        DT_REQUIRE(recipe, "out of memory");
        json_object_set_new(recipes, s->jobs[j].study->task.id, recipe);
    }
    json_object_set_new(s->program.config, "recipes", recipes);
}

/* The jobs: each study of the preset (or the one that --model names), each seed. */
static dt_status plan(dt_run *s, dt_error *err)
{
    const dt_classification *e = s->experiment;
    const char *only = dt_flag_text(s->program.flags, "model");
    int64_t seeds = dt_flag_int(s->program.flags, "seeds"), first = dt_flag_int(s->program.flags, "seed");
    s->jobs = calloc((size_t)(e->n_studies * seeds), sizeof *s->jobs);
    DT_REQUIRE(s->jobs, "out of memory");
    DT_REQUIRE(e->n_studies <= (int)(sizeof s->trained / sizeof *s->trained), "%s has too many studies", e->about.name);
    for (int i = 0; i < e->n_studies; i++) {
        const dt_study *study = &e->studies[i];
        if (only ? strcmp(only, study->task.id) != 0 : study->recipe[s->program.preset].epochs == 0) continue;
        if (study->recipe[s->program.preset].epochs == 0)
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "choose another --preset",
                                "--model %s is not part of the preset %s", only,
                                dt_flag_text(s->program.flags, "preset"));
        dt_recipe recipe;
        dt_status status = recipe_of(s, study, &recipe, err);
        if (status != DT_OK) return status;
        for (int64_t k = 0; k < seeds; k++)
            s->jobs[s->n_jobs++] = (dt_job){.study = study, .recipe = recipe, .seed = (uint64_t)(first + k)};
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
    char usage[128];
    snprintf(usage, sizeof usage, "%s [FLAGS]  or  %s --predict FILE...", e->about.name, e->about.name);
    dt_program_help(&s->program, usage);
    printf("\nnetworks:\n");
    for (int i = 0; i < e->n_studies; i++) printf("  %-16s %s\n", e->studies[i].task.id, e->studies[i].task.title);
    printf("\nexit status: 0 done, 1 file or data, 2 flags, 3 not a number, 130 interrupted\n");
}

static dt_status open_data(dt_run *s, dt_error *err)
{
    dt_program *p = &s->program;
    dt_status status = dt_program_data(p, err);
    if (status != DT_OK) return status;
    int64_t hold = wanted_held_out(s);
    if (hold >= p->train.count)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "hold out fewer with --validate, or give more images",
                            "%lld images are to be held out, but there are only %lld", (long long)hold,
                            (long long)p->train.count);
    s->validates = dt_flag_int(p->flags, "validate") > 0;
    if (hold > 0) {
        dt_images all = p->train;
        dt_images_split(&all, all.count - hold, &p->train, &s->held_out);
        p->train.view = false; /* it owns what both show */
    }
    p->info.claims &= !recipe_changed(s);
    return DT_OK;
}

/* Whether the data are enough for each recipe and fit each network. */
static dt_status check_data(const dt_run *s, dt_error *err)
{
    int64_t hold = s->held_out.count, count = s->program.train.count, height = s->program.train.height,
            width = s->program.train.width;
    for (int j = 0; j < s->n_jobs; j++) {
        const dt_study *study = s->jobs[j].study;
        const dt_frame *frame = &study->task.frame;
        int64_t examples = s->jobs[j].recipe.examples;
        if (examples > count && hold > 0)
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "hold out fewer with --validate",
                                "with %lld images held out there are %lld to train on, but %s takes %lld",
                                (long long)hold, (long long)count, study->task.title, (long long)examples);
        if (examples > count)
            return dt_error_set(err, DT_ERR_DATA, s->program.data_folder, -1,
                                "give a larger data set, or another --preset",
                                "%s takes %lld training images, but there are %lld", study->task.title,
                                (long long)examples, (long long)count);
        if (height > frame->height || width > frame->width)
            return dt_error_set(err, DT_ERR_DATA, s->program.data_folder, -1, "reduce the images",
                                "images of %lldx%lld do not fit into the %lldx%lld input of %s", (long long)height,
                                (long long)width, (long long)frame->height, (long long)frame->width, study->task.title);
    }
    const dt_dataset *set = s->program.dataset;
    return s->validates ? DT_OK : dt_images_present(set->files, s->program.data_folder, true, set->name, err);
}

static void introduce(const dt_run *s)
{
    const dt_classification *e = s->experiment;
    dt_program_introduce(&s->program);
    for (int i = 0; i < e->n_studies; i++) {
        bool used = false;
        for (int j = 0; j < s->n_jobs; j++) used |= s->jobs[j].study == &e->studies[i];
        if (used) dt_layers_print(stdout, &e->studies[i], &s->program.train);
    }
    fflush(stdout);
}

static int run(dt_run *s, int argc, char *const argv[], dt_error *err)
{
    dt_program *p = &s->program;
    dt_status status = open_data(s, err);
    if (status == DT_OK) status = check_data(s, err);
    if (status != DT_OK) return dt_program_complain(p, err, status == DT_ERR_CONFIG ? DT_EXIT_FLAGS : DT_EXIT_WORLD);
    dt_program_describe(p, argc, argv);
    if (!dt_flag_on(p->flags, "quiet")) introduce(s);
    if (dt_flag_on(p->flags, "dry-run")) {
        printf("dry run: %d trainings, nothing written\n", s->n_jobs);
        return 0;
    }
    if (dt_program_open(p, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    bool broke_down = false, stopped = false;
    status = dt_run_train(s, &broke_down, &stopped, err);
    if (status != DT_OK) return dt_program_complain(p, err, broke_down ? DT_EXIT_NUMERICAL : DT_EXIT_WORLD);
    if (dt_run_report(s, !stopped, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    return stopped ? DT_EXIT_INTERRUPTED : 0;
}

static int start(dt_run *s, int argc, char *const argv[], dt_error *err)
{
    dt_program *p = &s->program;
    if (dt_program_flags(p, (const dt_flag *const[]){dt_training_flags, own_flags}, 2, true, argc, argv, err) != DT_OK)
        return dt_program_complain(p, err, DT_EXIT_FLAGS);
    if (dt_flag_on(p->flags, "help")) return help(s), 0;
    if (dt_flag_on(p->flags, "version")) return dt_program_version(p), 0;
    if (plan(s, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_FLAGS);
    if (dt_program_device(p, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    if (dt_flag_on(p->flags, "report"))
        return dt_program_report_again(p, err) == DT_OK ? 0 : dt_program_complain(p, err, DT_EXIT_WORLD);
    if (dt_flag_on(p->flags, "predict")) {
        int n_files;
        dt_flags_rest(p->flags, &n_files);
        dt_status status = dt_run_predict(s, err);
        return status == DT_OK ? 0 : dt_program_complain(p, err, n_files == 0 ? DT_EXIT_FLAGS : DT_EXIT_WORLD);
    }
    dt_program_title(p);
    return run(s, argc, argv, err);
}

int dt_classification_main(const dt_classification *experiment, int argc, char *const argv[])
{
    dt_run s = {.program = {.about = &experiment->about, .start = dt_seconds()}, .experiment = experiment};
    dt_error err = {0};
    int status = start(&s, argc, argv, &err);
    if (s.train_table) dt_table_close(s.train_table);
    if (s.eval_table) dt_table_close(s.eval_table);
    for (size_t i = 0; i < sizeof s.trained / sizeof *s.trained; i++) free(s.trained[i]);
    free(s.jobs);
    return dt_program_end(&s.program, status);
}
