#include "target/target_text.h"

#include "base/time.h"

#define SPAN_US_MAX (24 * 3600 * US_PER_S)

bool target_text_is_sendable(const char *text)
{
    return strpbrk(text, "\r\n") == NULL;
}

void target_fill_user(const char *pattern, const char *user, struct buf *out)
{
    const struct bytes hole = BYTES_LITERAL("{user}");
    struct bytes rest = bytes_of(pattern);
    size_t at;

    while ((at = bytes_find(rest, hole)) != BYTES_NOT_FOUND) {
        buf_append(out, bytes_slice(rest, 0, at));
        buf_append_text(out, user);
        rest = bytes_from(rest, at + hole.size);
    }
    buf_append(out, rest);
}

void target_quote_plain(struct bytes text, struct buf *out)
{
    bool blank = false; /* one is due before the next visible octet */

    for (size_t i = 0; i < text.size; i++) {
        uint8_t octet = text.data[i];

        if (octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n') {
            blank = out->size > 0;
            continue;
        }
        if (blank)
            buf_append_octet(out, ' ');
        blank = false;
        buf_append_octet(out, ascii_is_visible(octet) ? octet : '?');
    }
}

bool target_span_parse(struct bytes text, int64_t *ret_span_us)
{
    static const struct {
        const char *unit;
        int64_t size_us;
    } units[] = {{"ms", US_PER_MS}, {"s", US_PER_S}, {"m", 60 * US_PER_S}};
    size_t digits = 0;
    uint64_t count;

    while (digits < text.size && ascii_is_digit(text.data[digits]))
        digits++;
    if (!bytes_to_u64(bytes_slice(text, 0, digits), &count))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!bytes_equal(bytes_from(text, digits), bytes_of(units[i].unit)))
            continue;
        if (count > (uint64_t)(SPAN_US_MAX / units[i].size_us))
            return false;
        *ret_span_us = (int64_t)count * units[i].size_us;
        return true;
    }
    return false;
}
