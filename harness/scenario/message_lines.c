#include "scenario/message_lines.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t line_end(struct bytes octets, size_t start)
{
    size_t end = bytes_find(bytes_from(octets, start), BYTES_LITERAL("\r\n"));

    return end == BYTES_NOT_FOUND ? octets.size : start + end + 2;
}

static size_t count_lines(struct bytes octets)
{
    size_t count = 0;

    for (size_t at = 0; at < octets.size; at = line_end(octets, at))
        count++;
    return count;
}

struct bytes message_lines_get(const struct message_lines *message, size_t index)
{
    struct bytes line = bytes_make(message->octets + message->starts[index],
                                   message->starts[index + 1] - message->starts[index]);

    return bytes_end_with(line, BYTES_LITERAL("\r\n")) ? bytes_slice(line, 0, line.size - 2) : line;
}

static void fill_fallbacks(struct message_lines *message)
{
    size_t length = 0;

    message->fallbacks = memory_new_array(message->count + 1, sizeof(*message->fallbacks));
    for (size_t i = 1; i < message->count; i++) {
        while (length > 0 && !bytes_equal(message_lines_get(message, i), message_lines_get(message, length)))
            length = message->fallbacks[length];
        if (bytes_equal(message_lines_get(message, i), message_lines_get(message, length)))
            length++;
        message->fallbacks[i + 1] = length;
    }
}

void message_lines_init(struct message_lines *message, struct bytes octets, bool searched)
{
    size_t at = 0;

    *message = (struct message_lines){.searched = searched, .active = searched};
    message->count = count_lines(octets);
    message->octets = memory_new(octets.size + 1);
    if (octets.size > 0)
        memcpy(message->octets, octets.data, octets.size);
    message->starts = memory_new_array(message->count + 1, sizeof(*message->starts));
    for (size_t i = 0; i < message->count; i++) {
        message->starts[i] = at;
        at = line_end(octets, at);
    }
    message->starts[message->count] = at;
    if (searched)
        fill_fallbacks(message);
}

void message_lines_release(struct message_lines *message)
{
    free(message->octets);
    free(message->starts);
    free(message->fallbacks);
    *message = (struct message_lines){.count = 0};
}

/* Byte-stuffing (RFC 1939 section 3): a line that begins with a dot has another one before it on the wire. */
static bool is_on_wire(struct bytes line, struct bytes wire_line)
{
    if (line.size > 0 && line.data[0] == '.')
        return wire_line.size > 0 && wire_line.data[0] == '.' && bytes_equal(line, bytes_from(wire_line, 1));
    return bytes_equal(line, wire_line);
}

static bool follows(const struct message_lines *message, struct bytes wire_line)
{
    return message->progress < message->count &&
           is_on_wire(message_lines_get(message, message->progress), wire_line);
}

bool message_lines_next(struct message_lines *message, struct bytes wire_line)
{
    if (!message->active)
        return false;
    while (message->searched && message->progress > 0 && !follows(message, wire_line))
        message->progress = message->fallbacks[message->progress];
    bool met = follows(message, wire_line);

    message->progress += met;
    message->active = met || message->searched;
    bool complete = met && message->progress == message->count;

    if (complete && !message->searched)
        message->active = false;
    return complete;
}
