#include "pop3/stuffing.h"

/* The octets from AT up to and with the next CRLF, or all of them. */
static struct bytes line_at(struct bytes bytes, size_t at)
{
    struct bytes rest = bytes_from(bytes, at);
    size_t end = bytes_find(rest, BYTES_LITERAL("\r\n"));

    return end == BYTES_NOT_FOUND ? rest : bytes_slice(rest, 0, end + 2);
}

static bool begins_with_dot(struct bytes line)
{
    return line.size > 0 && line.data[0] == '.';
}

/* Appends BYTES line by line, of those that begin with a dot either a dot more (STUFF) or a dot less. */
static bool append_lines(struct bytes bytes, bool stuff, struct buf *ret_out)
{
    size_t size_before = ret_out->size;

    for (size_t at = 0; at < bytes.size;) {
        struct bytes line = line_at(bytes, at);
        bool fitted = true;

        at += line.size;
        if (begins_with_dot(line)) {
            if (stuff)
                fitted = buf_append_octet(ret_out, '.');
            else
                line = bytes_from(line, 1);
        }
        if (!fitted || !buf_append(ret_out, line)) {
            buf_truncate(ret_out, size_before);
            return false;
        }
    }
    return true;
}

bool stuff_append(struct bytes message, struct buf *ret_wire)
{
    return append_lines(message, true, ret_wire);
}

bool unstuff_append(struct bytes wire, struct buf *ret_message)
{
    return append_lines(wire, false, ret_message);
}
