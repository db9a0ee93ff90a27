#include "yamldoc/caret.h"

enum {
    CONTEXT_BEFORE = 60, /* octets of a long line shown before the caret */
    CONTEXT_AFTER = 40,
};

static bool line_of(struct bytes text, uint32_t number, struct bytes *ret_line)
{
    struct bytes line = BYTES_EMPTY;

    for (uint32_t i = 0; i < number; i++) {
        if (!bytes_split(&text, '\n', &line))
            return false;
    }
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    *ret_line = line;
    return number > 0;
}

static bool is_continuation(uint8_t octet)
{
    return (octet & 0xC0) == 0x80;
}

/* Moves INDEX back to the first octet of the character it stands in. */
static size_t character_start(struct bytes line, size_t index)
{
    while (index > 0 && index < line.size && is_continuation(line.data[index]))
        index--;
    return index;
}

static void append_shown(struct buf *out, struct bytes part)
{
    for (size_t i = 0; i < part.size; i++) {
        uint8_t octet = part.data[i];
        bool control = octet < 0x20 || octet == 0x7F;

        buf_append_octet(out, octet == '\t' ? ' ' : control ? '?' : octet);
    }
}

bool caret_render(struct bytes text, uint32_t line_number, uint32_t column, struct buf *out)
{
    struct bytes line;

    if (!line_of(text, line_number, &line))
        return false;
    size_t at = column > 0 ? column - 1 : 0;

    at = character_start(line, at < line.size ? at : line.size);
    size_t start = at > CONTEXT_BEFORE ? character_start(line, at - CONTEXT_BEFORE) : 0;
    size_t end = line.size - at > CONTEXT_AFTER ? character_start(line, at + CONTEXT_AFTER) : line.size;

    buf_append_format(out, "%6u | %s", line_number, start > 0 ? "..." : "");
    append_shown(out, bytes_slice(line, start, end));
    buf_append_format(out, "%s\n       | %s", end < line.size ? "..." : "", start > 0 ? "   " : "");
    for (size_t i = start; i < at; i++) {
        if (!is_continuation(line.data[i]))
            buf_append_octet(out, ' ');
    }
    return buf_append_text(out, "^\n");
}
