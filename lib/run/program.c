#include "run/program.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/threads.h"
#include "run/atomic.h"
#include "run/report.h"
#include "run/version.h"

int dt_program_complain(const dt_program *p, const dt_error *err, int status)
{
    char text[1400];
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", p->about->name, dt_error_text(err, text, sizeof text));
    return status;
}

const dt_dataset dt_mnist_only[] = {{.name = "mnist", .title = "MNIST", .sha256 = DT_MNIST_SHA256}, {0}};
const dt_dataset dt_cifar10 = {
    .name = "cifar10", .title = "CIFAR-10", .sha256 = DT_CIFAR10_SHA256, .files = DT_CIFAR_FILES};

/* ---- flags */

dt_status dt_program_flags(dt_program *p, const dt_flag *const own[], int n_own, bool files, int argc,
                           char *const argv[], dt_error *err)
{
    static const dt_flag ours[] = {{"report", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
                                    "show the closing table of the run that is there, and stop", "output", false},
                                   {0}};
    static dt_flag choice[] = {{"dataset", DT_FLAG_CHOICE, NULL, 0, 0, NULL, "what to train on", "run", true}, {0}};
    static dt_flag folder[] = {
        {NULL, DT_FLAG_TEXT, NULL, 0, 0, NULL, "folder of this second data set, likewise", "files", false}, {0}};
    static char names[256];
    const dt_dataset *set = p->about->datasets;
    const dt_flag *tables[8] = {dt_common_flags};
    int n = 1;
    for (int i = 0; i < n_own; i++) tables[n++] = own[i];
    tables[n++] = ours;
    if (set) {
        for (int i = 0; set[i].name; i++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "|" : "", set[i].name);
        choice[0].choices = names;
        choice[0].value = set[0].name;
        tables[n++] = choice;
    }
    if (p->about->second) {
        folder[0].name = p->about->second->name;
        tables[n++] = folder;
    }
    p->flags = dt_flags_new(tables, n);
    dt_status status = dt_flags_parse(p->flags, argc, argv, err);
    if (status == DT_OK && !(files && dt_flag_on(p->flags, "predict"))) status = dt_flags_no_rest(p->flags, err);
    if (status != DT_OK) return status;
    const char *preset = dt_flag_text(p->flags, "preset");
    p->preset = strcmp(preset, "smoke") == 0 ? DT_SMOKE : strcmp(preset, "paper") == 0 ? DT_PAPER : DT_LAB;
    char seeds[16];
    snprintf(seeds, sizeof seeds, "%d", p->about->seeds[p->preset]);
    dt_flags_preset(p->flags, "seeds", seeds);
    p->config = dt_flags_config(p->flags);
    p->dataset = set;
    while (set && strcmp(p->dataset->name, dt_flag_text(p->flags, "dataset")) != 0) p->dataset++;
    snprintf(p->name, sizeof p->name, "%s%s%s", p->about->name, p->dataset == set ? "" : "-",
             p->dataset == set ? "" : p->dataset->name);
    return DT_OK;
}

void dt_program_help(const dt_program *p, const char *usage)
{
    char about[2048];
    snprintf(about, sizeof about, "%s (%s).", p->about->title, p->about->paper);
    dt_flags_help(stdout, p->flags, usage, about);
}

void dt_program_version(const dt_program *p)
{
    printf("%s (ditto %s)\n", p->about->name, DT_VERSION);
}

dt_status dt_program_device(dt_program *p, dt_error *err)
{
    if (strcmp(dt_flag_text(p->flags, "device"), "cpu") != 0)
        return dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, "use --device cpu", "this build has no CUDA backend");
    int64_t threads = dt_flag_int(p->flags, "threads");
    dt_threads_set(threads ? (int)threads : dt_threads_available());
    p->backend = &dt_cpu;
    return DT_OK;
}

/* ---- data and what is said at the start */

