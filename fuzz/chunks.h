/*
 * An input cut into chunks, each of which ends at the end of an allocation, so that AddressSanitizer sees a read of one
 * octet too many. How it is cut follows from the octets alone: a finding repeats.
 */
#ifndef FUZZ_CHUNKS_H
#define FUZZ_CHUNKS_H

#include "base/bytes.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A number that depends on every octet: FNV-1a of 32 bits, in 64 so that nothing wraps, which some sanitizers ask. */
static inline uint64_t chunks_number(struct bytes input)
{
    uint64_t number = 0x811C9DC5;

    for (size_t i = 0; i < input.size; i++)
        number = (number ^ input.data[i]) * 0x01000193 & UINT32_MAX;
    return number;
}

/* The largest chunks of the way to cut that NUMBER picks: single octets, a few, or around the limits of the readers. */
static inline size_t chunks_octets_max(uint64_t number)
{
    static const size_t octets_max[] = {1, 3, 16, 300, 4097};

    return octets_max[number % (sizeof(octets_max) / sizeof(octets_max[0]))];
}

/* Octets of the next chunk: from 1 to OCTETS_MAX, by *number, which it steps on. */
static inline size_t chunks_next(uint64_t *number, size_t octets_max)
{
    *number = (*number * 48271 + 11) % UINT64_C(2147483647);
    return 1 + (size_t)(*number % octets_max);
}

/* Where chunks are placed, one after the other: each ends where the allocation does. A static one serves all inputs. */
struct chunk_room {
    uint8_t *start;
    size_t octets;
};

static inline void chunk_room_init(struct chunk_room *room, size_t octets)
{
    room->start = memory_new(octets);
    room->octets = octets;
}

/* The same where it is not there yet, for a room that stays from one input to the next. */
static inline void chunk_room_have(struct chunk_room *room, size_t octets)
{
    if (room->start == NULL)
        chunk_room_init(room, octets);
}

/* A copy of CHUNK, valid until the next call. */
static inline struct bytes chunk_place(struct chunk_room *room, struct bytes chunk)
{
    uint8_t *place = room->start + room->octets - chunk.size;

    if (chunk.size > 0)
        memcpy(place, chunk.data, chunk.size);
    return (struct bytes){place, chunk.size};
}

static inline void chunk_room_release(struct chunk_room *room)
{
    free(room->start);
}

#endif
