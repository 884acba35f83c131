/* The parts of this experiment: text.c reads a text, train.c trains one network after another on it, trials.c says
 * which, look.c looks into a trained LSTM, sample.c lets a network write. */
#ifndef EXPERIMENTS_CHARLM_PARTS_H
#define EXPERIMENTS_CHARLM_PARTS_H

#include "models/recurrent_lm.h"
#include "run/sequence_trainer.h"
#include "run/trials.h"

/* ---- text.c */

extern const dt_text_set tiny_shakespeare, penn_treebank;

/* A text as characters: one after another what is trained on, what chooses, and what is read at the end (which may be
 * empty). */
typedef struct {
    dt_vocabulary vocabulary;
    dt_tokens files[3]; /* what was read: one file that is cut into parts, or one a part */
    dt_tokens train, valid, test;
    int64_t judges;             /* the parts of what is not trained on that are read side by side */
    char path[256], sha256[65]; /* of the first file */
} char_text;

/* Reads a set, or with NULL the file of --text. One file is cut: the first share `train` of its characters, then the
 * share `valid`, and the rest; or, if `streams` is not 0, it is cut into so many parts and the first share `train` of
 * each is trained on, the rest of each held back (char-rnn, CharSplitLMMinibatchLoader). Three files are those parts.
 * In smoke it is only the beginning of each. */
dt_status text_read(const dt_trial *trial, const dt_text_set *set, double train, double valid, int64_t streams,
                    char_text *out, dt_error *err);
/* --units. */
dt_unit text_unit(const dt_flags *flags);
void text_free(char_text *text);

/* ---- train.c */

enum { CHAR_NETS = 4, CHAR_SAMPLES = 3, CHAR_SAMPLE_BYTES = 1200 };

/* One network to train, and how. */
typedef struct {
    const char *series; /* in curves and messages */
    recurrent_lm shape; /* its vocabulary is the text's */
    dt_sequence_recipe recipe;
    int64_t batch, unroll;
    bool norms;   /* a curve of gradient norms */
    bool samples; /* what it writes after 1 %, 10 % and all of the training */
} char_net;

/* Where a trial stands: a blob of checkpoints. */
typedef struct {
    int64_t net;                              /* the one in training; those before it are done: */
    double valid[CHAR_NETS], test[CHAR_NETS]; /* nats a character */
    int64_t steps;           /* since the last point of the curves, and in them the sum of the losses, */
    double loss, norm, most; /* the sum of the norms, and the greatest one */
    char sample[CHAR_SAMPLES][CHAR_SAMPLE_BYTES];
    char text[65]; /* which it was trained on */
} char_progress;

typedef struct {
    dt_trial *trial;
    const char_text *text;
    int nets; /* of the trial */
    char_progress at;
    bool loads; /* the next network goes on from the checkpoint */
    dt_sequence_net net;
    double speed; /* characters a second, in its training here */
} char_run;

/* Goes on where the trial was kept, if it was. */
dt_status train_begin(char_run *run, dt_trial *trial, const char_text *text, int nets, dt_error *err);

/* Trains network `number` of the trial, unless it is done already; the trained one stays in run->net until the next.
 * What flags say of recipe and sizes counts. *stopped: by ^C. */
dt_status train_net(char_run *run, int number, const char_net *net, bool *stopped, dt_error *err);
void train_end(char_run *run);

/* The network with what the flags change. */
char_net train_flags(const dt_trial *trial, char_net net);

/* ---- trials.c */

dt_status documented_run(dt_trial *trial, dt_error *err);
dt_status own_text_run(dt_trial *trial, dt_error *err);
dt_status cells_run(dt_trial *trial, dt_error *err);
dt_status clipping_run(dt_trial *trial, dt_error *err);

/* ---- look.c */

/* saturation.tsv and cells.html of a trained LSTM, on the beginning of the validation text. */
dt_status look_at_gates(dt_trial *trial, const recurrent_lm *m, dt_params *params, const char_text *text,
                        dt_error *err);
dt_status look_at_cells(dt_trial *trial, const recurrent_lm *m, dt_params *params, const char_text *text,
                        dt_error *err);

/* ---- sample.c */

/* What the network writes after `prime`, character after character: the probabilities are those of the scores divided
 * by `temperature`, the random numbers those of the stream. */
void sample_print(FILE *out, const recurrent_lm *m, dt_params *params, const dt_backend *backend,
                  const dt_vocabulary *vocabulary, const dt_tokens *prime, int64_t count, double temperature,
                  dt_rng stream);

/* The trained network into the run's folder, for --sample. */
dt_status sample_save(const dt_trial *trial, const recurrent_lm *m, const dt_params *params,
                      const dt_vocabulary *vocabulary, dt_error *err);

/* --sample. */
dt_status sample_answer(const dt_program *program, dt_error *err);

#endif
