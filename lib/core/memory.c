#include "core/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 1 << 21 };

void *dt_memory_new(size_t bytes)
{
    size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : LINE;
    void *block = aligned_alloc(align, (bytes + align - 1) / align * align);
    if (block && align == HUGE_PAGE) madvise(block, bytes, MADV_HUGEPAGE); /* a wish: refused, it is only slower */
    return block;
}
