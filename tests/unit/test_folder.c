#include <sys/stat.h>

#include "core/rng.h"
#include "core/threads.h"
#include "data/folder.h"
#include "data/picture.h"
#include "misuse.h"
#include "picture_files.h"

enum { SIDE = 4, NUMBERS = 3 * SIDE * SIDE };

static void make_class(const test_folder *f, const char *class)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", f->dir, class);
    cr_assert(eq(int, mkdir(path, 0700), 0));
}

/* A plain image of the size of the squares, CLASS/FILE. */
static void add_image(test_folder *f, const char *name, uint8_t grey)
{
    uint8_t bytes[32];
    const int head = sprintf((char *)bytes, "P5 %d %d 255\n", SIDE, SIDE);
    memset(bytes + head, grey, SIDE * SIDE);
    folder_write(f, name, bytes, (size_t)head + SIDE * SIDE);
}

static dt_folder open_good(const test_folder *f)
{
    dt_folder folder;
    dt_error err = {.message = ""};
    cr_assert(eq(int, dt_folder_open(f->dir, SIDE, &folder, &err), DT_OK), "%s: %s", err.path, err.message);
    return folder;
}

static void expect_refused(const char *dir, dt_status status, const char *path, const char *message)
{
    dt_folder folder;
    dt_error err = {.message = ""};
    cr_expect(eq(int, dt_folder_open(dir, SIDE, &folder, &err), status), "%s", message);
    cr_expect(strstr(err.message, message) != NULL, "\"%s\" is not in \"%s\"", message, err.message);
    cr_expect(strstr(err.path, path) && strncmp(err.path, dir, strlen(dir)) == 0, "path: %s", err.path);
    cr_expect(folder.names == NULL && folder.class_names == NULL && folder.count == 0);
}

/* Made in another order than they are listed in; what begins with a dot is not seen. */
Test(folder, lists_classes_and_files_in_the_order_of_their_bytes)
{
    static const char *const wanted[] = {"B/2.png", "B/a.png", "a/10", "a/9", "a/Z", "\xc3\xa4/x"};
    static const int32_t labels[] = {0, 0, 1, 1, 1, 2};
    test_folder f = folder_new();
    make_class(&f, "\xc3\xa4"), make_class(&f, "a"), make_class(&f, "B"), make_class(&f, ".hidden");
    for (int i = 0; i < 6; i++) add_image(&f, wanted[(5 * i + 3) % 6], 0);
    add_image(&f, "a/.DS_Store", 0), add_image(&f, ".note", 0);
    dt_folder folder = open_good(&f);
    cr_assert(folder.classes == 3 && folder.count == 6);
    cr_expect(eq(str, folder.class_names[0], "B"));
    for (int64_t i = 0; i < 6; i++) {
        char path[256], full[256];
        snprintf(full, sizeof full, "%s/%s", f.dir, wanted[i]);
        cr_expect(eq(str, (char *)dt_folder_path(&folder, i, path, sizeof path), full));
        cr_expect(eq(i32, folder.labels[i], labels[i]));
    }
    char path[64];
    EXPECT_MISUSE("there is no image 6 among 6", dt_folder_path(&folder, 6, path, sizeof path));
    dt_folder_free(&folder);
    folder_remove(&f);
}

Test(folder, three_hundred_classes)
{
    test_folder f = folder_new();
    for (int c = 0; c < 300; c++) {
        char name[32];
        snprintf(name, sizeof name, "n%05d", 7 * c % 300);
        make_class(&f, name);
        snprintf(name, sizeof name, "n%05d/image", 7 * c % 300);
        add_image(&f, name, 0);
    }
    dt_folder folder = open_good(&f);
    cr_assert(folder.classes == 300 && folder.count == 300);
    for (int c = 0; c < 300; c++) cr_expect(eq(i32, folder.labels[c], c));
    cr_expect(eq(str, folder.class_names[299], "n00299"));
    dt_folder_free(&folder);
    folder_remove(&f);
}

Test(folder, refuses_another_layout)
{
    test_folder f = folder_new();
    char path[128];
    expect_refused(f.dir, DT_ERR_DATA, "", "has no folders in it");
    make_class(&f, "cat"), make_class(&f, "dog");
    add_image(&f, "cat/1", 0);
    expect_refused(f.dir, DT_ERR_DATA, "/dog", "has no images");
    add_image(&f, "dog/.hidden", 0);
    expect_refused(f.dir, DT_ERR_DATA, "/dog", "has no images");
    add_image(&f, "dog/1", 0);
    add_image(&f, "readme.txt", 0);
    expect_refused(f.dir, DT_ERR_DATA, "/readme.txt", "is a file among the classes");
    unlink(f.path);
    make_class(&f, "dog/more");
    expect_refused(f.dir, DT_ERR_DATA, "/dog/more", "is a folder among the images");
    snprintf(path, sizeof path, "%s/dog/more", f.dir);
    cr_assert(eq(int, rmdir(path), 0));
    cr_assert(eq(int, mkfifo(path, 0600), 0));
    expect_refused(f.dir, DT_ERR_DATA, "/dog/more", "is a device or a pipe");
    unlink(path);
    cr_assert(eq(int, symlink("nowhere", path), 0));
    expect_refused(f.dir, DT_ERR_IO, "/dog/more", "cannot be examined");
    unlink(path);
    snprintf(path, sizeof path, "%s/nowhere", f.dir);
    expect_refused(path, DT_ERR_IO, "/nowhere", "No such file");
    folder_remove(&f);
}

