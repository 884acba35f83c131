#include "data/alias.h"

#include <stdlib.h>

#include "core/error.h"

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a distribution");
    return memory;
}

/* Cells that are not full are filled up from those that are more than full. */
static void fill(dt_alias *a, double *share, int32_t *small, int32_t *large)
{
    int64_t n_small = 0, n_large = 0;
    for (int32_t i = 0; i < a->n; i++) {
        a->cell[i] = (dt_alias_cell){UINT32_MAX, i};
        if (share[i] < 1)
            small[n_small++] = i;
        else
            large[n_large++] = i;
    }
    while (n_small > 0 && n_large > 0) {
        const int32_t i = small[--n_small], j = large[n_large - 1];
        a->cell[i] = (dt_alias_cell){(uint32_t)(share[i] * 0x1p32), j};
        share[j] -= 1 - share[i];
        if (share[j] >= 1) continue;
        small[n_small++] = j;
        n_large--;
    }
}

void dt_alias_init(dt_alias *a, const double *weight, int64_t n)
{
    DT_REQUIRE(n >= 1 && n <= INT32_MAX, "dt_alias_init: %lld outcomes", (long long)n);
    *a = (dt_alias){n, need(malloc((size_t)n * sizeof *a->cell))};
    double sum = 0, *share = need(malloc((size_t)n * sizeof *share));
    int32_t *small = need(malloc((size_t)n * sizeof *small)), *large = need(malloc((size_t)n * sizeof *large));
    for (int64_t i = 0; i < n; i++) sum += weight[i];
    DT_REQUIRE(sum > 0, "dt_alias_init: no outcome is possible");
    for (int64_t i = 0; i < n; i++) share[i] = weight[i] * (double)n / sum;
    fill(a, share, small, large);
    free(share);
    free(small);
    free(large);
}

void dt_alias_free(dt_alias *a)
{
    free(a->cell);
    *a = (dt_alias){0};
}
