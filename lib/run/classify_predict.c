/* --predict: a user's pictures, sorted by the network that the run trained. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/picture.h"
#include "run/run.h"

enum { MAX_CLASSES = 64, BAR = 40 };

/* Two rows of pixels a line of text: the halves of a block are lit or not. */
static void draw(const uint8_t *digit)
{
    for (int row = 0; row < DT_DIGIT_SIDE; row += 2) {
        printf("  ");
        for (int column = 0; column < DT_DIGIT_SIDE; column++) {
            bool upper = digit[row * DT_DIGIT_SIDE + column] > 96,
                 lower = digit[(row + 1) * DT_DIGIT_SIDE + column] > 96;
            fputs(upper ? lower ? "█" : "▀" : lower ? "▄" : " ", stdout);
        }
        putchar('\n');
    }
}

static void answer(const dt_run *s, const dt_network *net, const char *file, const uint8_t *digit)
{
    const dt_task *task = net->task;
    dt_tape *tape = dt_tape_new(s->program.backend, net->params, NULL);
    tape->recording = false;
    uint8_t label = 0;
    dt_images one = {.count = 1,
                     .channels = 1,
                     .height = DT_DIGIT_SIDE,
                     .width = DT_DIGIT_SIDE,
                     .classes = 10,
                     .pixels = (uint8_t *)(uintptr_t)digit,
                     .labels = &label,
                     .view = true};
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, task->frame.height, task->frame.width, 1});
    int32_t unused, best;
    dt_batch_gather(&one, &task->frame, &(uint32_t){0}, 1, x->value, &unused);
    dt_var *y = task->model->forward(net->model, x);
    dt_network_answers(net, y, &best);
    double p[MAX_CLASSES], sum = 0, sign = task->smallest_wins ? -1 : 1;
    int64_t classes = y->dim[0];
    for (int64_t c = 0; c < classes; c++) sum += p[c] = exp(sign * (double)(y->value[c] - y->value[best]));
    printf("%s: %s\n", file, s->program.dataset->classes[best]);
    draw(digit);
    for (int64_t c = 0; c < classes; c++) {
        printf("  %-12s %6.2f %%  ", s->program.dataset->classes[c], 100 * p[c] / sum);
        for (int bar = (int)(BAR * p[c] / sum + 0.5); bar > 0; bar--) fputs("▪", stdout);
        putchar('\n');
    }
    dt_tape_free(tape);
}

/* The network of --model, by default the experiment's first, with the parameters that the run's checkpoint kept. */
static dt_status load(dt_run *s, dt_network *net, dt_error *err)
{
    char path[1024], name[64], hint[320];
    const dt_study *study = s->jobs[0].study;
    dt_program_path(&s->program, "checkpoint", path, sizeof path);
    dt_checkpoint *ck;
    dt_status status = dt_checkpoint_open(path, &ck, err);
    if (status == DT_ERR_IO) {
        snprintf(hint, sizeof hint, "train first (make experiments/%s PRESET=%s), or name the run's folder with --out",
                 s->experiment->about.name, dt_flag_text(s->program.flags, "preset"));
        snprintf(err->hint, sizeof err->hint, "%s", hint);
    }
    if (status != DT_OK) return status;
    dt_network_init(net, &study->task, 1);
    snprintf(name, sizeof name, "trained/%s", study->task.id);
    status = dt_checkpoint_blob(ck, name, net->params->values, (size_t)net->params->size * sizeof(real), err);
    dt_checkpoint_close(ck);
    if (status != DT_OK)
        snprintf(err->hint, sizeof err->hint,
                 "that run has no trained %s: train it, or name another network with --model", study->task.title);
    return status;
}

dt_status dt_run_predict(dt_run *s, dt_error *err)
{
    int n;
    const char *const *files = dt_flags_rest(s->program.flags, &n);
    if (n == 0)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "give the names of PNG, JPEG or PGM files after it",
                            "--predict has no file");
    dt_network net = {0};
    dt_status status = load(s, &net, err);
    for (int i = 0; i < n && status == DT_OK; i++) {
        dt_picture picture;
        uint8_t digit[DT_DIGIT_SIDE * DT_DIGIT_SIDE];
        status = dt_picture_read(files[i], 1, &picture, err);
        if (status != DT_OK) break;
        status = dt_picture_to_digit(&picture, digit, err);
        if (status == DT_OK) answer(s, &net, files[i], digit);
        if (status != DT_OK && !err->path[0]) snprintf(err->path, sizeof err->path, "%s", files[i]);
        dt_picture_free(&picture);
    }
    dt_network_free(&net);
    return status;
}
