/* A program's flags: one table makes the parser, --help and the recorded configuration, so they cannot drift apart.
 *
 * A flag's value is, in this order: what the command line gives; what the recipe sets for the preset (dt_flags_preset);
 * the table's default. */
#ifndef DT_RUN_FLAGS_H
#define DT_RUN_FLAGS_H

#include <jansson.h>
#include <stdio.h>

#include "core/error.h"

typedef enum { DT_FLAG_INT, DT_FLAG_REAL, DT_FLAG_TEXT, DT_FLAG_CHOICE, DT_FLAG_SWITCH } dt_flag_type;

typedef struct {
    const char *name; /* without the dashes */
    dt_flag_type type;
    const char *value;   /* the default as text; NULL: the preset's (numbers, choices), none (text) or off (switches) */
    double min, max;     /* numbers: the range, both ends included; equal: any */
    const char *choices; /* "smoke|lab|paper" */
    const char *help;    /* a phrase, without a full stop */
    const char *group;   /* the heading of --help under which it stands */
    bool recorded;       /* it changes results, and so belongs to the configuration */
} dt_flag;

typedef struct dt_flags dt_flags;

/* The flags that every experiment has; a table ends with an entry whose name is NULL. */
extern const dt_flag dt_common_flags[];

/* Those of programs that train networks by a recipe: epochs, batch, lr, schedule,
 * optimizer, weight-decay, max-norm, dropout, input-dropout, average. */
extern const dt_flag dt_training_flags[];

/* All tables together, in order. A name that occurs twice and a default that its own flag refuses are misuse errors.
 * The tables must outlive the result. */
dt_flags *dt_flags_new(const dt_flag *const tables[], int n_tables);
void dt_flags_free(dt_flags *flags);

/* Reads the command line: "--name value", "--name=value", "--switch", in any order with other arguments; "--" ends the
 * flags; of a flag given twice the last counts. DT_ERR_CONFIG: an unknown flag (the hint names the nearest;
 * abbreviations are unknown too), a value that is missing, no number, out of range or not one of the choices. */
dt_status dt_flags_parse(dt_flags *flags, int argc, char *const argv[], dt_error *err);

/* The recipe's value for this preset, used unless the command line gave one. A value that the flag refuses is a misuse
 * error. */
void dt_flags_preset(dt_flags *flags, const char *name, const char *value);

/* The value of a flag of that type. A name that is in no table, another type, and a number or choice that neither the
 * command line nor the recipe has set are misuse errors. dt_flag_text serves choices too, and is NULL for a text that
 * is not set. */
int64_t dt_flag_int(const dt_flags *flags, const char *name);
double dt_flag_real(const dt_flags *flags, const char *name);
const char *dt_flag_text(const dt_flags *flags, const char *name);
bool dt_flag_on(const dt_flags *flags, const char *name);

/* Whether the command line gave it. */
bool dt_flag_given(const dt_flags *flags, const char *name);

/* The arguments that are not flags (FILE...), *n of them. */
const char *const *dt_flags_rest(const dt_flags *flags, int *n);

/* For programs, or modes of them, that take no such arguments: DT_ERR_CONFIG names the first. */
dt_status dt_flags_no_rest(const dt_flags *flags, dt_error *err);

/* The recorded flags with their values, typed, in the tables' order; null where not set. The caller frees it
 * (json_decref). */
json_t *dt_flags_config(const dt_flags *flags);

/* The flags in the tables' order, for --help and documents: the i-th, or NULL at the end. */
const dt_flag *dt_flags_at(const dt_flags *flags, int i);

/* The text of --help: usage ("lenet [FLAGS]"), what the program is about, then each group's flags with type, range and
 * default. Lines are at most 96 columns. */
void dt_flags_help(FILE *out, const dt_flags *flags, const char *usage, const char *about);

#endif
