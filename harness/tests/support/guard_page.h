/*
 * Places octets directly before a page that must not be touched, so that a read of one octet too many ends the test
 * by a signal, in a build of any kind.
 */
#ifndef TESTS_SUPPORT_GUARD_PAGE_H
#define TESTS_SUPPORT_GUARD_PAGE_H

#include "base/bytes.h"
#include "base/check.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard_page {
    uint8_t *start;
    size_t capacity; /* octets before the page */
    size_t mapped;
};

static inline void guard_page_init(struct guard_page *guard, size_t size_max)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    guard->capacity = (size_max / page + 1) * page;
    guard->mapped = guard->capacity + page;
    guard->start = mmap(NULL, guard->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(guard->start != MAP_FAILED);
    CHECK(mprotect(guard->start + guard->capacity, page, PROT_NONE) == 0);
}

/* A copy of BYTES, of at most the size given to init; valid until the next call. */
static inline struct bytes guard_page_place(struct guard_page *guard, struct bytes bytes)
{
    CHECK(bytes.size <= guard->capacity);
    uint8_t *place = guard->start + guard->capacity - bytes.size;

    if (bytes.size > 0)
        memcpy(place, bytes.data, bytes.size);
    return (struct bytes){place, bytes.size};
}

static inline void guard_page_release(struct guard_page *guard)
{
    munmap(guard->start, guard->mapped);
}

#endif
