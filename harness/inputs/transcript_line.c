#include "inputs/transcript_line.h"

enum { FILLER_COUNT_MAX = 64 * 1024 };

static bool hex_value(uint8_t digit, uint8_t *ret_value)
{
    static const char DIGITS[] = "0123456789abcdef";
    size_t value = bytes_find_octet(bytes_of(DIGITS), ascii_lower(digit));

    *ret_value = (uint8_t)value;
    return value != BYTES_NOT_FOUND;
}

/* \xHH at the front of TEXT. */
static bool take_hex(struct bytes *text, struct buf *out)
{
    uint8_t high;
    uint8_t low;

    if (text->size < 4 || !hex_value(text->data[2], &high) || !hex_value(text->data[3], &low))
        return false;
    buf_append_octet(out, (uint8_t)(high * 16 + low));
    *text = bytes_from(*text, 4);
    return true;
}

/* \{A*600} at the front of TEXT. */
static bool take_filler(struct bytes *text, struct buf *out)
{
    size_t end = bytes_find_octet(*text, '}');
    uint64_t count;

    if (end == BYTES_NOT_FOUND || end < 4 || text->data[3] != '*' ||
        !bytes_to_u64(bytes_slice(*text, 4, end), &count) || count > FILLER_COUNT_MAX)
        return false;
    for (uint64_t i = 0; i < count; i++)
        buf_append_octet(out, text->data[2]);
    *text = bytes_from(*text, end + 1);
    return true;
}

/* A backslash and what it means at the front of TEXT. */
static bool take_escape(struct bytes *text, struct buf *out)
{
    static const char LETTERS[] = "rnt0\\";
    static const uint8_t OCTETS[] = {'\r', '\n', '\t', 0, '\\'};
    uint8_t letter = text->size > 1 ? text->data[1] : ' ';
    size_t which = bytes_find_octet(bytes_of(LETTERS), letter);

    if (letter == 'x')
        return take_hex(text, out);
    if (letter == '{')
        return take_filler(text, out);
    if (which == BYTES_NOT_FOUND)
        return false;
    buf_append_octet(out, OCTETS[which]);
    *text = bytes_from(*text, 2);
    return true;
}

static bool decode(struct bytes text, struct buf *out)
{
    while (text.size > 0) {
        if (text.data[0] == '\\') {
            if (!take_escape(&text, out))
                return false;
            continue;
        }
        buf_append_octet(out, text.data[0]);
        text = bytes_from(text, 1);
    }
    return !out->overflowed;
}

static bool read_event(struct bytes line, enum transcript_event *ret_event)
{
    static const struct {
        const char *word;
        enum transcript_event event;
    } EVENTS[] = {
        {"end", TRANSCRIPT_END},   {"reset", TRANSCRIPT_RESET},           {"timeout", TRANSCRIPT_TIMEOUT},
        {"left", TRANSCRIPT_LEFT}, {"half-close", TRANSCRIPT_HALF_CLOSE}, {"tls", TRANSCRIPT_TLS},
    };

    for (size_t i = 0; i < sizeof(EVENTS) / sizeof(EVENTS[0]); i++)
        if (bytes_equal(line, bytes_of(EVENTS[i].word))) {
            *ret_event = EVENTS[i].event;
            return true;
        }
    return false;
}

bool transcript_line_read(struct bytes line, struct buf *storage, struct transcript_line *ret_line)
{
    buf_clear(storage);
    ret_line->octets = BYTES_EMPTY;
    if (read_event(line, &ret_line->event))
        return true;
    if (line.size < 2 || (line.data[0] != 'C' && line.data[0] != 'S') ||
        (line.data[1] != ':' && line.data[1] != '<'))
        return false;
    bool blank = line.size > 2 && line.data[2] == ' ';

    ret_line->event = line.data[0] == 'C' ? TRANSCRIPT_CLIENT : TRANSCRIPT_SERVER;
    if (!decode(bytes_from(line, blank ? 3 : 2), storage))
        return false;
    if (line.data[1] == ':')
        buf_append_text(storage, "\r\n");
    ret_line->octets = buf_bytes(storage);
    return !storage->overflowed;
}
