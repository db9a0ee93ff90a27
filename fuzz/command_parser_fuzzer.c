/*
 * The command reader and parser. Input: what a client sends, as it stands on the wire. Reaches command_reader_next(),
 * command_parse(), command_print(), command_number().
 *
 * Oracles: command-cut (the lines are the same at every cut), command-naive (the naive parser says the same),
 * command-progress, command-bound (views stay inside input and storage), command-round-trip, command-keyword (printed in upper
 * case where it is known, else as it came), command-injection (what is printed is one line), command-long (and no longer than a command may be, unless it was before), command-case (the keyword's
 * case changes nothing, facts included), command-number (a number is what 64 bits hold of digits, and nothing else is),
 * command-resync (a NOOP behind anything is found). Each line ends where an allocation does. While fuzzing cuts, printing,
 * and case with numbers take turns, by the input's octets.
 */
#include "check.h"
#include "chunks.h"
#include "naive_numbers.h"
#include "oracles.h"

#include "pop3/naive_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 64 * 1024,
    PRINTED_OCTETS_MAX = 2 * COMMAND_READER_OCTETS,
    LINE_OCTETS_MAX = 255, /* with CRLF: RFC 2449 section 4 */
};

static void check_printed(struct bytes printed)
{
    FUZZ_CHECK(bytes_end_with(printed, BYTES_LITERAL("\r\n")), "command-injection");
    for (size_t i = 0; i + 2 < printed.size; i++) {
        bool ends_line = printed.data[i] == '\r' || printed.data[i] == '\n' || printed.data[i] == '\0';

        FUZZ_CHECK(!ends_line, "command-injection");
    }
}

/* The keyword that PRINTED begins with ends at a space or the line's end. */
static void check_keyword(const struct command *command, struct bytes printed)
{
    size_t size = command->keyword.size;

    FUZZ_CHECK(printed.size > size && (printed.data[size] == ' ' || printed.data[size] == '\r'),
               "command-keyword");
    for (size_t i = 0; i < size; i++) {
        uint8_t octet = command->keyword.data[i];

        FUZZ_CHECK(printed.data[i] == (command->verb == COMMAND_UNKNOWN ? octet : ascii_upper(octet)),
                   "command-keyword");
    }
}

static void check_same_arguments(const struct command *a, const struct command *b, const char *id)
{
    FUZZ_CHECK(a->verb == b->verb, id);
    FUZZ_CHECK(a->argument_count == b->argument_count, id);
    for (size_t i = 0; i < a->argument_count && i < COMMAND_ARGUMENTS_MAX; i++)
        FUZZ_CHECK(bytes_equal(a->arguments[i], b->arguments[i]), id);
}

/* A line that is not too long is none when it is printed. Its own end may have been one octet shorter than CRLF. */
static size_t longest_printed(const struct command *command)
{
    return LINE_OCTETS_MAX + ((command->facts & COMMAND_FACT_BARE_LF) != 0 ? 1u : 0u);
}

/* A command ends where an allocation does, and so does what is made of it. */
struct rooms {
    struct chunk_room line;
    struct chunk_room other;
};

static void check_round_trip(const struct command *command, struct rooms *rooms)
{
    uint8_t out[PRINTED_OCTETS_MAX];
    uint8_t again[PRINTED_OCTETS_MAX];
    size_t size;
    size_t again_size;

    if (!command_print(command, out, sizeof(out), &size)) {
        unsigned refused = COMMAND_FACT_NUL | COMMAND_FACT_BARE_CR;

        FUZZ_CHECK((command->facts & refused) != 0, "command-round-trip");
        return;
    }
    check_printed(bytes_make(out, size));
    check_keyword(command, bytes_make(out, size));
    FUZZ_CHECK((command->facts & COMMAND_FACT_OVERLONG) != 0 || size <= longest_printed(command),
               "command-long");
    struct command parsed = command_parse(chunk_place(&rooms->other, bytes_make(out, size - 2)), 0);

    check_same_arguments(command, &parsed, "command-round-trip");
    FUZZ_CHECK(command_print(&parsed, again, sizeof(again), &again_size), "command-round-trip");
    FUZZ_CHECK(bytes_equal(bytes_make(again, again_size), bytes_make(out, size)), "command-round-trip");
}

static void check_case(const struct command_line *line, const struct command *command, struct rooms *rooms)
{
    uint8_t flipped[COMMAND_READER_OCTETS];
    size_t start = command->keyword.size > 0 ? (size_t)(command->keyword.data - line->line.data) : 0;

    if (line->line.size > 0)
        memcpy(flipped, line->line.data, line->line.size);
    for (size_t i = start; i < start + command->keyword.size; i++)
        flipped[i] = ascii_is_letter(flipped[i]) ? flipped[i] ^ 0x20 : flipped[i];
    struct bytes octets = chunk_place(&rooms->other, bytes_make(flipped, line->line.size));
    struct command other = command_parse(octets, line->facts);

    check_same_arguments(command, &other, "command-case");
    FUZZ_CHECK(((command->facts ^ other.facts) & ~(unsigned)COMMAND_FACT_LOWER_CASE) == 0, "command-case");
}

