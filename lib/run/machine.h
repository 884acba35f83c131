/* What a record says about the machine and the build. */
#ifndef DT_RUN_MACHINE_H
#define DT_RUN_MACHINE_H

#include <stddef.h>

/* The processor's name as the system gives it ("unknown processor" where it gives none), into buf. Returns buf. */
const char *dt_cpu_name(char *buf, size_t size);

/* The compiler of this library and its version, such as "gcc 12.2.0". */
const char *dt_compiler(void);

#endif
