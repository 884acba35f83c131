/* experiments/alexnet on a folder of images: which are held out, and how answers are judged. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "experiments/alexnet/imagenet.c"
/* after what hides its names */
#include "experiments/alexnet/photographs.c"

static char *name_of(int64_t i)
{
    char name[32];
    snprintf(name, sizeof name, "%lld", (long long)i);
    return strdup(name);
}

/* A list of so many images of each class; no files. */
static dt_folder listed(int64_t classes, const int64_t *sizes)
{
    dt_folder f = {.classes = classes, .class_names = calloc((size_t)classes, sizeof *f.class_names)};
    for (int64_t c = 0; c < classes; c++) {
        f.class_names[c] = name_of(c);
        f.count += sizes[c];
    }
    f.names = calloc((size_t)f.count, sizeof *f.names);
    f.labels = calloc((size_t)f.count, sizeof *f.labels);
    for (int64_t c = 0, i = 0; c < classes; c++)
        for (int64_t k = 0; k < sizes[c]; k++, i++) {
            f.names[i] = name_of(i);
            f.labels[i] = (int32_t)c;
        }
    return f;
}

Test(photographs, every_tenth_of_each_class_is_held_out)
{
    /* one; fewer than ten; ten; more; twice ten */
    static const int64_t sizes[] = {1, 2, 9, 10, 11, 20}, wanted[] = {2, 11, 21, 31, 42, 52};
    dt_folder f = listed(6, sizes);
    bool held_out[53];
    cr_assert(eq(i64, f.count, 53));
    choose_held_out(&f, held_out);
    for (int64_t i = 0, k = 0; i < f.count; i++) {
        const bool is_wanted = k < 6 && wanted[k] == i;
        cr_expect(held_out[i] == is_wanted, "image %d", (int)i);
        k += is_wanted;
    }
    dt_folder_free(&f);
}

Test(photographs, are_thinned_out_evenly)
{
    dt_folder f = listed(4, (int64_t[]){25, 25, 25, 25});
    thin_out(&f, 8);
    cr_assert(eq(i64, f.count, 8));
    for (int i = 0; i < 8; i++) cr_expect(eq(i32, f.labels[i], i / 2));
    thin_out(&f, 8);
    thin_out(&f, 100);
    cr_expect(eq(i64, f.count, 8));
    dt_folder_free(&f);
}

Test(photographs, of_train_and_val_have_the_same_classes)
{
    dt_folder a = listed(3, (int64_t[]){1, 1, 1}), b = listed(4, (int64_t[]){1, 1, 1, 1});
    dt_error err;
    strcpy(a.dir, "A"), strcpy(b.dir, "B");
    cr_expect(eq(int, compare_classes(&a, &a, &err), DT_OK));
    cr_expect(eq(int, compare_classes(&a, &b, &err), DT_ERR_DATA));
    cr_expect(eq(str, err.path, "A"));
    cr_expect(eq(str, err.message, "has no class 3, but B has"));
    cr_expect(eq(int, compare_classes(&b, &a, &err), DT_ERR_DATA));
    cr_expect(eq(str, err.path, "A"));
    b.class_names[1][0] = '0';
    b.class_names[0][0] = '/';
    cr_expect(eq(int, compare_classes(&a, &b, &err), DT_ERR_DATA));
    cr_expect(eq(str, err.message, "has no class /, but B has"));
    dt_folder_free(&a);
    dt_folder_free(&b);
}

/* Scores of seven classes for two images, the second of which has ties and what is no number. */
Test(photographs, are_judged_by_the_place_of_the_right_class)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_var *scores = dt_input(tape, 2, (int64_t[]){7, 2});
    static const real first[7] = {3, 9, 1, 7, 5, 8, 2}, second[7] = {4, 6, 6, (real)NAN, 4, 0, 4};
    static const int64_t places[2][7] = {{4, 0, 6, 2, 3, 1, 5}, {3, 1, 2, 6, 4, 6, 5}};
    for (int c = 0; c < 7; c++) scores->value[2 * c] = first[c], scores->value[2 * c + 1] = second[c];
    for (int i = 0; i < 2; i++)
        for (int32_t c = 0; c < 7; c++)
            cr_expect(eq(i64, place_of(scores, i, c), places[i][c]), "image %d, class %d", i, c);
    dt_tape_free(tape);
    dt_params_free(params);
}
