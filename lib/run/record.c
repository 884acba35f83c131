#include "run/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/atomic.h"

enum { PATH_BYTES = 1024 };

struct dt_run_record {
    char folder[PATH_BYTES];
    int lock;
};

struct dt_table {
    char path[PATH_BYTES];
    int fd;
    int64_t size;
    int columns;
};

static dt_status io_error(dt_error *err, const char *path, int errnum, const char *doing)
{
    return dt_error_set(err, DT_ERR_IO, path, -1, dt_io_hint(errnum), "cannot %s: %s", doing, strerror(errnum));
}

/* mkdir -p */
static dt_status make_folders(const char *folder, dt_error *err)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s", folder);
    for (char *at = path; *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char end = *at;
        *at = '\0';
        struct stat st;
        if (mkdir(path, 0777) != 0) {
            if (errno != EEXIST) return io_error(err, path, errno, "make the folder");
            if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) return io_error(err, path, ENOTDIR, "make the folder");
        }
        *at = end;
    }
    return DT_OK;
}

/* A new file with a byte in it: also a full disk shows itself now rather than after hours of training. */
static dt_status check_writable(const dt_run_record *record, dt_error *err)
{
    char path[PATH_BYTES];
    dt_record_path(record, ".probe", path, sizeof path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return io_error(err, path, errno, "write in this folder");
    int errnum = dt_write_all(fd, "\n", 1);
    if (!errnum && fsync(fd) != 0) errnum = errno;
    close(fd);
    unlink(path);
    return errnum ? io_error(err, path, errnum, "write in this folder") : DT_OK;
}

/* The lock file stays: were it removed, two runs could each lock a file of that name. */
static dt_status take_lock(dt_run_record *record, dt_error *err)
{
    char path[PATH_BYTES], who[32] = "";
    dt_record_path(record, ".lock", path, sizeof path);
    record->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (record->lock < 0) return io_error(err, path, errno, "write in this folder");
    if (flock(record->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return io_error(err, path, errno, "lock");
        ssize_t n = pread(record->lock, who, sizeof who - 1, 0);
        who[n > 0 ? strcspn(who, "\n") : 0] = '\0';
        return dt_error_set(err, DT_ERR_CONFIG, record->folder, -1, "wait for it, or choose another folder with --out",
                            "another run, process %s, is using this folder", who[0] ? who : "unknown");
    }
    int n = snprintf(who, sizeof who, "%ld\n", (long)getpid());
    if (ftruncate(record->lock, 0) != 0) return io_error(err, path, errno, "write");
    int errnum = dt_write_all(record->lock, who, (size_t)n);
    return errnum ? io_error(err, path, errnum, "write") : DT_OK;
}

dt_status dt_record_open(const char *out, const char *name, const char *preset, dt_run_record **record, dt_error *err)
{
    *record = NULL;
    dt_run_record *r = calloc(1, sizeof *r);
    if (!r) return dt_error_set(err, DT_ERR_SYSTEM, out, -1, "", "out of memory");
    r->lock = -1;
    int n = out ? snprintf(r->folder, sizeof r->folder, "%s", out)
                : snprintf(r->folder, sizeof r->folder, "runs/%s/%s", name, preset);
    dt_status status = DT_OK;
    if (n > PATH_BYTES - 128)
        status = dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "choose a shorter one", "the folder's path is too long");
    if (status == DT_OK) status = make_folders(r->folder, err);
    if (status == DT_OK) status = take_lock(r, err);
    if (status == DT_OK) status = check_writable(r, err);
    if (status == DT_OK)
        *record = r;
    else
        dt_record_close(r);
    return status;
}

void dt_record_close(dt_run_record *record)
{
    if (!record) return;
    if (record->lock >= 0) close(record->lock);
    free(record);
}

const char *dt_record_folder(const dt_run_record *record)
{
    return record->folder;
}

const char *dt_record_path(const dt_run_record *record, const char *name, char *buf, size_t size)
{
    int n = snprintf(buf, size, "%s/%s", record->folder, name);
    DT_REQUIRE(n >= 0 && (size_t)n < size, "path %s/%s does not fit into %zu bytes", record->folder, name, size);
    return buf;
}

dt_status dt_record_json(const dt_run_record *record, const char *name, const json_t *json, dt_error *err)
{
    char path[PATH_BYTES];
    return dt_json_save(json, dt_record_path(record, name, path, sizeof path), err);
}

static int columns_of(const char *row)
{
    int n = 1;
    for (; *row; row++) n += *row == '\t';
    return n;
}

/* Cuts an existing table to the size that the checkpoint gives. */
static dt_status cut(dt_table *t, const char *header, int64_t bytes, dt_error *err)
{
    static const char hint[] = "start afresh without --resume";
    struct stat st;
    if (fstat(t->fd, &st) != 0) return io_error(err, t->path, errno, "stat");
    if (st.st_size < bytes)
        return dt_error_set(err, DT_ERR_DATA, t->path, st.st_size, hint,
                            "the table ends here, but the checkpoint was made when it had %lld bytes",
                            (long long)bytes);
    size_t length = strlen(header);
    char last = '\0', *first = malloc(length + 1);
    if (!first) return dt_error_set(err, DT_ERR_SYSTEM, t->path, -1, "", "out of memory");
    bool same = pread(t->fd, first, length + 1, 0) == (ssize_t)length + 1 && memcmp(first, header, length) == 0 &&
                first[length] == '\n';
    free(first);
    if (!same) return dt_error_set(err, DT_ERR_DATA, t->path, 0, hint, "the table has another header line");
    if (bytes <= (int64_t)length || pread(t->fd, &last, 1, bytes - 1) != 1 || last != '\n')
        return dt_error_set(err, DT_ERR_DATA, t->path, bytes, hint, "no row ends where the checkpoint says");
    if (ftruncate(t->fd, bytes) != 0) return io_error(err, t->path, errno, "cut");
    t->size = bytes;
    return DT_OK;
}

/* Appends whole lines, or nothing. */
static dt_status append(dt_table *t, const char *text, size_t bytes, dt_error *err)
{
    int errnum = dt_write_all(t->fd, text, bytes);
    if (errnum == 0) {
        t->size += (int64_t)bytes;
        return DT_OK;
    }
    dt_status status = io_error(err, t->path, errnum, "write");
    if (ftruncate(t->fd, t->size) != 0) return status; /* then the next dt_table_open with resume_bytes cuts it */
    return status;
}

dt_status dt_table_open(const dt_run_record *record, const char *name, const char *header, int64_t resume_bytes,
                        dt_table **table, dt_error *err)
{
    *table = NULL;
    dt_table *t = calloc(1, sizeof *t);
    if (!t) return dt_error_set(err, DT_ERR_SYSTEM, name, -1, "", "out of memory");
    dt_record_path(record, name, t->path, sizeof t->path);
    t->columns = columns_of(header);
    int how = resume_bytes > 0 ? 0 : O_CREAT | O_TRUNC;
    dt_status status = DT_OK;
    t->fd = open(t->path, O_RDWR | O_APPEND | O_CLOEXEC | how, 0666);
    if (t->fd < 0)
        status = io_error(err, t->path, errno, "open");
    else if (resume_bytes > 0)
        status = cut(t, header, resume_bytes, err);
    else
        status = append(t, header, strlen(header), err);
    if (status == DT_OK && resume_bytes <= 0) status = append(t, "\n", 1, err);
    if (status == DT_OK)
        *table = t;
    else
        dt_table_close(t);
    return status;
}

void dt_table_close(dt_table *table)
{
    if (!table) return;
    if (table->fd >= 0) close(table->fd);
    free(table);
}

dt_status dt_table_row(dt_table *table, dt_error *err, const char *format, ...)
{
    char *row = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&row, format, args);
    va_end(args);
    if (n < 0) return dt_error_set(err, DT_ERR_SYSTEM, table->path, -1, "", "out of memory");
    DT_REQUIRE(!strchr(row, '\n'), "a row of %s contains a newline", table->path);
    DT_REQUIRE(columns_of(row) == table->columns, "a row of %s has %d columns; its header has %d", table->path,
               columns_of(row), table->columns);
    row[n] = '\n'; /* in place of the final NUL: n + 1 bytes are written */
    dt_status status = append(table, row, (size_t)n + 1, err);
    free(row);
    return status;
}

dt_status dt_table_offset(dt_table *table, int64_t *bytes, dt_error *err)
{
    if (fdatasync(table->fd) != 0) return io_error(err, table->path, errno, "sync");
    *bytes = table->size;
    return DT_OK;
}
