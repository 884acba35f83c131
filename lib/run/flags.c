#include "run/flags.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const dt_flag *flag;
    char *value; /* NULL: not set */
    bool given;
} slot;

struct dt_flags {
    slot *slots;
    int n;
    char **arguments; /* a copy of argv, which getopt_long puts in another order: flags first */
    int n_arguments, first_rest;
};

enum { FIRST_FLAG = 256 }; /* what getopt_long returns for flag i is FIRST_FLAG + i, outside the characters */

const dt_flag dt_common_flags[] = {
    {"preset", DT_FLAG_CHOICE, "lab", 0, 0, "smoke|lab|paper",
     "how much of the recipe to run: seconds and no claim, minutes, or all of it", "run", true},
    {"seed", DT_FLAG_INT, "1", 0, 4294967295, NULL, "the first seed of the random numbers", "run", true},
    {"seeds", DT_FLAG_INT, NULL, 1, 64, NULL, "how many seeds to train, one after another", "run", true},
    {"device", DT_FLAG_CHOICE, "cpu", 0, 0, "cpu|cuda", "where to compute", "run", true},
    {"threads", DT_FLAG_INT, "0", 0, 256, NULL, "worker threads; 0 takes every processor; results do not depend on it",
     "run", false},
    {"data", DT_FLAG_TEXT, NULL, 0, 0, NULL, "folder of the data set, instead of the one that make fetches", "files",
     false},
    {"out", DT_FLAG_TEXT, NULL, 0, 0, NULL, "folder of this run's files, instead of runs/NAME/PRESET", "files", false},
    {"resume", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "go on from the checkpoint in that folder", "files", false},
    {"dry-run", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "show what would be run, and stop before the training", "output",
     false},
    {"quiet", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "no progress, only the closing report", "output", false},
    {"help", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "show this text", "output", false},
    {"version", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "show the version", "output", false},
    {0}};

const dt_flag dt_training_flags[] = {
    {"epochs", DT_FLAG_INT, NULL, 1, 1000000, NULL, "passes over the training data", "run", true},
    {"batch", DT_FLAG_INT, NULL, 1, 1048576, NULL, "examples in one update", "run", true},
    {"lr", DT_FLAG_REAL, NULL, 0, 1000, NULL, "learning rate at the start", "run", true},
    {"schedule", DT_FLAG_TEXT, NULL, 0, 0, NULL,
     "the rate over time: constant, linear, cosine, exp:0.97, step:0.5,10, hold:0.5,4, inverse:0.01 or sqrt, instead "
     "of the "
     "preset's",
     "run", true},
    {"optimizer", DT_FLAG_TEXT, NULL, 0, 0, NULL,
     "sgd, momentum:0.9, nesterov:0.9, adagrad, rmsprop:0.9, adadelta:0.95 or adam:0.9,0.999, instead of the preset's",
     "run", true},
    {"weight-decay", DT_FLAG_REAL, NULL, 0, 1000, NULL, "penalty on the squares of the weights, times 1/2", "run",
     true},
    {"max-norm", DT_FLAG_REAL, NULL, 0, 1e9, NULL, "greatest norm of a unit's incoming weights; 0: any", "run", true},
    {"dropout", DT_FLAG_REAL, NULL, 0, 0.99, NULL,
     "how likely a hidden unit before a fully connected layer is left out", "run", true},
    {"input-dropout", DT_FLAG_REAL, NULL, 0, 0.99, NULL, "how likely a number of the input is left out", "run", true},
    {"average", DT_FLAG_REAL, NULL, 0, 0.999999, NULL,
     "test with the moving average of the weights over the steps, with this decay (0.999, say); 0: with the mean of "
     "all",
     "run", true},
    {0}};

static bool takes_value(const dt_flag *flag)
{
    return flag->type != DT_FLAG_SWITCH;
}

static void *checked(void *memory)
{
    DT_REQUIRE(memory, "out of memory while reading flags");
    return memory;
}

static slot *find(const dt_flags *flags, const char *name)
{
    for (int i = 0; i < flags->n; i++)
        if (strcmp(flags->slots[i].flag->name, name) == 0) return &flags->slots[i];
    return NULL;
}

static slot *need(const dt_flags *flags, const char *name)
{
    slot *s = find(flags, name);
    DT_REQUIRE(s, "no flag --%s is in the program's tables", name);
    return s;
}

static bool in_range(const dt_flag *flag, double x)
{
    return !(flag->min < flag->max) || (x >= flag->min && x <= flag->max);
}

static dt_status refuse(const dt_flag *flag, const char *text, const char *what, dt_error *err)
{
    char hint[120];
    if (flag->min < flag->max)
        snprintf(hint, sizeof hint, "give a number from %.12g to %.12g", flag->min, flag->max);
    else
        snprintf(hint, sizeof hint, "give a number");
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--%s %s: %s", flag->name, text, what);
}

