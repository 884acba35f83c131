#include "data/images.h"
#include "data_files.h"

enum { COUNT = 5, SIDE = 4, PIXELS = COUNT * SIDE * SIDE };

/* Writes a data set of five 4x4 images with labels 0 3 9 1 2; pixel k of image i is 50 i + k. */
static void write_set(test_folder *f, int labels, uint8_t third_label, bool gz)
{
    uint8_t image[16 + PIXELS] = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    uint8_t label[8 + COUNT] = {0, 0, 8, 1, 0, 0, 0, (uint8_t)labels, 0, 3, third_label, 1, 2}, packed[256];
    for (int i = 0; i < PIXELS; i++) image[16 + i] = (uint8_t)(50 * (i / 16) + i % 16);
    size_t n = gzip_bytes(label, 8 + (size_t)labels, packed, sizeof packed);
    folder_write(f, "train-images-idx3-ubyte", image, sizeof image);
    folder_write(f, gz ? "train-labels-idx1-ubyte.gz" : "train-labels-idx1-ubyte", gz ? packed : label,
                 gz ? n : 8 + (size_t)labels);
}

Test(images, reads_a_pair_of_files)
{
    test_folder f = folder_new();
    dt_images images;
    dt_error err;
    for (int gz = 0; gz < 2; gz++) {
        write_set(&f, COUNT, 9, gz);
        cr_assert(eq(int, dt_images_read_idx(f.dir, "train", "toy", &images, &err), DT_OK));
        cr_expect(eq(str, images.name, "toy"));
        cr_expect(images.count == COUNT && images.channels == 1 && images.height == SIDE && images.width == SIDE);
        cr_expect(eq(i64, images.classes, 10));
        cr_expect(eq(u8, images.pixels[4 * 16 + 15], 215));
        cr_expect(memcmp(images.labels, (uint8_t[]){0, 3, 9, 1, 2}, COUNT) == 0);
        /* printf %s%s IMAGE_HASH LABEL_HASH | sha256sum */
        cr_expect(eq(str, images.sha256, "d4d70d1b1ab69c6de2b144c3dfe74e30f204ffff01ddbf4dfba9e29ec1bdc812"));
        dt_images_free(&images);
        snprintf(f.path, sizeof f.path, "%s/train-labels-idx1-ubyte", f.dir);
        remove(f.path);
    }
    folder_remove(&f);
}

