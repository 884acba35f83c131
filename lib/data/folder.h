/* A folder of labelled images, one sub-folder for each class, as ImageNet is usually unpacked:
 * DIR/n01440764/n01440764_10026.JPEG. The images are read when they are needed, since all at once do not fit in memory
 * (ImageNet's would take 250 GB); what is kept is the list of their names. */
#ifndef DT_DATA_FOLDER_H
#define DT_DATA_FOLDER_H

#include "core/error.h"

typedef struct {
    char dir[512];
    int64_t side; /* images are squares of so many pixels */
    int64_t classes, count;
    char **class_names; /* [classes], sorted bytewise */
    char **names;       /* [count]: the files', class after class, sorted bytewise within it */
    int32_t *labels;    /* [count], each below classes */
} dt_folder;

/* Lists the images. Names that begin with a dot are ignored; links count as what they lead to. DT_ERR_IO: a folder
 * cannot be read. DT_ERR_DATA: there is no class, a class without images, a file among the classes, or something among
 * the images that is no file. DT_ERR_SYSTEM: out of memory. Whether the files are images shows when they are read. On
 * error *out is all zero. */
dt_status dt_folder_open(const char *dir, int64_t side, dt_folder *out, dt_error *err);
void dt_folder_free(dt_folder *folder);

/* "DIR/CLASS/FILE" of image i into buf. Returns buf. */
const char *dt_folder_path(const dt_folder *folder, int64_t i, char *buf, size_t size);

/* Leaves those images in the list for which wanted [count] says so; all classes stay. */
void dt_folder_keep(dt_folder *folder, const bool *wanted);

/* The images order[0 .. n-1] into pixels [n][3][side][side], scaled and cut by dt_picture_to_square, on all threads.
 * What goes wrong with each goes into each [n] (.status DT_OK: nothing), with the errors of dt_picture_read and the
 * image's path; its pixels are then unset. Returns the first status that is not DT_OK. */
dt_status dt_folder_read(const dt_folder *folder, const uint32_t *order, int64_t n, uint8_t *pixels, dt_error *each);

#endif
