/*
 * struct buf owns a growing run of octets, and cannot be made without its maximum: what would pass it is refused, and
 * the buffer stays as it was. BUF_UNBOUNDED is for what we ourselves produce (a report), never for a target's octets.
 *
 * data[0..size) are the octets; one NUL always stands behind them (not counted), so that a buf of text is a C string.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/attributes.h"
#include "base/bytes.h"

#include <stdarg.h>

struct buf {
    uint8_t *data;   /* NULL until the first octet */
    size_t size;     /* octets in use */
    size_t capacity; /* octets allocated, the NUL included */
    size_t size_max; /* octets it may ever hold */
    bool overflowed; /* something was refused since the last buf_clear */
};

#define BUF_UNBOUNDED (SIZE_MAX / 4)

/* Makes an empty buffer; allocates nothing. */
void buf_init(struct buf *buf, size_t size_max);
/* Frees the octets and makes it empty again, with the same maximum. */
void buf_release(struct buf *buf);
/* Empties it and keeps the allocation. */
void buf_clear(struct buf *buf);

/*
 * Append; false (and overflowed set, nothing appended) when it would pass the maximum. Callers that build text of
 * their own may ignore the result and look at `overflowed` once, at the end.
 */
bool buf_append(struct buf *buf, struct bytes bytes);
bool buf_append_octet(struct buf *buf, uint8_t octet);
bool buf_append_text(struct buf *buf, const char *text);
bool buf_append_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
bool buf_append_format_list(struct buf *buf, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/* Removes COUNT octets (at most size) from the front. */
void buf_consume(struct buf *buf, size_t count);
/* Removes what stands behind the first SIZE octets, as after an append in several steps of which one was refused. */
void buf_truncate(struct buf *buf, size_t size);

/* A view of the whole; valid until the next change. */
struct bytes buf_bytes(const struct buf *buf);
/* The octets as a C string ("" when empty); valid until the next change. */
const char *buf_text(const struct buf *buf);
/* Hands the octets over as a C string that the caller frees; BUF is empty afterwards. */
char *buf_take_text(struct buf *buf);

#endif