void dt_program_title(const dt_program *p)
{
    if (dt_flag_on(p->flags, "quiet")) return;
    printf("%s: %s\n  %s\n", p->about->name, p->about->title, p->about->paper);
    if (p->dataset || !p->about->datasets) printf("  expected: %s\n", p->about->expected[p->preset]);
    fflush(stdout);
}

/* The training images of a set, from the folder that `flag` gives or else from the cache; the folder's name into
 * `folder` of `size` bytes. */
static dt_status read_set(const dt_program *p, const dt_dataset *set, const char *flag, char *folder, size_t size,
                          dt_images *images, dt_error *err)
{
    const char *given = dt_flag_text(p->flags, flag);
    snprintf(folder, size, "%s%s", given ? "" : "datasets/cache/", given ? given : set->name);
    return dt_images_read(set->files, folder, false, set->name, images, err);
}

static bool is_papers(const dt_dataset *set, const dt_images *images)
{
    return set->sha256 && strcmp(images->sha256, set->sha256) == 0;
}

dt_status dt_program_data(dt_program *p, dt_error *err)
{
    dt_status status = DT_OK;
    if (p->dataset) status = read_set(p, p->dataset, "data", p->data_folder, sizeof p->data_folder, &p->train, err);
    snprintf(p->data_sha256, sizeof p->data_sha256, "%s", p->train.sha256);
    p->info.claims = (!p->dataset || is_papers(p->dataset, &p->train)) &&
                     dt_flag_int(p->flags, "seeds") >= p->about->seeds[p->preset];
    return status;
}

dt_status dt_program_second(dt_program *p, dt_error *err)
{
    const dt_dataset *set = p->about->second;
    DT_REQUIRE(set, "dt_program_second: %s has no second data set", p->about->name);
    dt_status status = read_set(p, set, set->name, p->second_folder, sizeof p->second_folder, &p->second, err);
    p->info.claims &= is_papers(set, &p->second);
    p->info.second = set->name;
    p->info.second_sha256 = p->second.sha256;
    return status;
}

dt_status dt_program_exam(const dt_program *p, dt_images *exam, dt_error *err)
{
    dt_status status = dt_images_read(p->dataset->files, p->data_folder, true, p->dataset->name, exam, err);
    if (status != DT_OK || (exam->height == p->train.height && exam->width == p->train.width)) return status;
    dt_error_set(err, DT_ERR_DATA, p->data_folder, -1, "both must come from the same release",
                 "the test images are %lldx%lld, the training images %lldx%lld", (long long)exam->height,
                 (long long)exam->width, (long long)p->train.height, (long long)p->train.width);
    dt_images_free(exam);
    return DT_ERR_DATA;
}

void dt_program_describe(dt_program *p, int argc, char *const argv[])
{
    const dt_about *about = p->about;
    p->info.experiment = about->name;
    p->info.title = about->title;
    p->info.paper = about->paper;
    p->info.preset = dt_flag_text(p->flags, "preset");
    p->info.command = p->command;
    p->info.device = p->backend->name;
    p->info.instructions = p->backend->instructions;
    p->info.threads = dt_threads();
    p->info.dataset = p->dataset ? p->dataset->name : p->texts[0] ? p->texts_name : NULL;
    p->info.sha256 = p->data_sha256[0] ? p->data_sha256 : NULL;
    p->info.deviations = about->deviations;
    while (about->deviations[p->info.n_deviations]) p->info.n_deviations++;
    size_t at =
        (size_t)snprintf(p->command, sizeof p->command, "make experiments/%s PRESET=%s", about->name, p->info.preset);
    char extra[400] = "";
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--preset", 8) == 0 || strcmp(argv[i], "--resume") == 0 ||
            strcmp(argv[i], "--quiet") == 0) {
            if (strcmp(argv[i], "--preset") == 0) i++;
            continue;
        }
        size_t used = strlen(extra);
        const char *quote = argv[i][strcspn(argv[i], " \t*?&;|<>()")] ? "\"" : "";
        snprintf(extra + used, sizeof extra - used, "%s%s%s%s", used ? " " : "", quote, argv[i], quote);
    }
    if (extra[0]) snprintf(p->command + at, sizeof p->command - at, " ARGS='%s'", extra);
}

