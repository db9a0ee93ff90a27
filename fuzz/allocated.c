#include "allocated.h"

#include "wrap.h"

static size_t octets;

void allocated_begin(void)
{
    octets = 0;
}

size_t allocated_octets(void)
{
    return octets;
}

WRAP(void *, memory_new, size_t size)
{
    octets += size;
    return REAL(memory_new)(size);
}

WRAP(void *, memory_new_array, size_t count, size_t size)
{
    octets += count * size;
    return REAL(memory_new_array)(count, size);
}

WRAP(void *, memory_resize_array, void *array, size_t count, size_t size)
{
    octets += count * size;
    return REAL(memory_resize_array)(array, count, size);
}
