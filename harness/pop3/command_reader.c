#include "pop3/command.h"

#include "base/limits.h"

#include <string.h>

static void begin_line(struct command_reader *reader)
{
    reader->size = 0;
    reader->line_octets = 0;
    reader->last_was_cr = false;
}

void command_reader_init(struct command_reader *reader)
{
    begin_line(reader);
}

bool command_reader_pending(const struct command_reader *reader)
{
    return reader->line_octets > 0;
}

/*
 * The line whose octets before its LF begin at DATA. Of a long one DATA holds the head only, so that OCTETS
 * (those of the whole line with its LF) and whether a CR stood before the LF are told apart from it.
 */
static struct command_line line_of(const uint8_t *data, uint64_t octets, bool cr_before_lf)
{
    uint64_t content = octets - (cr_before_lf ? 2 : 1);
    struct command_line line = {.octets = octets, .facts = cr_before_lf ? 0 : COMMAND_FACT_BARE_LF};

    if (octets > COMMAND_OCTETS_MAX)
        line.facts |= COMMAND_FACT_OVERLONG;
    if (content > COMMAND_READER_OCTETS) {
        line.facts |= COMMAND_FACT_CUT;
        content = COMMAND_READER_OCTETS;
    }
    line.line = (struct bytes){data, (size_t)content};
    return line;
}

static void keep(struct command_reader *reader, struct bytes octets)
{
    size_t room = COMMAND_READER_OCTETS - reader->size;
    size_t count = octets.size < room ? octets.size : room;

    if (octets.size == 0)
        return;
    memcpy(reader->storage + reader->size, octets.data, count);
    reader->size += count;
    reader->line_octets += octets.size;
    reader->last_was_cr = octets.data[octets.size - 1] == '\r';
}

bool command_reader_next(struct command_reader *reader, struct bytes *input, struct command_line *ret_line)
{
    struct bytes before_lf = *input;
    size_t lf = bytes_find_octet(*input, '\n');

    if (lf == BYTES_NOT_FOUND) {
        keep(reader, *input);
        *input = bytes_from(*input, input->size);
        return false;
    }
    before_lf.size = lf;
    *input = bytes_from(*input, lf + 1);
    if (reader->line_octets == 0) {
        *ret_line = line_of(before_lf.data, (uint64_t)lf + 1, lf > 0 && before_lf.data[lf - 1] == '\r');
        return true;
    }
    keep(reader, before_lf);
    *ret_line = line_of(reader->storage, reader->line_octets + 1, reader->last_was_cr);
    begin_line(reader);
    return true;
}
