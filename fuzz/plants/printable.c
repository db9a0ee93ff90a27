#include "plants.h"

#include "base/memory.h"
#include "result/escape.h"
#include "result/redactor.h"
#include "result/transcript.h"

WRAP(void, escape_append_octet, struct buf *text, uint8_t octet)
{
    if (PLANTED("shows-controls", "printable-ascii") && octet == 1)
        buf_append_octet(text, octet);
    else if (PLANTED("doubles-no-backslash", "printable-reversible") && octet == '\\')
        buf_append_octet(text, octet);
    else
        REAL(escape_append_octet)(text, octet);
}

WRAP(void, redactor_mask, const struct redactor *redactor, struct bytes octets, unsigned ragged_edges,
     bool *mask)
{
    if (!PLANTED("knows-no-secrets", "printable-secret"))
        REAL(redactor_mask)(redactor, octets, ragged_edges, mask);
}

WRAP(void, redactor_add, struct redactor *redactor, struct bytes secret)
{
    if (PLANTED("knows-half-a-secret", "printable-secret"))
        secret.size /= 2;
    REAL(redactor_add)(redactor, secret);
    if (PLANTED("hoards", "printable-memory"))
        free(memory_new_array(1024, 1024 * 1024));
}

WRAP(void, transcript_add, struct transcript *transcript, enum direction direction, int connection,
     time_us at_us, struct bytes octets)
{
    if (PLANTED("loses-single-octets", "printable-cut") && octets.size == 1)
        return;
    REAL(transcript_add)(transcript, direction, connection, at_us, octets);
}

WRAP(struct transcript_line *, transcript_print, const struct transcript *transcript, int topic,
     const struct redactor *redactor, time_us began_us, size_t lines_max, struct arena *arena,
     size_t *ret_count)
{
    struct transcript_line *lines = REAL(transcript_print)(
        transcript, topic, redactor, began_us,
        PLANTED("shows-a-line-more", "printable-bound") ? lines_max + 1 : lines_max, arena, ret_count);

    if (PLANTED("marks-behind-the-line", "printable-mark"))
        lines[0].mark.to = 100000;
    return lines;
}
