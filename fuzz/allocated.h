/*
 * How much the product asked of the heap since the last input, for oracles that bound it: fuzz/allocated.c stands before
 * base/memory.h's functions in the targets that say so in harness/cmake/fuzz.cmake. What was freed since counts as well,
 * so that it bounds work too.
 */
#ifndef FUZZ_ALLOCATED_H
#define FUZZ_ALLOCATED_H

#include <stddef.h>

void allocated_begin(void);
size_t allocated_octets(void);

#endif
