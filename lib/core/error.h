/* Two of the three kinds of error (the third, numerical, belongs to the training loop: run/trainer.h).
 *
 * Programmer errors (shapes, misuse): one sentence, then a handler whose default prints it and aborts.
 * World errors (file, data, disk): a status and a dt_error owned by the caller; the library prints nothing. */
#ifndef DT_CORE_ERROR_H
#define DT_CORE_ERROR_H

#include "core/real.h"

typedef enum {
    DT_OK = 0,
    DT_ERR_IO,     /* open, read, write, sync: errno tells why */
    DT_ERR_DATA,   /* the bytes are not what they should be */
    DT_ERR_CONFIG, /* a flag, a preset, a checkpoint of something else */
    DT_ERR_SYSTEM  /* memory, threads, a missing program */
} dt_status;

typedef struct {
    dt_status status;
    char message[320]; /* what is wrong */
    char path[256];    /* the file, or "" */
    int64_t offset;    /* byte in that file, or -1 */
    char hint[320];    /* what to do, or "" */
} dt_error;

/* Fills *err (which may be NULL) and returns `status`, so that a function can end in `return dt_error_set(...)`. */
dt_status dt_error_set(dt_error *err, dt_status status, const char *path, int64_t offset, const char *hint,
                       const char *format, ...) __attribute__((format(printf, 6, 7)));

/* "PATH: offset N: MESSAGE; HINT", the sentence that programs show, into buf. Returns buf. */
const char *dt_error_text(const dt_error *err, char *buf, size_t size);

/* Where in the user's program the current op was called: set by the op macros, shown by dt_misuse. */
void dt_at(const char *file, int line);

/* A programmer error: formats one sentence, adds the place noted by dt_at, and calls the handler. Never returns. */
_Noreturn void dt_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Replaces the handler of programmer errors (NULL: the default, which prints to stderr and aborts). The handler must
 * not return; if it does, the program aborts. Returns the former handler. */
typedef void (*dt_misuse_handler)(const char *sentence);
dt_misuse_handler dt_set_misuse_handler(dt_misuse_handler handler);

#define DT_REQUIRE(condition, ...)                \
    do {                                          \
        if (!(condition)) dt_misuse(__VA_ARGS__); \
    } while (0)

#endif
