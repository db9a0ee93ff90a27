#include "base/arena.h"

#include "base/check.h"
#include "base/memory.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_SIZE = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena, size_t size_max)
{
    *arena = (struct arena){.size_max = size_max};
}

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena->blocks;

    while (block != NULL) {
        struct arena_block *next = block->next;

        free(block);
        block = next;
    }
    arena_init(arena, arena->size_max);
}

void arena_adopt(struct arena *arena, struct arena *other)
{
    struct arena_block **end = &arena->blocks;

    while (*end != NULL)
        end = &(*end)->next;
    *end = other->blocks;
    arena->size += other->size;
    arena_init(other, other->size_max);
}

bool arena_full(const struct arena *arena)
{
    return arena->size > arena->size_max;
}

static struct arena_block *arena_block_for(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;

    if (block != NULL && block->capacity - block->used >= size)
        return block;
    size_t capacity = size > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE;

    CHECK(capacity <= SIZE_MAX - sizeof(struct arena_block));
    block = memory_new(sizeof(struct arena_block) + capacity);
    block->capacity = capacity;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_new(struct arena *arena, size_t size)
{
    size_t alignment = alignof(max_align_t);

    CHECK(size <= SIZE_MAX - alignment);
    size = (size + alignment - 1) / alignment * alignment;
    struct arena_block *block = arena_block_for(arena, size);
    void *piece = block->data + block->used;

    block->used += size;
    arena->size += size;
    return piece;
}

void *arena_new_array(struct arena *arena, size_t count, size_t size)
{
    CHECK(size == 0 || count <= SIZE_MAX / size);
    return arena_new(arena, count * size);
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes)
{
    return (struct bytes){(const uint8_t *)arena_text(arena, bytes), bytes.size};
}

char *arena_text(struct arena *arena, struct bytes bytes)
{
    char *copy = arena_new(arena, bytes.size + 1);

    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_list again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);

    CHECK(length >= 0);
    char *text = arena_new(arena, (size_t)length + 1);

    CHECK(vsnprintf(text, (size_t)length + 1, format, again) == length);
    va_end(again);
    va_end(arguments);
    return text;
}
