/* The binary form of CIFAR-10 (Krizhevsky 2009, as described on its page): files of 10,000 records, each a label byte
 * and then an image of 32 x 32 in three planes, red, green, blue. */
#ifndef DT_DATA_CIFAR_H
#define DT_DATA_CIFAR_H

#include "data/images.h"

/* Reads dir/data_batch_1.bin .. data_batch_5.bin, or dir/test_batch.bin; `name` is the data set's. The fingerprint is
 * the hash of the files' hashes, joined. DT_ERR_IO: a file is missing or cannot be read. DT_ERR_DATA: its length is not
 * 30,730,000 bytes, or a label is above 9. DT_ERR_SYSTEM: out of memory. On error *out is all zero. */
dt_status dt_images_read_cifar(const char *dir, bool test, const char *name, dt_images *out, dt_error *err);

/* Whether all the files are there, without reading them. */
dt_status dt_images_present_cifar(const char *dir, bool test, const char *name, dt_error *err);

#endif