static void introduce_images(const dt_images *images)
{
    printf("sha256 %s, %lld training images of %lld x %lld\n", images->sha256, (long long)images->count,
           (long long)images->height, (long long)images->width);
}

void dt_program_introduce(const dt_program *p)
{
    const char *plural = dt_threads() == 1 ? "thread" : "threads";
    const char *papers = p->info.claims ? "the paper's data" : "no claim with these data and flags";
    if (p->dataset) {
        printf("%s: %s, %s, %d %s, %s\n", p->info.dataset, p->data_folder, papers, dt_threads(), plural,
               p->backend->instructions);
        introduce_images(&p->train);
    } else if (p->texts[0])
        printf("%s: %s, %d %s, %s\nsha256 %s\n", p->texts_name, papers, dt_threads(), plural, p->backend->instructions,
               p->data_sha256);
    else
        printf("%d %s, %s%s\n", dt_threads(), plural, p->backend->instructions,
               p->info.claims ? "" : ", no claim with these flags");
    if (p->info.second) {
        printf("%s: %s\n", p->info.second, p->second_folder);
        introduce_images(&p->second);
    }
}

/* ---- the run's folder */

const char *dt_program_path(const dt_program *p, const char *name, char *buf, size_t size)
{
    const char *out = dt_flag_text(p->flags, "out");
    if (out)
        snprintf(buf, size, "%s/%s", out, name);
    else
        snprintf(buf, size, "runs/%s/%s/%s", p->name, dt_flag_text(p->flags, "preset"), name);
    return buf;
}

dt_status dt_program_claims(const dt_program *p, dt_claims **claims, dt_error *err)
{
    char path[256];
    snprintf(path, sizeof path, "experiments/%s/published.tsv", p->about->name);
    return dt_claims_load(path, claims, err);
}

dt_status dt_program_open(dt_program *p, dt_error *err)
{
    dt_claims *claims;
    dt_status status = dt_program_claims(p, &claims, err);
    if (status != DT_OK) return status;
    dt_claims_free(claims);
    return dt_record_open(dt_flag_text(p->flags, "out"), p->name, p->info.preset, &p->record, err);
}

dt_status dt_program_config(const dt_program *p, dt_error *err)
{
    json_t *config = dt_config_json(&p->info, p->config);
    dt_status status = dt_record_json(p->record, "config.json", config, err);
    json_decref(config);
    return status;
}

json_t *dt_program_meta(const dt_program *p, int job, int jobs, bool amid)
{
    json_t *meta =
        json_pack("{s:s, s:O, s:s, s:s, s:i, s:i, s:b}", "experiment", p->about->name, "config", p->config, "data",
                  p->data_sha256, "second", p->second.sha256, "job", job, "jobs", jobs, "training", amid);
    DT_REQUIRE(meta, "dt_program_meta: out of memory");
    return meta;
}

/* A hash in a checkpoint; "": it has none. */
static const char *hash_in(const json_t *meta, const char *key)
{
    const char *hash = json_string_value(json_object_get(meta, key));
    return hash ? hash : "";
}

/* The first recorded flag that differs. */
static dt_status compare(const dt_program *p, const json_t *meta, const char *path, dt_error *err)
{
    const char *experiment = json_string_value(json_object_get(meta, "experiment"));
    const json_t *config = json_object_get(meta, "config");
    if (!experiment || !config || strcmp(experiment, p->about->name) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, path, -1, "give another folder with --out",
                            "the checkpoint is of another program (%s)",
                            experiment ? experiment : "it does not say which");
    const char *key;
    json_t *value;
    json_object_foreach(p->config, key, value)
    {
        const json_t *other = json_object_get(config, key);
        if (other && json_equal(value, (json_t *)(uintptr_t)other)) continue;
        if (strcmp(key, "recipes") == 0)
            return dt_error_set(err, DT_ERR_CONFIG, path, -1, "remove the checkpoint to start anew",
                                "the unfinished run there follows other recipes (epochs, batch, lr ...)");
        char *there = json_dumps(other, JSON_ENCODE_ANY), *here = json_dumps(value, JSON_ENCODE_ANY);
        dt_error_set(err, DT_ERR_CONFIG, path, -1,
                     "give the flags of that run, another folder with --out, or remove the checkpoint to start anew",
                     "the unfinished run there has --%s %s, this one %s", key, there ? there : "unset",
                     here ? here : "unset");
        free(there);
        free(here);
        return DT_ERR_CONFIG;
    }
    if (strcmp(hash_in(meta, "data"), p->data_sha256) != 0 || strcmp(hash_in(meta, "second"), p->second.sha256) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, path, -1, "give that run's data, or another folder with --out",
                            "the unfinished run there was trained on other data");
    return DT_OK;
}

