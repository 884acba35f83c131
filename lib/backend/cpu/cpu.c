#include "backend/cpu/kernels.h"

#define DT_KERNEL_ENTRY(kernel, arguments) .kernel = dt_cpu_##kernel,
const dt_backend dt_cpu = {.name = "cpu", DT_KERNELS(DT_KERNEL_ENTRY)};
#undef DT_KERNEL_ENTRY
