#include "run/trials_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Why --trial names none of those that could be computed, whose ids are given. */
static dt_status no_such_trial(const dt_trial *t, const char *only, const char *ids, dt_error *err)
{
    char hint[600];
    for (int i = 0; i < t->experiment->n_trials && !t->own; i++) {
        const dt_trial_plan *trial = &t->experiment->trials[i];
        if (!trial->data || strcmp(trial->id, only) != 0) continue;
        snprintf(hint, sizeof hint, "give it with --%s", trial->data);
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--trial %s needs data of your own", only);
    }
    snprintf(hint, sizeof hint, "it is one of %s", ids);
    if (t->own) return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--trial %s does not use --%s", only, t->own);
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--trial %s is not part of the preset %s", only,
                        dt_flag_text(t->program.flags, "preset"));
}

static bool named(const dt_trial *t, const char *flag)
{
    return flag && dt_flag_text(t->program.flags, flag);
}

dt_status dt_trials_plan(dt_trial *t, dt_error *err)
{
    const dt_trials *e = t->experiment;
    const char *only = dt_flag_text(t->program.flags, "trial");
    int64_t seeds = dt_flag_int(t->program.flags, "seeds"), first = dt_flag_int(t->program.flags, "seed");
    for (int i = 0; i < e->n_trials && !t->own; i++)
        if (named(t, e->trials[i].data)) t->own = e->trials[i].data;
    if (t->own) t->program.dataset = NULL;
    t->jobs = calloc((size_t)(e->n_trials * seeds), sizeof *t->jobs);
    DT_REQUIRE(t->jobs, "out of memory");
    char ids[512] = "";
    for (int i = 0; i < e->n_trials; i++) {
        const dt_trial_plan *trial = &e->trials[i];
        if (trial->work[t->program.preset] == 0 || (t->own ? !named(t, trial->data) : trial->data != NULL)) continue;
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", ids[0] ? ", " : "", trial->id);
        if (only && strcmp(only, trial->id) != 0) continue;
        for (int64_t k = 0; k < (trial->once ? 1 : seeds); k++)
            t->jobs[t->n_jobs++] = (dt_trial_job){trial, (uint64_t)(first + k)};
    }
    return t->n_jobs > 0 ? DT_OK : no_such_trial(t, only, ids, err);
}

/* Whether the user's own data are there. */
static dt_status find_own(const dt_trial *t, dt_error *err)
{
    const char *path = t->own ? dt_flag_text(t->program.flags, t->own) : NULL;
    if (!path || access(path, R_OK) == 0) return DT_OK;
    return dt_error_set(err, DT_ERR_IO, path, -1, NULL, "cannot be read: %s", strerror(errno));
}

dt_status dt_trials_read(dt_trial *t, dt_error *err)
{
    dt_program *p = &t->program;
    dt_status status = dt_program_data(p, err);
    if (status == DT_OK) status = find_own(t, err);
    if (status == DT_OK && p->dataset) /* it is read late: that it is missing must not show after the training */
        status = dt_images_present(p->dataset->files, p->data_folder, true, p->dataset->name, err);
    for (int i = 0; i < t->n_jobs && status == DT_OK; i++) {
        const dt_trial_plan *plan = t->jobs[i].plan;
        status = dt_program_text(p, plan->text, err);
        if (status == DT_OK) status = dt_program_text(p, plan->exam, err);
        if (status == DT_OK && plan->second && !p->info.second) status = dt_program_second(p, err);
    }
    return status;
}