dt_status dt_program_unfinished(const dt_program *p, dt_checkpoint **ck, dt_error *err)
{
    char path[1024];
    *ck = NULL;
    dt_record_path(p->record, "checkpoint", path, sizeof path);
    if (access(path, F_OK) != 0 && errno == ENOENT) return DT_OK;
    dt_status status = dt_checkpoint_open(path, ck, err);
    if (status != DT_OK) return status;
    const json_t *meta = dt_checkpoint_meta(*ck);
    if (json_integer_value(json_object_get(meta, "job")) < json_integer_value(json_object_get(meta, "jobs"))) {
        if (dt_flag_on(p->flags, "resume")) return compare(p, meta, path, err);
        return dt_error_set(err, DT_ERR_CONFIG, dt_record_folder(p->record), -1,
                            "go on with --resume, or remove the folder to start anew", "an unfinished run is there");
    }
    unlink(dt_record_path(p->record, "result.json", path, sizeof path));
    dt_checkpoint_close(*ck);
    *ck = NULL;
    return DT_OK;
}

double dt_program_clock(const dt_program *p, const char *name, int64_t bytes)
{
    char path[1024], line[512] = "", seconds[32] = "0";
    FILE *file = fopen(dt_record_path(p->record, name, path, sizeof path), "r");
    if (!file) return 0;
    if (bytes < (int64_t)sizeof line || fseek(file, (long)bytes - (long)sizeof line, SEEK_SET) == 0) {
        size_t most = bytes < (int64_t)sizeof line ? (size_t)bytes : sizeof line - 1;
        size_t got = fread(line, 1, most, file);
        line[got] = '\0';
        for (char *end = line + got; end > line && end[-1] == '\n';) *--end = '\0';
        const char *last = strrchr(line, '\t');
        if (last) snprintf(seconds, sizeof seconds, "%.31s", last + 1);
    }
    fclose(file);
    return strtod(seconds, NULL);
}

/* ---- the report and the end */

dt_status dt_program_report(dt_program *p, const dt_claims *claims, bool finished, json_t **result, dt_error *err)
{
    p->info.seconds = dt_seconds() - p->start;
    *result = dt_result_json(&p->info, claims);
    dt_status status = finished ? dt_record_json(p->record, "result.json", *result, err) : DT_OK;
    return status == DT_OK ? dt_report(stdout, *result, err) : status;
}

dt_status dt_program_report_again(const dt_program *p, dt_error *err)
{
    char path[1024];
    json_t *result;
    dt_status status = dt_json_load(dt_program_path(p, "result.json", path, sizeof path), &result, err);
    if (status != DT_OK) return status;
    status = dt_report(stdout, result, err);
    json_decref(result);
    return status;
}

int dt_program_end(dt_program *p, int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        dt_error err;
        dt_error_set(&err, DT_ERR_IO, NULL, -1, dt_io_hint(errno), "the report cannot be written: %s", strerror(errno));
        if (status == 0) status = dt_program_complain(p, &err, DT_EXIT_WORLD);
    }
    if (p->record) dt_record_close(p->record);
    dt_images_free(&p->train);
    dt_images_free(&p->second);
    json_decref(p->config);
    dt_flags_free(p->flags);
    return status;
}
