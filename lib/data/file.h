/* Opening an input file: what all readers of this folder begin with. */
#ifndef DT_DATA_FILE_H
#define DT_DATA_FILE_H

#include "core/error.h"

/* Opens the regular file `path` for reading: its descriptor into *fd, its size in bytes into *size. A path that cannot
 * be opened, a folder or a device is DT_ERR_IO with `hint`; an empty file is DT_ERR_DATA with `hint`. */
dt_status dt_file_open(const char *path, const char *hint, int *fd, int64_t *size, dt_error *err);

#endif
