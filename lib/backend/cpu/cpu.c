#include "backend/cpu/kernels.h"

#if defined(__AVX512F__)
#define INSTRUCTIONS "AVX-512"
#elif defined(__AVX2__)
#define INSTRUCTIONS "AVX2"
#elif defined(__AVX__)
#define INSTRUCTIONS "AVX"
#elif defined(__aarch64__)
#define INSTRUCTIONS "NEON"
#else
#define INSTRUCTIONS "128-bit vectors"
#endif

#define DT_KERNEL_ENTRY(kernel, arguments) .kernel = dt_cpu_##kernel,
const dt_backend dt_cpu = {.name = "cpu", .instructions = INSTRUCTIONS, DT_KERNELS(DT_KERNEL_ENTRY)};
#undef DT_KERNEL_ENTRY
