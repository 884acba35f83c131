#include "optim/schedule.h"

#include <math.h>

#include "core/error.h"

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
    case DT_INVERSE:
        return s->lr / (1 + s->factor * epoch);
    case DT_TABLE: {
        const dt_schedule_row *row = s->table;
        while (row->until > 0 && epoch >= row->until) row++;
        return s->lr * row->factor;
    }
    }
    dt_misuse("dt_schedule_at: unknown kind %d", (int)s->kind);
}
