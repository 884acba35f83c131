/* The CPU's kernels by name; what each computes stands in backend/backend.h. Each has a naive twin in tests/. */
#ifndef DT_BACKEND_CPU_KERNELS_H
#define DT_BACKEND_CPU_KERNELS_H

#include "backend/backend.h"

#define DT_KERNEL_DECLARATION(kernel, arguments) void dt_cpu_##kernel arguments;
DT_KERNELS(DT_KERNEL_DECLARATION)
#undef DT_KERNEL_DECLARATION

#endif
