/* Wall-clock seconds from an arbitrary start, monotonic. */
#ifndef DT_CORE_CLOCK_H
#define DT_CORE_CLOCK_H

double dt_seconds(void);

#endif
