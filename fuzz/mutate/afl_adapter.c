/*
 * The mutator for AFL++: a shared library for AFL_CUSTOM_MUTATOR_LIBRARY, with POP3SPEC_FUZZ_TARGET in the environment. It
 * mutates and joins beside AFL++'s own stages, and trims whole pieces, where AFL++'s own trimming would leave no line whole.
 */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>

/* AFL++ hands over its state, whose layout is not ours to know. */
void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *data);
size_t afl_custom_fuzz(void *data, uint8_t *octets, size_t size, uint8_t **ret_out, uint8_t *other,
                       size_t other_size, size_t size_max);
int32_t afl_custom_init_trim(void *data, uint8_t *octets, size_t size);
size_t afl_custom_trim(void *data, uint8_t **ret_out);
int32_t afl_custom_post_trim(void *data, uint8_t success);

struct mutator {
    const struct format *format;
    uint64_t seed;
    uint8_t *out; /* what was handed out last */
    size_t out_capacity;
    uint8_t *trimmed; /* the smallest that is known to do the same */
    size_t trimmed_size;
    size_t piece;  /* the next that is tried to leave out, from the end */
    size_t pieces; /* how many there were at first */
    size_t left_out_start;
    size_t left_out_end;
};

void *afl_custom_init(void *afl, unsigned seed)
{
    const char *target = getenv("POP3SPEC_FUZZ_TARGET");
    const struct format *format = target != NULL ? format_of(target) : NULL;
    struct mutator *mutator = format != NULL ? calloc(1, sizeof(*mutator)) : NULL;

    (void)afl;
    if (mutator == NULL)
        return NULL;
    mutator->format = format;
    mutator->seed = seed;
    return mutator;
}

void afl_custom_deinit(void *data)
{
    struct mutator *mutator = data;

    free(mutator->out);
    free(mutator->trimmed);
    free(mutator);
}

static bool make_room(uint8_t **place, size_t *capacity, size_t size)
{
    if (size <= *capacity)
        return true;
    uint8_t *larger = realloc(*place, size);

    if (larger == NULL)
        return false;
    *place = larger;
    *capacity = size;
    return true;
}

size_t afl_custom_fuzz(void *data, uint8_t *octets, size_t size, uint8_t **ret_out, uint8_t *other,
                       size_t other_size, size_t size_max)
{
    struct mutator *mutator = data;
    size_t result = size < size_max ? size : size_max;

    *ret_out = octets;
    if (!make_room(&mutator->out, &mutator->out_capacity, size_max))
        return result;
    mutator->seed++;
    if (other != NULL && mutator->seed % 8 == 0)
        result = mutate_join(mutator->format, bytes_make(octets, size), bytes_make(other, other_size),
                             mutator->out, size_max, mutator->seed);
    else
        memcpy(mutator->out, octets, result);
    *ret_out = mutator->out;
    return mutate(mutator->format, mutator->out, result, size_max, mutator->seed);
}

/* ---- trimming ---- */

static void take_apart(const struct mutator *mutator, struct editing *editing)
{
    editing_init(editing, mutator->trimmed, mutator->trimmed_size, mutator->trimmed_size, 0);
    editing->head = mutator->format->head;
    editing->controls = mutator->format->controls;
    editing_take_apart(editing);
}

/* How many steps there are: each leaves out one piece, from the last to the first. */
int32_t afl_custom_init_trim(void *data, uint8_t *octets, size_t size)
{
    struct mutator *mutator = data;
    struct editing editing;
    uint8_t *copy = realloc(mutator->trimmed, size > 0 ? size : 1);

    if (copy == NULL)
        return 0;
    memcpy(copy, octets, size);
    mutator->trimmed = copy;
    mutator->trimmed_size = size;
    take_apart(mutator, &editing);
    mutator->pieces = editing.count > 1 ? editing.count : 0;
    mutator->piece = mutator->pieces;
    return (int32_t)mutator->pieces;
}

size_t afl_custom_trim(void *data, uint8_t **ret_out)
{
    struct mutator *mutator = data;
    struct editing editing;
    size_t size = mutator->trimmed_size;

    *ret_out = mutator->trimmed;
    take_apart(mutator, &editing);
    if (mutator->piece == 0 || mutator->piece > editing.count ||
        !make_room(&mutator->out, &mutator->out_capacity, size))
        return size;
    const struct piece *piece = &editing.pieces[mutator->piece - 1];

    mutator->left_out_start = piece->start;
    mutator->left_out_end = piece->end;
    memcpy(mutator->out, mutator->trimmed, piece->start);
    memcpy(mutator->out + piece->start, mutator->trimmed + piece->end, size - piece->end);
    *ret_out = mutator->out;
    return size - (piece->end - piece->start);
}

/* The number of the next step, from 0. */
int32_t afl_custom_post_trim(void *data, uint8_t success)
{
    struct mutator *mutator = data;

    if (success && mutator->left_out_end > mutator->left_out_start) {
        memmove(mutator->trimmed + mutator->left_out_start, mutator->trimmed + mutator->left_out_end,
                mutator->trimmed_size - mutator->left_out_end);
        mutator->trimmed_size -= mutator->left_out_end - mutator->left_out_start;
    }
    mutator->left_out_end = mutator->left_out_start;
    mutator->piece -= mutator->piece > 0 ? 1 : 0;
    return (int32_t)(mutator->pieces - mutator->piece);
}
