/* The number type of the library: float in the product, double in the build that the gradient checks link
 * (finite differences in float prove nothing). */
#ifndef DT_CORE_REAL_H
#define DT_CORE_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef DT_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