static dt_status check_number(const dt_flag *flag, const char *text, dt_error *err)
{
    bool real_type = flag->type == DT_FLAG_REAL;
    char *end = NULL;
    errno = 0;
    double x = real_type ? strtod(text, &end) : (double)strtoll(text, &end, 10);
    if (end == text || *end || strspn(text, " \t\n\r\v\f"))
        return refuse(flag, text, real_type ? "not a number" : "not a whole number", err);
    bool overflow = errno == ERANGE && fabs(x) > 1; /* a real too small to tell from 0 is in order */
    if (!isfinite(x) || overflow || !in_range(flag, x)) return refuse(flag, text, "out of range", err);
    return DT_OK;
}

static dt_status check_choice(const dt_flag *flag, const char *text, dt_error *err)
{
    size_t length = strlen(text);
    for (const char *c = flag->choices; *c; c += strcspn(c, "|"), c += *c == '|')
        if (strcspn(c, "|") == length && strncmp(c, text, length) == 0) return DT_OK;
    char hint[200];
    snprintf(hint, sizeof hint, "choose one of %s", flag->choices);
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "--%s %s: no such choice", flag->name, text);
}

static dt_status check(const dt_flag *flag, const char *text, dt_error *err)
{
    if (flag->type == DT_FLAG_INT || flag->type == DT_FLAG_REAL) return check_number(flag, text, err);
    if (flag->type == DT_FLAG_CHOICE) return check_choice(flag, text, err);
    if (!text[0])
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "leave the flag out instead", "--%s is empty", flag->name);
    json_t *probe = json_string(text);
    if (!probe) return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "", "--%s: the text is not UTF-8", flag->name);
    json_decref(probe);
    return DT_OK;
}

static void set(slot *s, const char *text)
{
    free(s->value);
    s->value = checked(strdup(text));
}

dt_flags *dt_flags_new(const dt_flag *const tables[], int n_tables)
{
    dt_flags *flags = checked(calloc(1, sizeof *flags));
    int total = 0;
    for (int t = 0; t < n_tables; t++)
        for (const dt_flag *f = tables[t]; f->name; f++) total++;
    flags->slots = checked(calloc((size_t)total + 1, sizeof *flags->slots));
    for (int t = 0; t < n_tables; t++) {
        for (const dt_flag *f = tables[t]; f->name; f++) {
            DT_REQUIRE(!find(flags, f->name), "flag --%s is in the program's tables twice", f->name);
            DT_REQUIRE(f->type != DT_FLAG_CHOICE || f->choices, "flag --%s has no choices", f->name);
            DT_REQUIRE(takes_value(f) || !f->value, "switch --%s has a default", f->name);
            slot *s = &flags->slots[flags->n++];
            s->flag = f;
            dt_error err;
            DT_REQUIRE(!f->value || check(f, f->value, &err) == DT_OK, "flag's default: %s", err.message);
            if (f->value) set(s, f->value);
        }
    }
    return flags;
}

void dt_flags_free(dt_flags *flags)
{
    if (!flags) return;
    for (int i = 0; i < flags->n; i++) free(flags->slots[i].value);
    free(flags->slots);
    free(flags->arguments);
    free(flags);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's edit distance between the first n bytes of a and b, row by row; names longer than the row are far away.
 */
static size_t distance(const char *a, size_t n, const char *b)
{
    size_t row[64], m = strlen(b);
    if (m >= 64) return m;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = smallest(replaced, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[m];
}

static dt_status unknown(const dt_flags *flags, const char *word, dt_error *err)
{
    if (strncmp(word, "--", 2) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "flags are written --name; --help lists them",
                            "unknown flag %s", word);
    size_t length = strcspn(word + 2, "="), best = SIZE_MAX;
    const char *nearest = NULL;
    for (int i = 0; i < flags->n; i++) {
        const char *name = flags->slots[i].flag->name;
        bool begins = length > 0 && strncmp(name, word + 2, length) == 0;
        size_t d = begins ? 0 : distance(word + 2, length, name);
        if (d < best) {
            best = d;
            nearest = name;
        }
    }
    char hint[120] = "--help lists the flags";
    if (nearest && best <= 1 + strlen(nearest) / 3) snprintf(hint, sizeof hint, "did you mean --%s?", nearest);
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "unknown flag %.*s", (int)length + 2, word);
}

/* One flag as getopt_long found it: `answer` is its return value, `word` the argument that it stood in. */
static dt_status take(dt_flags *flags, int answer, const char *word, dt_error *err)
{
    int index = (answer == '?' || answer == ':' ? optopt : answer) - FIRST_FLAG;
    if (index < 0 || index >= flags->n) return unknown(flags, word, err);
    slot *s = &flags->slots[index];
    const char *name = s->flag->name;
    size_t length = strlen(name);
    bool whole = strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, length) == 0 &&
                 (word[length + 2] == '\0' || word[length + 2] == '=');
    if (!whole) return unknown(flags, word, err); /* getopt_long takes any unambiguous beginning */
    if (answer == '?') return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "write it alone", "--%s takes no value", name);
    bool swallowed = optarg && word[length + 2] == '\0' && strncmp(optarg, "--", 2) == 0;
    if (answer == ':' || (swallowed && takes_value(s->flag)))
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "--help shows what it takes", "--%s needs a value", name);
    if (takes_value(s->flag)) {
        dt_status status = check(s->flag, optarg, err);
        if (status != DT_OK) return status;
        set(s, optarg);
    }
    s->given = true;
    return DT_OK;
}

