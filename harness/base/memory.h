/*
 * Allocation that never returns NULL: running out of memory is trouble with the host that nobody can report
 * usefully at the place where it happens, so it ends the program by a failed check. Growth by what a target sends is
 * bounded before it gets here, by the limits of struct buf, struct arena and base/limits.h.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* SIZE octets set to zero; the caller frees them with free(). */
void *memory_new(size_t size);

/* COUNT elements of SIZE octets, set to zero; a product that overflows fails the check. */
void *memory_new_array(size_t count, size_t size);

/* Resizes ARRAY (from these functions, or NULL) to COUNT elements of SIZE octets; new octets are not set. */
void *memory_resize_array(void *array, size_t count, size_t size);

/* A copy of TEXT that the caller frees. */
char *memory_copy_text(const char *text);

#endif
