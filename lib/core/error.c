#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct {
    const char *file;
    int line;
} here;

static dt_misuse_handler misuse_handler;

dt_status dt_error_set(dt_error *err, dt_status status, const char *path, int64_t offset, const char *hint,
                       const char *format, ...)
{
    if (!err) return status;
    err->status = status;
    err->offset = offset;
    snprintf(err->path, sizeof err->path, "%s", path ? path : "");
    snprintf(err->hint, sizeof err->hint, "%s", hint ? hint : "");
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

const char *dt_error_text(const dt_error *err, char *buf, size_t size)
{
    char place[320] = "";
    if (err->path[0] && err->offset >= 0)
        snprintf(place, sizeof place, "%s: offset %lld: ", err->path, (long long)err->offset);
    else if (err->path[0])
        snprintf(place, sizeof place, "%s: ", err->path);
    snprintf(buf, size, "%s%s%s%s", place, err->message, err->hint[0] ? "; " : "", err->hint);
    return buf;
}

void dt_at(const char *file, int line)
{
    here.file = file;
    here.line = line;
}

void dt_misuse(const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (here.file && n >= 0 && (size_t)n < sizeof sentence)
        snprintf(sentence + n, sizeof sentence - (size_t)n, " (called at %s:%d)", here.file, here.line);
    if (misuse_handler)
        misuse_handler(sentence);
    else
        fprintf(stderr, "ditto: %s\n", sentence);
    abort();
}

dt_misuse_handler dt_set_misuse_handler(dt_misuse_handler handler)
{
    dt_misuse_handler former = misuse_handler;
    misuse_handler = handler;
    return former;
}
