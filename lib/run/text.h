/* UTF-8 text on a terminal: how wide it is, where to break it, how to fill it up. */
#ifndef DT_RUN_TEXT_H
#define DT_RUN_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Columns that the first `bytes` bytes of s take: 0 for combining marks, 2 for East Asian wide characters and emoji, 1
 * for all others, and for each byte that is not UTF-8. */
int dt_text_width(const char *s, size_t bytes);

/* Bytes of the longest start of s that takes at most `columns`. */
size_t dt_text_fit(const char *s, int columns);

/* Bytes of the next line of s, broken at a space where there is one (a longer word is cut); s + the result + the spaces
 * after it is where the line after begins. 0 only at the end of s. */
size_t dt_text_line(const char *s, int columns);

/* Writes s and spaces up to `columns`. */
void dt_text_pad(FILE *out, const char *s, int columns);

/* Writes s in lines of at most `columns`; each line after the first is indented by `indent`, which the first already
 * has. */
void dt_text_wrap(FILE *out, const char *s, int indent, int columns);

/* "38 s", "4 min 12 s", "2 h 05 min", into buf (24 bytes do). Returns buf. */
const char *dt_text_duration(double seconds, char *buf, size_t size);

#endif