Test(folder, reads_squares_of_any_kind_of_file)
{
    test_folder f = folder_new();
    uint8_t rgb[3 * 8 * 6], file[4000], pixels[4 * NUMBERS], wanted[NUMBERS];
    char link[160];
    for (uint32_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)dt_rng_below(dt_rng_stream(8, "rgb", 0), i, 256);
    make_class(&f, "a"), make_class(&f, "b");
    add_image(&f, "a/grey", 77);
    folder_write(&f, "a/really.png.JPEG", file, encode_png(PNG_FORMAT_RGB, 8, 6, rgb, file, sizeof file));
    memset(rgb, 200, sizeof rgb);
    folder_write(&f, "b/0.jpg", file, encode_jpeg(JCS_RGB, false, 6, 8, rgb, file, sizeof file));
    snprintf(link, sizeof link, "%s/b/1", f.dir);
    cr_assert(eq(int, symlink("../a/really.png.JPEG", link), 0));
    dt_folder folder = open_good(&f);
    dt_error each[4];
    const uint32_t order[4] = {3, 0, 2, 1};
    cr_assert(eq(int, dt_folder_read(&folder, order, 4, pixels, each), DT_OK));
    for (int i = 0; i < NUMBERS; i++) {
        cr_expect(eq(u8, pixels[NUMBERS + i], 77));
        cr_expect(abs(pixels[2 * NUMBERS + i] - 200) <= 1);
    }
    dt_picture p;
    cr_assert(eq(int, dt_picture_read(link, 3, &p, NULL), DT_OK));
    cr_assert(eq(int, dt_picture_to_square(&p, SIDE, wanted, NULL), DT_OK));
    dt_picture_free(&p);
    cr_expect(memcmp(pixels, wanted, NUMBERS) == 0 && memcmp(pixels + 3 * NUMBERS, wanted, NUMBERS) == 0);
    dt_folder_free(&folder);
    folder_remove(&f);
}

/* Each image has its own error, and the others are read all the same. */
Test(folder, names_what_is_broken)
{
    test_folder f = folder_new();
    uint8_t pixels[5 * NUMBERS];
    dt_error each[5];
    make_class(&f, "a");
    add_image(&f, "a/0", 10), add_image(&f, "a/2", 30), add_image(&f, "a/4", 50);
    folder_write(&f, "a/1", "\xff\xd8\xff\xe0 no more", 12);
    folder_write(&f, "a/3", "", 0);
    dt_folder folder = open_good(&f);
    cr_expect(eq(int, dt_folder_read(&folder, (uint32_t[]){4, 3, 2, 1, 0}, 5, pixels, each), DT_ERR_DATA));
    for (int i = 0; i < 5; i += 2) {
        cr_expect(eq(int, each[i].status, DT_OK));
        cr_expect(eq(u8, pixels[i * NUMBERS], 50 - 10 * i));
    }
    cr_expect(each[1].status == DT_ERR_DATA && strstr(each[1].path, "/a/3") && strstr(each[1].message, "is empty"));
    cr_expect(each[3].status == DT_ERR_DATA && strstr(each[3].path, "/a/1") && strstr(each[3].message, "damaged JPEG"));
    unlink(f.path);
    cr_expect(eq(int, dt_folder_read(&folder, (uint32_t[]){2, 3}, 2, pixels, each), DT_ERR_IO));
    dt_folder_keep(&folder, (bool[]){true, false, true, false, true});
    cr_assert(eq(i64, folder.count, 3));
    cr_expect(eq(int, dt_folder_read(&folder, (uint32_t[]){0, 1, 2}, 3, pixels, each), DT_OK));
    cr_expect(pixels[0] == 10 && pixels[NUMBERS] == 30 && pixels[2 * NUMBERS] == 50);
    dt_folder_free(&folder);
    folder_remove(&f);
}

Test(folder, keeps_labels_beside_their_images)
{
    test_folder f = folder_new();
    make_class(&f, "a"), make_class(&f, "b"), make_class(&f, "c");
    add_image(&f, "a/1", 1), add_image(&f, "b/1", 2), add_image(&f, "b/2", 3), add_image(&f, "c/1", 4);
    dt_folder folder = open_good(&f);
    dt_folder_keep(&folder, (bool[]){false, true, false, true});
    char path[192];
    cr_assert(folder.count == 2 && folder.classes == 3);
    cr_expect(folder.labels[0] == 1 && folder.labels[1] == 2);
    cr_expect(strstr(dt_folder_path(&folder, 1, path, sizeof path), "/c/1") != NULL);
    dt_folder_free(&folder);
    folder_remove(&f);
}

Test(folder, any_number_of_threads_reads_the_same)
{
    test_folder f = folder_new();
    uint8_t rgb[3 * 30 * 20], file[8000], pixels[4][12 * NUMBERS];
    uint32_t order[12];
    make_class(&f, "a");
    for (uint32_t k = 0; k < 12; k++) {
        char name[16];
        for (uint32_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)dt_rng_below(dt_rng_stream(9, "rgb", k), i, 256);
        snprintf(name, sizeof name, "a/%u", (unsigned)k);
        folder_write(&f, name, file, encode_jpeg(JCS_RGB, k % 2, 30, 20, rgb, file, sizeof file));
        order[k] = 7 * k % 12;
    }
    dt_folder folder = open_good(&f);
    for (int threads = 1; threads <= 4; threads++) {
        dt_error each[12];
        dt_threads_set(threads);
        cr_assert(eq(int, dt_folder_read(&folder, order, 12, pixels[threads - 1], each), DT_OK));
        cr_expect(memcmp(pixels[0], pixels[threads - 1], sizeof pixels[0]) == 0, "%d threads", threads);
    }
    cr_expect(memcmp(pixels[0], pixels[0] + NUMBERS, NUMBERS) != 0);
    dt_threads_set(1);
    dt_folder_free(&folder);
    folder_remove(&f);
}
