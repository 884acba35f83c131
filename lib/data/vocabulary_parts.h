/* A vocabulary in the making. Private to data/vocabulary*.c. */
#ifndef DT_DATA_VOCABULARY_PARTS_H
#define DT_DATA_VOCABULARY_PARTS_H

#include "data/vocabulary.h"

typedef struct {
    dt_vocabulary v; /* without unknown, end and fingerprint as yet */
    int64_t room, byte_room;
} vocabulary_maker;

/* The unit's id, a new one if it was not there; its count grows by `times`. */
int32_t vocabulary_add(vocabulary_maker *m, const uint8_t *bytes, int64_t count, int64_t times);

/* The rest of it. *out is all zero on an error: a vocabulary of fewer than two units is DT_ERR_DATA. */
dt_status vocabulary_finish(vocabulary_maker *m, const char *path, dt_vocabulary *out, dt_error *err);

/* Sets v->fingerprint. */
dt_status vocabulary_fingerprint(dt_vocabulary *v, dt_error *err);

#endif
