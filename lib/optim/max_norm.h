/* Max-norm regularisation (Srivastava et al. 2014, section 5.1): after an update, the incoming weights of each unit are
 * scaled back so that their Euclidean norm is at most `most`. A unit's weights are a row of a linear layer's [out,in]
 * and the filter [in,kernel_h,kernel_w] of one map of a convolution. Biases and all else that does not decay stay. */
#ifndef DT_OPTIM_MAX_NORM_H
#define DT_OPTIM_MAX_NORM_H

#include "backend/backend.h"
#include "tape/params.h"

/* `most` 0: leaves all as it is. Convolutions with a connection table are misuse: their weights [links,kernel_h,
 * kernel_w] do not say which map a kernel belongs to. */
void dt_max_norm(dt_params *params, const dt_backend *backend, double most);

#endif
