#include <string.h>

#include "run/flags.h"
#include "run/text.h"

enum { COLUMNS = 96, INDENT = 26 };

static const char *placeholder(const dt_flag *flag)
{
    switch (flag->type) {
    case DT_FLAG_INT:
        return " N";
    case DT_FLAG_REAL:
        return " X";
    case DT_FLAG_TEXT:
        return " TEXT";
    case DT_FLAG_CHOICE:
        return flag->choices;
    default:
        return "";
    }
}

/* "passes over the training data (whole number, 1 to 1000000; default: the preset's)" */
static void describe(const dt_flag *flag, char *buf, size_t size)
{
    const char *kind = flag->type == DT_FLAG_INT ? "whole number, " : flag->type == DT_FLAG_REAL ? "number, " : "";
    char range[80] = "", value[120] = "";
    if (flag->min < flag->max) snprintf(range, sizeof range, "%.12g to %.12g, ", flag->min, flag->max);
    if (flag->value)
        snprintf(value, sizeof value, "default %s", flag->value);
    else if (flag->type != DT_FLAG_TEXT && flag->type != DT_FLAG_SWITCH)
        snprintf(value, sizeof value, "default: the preset's");
    if (value[0])
        snprintf(buf, size, "%s (%s%s%s)", flag->help, kind, range, value);
    else
        snprintf(buf, size, "%s", flag->help);
}

static void show(FILE *out, const dt_flag *flag)
{
    char left[200], right[600];
    bool choice = flag->type == DT_FLAG_CHOICE;
    snprintf(left, sizeof left, "  --%s%s%s", flag->name, choice ? " " : "", placeholder(flag));
    describe(flag, right, sizeof right);
    dt_text_pad(out, left, INDENT);
    if (dt_text_width(left, strlen(left)) > INDENT - 2) fprintf(out, "\n%*s", INDENT, "");
    dt_text_wrap(out, right, INDENT, COLUMNS);
}

static const char *group_of(const dt_flag *flag)
{
    return flag->group ? flag->group : "flags";
}

static bool group_seen(const dt_flags *flags, int i)
{
    for (int j = 0; j < i; j++)
        if (strcmp(group_of(dt_flags_at(flags, j)), group_of(dt_flags_at(flags, i))) == 0) return true;
    return false;
}

void dt_flags_help(FILE *out, const dt_flags *flags, const char *usage, const char *about)
{
    fprintf(out, "usage: %s\n", usage);
    if (about && about[0]) {
        putc('\n', out);
        dt_text_wrap(out, about, 0, COLUMNS);
    }
    for (int i = 0; dt_flags_at(flags, i); i++) {
        const char *group = group_of(dt_flags_at(flags, i));
        if (group_seen(flags, i)) continue;
        fprintf(out, "\n%s:\n", group);
        for (int j = i; dt_flags_at(flags, j); j++)
            if (strcmp(group_of(dt_flags_at(flags, j)), group) == 0) show(out, dt_flags_at(flags, j));
    }
}
