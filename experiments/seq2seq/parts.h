/* The parts of this experiment: bitext.c holds texts and their translations, tasks.c makes some up, train.c trains one
 * network after another, exam.c lets them translate and judges it, trials.c says which networks, look.c draws what they
 * attend to, network.c keeps a trained one and translate.c lets it translate. */
#ifndef EXPERIMENTS_SEQ2SEQ_PARTS_H
#define EXPERIMENTS_SEQ2SEQ_PARTS_H

#include "data/bpe.h"
#include "data/sentences.h"
#include "models/beam_search.h"
#include "run/trials.h"

/* ---- bitext.c */

enum { SOURCE, TARGET, SIDES };
enum { TRAIN, VALID, TEST, PARTS };

extern const dt_text_set multi30k;

/* A text in two languages. */
typedef struct {
    dt_vocabulary words[SIDES];
    dt_bpe *pieces[SIDES]; /* NULL: words are whole */
    dt_sentences text[PARTS][SIDES];
    char **reference[PARTS];    /* [lines]: the target's lines as they are, to be compared with */
    char path[256], sha256[65]; /* of the training texts: the source's path, the hash of both */
} bitext;

typedef struct {
    int64_t least;  /* a word of the training text that occurs fewer times is unknown */
    int64_t merges; /* cuts words into pieces by so many merges; 0: whole words */
    int64_t lines;  /* reads no more of each text; 0: all */
} bitext_options;

/* The vocabularies and the training part from two texts, which are changed; and another part. Errors:
 * dt_sentences_read, dt_sentences_check_pair. */
dt_status bitext_learn(bitext *b, dt_corpus train[SIDES], const bitext_options *options, dt_error *err);
dt_status bitext_add(bitext *b, int part, dt_corpus text[SIDES], const bitext_options *options, dt_error *err);
void bitext_free(bitext *b);

/* Multi30k, training and validation: from German to English, or from English to German. bitext_open_test reads the test
 * set, or with --validate takes the validation text in its place. */
dt_status bitext_read_multi30k(const dt_trial *trial, bool from_english, const bitext_options *options, bitext *b,
                               dt_error *err);
dt_status bitext_open_test(const dt_trial *trial, bool from_english, const bitext_options *options, bitext *b,
                           dt_error *err);

/* The files of --source and --target: the last lines are held back, 5 % and at most 1,000. */
dt_status bitext_read_own(const dt_trial *trial, const bitext_options *options, bitext *b, dt_error *err);

/* A sentence's words as a line, pieces joined. The caller frees it. */
char *bitext_line(const bitext *b, int side, const int32_t *id, int64_t count);

/* ---- tasks.c */

/* A task with sentences of any length, as many as are wanted. */
typedef struct {
    const char *name, *title;
    int longest;   /* length of a sentence in training; 0: it has none, all sentences are alike */
    int tested[2]; /* lengths in the exam: from, to */
    void (*make)(FILE *source, FILE *target, int length, dt_rng numbers); /* one line each */
} task;
enum { TASKS = 4 };
extern const task tasks[TASKS];

/* `lines` sentences for training, some for validation, and `exam` of each tested length, or ten times as many. */
dt_status task_make(const task *t, int64_t lines, int64_t exam, uint64_t seed, bitext *b, dt_error *err);

/* ---- train.c */

enum { NETS = 8, RESULTS = 4 };

/* One network to train, and how. */
typedef struct {
    const char *series;          /* in curves and messages */
    seq2seq shape;               /* its vocabularies are the text's */
    bool reverse;                /* the source's words come in the opposite order */
    int64_t epochs, batch, most; /* most: words of a sentence, longer ones are left out */
    dt_schedule schedule;
    dt_optimizer_recipe optimizer;
    double clip, dropout, smooth;
    double sampling; /* how much of its own words the network is shown at the end; the share grows from 0 */
} net_plan;

/* Where a trial stands: a blob of checkpoints. */
typedef struct {
    int64_t net;                  /* the one in training; those before it are done: */
    double result[NETS][RESULTS]; /* what the trial keeps of them */
    int64_t epoch, step;
    double loss; /* of this epoch so far: sum over its words */
    int64_t words;
    char text[65]; /* which it was trained on */
} progress;

typedef struct {
    dt_trial *trial;
    const bitext *text;
    int nets; /* of the trial */
    progress at;
    bool loads; /* the next network goes on from the checkpoint */
    net_plan plan;
    seq2seq model; /* the one that was trained last */
    dt_params *params;
    double speed; /* target words a second, in its training here */
} seq2seq_run;

/* Goes on where the trial was kept, if it was. */
dt_status train_begin(seq2seq_run *run, dt_trial *trial, int nets, dt_error *err);

/* Trains network `number` of the trial on a text, unless it is done; `curves`: with points of its losses. *stopped: by
 * ^C; else *trained: it was trained here, and is run->model until the next. train_done: its results are in run->at.
 * DT_ERR_CONFIG: the checkpoint is of another text. */
dt_status train_net(seq2seq_run *run, int number, const net_plan *plan, const bitext *text, bool curves, bool *trained,
                    bool *stopped, dt_error *err);
void train_done(seq2seq_run *run);
void train_end(seq2seq_run *run);

/* The mean loss in nats a word on a part of the text: each after the right words before it, or, with `own`, after those
 * that the network writes itself. */
double train_loss(const seq2seq_run *run, int part, bool own);

/* ---- exam.c */

/* What became of a part of the text: one line for each pair that was not too long. */
typedef struct {
    int64_t count;
    char **line;    /* [count]: translations */
    uint32_t *pair; /* [count]: line in the part */
} translations;

translations exam_translate(const seq2seq_run *run, int part, int64_t width, double alpha);
void exam_free(translations *t);

/* Percent of lines that equal their reference, among sources of `words` words; 0: of all lengths. */
double exam_accuracy(const seq2seq_run *run, int part, const translations *t, int64_t words);

/* BLEU as multi-bleu, of the pairs whose sources have from .. to words; their number in *pairs. */
double exam_bleu(const seq2seq_run *run, int part, const translations *t, int64_t from, int64_t to, int64_t *pairs);

/* The sentence that names BLEU, its definition, and chrF. */
void exam_say(const seq2seq_run *run, int part, const translations *t, const char *series);

/* ---- trials.c */

dt_status synthetic_run(dt_trial *trial, dt_error *err);
dt_status multi30k_run(dt_trial *trial, dt_error *err);
dt_status into_german_run(dt_trial *trial, dt_error *err);
dt_status own_text_run(dt_trial *trial, dt_error *err);

/* ---- look.c */

/* What the network looks at as it translates: alignments.tsv and attention.html of some sentences. */
dt_status look_at_attention(const seq2seq_run *run, int part, const translations *t, dt_error *err);

/* ---- network.c */

/* A trained network with all that it takes to translate. */
typedef struct {
    seq2seq model;
    dt_params *params;
    bitext text; /* words and pieces only */
    bool reverse;
    int64_t most;
} network;

dt_status network_save(const seq2seq_run *run, dt_error *err);
dt_status network_load(const dt_program *program, network *n, dt_error *err);
void network_free(network *n);

/* ---- translate.c */

/* --translate. */
dt_status translate_answer(const dt_program *program, dt_error *err);

#endif
