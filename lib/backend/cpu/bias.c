#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* Rows in one piece of work: enough of them for 16384 reals. */
enum { PIECE = 16384 };

typedef struct {
    int64_t rows, columns, rows_in_piece;
    const real *in;
    real *out;
} row_job;

static void run_rows(void (*body)(void *, int64_t), int64_t rows, int64_t columns, const real *in, real *out)
{
    if (rows <= 0 || columns <= 0) return;
    row_job job = {rows, columns, columns < PIECE ? PIECE / columns : 1, in, out};
    dt_parallel_for((rows + job.rows_in_piece - 1) / job.rows_in_piece, body, &job);
}

static int64_t last_row(const row_job *job, int64_t i)
{
    int64_t end = (i + 1) * job->rows_in_piece;
    return end < job->rows ? end : job->rows;
}

static void add_bias_piece(void *context, int64_t i)
{
    const row_job *job = context;
    for (int64_t r = i * job->rows_in_piece; r < last_row(job, i); r++) {
        real *row = job->out + r * job->columns;
        const real bias = job->in[r];
        for (int64_t j = 0; j < job->columns; j++) row[j] += bias;
    }
}

void dt_cpu_add_bias(int64_t rows, int64_t columns, const real *bias, real *y)
{
    run_rows(add_bias_piece, rows, columns, bias, y);
}

/* Long rows are summed in stretches, and these in double, so that the error does not grow with the length. */
static real row_sum(const real *row, int64_t columns)
{
    enum { STRETCH = 64 * VL };
    double total = 0;
    for (int64_t from = 0; from < columns; from += STRETCH) {
        const int64_t end = columns - from < STRETCH ? columns : from + STRETCH;
        vec sum[4] = {{0}};
        int64_t j = from;
        for (; j + 4 * VL <= end; j += 4 * VL)
            for (int v = 0; v < 4; v++) sum[v] += vec_load(row + j + v * VL);
        for (; j + VL <= end; j += VL) sum[0] += vec_load(row + j);
        if (j < end) sum[1] += vec_load_part(row + j, end - j);
        total += (double)vec_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
    return (real)total;
}

static void sum_rows_piece(void *context, int64_t i)
{
    const row_job *job = context;
    for (int64_t r = i * job->rows_in_piece; r < last_row(job, i); r++)
        job->out[r] += row_sum(job->in + r * job->columns, job->columns);
}

void dt_cpu_sum_rows(int64_t rows, int64_t columns, const real *y, real *sum)
{
    run_rows(sum_rows_piece, rows, columns, y, sum);
}
