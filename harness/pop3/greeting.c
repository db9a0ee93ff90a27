#include "pop3/greeting.h"

/* The octets between the brackets: visible, and no bracket themselves. */
static bool is_inner(uint8_t octet)
{
    return ascii_is_visible(octet) && octet != '<' && octet != '>';
}

/* RFC 5322 section 3.6.4: something, "@", something. */
static bool is_message_id(struct bytes inner)
{
    size_t at = bytes_find_octet(inner, '@');

    return at != BYTES_NOT_FOUND && at > 0 && at + 1 < inner.size &&
           bytes_find_octet(bytes_from(inner, at + 1), '@') == BYTES_NOT_FOUND;
}

struct bytes greeting_timestamp(struct bytes text)
{
    size_t start = 0;

    while (start < text.size) {
        if (text.data[start++] != '<')
            continue;
        size_t end = start;

        while (end < text.size && is_inner(text.data[end]))
            end++;
        if (end < text.size && text.data[end] == '>' && is_message_id(bytes_slice(text, start, end)))
            return bytes_slice(text, start - 1, end + 1);
        start = end; /* no "<" stands in between, so nothing is read a second time */
    }
    return BYTES_EMPTY;
}