static void check_number(struct bytes argument)
{
    struct bytes rest = argument;
    struct bytes digits = naive_take_digits(&rest);
    bool expected = rest.size == 0 && naive_fits_64_bits(digits);
    uint64_t number;
    bool leading_zero;

    FUZZ_CHECK(command_number(argument, &number, &leading_zero) == expected, "command-number");
    if (!expected)
        return;
    FUZZ_CHECK(naive_is_number(number, digits), "command-number");
    FUZZ_CHECK(leading_zero == (digits.size < argument.size), "command-number");
}

static void check_numbers(const struct command *command, struct rooms *rooms)
{
    for (size_t i = 0; i < command->argument_count && i < COMMAND_ARGUMENTS_MAX; i++)
        check_number(chunk_place(&rooms->other, command->arguments[i]));
}

enum { CUTS, PRINTING, CASE_AND_NUMBERS, TURNS };

static void check_line(struct command_line line, uint64_t number)
{
    static struct naive_command naive;
    static struct rooms rooms;

    chunk_room_have(&rooms.line, COMMAND_READER_OCTETS);
    chunk_room_have(&rooms.other, PRINTED_OCTETS_MAX);
    line.line = chunk_place(&rooms.line, line.line);
    struct command command = command_parse(line.line, line.facts);

    naive_parse(line.line, line.facts, &naive);
    FUZZ_CHECK(naive_agrees(&naive, &command), "command-naive");
    if (oracle_is_due(number, PRINTING, TURNS))
        check_round_trip(&command, &rooms);
    if (oracle_is_due(number, CASE_AND_NUMBERS, TURNS)) {
        check_case(&line, &command, &rooms);
        check_numbers(&command, &rooms);
    }
}

struct session {
    struct command_reader reader;
    struct bytes stream; /* all of it */
    size_t at;           /* where the naive parser is */
    bool deep;           /* look at what is in the lines too */
    uint64_t number;     /* of the stream (chunks_number()) */
};

static void begin(struct session *session, struct bytes stream, uint64_t number, bool deep)
{
    command_reader_init(&session->reader);
    session->stream = stream;
    session->at = 0;
    session->deep = deep;
    session->number = number;
}

static void check_bound(const struct session *session, struct bytes line, struct bytes input)
{
    bool in_input = line.data >= input.data && line.data + line.size <= input.data + input.size;
    bool in_reader = line.data == session->reader.storage;

    FUZZ_CHECK(line.size <= COMMAND_READER_OCTETS, "command-bound");
    FUZZ_CHECK(line.size == 0 || in_input || in_reader, "command-bound");
}

static void feed(struct session *session, struct bytes input)
{
    struct bytes whole = input;
    struct command_line line;
    struct command_line expected;
    size_t left = input.size;

    while (command_reader_next(&session->reader, &input, &line)) {
        FUZZ_CHECK(input.size < left, "command-progress");
        left = input.size;
        check_bound(session, line.line, whole);
        FUZZ_CHECK(naive_command_line(session->stream, session->at, &expected, &session->at), "command-cut");
        FUZZ_CHECK(bytes_equal(line.line, expected.line), "command-cut");
        FUZZ_CHECK(line.octets == expected.octets && line.facts == expected.facts, "command-cut");
        if (session->deep)
            check_line(line, session->number);
    }
    FUZZ_CHECK(input.size == 0, "command-progress");
}

static void finish(struct session *session)
{
    bool pending = session->at < session->stream.size;
    struct bytes end = BYTES_LITERAL("\r\nNOOP\r\n");
    struct command_line line = {.octets = 0};

    FUZZ_CHECK(command_reader_pending(&session->reader) == pending, "command-cut");
    while (command_reader_next(&session->reader, &end, &line))
        continue;
    FUZZ_CHECK(command_parse(line.line, line.facts).verb == COMMAND_NOOP, "command-resync");
}

static void feed_in_chunks(struct session *session, struct bytes stream)
{
    uint64_t number = session->number;
    size_t octets_max = chunks_octets_max(number);
    struct chunk_room room;

    chunk_room_init(&room, octets_max);
    for (size_t at = 0; at < stream.size;) {
        struct bytes chunk = bytes_slice(stream, at, at + chunks_next(&number, octets_max));

        feed(session, chunk_place(&room, chunk));
        at += chunk.size;
    }
    chunk_room_release(&room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session session;
    struct bytes stream = {data, size};
    uint64_t number = chunks_number(stream);

    if (size > INPUT_OCTETS_MAX)
        return 0;
    begin(&session, stream, number, true);
    feed(&session, stream);
    finish(&session);
    if (oracle_is_due(number, CUTS, TURNS)) {
        begin(&session, stream, number, false);
        feed_in_chunks(&session, stream);
        finish(&session);
    }
    return 0;
}
