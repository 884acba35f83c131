#include "optim/spec.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ranges[] = {
    [DT_SPEC_POSITIVE] = "positive (at least 1e-30)", [DT_SPEC_SHARE] = "at least 0 and below 1"};

static bool in_range(dt_spec_range range, double x)
{
    return range == DT_SPEC_SHARE ? x >= 0 && x < 1 : x >= 1e-30 && x <= 1e30;
}

/* "it is one of sgd, momentum[:MOMENTUM], ..." */
static const char *forms(const dt_spec *specs, char *buf, size_t size)
{
    size_t used = (size_t)snprintf(buf, size, "it is one of ");
    for (const dt_spec *s = specs; s->name; s++) {
        used += (size_t)snprintf(buf + used, size - used, "%s%s", s == specs ? "" : ", ", s->name);
        for (int i = 0; i < s->count; i++)
            used += (size_t)snprintf(buf + used, size - used, "%s%s%s", i == s->needed ? "[" : "", i ? "," : ":",
                                     s->number[i].name);
        used += (size_t)snprintf(buf + used, size - used, "%s", s->count > s->needed ? "]" : "");
        DT_REQUIRE(used < size, "the forms of %s and its like do not fit into a hint", specs->name);
    }
    return buf;
}

/* Reads "0.9,0.999" up to its end; returns how many numbers, or -1 and where it went wrong. */
static int read_numbers(const char *text, double *numbers, const char **wrong)
{
    for (int n = 0;; text++) {
        char *end;
        double x = strtod(text, &end);
        *wrong = text;
        if (end == text || isspace((unsigned char)*text) || (*end != ',' && *end != '\0') || !isfinite(x)) return -1;
        if (n < DT_SPEC_NUMBERS) numbers[n] = x;
        n++;
        if (*end == '\0') return n;
        text = end;
    }
}

dt_status dt_spec_parse(const char *what, const dt_spec *specs, const char *text, int *which, double *numbers,
                        dt_error *err)
{
    char hint[320];
    forms(specs, hint, sizeof hint);
    size_t length = strcspn(text, ":");
    const dt_spec *s = specs;
    while (s->name && !(strlen(s->name) == length && strncmp(s->name, text, length) == 0)) s++;
    if (!s->name)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "%s \"%.*s\" is not known", what,
                            (int)(length < 64 ? length : 64), text);
    double given[DT_SPEC_NUMBERS];
    const char *wrong = "";
    int n = text[length] ? read_numbers(text + length + 1, given, &wrong) : 0;
    if (n < 0)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "%s \"%.64s\" has no number at \"%.32s\"", what, text,
                            wrong);
    if (n > s->count)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "%s \"%.64s\" has %d numbers, %s takes at most %d",
                            what, text, n, s->name, s->count);
    if (n < s->needed)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "%s \"%.64s\" lacks the number %s", what, text,
                            s->number[n].name);
    for (int i = 0; i < n; i++)
        if (!in_range(s->number[i].range, given[i]))
            return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, hint, "%s \"%.64s\" has %g for %s, which must be %s",
                                what, text, given[i], s->number[i].name, ranges[s->number[i].range]);
    *which = (int)(s - specs);
    for (int i = 0; i < s->count; i++) numbers[i] = i < n ? given[i] : s->number[i].usual;
    return DT_OK;
}

const char *dt_spec_text(const dt_spec *spec, const double *numbers, char *buf, size_t size)
{
    int n = spec->count;
    while (n > spec->shown && numbers[n - 1] == spec->number[n - 1].usual) n--;
    size_t used = (size_t)snprintf(buf, size, "%s", spec->name);
    for (int i = 0; i < n; i++) {
        char number[32];
        int digits = 15; /* or more, until they give the same number back */
        do snprintf(number, sizeof number, "%.*g", digits, numbers[i]);
        while (strtod(number, NULL) != numbers[i] && ++digits <= 17);
        used += (size_t)snprintf(buf + used, used < size ? size - used : 0, "%c%s", i ? ',' : ':', number);
    }
    DT_REQUIRE(used < size, "the text of %s does not fit into %d bytes", spec->name, (int)size);
    return buf;
}
