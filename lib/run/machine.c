#include "run/machine.h"

#include <stdio.h>
#include <string.h>

const char *dt_cpu_name(char *buf, size_t size)
{
    snprintf(buf, size, "unknown processor");
    FILE *f = fopen("/proc/cpuinfo", "r");
    if (!f) return buf;
    char line[512];
    while (fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, "model name", 10) != 0) continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(buf, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    fclose(f);
    return buf;
}

const char *dt_compiler(void)
{
#ifdef __clang__
    return __VERSION__; /* begins with "Clang" or the distribution's "Debian Clang" */
#else
    return "gcc " __VERSION__;
#endif
}