dt_status dt_flags_parse(dt_flags *flags, int argc, char *const argv[], dt_error *err)
{
    struct option *options = checked(calloc((size_t)flags->n + 1, sizeof *options));
    for (int i = 0; i < flags->n; i++)
        options[i] = (struct option){.name = flags->slots[i].flag->name,
                                     .has_arg = takes_value(flags->slots[i].flag) ? required_argument : no_argument,
                                     .val = FIRST_FLAG + i};
    free(flags->arguments);
    flags->arguments = checked(calloc((size_t)argc + 1, sizeof *flags->arguments));
    memcpy(flags->arguments, argv, (size_t)argc * sizeof *argv);
    flags->n_arguments = argc;
    dt_status status = DT_OK;
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    for (int answer; status == DT_OK;) {
        answer = getopt_long(argc, flags->arguments, ":", options, NULL);
        if (answer == -1) break;
        /* The word is the last one that getopt_long took, or, where its value stood apart, the one before. */
        bool apart = answer >= FIRST_FLAG && optarg && optarg == flags->arguments[optind - 1];
        bool short_flag = answer == '?' && optopt != 0 && optopt < FIRST_FLAG;
        char letter[3] = {'-', optopt > ' ' && optopt < 127 ? (char)optopt : '?', '\0'};
        status = take(flags, answer, short_flag ? letter : flags->arguments[optind - 1 - apart], err);
    }
    flags->first_rest = optind < argc ? optind : argc;
    free(options);
    return status;
}

void dt_flags_preset(dt_flags *flags, const char *name, const char *value)
{
    slot *s = need(flags, name);
    dt_error err = {0};
    DT_REQUIRE(takes_value(s->flag), "switch --%s cannot be set by a preset", name);
    DT_REQUIRE(check(s->flag, value, &err) == DT_OK, "preset's value: %s", err.message);
    if (!s->given) set(s, value);
}

static const char *need_value(const dt_flags *flags, const char *name, dt_flag_type type)
{
    const slot *s = need(flags, name);
    DT_REQUIRE(s->flag->type == type, "flag --%s is read as another type than its table gives", name);
    DT_REQUIRE(s->value, "flag --%s has no value: neither the command line nor the preset set it", name);
    return s->value;
}

int64_t dt_flag_int(const dt_flags *flags, const char *name)
{
    return strtoll(need_value(flags, name, DT_FLAG_INT), NULL, 10);
}

double dt_flag_real(const dt_flags *flags, const char *name)
{
    return strtod(need_value(flags, name, DT_FLAG_REAL), NULL);
}

const char *dt_flag_text(const dt_flags *flags, const char *name)
{
    const slot *s = need(flags, name);
    if (s->flag->type == DT_FLAG_TEXT) return s->value;
    return need_value(flags, name, DT_FLAG_CHOICE);
}

bool dt_flag_on(const dt_flags *flags, const char *name)
{
    const slot *s = need(flags, name);
    DT_REQUIRE(s->flag->type == DT_FLAG_SWITCH, "flag --%s is read as a switch", name);
    return s->given;
}

bool dt_flag_given(const dt_flags *flags, const char *name)
{
    return need(flags, name)->given;
}

const char *const *dt_flags_rest(const dt_flags *flags, int *n)
{
    DT_REQUIRE(flags->arguments, "dt_flags_rest before dt_flags_parse");
    *n = flags->n_arguments - flags->first_rest;
    return (const char *const *)flags->arguments + flags->first_rest;
}

dt_status dt_flags_no_rest(const dt_flags *flags, dt_error *err)
{
    int n;
    const char *const *rest = dt_flags_rest(flags, &n);
    if (n == 0) return DT_OK;
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "flags are written --name value; --help lists them",
                        "unexpected argument %s", rest[0]);
}

const dt_flag *dt_flags_at(const dt_flags *flags, int i)
{
    return i >= 0 && i < flags->n ? flags->slots[i].flag : NULL;
}

static json_t *value_json(const slot *s)
{
    if (s->flag->type == DT_FLAG_SWITCH) return json_boolean(s->given);
    if (!s->value) return json_null();
    if (s->flag->type == DT_FLAG_INT) return json_integer(strtoll(s->value, NULL, 10));
    if (s->flag->type == DT_FLAG_REAL) return json_real(strtod(s->value, NULL));
    return json_string(s->value);
}

json_t *dt_flags_config(const dt_flags *flags)
{
    json_t *config = checked(json_object());
    for (int i = 0; i < flags->n; i++)
        if (flags->slots[i].flag->recorded)
            json_object_set_new(config, flags->slots[i].flag->name, value_json(&flags->slots[i]));
    return config;
}
