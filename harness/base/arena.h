/*
 * struct arena owns many small pieces that live and die together: a loaded scenario file, a case's result. Pieces are
 * never freed one by one and never move. Like struct buf it has a maximum, for what is loaded may be hostile.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/attributes.h"
#include "base/bytes.h"

#include <stdarg.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t size;                /* octets handed out */
    size_t size_max;            /* octets it may hand out */
};

/* Makes an empty arena; allocates nothing. */
void arena_init(struct arena *arena, size_t size_max);
/* Frees every piece. */
void arena_release(struct arena *arena);
/* ARENA takes over every piece of OTHER, which is empty then. */
void arena_adopt(struct arena *arena, struct arena *other);
/* True once more than its maximum was handed out: loaders look at it and end with an error. Pieces stay valid. */
bool arena_full(const struct arena *arena);

/* SIZE octets set to zero, aligned for any type. Never NULL. */
void *arena_new(struct arena *arena, size_t size);
void *arena_new_array(struct arena *arena, size_t count, size_t size);
/* Copies that live as long as the arena. */
struct bytes arena_copy(struct arena *arena, struct bytes bytes);
char *arena_text(struct arena *arena, struct bytes bytes);
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