Test(images, refuses_a_label_above_9)
{
    test_folder f = folder_new();
    dt_images images;
    dt_error err;
    write_set(&f, COUNT, 10, false);
    cr_expect(eq(int, dt_images_read_idx(f.dir, "train", "toy", &images, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 10));
    cr_expect(eq(str, err.message, "label 2 is 10, above 9"));
    cr_expect(strstr(err.path, "labels") != NULL);
    cr_expect(images.pixels == NULL);
    folder_remove(&f);
}

Test(images, refuses_counts_that_differ)
{
    test_folder f = folder_new();
    dt_images images;
    dt_error err;
    write_set(&f, COUNT - 1, 9, false);
    cr_expect(eq(int, dt_images_read_idx(f.dir, "train", "toy", &images, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 4));
    cr_expect(strstr(err.message, "4 labels, but train-images-idx3-ubyte holds 5 images") != NULL, "%s", err.message);
    folder_remove(&f);
}

Test(images, says_how_to_get_a_missing_file)
{
    test_folder f = folder_new();
    dt_images images;
    dt_error err;
    write_set(&f, COUNT, 9, false);
    cr_expect(eq(int, dt_images_read_idx(f.dir, "t10k", "mnist", &images, &err), DT_ERR_IO));
    cr_expect(eq(str, err.hint, "run: datasets/fetch mnist"));
    cr_expect(strstr(err.path, "t10k-images-idx3-ubyte") != NULL);
    remove(f.path);
    cr_expect(eq(int, dt_images_read_idx(f.dir, "train", "mnist", &images, &err), DT_ERR_IO));
    cr_expect(strstr(err.path, "train-labels-idx1-ubyte") != NULL);
    folder_remove(&f);
}

Test(images, splits_into_views)
{
    test_folder f = folder_new();
    dt_images images, first, rest;
    write_set(&f, COUNT, 9, false);
    cr_assert(eq(int, dt_images_read_idx(f.dir, "train", "toy", &images, NULL), DT_OK));
    dt_images_split(&images, 2, &first, &rest);
    cr_expect(first.count == 2 && rest.count == 3);
    cr_expect(first.pixels == images.pixels && rest.pixels == images.pixels + 32);
    cr_expect(eq(u8, rest.labels[0], 9));
    dt_images_free(&first);
    dt_images_free(&rest);
    cr_expect(eq(u8, images.pixels[32], 100), "freeing a view leaves the images alone");
    dt_images_free(&images);
    folder_remove(&f);
}

Test(images, holds_the_last_ones_out)
{
    uint8_t pixels[2 * 13], labels[13];
    dt_images images = {.count = 13, .channels = 1, .height = 1, .width = 2, .pixels = pixels, .labels = labels};
    dt_images train, held_out;
    dt_images_hold_out(&images, 6, &train, &held_out);
    cr_expect(train.count == 11 && held_out.count == 2, "a part that is not whole is cut");
    cr_expect(train.pixels == pixels && held_out.pixels == pixels + 22 && held_out.labels == labels + 11);
    cr_expect(train.view && held_out.view);
}

/* Images in memory, of which dt_images_free frees the pixels. */
static dt_images made(int64_t count, int64_t side)
{
    return (dt_images){.count = count,
                       .channels = 1,
                       .height = side,
                       .width = side,
                       .classes = 10,
                       .pixels = calloc((size_t)count, (size_t)(side * side)),
                       .labels = calloc((size_t)count, 1)};
}

/* Half the size: each pixel of the middle is the mean of four, the border is 0. */
Test(images, shrinks_to_half_by_hand)
{
    dt_images images = made(1, 4);
    static const uint8_t before[] = {10, 20, 30, 40, 50, 60, 70, 80, 0, 0, 255, 255, 0, 4, 255, 255};
    static const uint8_t after[] = {0, 0, 0, 0, 0, 35, 55, 0, 0, 1, 255, 0, 0, 0, 0, 0};
    memcpy(images.pixels, before, sizeof before);
    dt_images half, same;
    cr_assert(eq(int, dt_images_shrunk(&images, 0.5, &half, NULL), DT_OK));
    for (int i = 0; i < 16; i++) cr_expect(eq(u8, half.pixels[i], after[i]), "pixel %d", i);
    cr_assert(eq(int, dt_images_shrunk(&half, 1, &same, NULL), DT_OK));
    for (int i = 0; i < 16; i++) cr_expect(eq(u8, same.pixels[i], after[i]), "factor 1, pixel %d", i);
    dt_images_free(&images);
    dt_images_free(&half);
    dt_images_free(&same);
}

/* A full 20x20 square in the middle of 28x28 becomes a full 16x16 square. */
Test(images, shrinks_mnist_to_lenet1)
{
    dt_images images = made(600, 28);
    for (int64_t i = 0; i < images.count * 784; i++) {
        int64_t row = i % 784 / 28, column = i % 28;
        images.pixels[i] = row >= 4 && row < 24 && column >= 4 && column < 24 ? 255 : 0;
    }
    dt_images small;
    cr_assert(eq(int, dt_images_shrunk(&images, 0.8, &small, NULL), DT_OK));
    for (int64_t i = 0; i < images.count * 784; i++) {
        int64_t row = i % 784 / 28, column = i % 28;
        bool inside = row >= 6 && row < 22 && column >= 6 && column < 22;
        cr_assert(eq(u8, small.pixels[i], inside ? 255 : 0), "image %d row %d column %d", (int)(i / 784), (int)row,
                  (int)column);
    }
    dt_images_free(&images);
    dt_images_free(&small);
}
