/* The windows of one piece of a text, in lists that the kernels read. Private to models/word2vec*.c and its tests. */
#ifndef MODELS_WORD2VEC_PLAN_H
#define MODELS_WORD2VEC_PLAN_H

#include "models/word2vec.h"

/* Words of the text in a piece, and windows at most whose errors come from the same vectors. */
enum { WORD2VEC_BLOCK = 8192, WORD2VEC_BATCH = 128 };

struct word2vec_plan {
    int32_t *sentence; /* [WORD2VEC_BLOCK] */
    dt_window *found;  /* [count]: the windows in the order of the text, */
    dt_window *window; /* [count]: and of training */
    int64_t count;
    int32_t *input;
    int32_t *target;
    real *label;
    int64_t inputs, targets; /* how long these lists are */
    int64_t input_room, target_room;
};

void word2vec_plan_init(word2vec_plan *plan);
void word2vec_plan_free(word2vec_plan *plan);

/* Makes the windows of piece `piece`: what is drawn depends on the seed and the piece alone. */
void word2vec_plan_make(word2vec_plan *plan, const word2vec *m, int64_t piece);

#endif
