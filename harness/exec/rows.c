#include "exec/rows.h"

#include "base/memory.h"

#include <stdlib.h>

/* A listing of more octets is matched as it came: far more than any scenario's mailbox gives. */
enum { ROWS_OCTETS_MAX = 4 * 1024 * 1024 };

void rows_init(struct rows *rows)
{
    *rows = (struct rows){0};
    buf_init(&rows->octets, ROWS_OCTETS_MAX);
}

void rows_release(struct rows *rows)
{
    buf_release(&rows->octets);
    free(rows->places);
    rows_init(rows);
}

void rows_clear(struct rows *rows)
{
    buf_clear(&rows->octets);
    rows->count = 0;
}

static uint64_t number_of(struct bytes line)
{
    struct bytes digits = bytes_slice(line, 0, bytes_find_octet(line, ' '));
    uint64_t number;

    return bytes_to_u64(digits, &number) ? number : UINT64_MAX;
}

bool rows_add(struct rows *rows, struct bytes line)
{
    size_t start = rows->octets.size;

    if (!buf_append(&rows->octets, line))
        return false;
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity > 0 ? rows->capacity * 2 : 16;
        rows->places = memory_resize_array(rows->places, rows->capacity, sizeof(struct row_place));
    }
    rows->places[rows->count++] = (struct row_place){number_of(line), start, line.size};
    return true;
}

/* Where a line stands in the octets says when it came. */
static int compare_places(const void *a, const void *b)
{
    const struct row_place *one = (const struct row_place *)a;
    const struct row_place *other = (const struct row_place *)b;

    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return one->start < other->start ? -1 : one->start > other->start ? 1 : 0;
}

void rows_sort(struct rows *rows)
{
    if (rows->count > 1)
        qsort(rows->places, rows->count, sizeof(struct row_place), compare_places);
}

struct bytes rows_line(const struct rows *rows, size_t index)
{
    const struct row_place *place = &rows->places[index];

    return bytes_slice(buf_bytes(&rows->octets), place->start, place->start + place->size);
}
