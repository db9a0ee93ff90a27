#include "result/printable.h"

#include "base/memory.h"
#include "result/escape.h"
#include "result/redactor.h"

#include <inttypes.h>
#include <stdlib.h>

static const char REDACTED[] = "[redacted]";

/* Appends what of OCTETS is to be shown; a masked run is shown as one word, however long it is. */
static void append_shown(struct buf *text, struct bytes octets, size_t shown, const bool *mask, size_t marked,
                         struct printable_span *ret_span)
{
    for (size_t i = 0; i < shown; i++) {
        size_t from = text->size;

        if (mask == NULL || !mask[i])
            escape_append_octet(text, octets.data[i]);
        else if (i == 0 || !mask[i - 1])
            buf_append_text(text, REDACTED);
        if (i == marked)
            *ret_span = (struct printable_span){from, text->size};
    }
}

struct printable printable_make_marked(struct arena *arena, const struct redactor *redactor,
                                       struct bytes octets, size_t octets_max, unsigned ragged_edges,
                                       size_t marked, struct printable_span *ret_span)
{
    size_t shown = octets.size < octets_max ? octets.size : octets_max;
    bool *mask = NULL;
    struct buf text;

    *ret_span = (struct printable_span){0};
    buf_init(&text, BUF_UNBOUNDED);
    if (redactor != NULL && octets.size > 0) {
        mask = memory_new_array(octets.size, sizeof(bool));
        redactor_mask(redactor, octets, ragged_edges, mask);
    }
    append_shown(&text, octets, shown, mask, marked, ret_span);
    if (shown < octets.size)
        buf_append_format(&text, " ... and %zu more octets", octets.size - shown);
    struct printable printable = {.text = arena_text(arena, buf_bytes(&text))};

    buf_release(&text);
    free(mask);
    return printable;
}

struct printable printable_make(struct arena *arena, const struct redactor *redactor, struct bytes octets,
                                size_t octets_max)
{
    struct printable_span span;

    return printable_make_marked(arena, redactor, octets, octets_max, 0, SIZE_MAX, &span);
}

struct printable printable_sentence(struct arena *arena, const struct redactor *redactor,
                                    const char *sentence)
{
    return printable_make(arena, redactor, bytes_of(sentence), SIZE_MAX);
}
