/* Experiments of any kind: a list of trials, each computed once for every seed. A trial writes rows into a table of its
 * own (for the figures) and values for the claims of published.tsv. Flags, folder, resume, statistics, verdicts and
 * figures are here.
 *
 * Results depend on the seed alone, so that a run that was killed ends with the same bytes when it is resumed: the
 * trial that it was in is computed again from its start, or from where it was kept last (dt_trial_keep). */
#ifndef DT_RUN_TRIALS_H
#define DT_RUN_TRIALS_H

#include "run/program.h"
#include "run/sheet.h"

/* One trial with one seed, while it is computed. */
typedef struct dt_trial dt_trial;

typedef struct {
    const char *id;                                   /* one word: its table is ID.tsv */
    const char *title;                                /* for progress and --help */
    const char *columns;                              /* of its table, separated by tabs; NULL: it has none */
    dt_status (*run)(dt_trial *trial, dt_error *err); /* DT_ERR_DATA: something is not a number (exit status 3) */
    int64_t work[DT_PRESETS];                         /* seconds, roughly, for one seed; 0: not part of the preset */
    bool once; /* for the first seed only. Where that depends on the preset, the trial has two rows */
    /* What it reads: the training images of the experiment's data set, or else one of these. */
    bool second;             /* the images of the second data set (dt_about) */
    const dt_text_set *text; /* texts, */
    const dt_text_set *exam; /* and others that what was learned from them is judged by */
    const char *data; /* the user's own data, by the flag that names them: the trial is computed where that is given,
                       * and then such trials alone, without the experiment's data set */
} dt_trial_plan;

/* One figure: a row of figures.tsv (plots/README.md). Besides what the trials write there is claims.tsv, for
 * plots/bars.gp: the published numbers and ours. Without `data` it is drawn from the tables of those of its trials that
 * were computed, one behind the other. */
typedef struct {
    const char *name, *script, *data, *title, *options;
    const char *trial; /* drawn if this trial, or one of several with blanks between, was computed; NULL: always */
} dt_figure;

typedef struct {
    dt_about about;
    const dt_flag *flags; /* the experiment's own; ends with one without a name. NULL: none */
    const dt_trial_plan *trials;
    int n_trials;
    const dt_figure *figures; /* ends with one without a name */
    /* Where the flag `question` is given, one of several with '|' between them, the program computes nothing but asks
     * what was trained (dt_program_path), prints the answer, and stops. NULL: there is no such flag. */
    const char *question;
    dt_status (*answer)(const dt_program *program, dt_error *err);
} dt_trials;

/* The whole program. Returns its exit status: 0; 1 a file, data or the disk; 2 a flag; 3 not a number; 130 interrupted.
 */
int dt_trials_main(const dt_trials *experiment, int argc, char *const argv[]);

/* ---- for the trials */

uint64_t dt_trial_seed(const dt_trial *trial);
bool dt_trial_first(const dt_trial *trial); /* whether the seed is the first of the run's seeds */
dt_preset dt_trial_preset(const dt_trial *trial);
const dt_flags *dt_trial_flags(const dt_trial *trial);
/* --NAME, or `preset` where it was not given or is 0, its default. */
int64_t dt_trial_int(const dt_trial *trial, const char *name, int64_t preset);
double dt_trial_real(const dt_trial *trial, const char *name, double preset);

const dt_backend *dt_trial_backend(const dt_trial *trial);

/* The training images of the data set, or of the second one where the plan says so; misuse where there is none. */
const dt_images *dt_trial_images(const dt_trial *trial);

/* Reads the test set: only after the training, and nothing may be chosen by it. The caller frees it. Misuse where the
 * images are those of the second data set, which is not read for testing. */
dt_status dt_trial_exam(const dt_trial *trial, dt_images *exam, dt_error *err);

/* The path of a file of the plan's texts, or of those for the exam, into buf. Returns buf. Test sets are read last, and
 * nothing may be chosen by them. */
const char *dt_trial_text_path(const dt_trial *trial, const char *file, char *buf, size_t size);
const char *dt_trial_exam_path(const dt_trial *trial, const char *file, char *buf, size_t size);

/* One row of the trial's table: as many columns as it has, with tabs between and without a newline. */
dt_status dt_trial_row(dt_trial *trial, dt_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a table of the columns of curves: DT_TRIAL_CURVES, for plots/bands.gp. */
#define DT_TRIAL_CURVES "seed\tpanel\tseries\tx\tvalue"
dt_status dt_trial_point(dt_trial *trial, const char *panel, const char *series, double x, double value, dt_error *err);

/* Writes an image sheet, or another file of figures, into the run's folder and closes it: for the first seed only. */
dt_status dt_trial_sheet(dt_trial *trial, dt_sheet *sheet, dt_error *err);
dt_status dt_trial_buffer(dt_trial *trial, dt_buffer *b, dt_error *err);

/* "FOLDER/NAME" of the run's folder, for other kinds of files of the first seed's run. Returns buf. */
const char *dt_trial_path(const dt_trial *trial, const char *name, char *buf, size_t size);

/* The run's folder, for scratch files that have no name. */
const char *dt_trial_folder(const dt_trial *trial);

/* A value for the claim `id` of published.tsv, in its unit: one for each seed, as a rule. */
dt_status dt_trial_value(dt_trial *trial, const char *id, double value, dt_error *err);

/* Several values; the list ends with one without an id. */
typedef struct {
    const char *id;
    double value;
} dt_trial_result;
dt_status dt_trial_values(dt_trial *trial, const dt_trial_result *results, dt_error *err);

/* How far it is: `done` from 0 to 1, and what to say of it. */
void dt_trial_progress(dt_trial *trial, double done, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A line that stays, unless --quiet; and one on stderr, whatever the flags, for what the user must not miss. */
void dt_trial_say(dt_trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));
void dt_trial_warn(dt_trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ^C was pressed: return DT_OK soon; what the trial has written is taken back, unless it was kept. Long trials ask
 * every second or so. */
bool dt_trial_stopped(const dt_trial *trial);

/* For trials that train for minutes: here the trial could be continued with nothing but these blobs. They are kept in
 * the run's checkpoint, with the rows and values that it has written so far, the first time, then once a minute, and if
 * ^C was pressed; otherwise this costs a look at the clock. */
dt_status dt_trial_keep(dt_trial *trial, const dt_blob *blobs, int n, dt_error *err);

/* Whether the trial goes on from there; what it wrote before is in place. It asks at its start, and fills its blobs. */
bool dt_trial_kept(const dt_trial *trial);
dt_status dt_trial_load(const dt_trial *trial, const dt_blob *blobs, int n, dt_error *err);

#endif
