#include "data/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

dt_status dt_file_open(const char *path, const char *hint, int *fd, int64_t *size, dt_error *err)
{
    /* Without O_NONBLOCK a named pipe would be waited for. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return dt_error_set(err, DT_ERR_IO, path, -1, hint, "cannot be opened: %s", strerror(errno));
    struct stat info;
    if (fstat(descriptor, &info) != 0) {
        dt_error_set(err, DT_ERR_IO, path, -1, hint, "cannot be examined: %s", strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        dt_error_set(err, DT_ERR_IO, path, -1, hint, "is %s, not a file",
                     S_ISDIR(info.st_mode) ? "a folder" : "a device or a pipe");
    } else if (info.st_size == 0) {
        close(descriptor);
        return dt_error_set(err, DT_ERR_DATA, path, 0, hint, "is empty");
    } else {
        *fd = descriptor;
        *size = info.st_size;
        return DT_OK;
    }
    close(descriptor);
    return DT_ERR_IO;
}
