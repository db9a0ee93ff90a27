#include "plants.h"

#include "pop3/command.h"

WRAP(bool, command_reader_next, struct command_reader *reader, struct bytes *input,
     struct command_line *ret_line)
{
    static const uint8_t elsewhere[4];
    struct bytes before = *input;

    if (!REAL(command_reader_next)(reader, input, ret_line))
        return false;
    if (PLANTED("goes-on-with-a-line-that-is-over", "command-resync") &&
        ret_line->line.data == reader->storage) {
        reader->size = ret_line->line.size;
        reader->line_octets = ret_line->octets;
    }
    if (PLANTED("counts-an-octet-too-few", "command-cut"))
        ret_line->octets--;
    if (PLANTED("stands-still", "command-progress"))
        *input = before;
    if (PLANTED("answers-other-octets", "command-bound") && ret_line->line.size == sizeof(elsewhere))
        ret_line->line.data = elsewhere;
    return true;
}

WRAP(struct command, command_parse, struct bytes line, unsigned facts)
{
    struct command command = REAL(command_parse)(line, facts);

    if (PLANTED("forgets-a-fact", "command-naive"))
        command.facts = 0;
    if (PLANTED("knows-upper-case-only", "command-case") && bytes_have_lower_case(command.keyword))
        command.verb = COMMAND_UNKNOWN;
    return command;
}

WRAP(bool, command_print, const struct command *command, uint8_t *out, size_t size, size_t *ret_size)
{
    bool printed = REAL(command_print)(command, out, size, ret_size);

    if (printed && PLANTED("prints-lower-case", "command-keyword"))
        out[0] = ascii_lower(out[0]);
    if (printed && PLANTED("prints-another-keyword", "command-keyword") && command->verb == COMMAND_UNKNOWN)
        out[0] = 'X';
    if (printed && PLANTED("prints-a-line-end", "command-injection") && *ret_size > 2)
        out[*ret_size - 3] = '\n';
    if (printed && PLANTED("prints-too-much", "command-long") && *ret_size > 200 && *ret_size < 256) {
        memset(out + *ret_size - 2, 'x', 100);
        *ret_size += 100;
        memcpy(out + *ret_size - 2, "\r\n", 2);
    }
    if (printed && PLANTED("prints-another-letter", "command-round-trip") && *ret_size > 2)
        out[*ret_size - 3] = '~';
    return printed;
}

WRAP(bool, command_number, struct bytes argument, uint64_t *ret_number, bool *ret_leading_zero)
{
    bool is_number = REAL(command_number)(argument, ret_number, ret_leading_zero);

    if (PLANTED("is-off-by-one", "command-number"))
        (*ret_number)++;
    if (PLANTED("knows-short-numbers-only", "command-number") && argument.size > 9)
        return false;
    return is_number;
}
