/* What the files of the benchmark share. */
#ifndef DT_TESTS_BENCH_H
#define DT_TESTS_BENCH_H

#include "ditto.h"

enum { BATCHES = 8 }; /* in memory, in rotation */

/* Whether --only names the workload. */
bool chosen(const char *name);

/* Times step(context), which does `units` of `unit`, and prints the line. */
void time_steps(const char *name, void (*step)(void *context), void *context, int64_t units, const char *unit);

/* Character and word language models. */
void time_recurrent(void);
/* Translation. */
void time_seq2seq(void);

/* A convolutional GAN. */
void time_gan(void);
/* Word vectors, of the text at `path`. */
void time_word2vec(const char *path);

#endif
