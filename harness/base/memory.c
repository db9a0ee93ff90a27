#include "base/memory.h"

#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *memory_new(size_t size)
{
    return memory_new_array(1, size);
}

void *memory_new_array(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

    CHECK(memory != NULL);
    return memory;
}

void *memory_resize_array(void *array, size_t count, size_t size)
{
    CHECK(size > 0 && count <= SIZE_MAX / size);
    void *memory = realloc(array, count * size > 0 ? count * size : 1);

    CHECK(memory != NULL);
    return memory;
}

char *memory_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_new(size);

    memcpy(copy, text, size);
    return copy;
}
