/* Programmer errors that a test provokes and survives. */
#ifndef DT_TESTS_MISUSE_H
#define DT_TESTS_MISUSE_H

#include <criterion/criterion.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"

static jmp_buf misuse_return;
static char misuse_sentence[1024];

static inline void misuse_catch(const char *sentence)
{
    snprintf(misuse_sentence, sizeof misuse_sentence, "%s", sentence);
    longjmp(misuse_return, 1);
}

/* `statement` must be refused with a sentence that contains `part`. */
#define EXPECT_MISUSE(part, statement)                                                                      \
    do {                                                                                                    \
        dt_misuse_handler former_handler = dt_set_misuse_handler(misuse_catch);                             \
        misuse_sentence[0] = '\0';                                                                          \
        if (setjmp(misuse_return) == 0) {                                                                   \
            statement;                                                                                      \
        }                                                                                                   \
        dt_set_misuse_handler(former_handler);                                                              \
        cr_expect(strstr(misuse_sentence, part) != NULL, "\"%s\" is not in \"%s\"", part, misuse_sentence); \
    } while (0)

#endif
