/* What an experiment says of itself, and what every program does before and after its own work: flags, help, the first
 * lines, the run's folder, result.json, the closing table. */
#ifndef DT_RUN_PROGRAM_H
#define DT_RUN_PROGRAM_H

#include "backend/backend.h"
#include "data/images.h"
#include "run/checkpoint.h"
#include "run/flags.h"
#include "run/progress.h"
#include "run/record.h"
#include "run/result.h"

typedef enum { DT_SMOKE, DT_LAB, DT_PAPER, DT_PRESETS } dt_preset;

typedef struct {
    const char *name;           /* "mnist": the folder under datasets/cache/ */
    const char *title;          /* "MNIST" */
    const char *const *classes; /* their names; NULL where none are shown */
    const char *sha256;         /* of the training data (dt_images) if they are the paper's; others make no claim */
    dt_image_files files;
} dt_dataset;

/* Texts, which trials read when they need them: the files of a folder under datasets/cache/, or under that of --data.
 */
typedef struct {
    const char *name;         /* "ptb": the folder */
    const char *const *files; /* ends with NULL */
    const char *sha256;       /* of the files' hashes, joined, if they are the paper's; others make no claim */
} dt_text_set;

#define DT_MNIST_SHA256 "02def62d38696cddf2715e05122f741fafee2c190e42772b91f7c0c2f6604c7e"
#define DT_CIFAR10_SHA256 "06310d6bfe735c83c5b22024b0ab213138b3afef4c5266202536306738888150"

/* MNIST alone, for experiments that do not show its classes. */
extern const dt_dataset dt_mnist_only[];

/* CIFAR-10, likewise without its classes. */
extern const dt_dataset dt_cifar10;

typedef struct {
    const char *name;                 /* "lenet": the folder under experiments/ and runs/ */
    const char *title;                /* one line: what is reproduced */
    const char *paper;                /* where it was published */
    const dt_dataset *datasets;       /* the paper's first; ends with one without a name. NULL: it needs none */
    const dt_dataset *second;         /* what some trials take in its place (run/trials.h); NULL: there is none */
    const char *expected[DT_PRESETS]; /* result and time, as text */
    int seeds[DT_PRESETS];
    const char *const *deviations; /* differences from the paper; ends with NULL */
} dt_about;

enum { DT_PROGRAM_TEXTS = 8 };

/* One run of a program. */
typedef struct {
    const dt_about *about;
    dt_flags *flags;
    dt_preset preset;
    const dt_dataset *dataset; /* NULL: none, or the user's own data */
    char name[96]; /* of the run's folder: the experiment's, and the data set's if that is not the paper's */
    const dt_backend *backend;
    dt_images train, second; /* second: of the second data set, once dt_program_second has read them */
    const dt_text_set *texts[DT_PROGRAM_TEXTS]; /* the texts that the run reads; NULL after the last */
    char texts_name[96], data_sha256[65];       /* theirs; the fingerprint of the training images or of the texts */
    dt_run_record *record;
    json_t *config; /* the recorded flags */
    dt_run_info info;
    char command[512], data_folder[512], second_folder[512];
    dt_progress progress;
    double start; /* of the clock; before it, the time of the parts before a resume */
} dt_program;

enum { DT_EXIT_WORLD = 1, DT_EXIT_FLAGS = 2, DT_EXIT_NUMERICAL = 3, DT_EXIT_INTERRUPTED = 130 };

/* Prints the error on stderr. Returns `status`, the exit status. */
int dt_program_complain(const dt_program *p, const dt_error *err, int status);

/* Reads the command line: the common flags, those of `own` (n tables) and those of the data set. `files`: arguments
 * that are not flags are allowed with --predict. */
dt_status dt_program_flags(dt_program *p, const dt_flag *const own[], int n, bool files, int argc, char *const argv[],
                           dt_error *err);

/* --help, but for the experiment's own lists, and --version. */
void dt_program_help(const dt_program *p, const char *usage);
void dt_program_version(const dt_program *p);

/* Chooses the device and starts the threads. */
dt_status dt_program_device(dt_program *p, dt_error *err);

/* The first lines on the screen. What to expect is left out where the data set is not the experiment's. */
void dt_program_title(const dt_program *p);

/* Reads the training images; nothing where the experiment has no data set. Sets info.claims: whether the flags leave
 * the preset's seeds and the data are the paper's. */
dt_status dt_program_data(dt_program *p, dt_error *err);

/* Reads the training images of the second data set, for runs that take them: from the folder that the flag of its name
 * gives. Other data than the paper's take info.claims back. After dt_program_data. */
dt_status dt_program_second(dt_program *p, dt_error *err);

/* The path of a set's file into buf. Returns buf. */
const char *dt_program_text_path(const dt_program *p, const dt_text_set *set, const char *file, char *buf, size_t size);

/* Notes, after dt_program_data, that the run reads a set, and hashes its files: data that are not the paper's make no
 * claim. NULL, and one that was noted before: nothing happens. DT_ERR_IO: a file is missing or cannot be read;
 * DT_ERR_DATA: it is empty. */
dt_status dt_program_text(dt_program *p, const dt_text_set *set, dt_error *err);

/* Reads the test images; the caller frees them. They have the size of the training images, or it is DT_ERR_DATA. */
dt_status dt_program_exam(const dt_program *p, dt_images *exam, dt_error *err);

/* What the run says of itself in the record, and the command that repeats it. */
void dt_program_describe(dt_program *p, int argc, char *const argv[]);

/* One line or two on data, threads and processor. */
void dt_program_introduce(const dt_program *p);

/* The experiment's published.tsv. */
dt_status dt_program_claims(const dt_program *p, dt_claims **claims, dt_error *err);

/* Makes and locks the run's folder. published.tsv is read as well: an error in it must not wait until the end. */
dt_status dt_program_open(dt_program *p, dt_error *err);

/* Looks for an unfinished run in the folder: *ck is its checkpoint, to go on from, or NULL. A finished one is taken
 * away: this run replaces it. DT_ERR_CONFIG: one is there, but --resume was not given, or it has other flags or data.
 */
dt_status dt_program_unfinished(const dt_program *p, dt_checkpoint **ck, dt_error *err);

/* What every checkpoint says: the part of `jobs` that comes next, or that it is `amid`. The caller adds to it and frees
 * it. */
json_t *dt_program_meta(const dt_program *p, int job, int jobs, bool amid);

/* Writes config.json. */
dt_status dt_program_config(const dt_program *p, dt_error *err);

/* The seconds in the last row of the run's table `name` that ends by `bytes`: a resumed run goes on counting from
 * there.
 */
double dt_program_clock(const dt_program *p, const char *name, int64_t bytes);

/* Writes result.json if `finished`, and the closing table. *result is the caller's. */
dt_status dt_program_report(dt_program *p, const dt_claims *claims, bool finished, json_t **result, dt_error *err);

/* --report: the closing table of the result.json that is there. */
dt_status dt_program_report_again(const dt_program *p, dt_error *err);

/* "FOLDER/NAME" of the run's folder that the flags name, before it is opened. Returns buf. */
const char *dt_program_path(const dt_program *p, const char *name, char *buf, size_t size);

/* The end: what was printed must be out. Returns the exit status. */
int dt_program_end(dt_program *p, int status);

#endif
