#include "optim/schedule.h"

#include <math.h>
#include <stdio.h>

#include "optim/spec.h"

double dt_schedule_at(const dt_schedule *s, double epoch)
{
    switch (s->kind) {
    case DT_CONSTANT:
        return s->lr;
    case DT_LINEAR:
        return s->lr * (1 - epoch / s->epochs);
    case DT_COSINE:
        return s->lr * (1 + cos(acos(-1) * epoch / s->epochs)) / 2;
    case DT_EXPONENTIAL:
        return s->lr * pow(s->factor, epoch);
    case DT_STEP:
        return s->lr * pow(s->factor, floor(epoch / s->every));
    case DT_HOLD:
        return s->lr * pow(s->factor, fmax(0, floor(epoch - s->every) + 1));
    case DT_INVERSE:
        return s->lr / (1 + s->factor * epoch);
    case DT_SQRT:
        DT_REQUIRE(s->batches > 0, "dt_schedule_at: the updates in an epoch are missing");
        return s->lr / sqrt(1 + epoch * s->batches);
    case DT_TABLE: {
        const dt_schedule_row *row = s->table;
        while (row->until > 0 && epoch >= row->until) row++;
        return s->lr * row->factor;
    }
    }
    dt_misuse("dt_schedule_at: unknown kind %d", (int)s->kind);
}

static const dt_spec specs[] = {
    [DT_CONSTANT] = {"constant", 0, 0, 0, {{0}}},
    [DT_LINEAR] = {"linear", 0, 0, 0, {{0}}},
    [DT_COSINE] = {"cosine", 0, 0, 0, {{0}}},
    [DT_EXPONENTIAL] = {"exp", 1, 1, 1, {{"FACTOR", DT_SPEC_POSITIVE, 0}}},
    [DT_STEP] = {"step", 2, 2, 2, {{"FACTOR", DT_SPEC_POSITIVE, 0}, {"EVERY", DT_SPEC_POSITIVE, 0}}},
    [DT_HOLD] = {"hold", 2, 2, 2, {{"FACTOR", DT_SPEC_POSITIVE, 0}, {"EVERY", DT_SPEC_POSITIVE, 0}}},
    [DT_INVERSE] = {"inverse", 1, 1, 1, {{"FACTOR", DT_SPEC_POSITIVE, 0}}},
    [DT_SQRT] = {"sqrt", 0, 0, 0, {{0}}},
    {.name = NULL}};

dt_status dt_schedule_parse(const char *text, dt_schedule *schedule, dt_error *err)
{
    int which;
    double x[DT_SPEC_NUMBERS] = {0};
    dt_status status = dt_spec_parse("the schedule", specs, text, &which, x, err);
    if (status != DT_OK) return status;
    schedule->kind = (dt_schedule_kind)which;
    schedule->factor = x[0];
    schedule->every = x[1];
    schedule->table = NULL;
    return DT_OK;
}

const char *dt_schedule_name(const dt_schedule *s, char *buf, size_t size)
{
    if (s->kind != DT_TABLE) return dt_spec_text(&specs[s->kind], (double[]){s->factor, s->every}, buf, size);
    snprintf(buf, size, "table");
    return buf;
}
