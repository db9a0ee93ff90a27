/*
 * The command reader and parser. Input: what a client sends, as it stands on the wire. Reaches command_reader_next(),
 * command_parse(), command_print(), command_number().
 *
 * Oracles: command-cut (the lines are the same at every cut), command-naive (the naive parser says the same),
 * command-progress, command-bound (views stay inside input and storage), command-round-trip, command-injection (what is
 * printed is one line), command-case (the keyword's case changes nothing), command-resync (a NOOP behind anything is
 * found). While fuzzing cuts, printing, and case with numbers take turns, by the input's octets.
 */
#include "check.h"
#include "chunks.h"
#include "oracles.h"

#include "pop3/naive_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_OCTETS_MAX = 64 * 1024, PRINTED_OCTETS_MAX = 2 * COMMAND_READER_OCTETS };

static void check_printed(struct bytes printed)
{
    FUZZ_CHECK(bytes_end_with(printed, BYTES_LITERAL("\r\n")), "command-injection");
    for (size_t i = 0; i + 2 < printed.size; i++) {
        bool ends_line = printed.data[i] == '\r' || printed.data[i] == '\n' || printed.data[i] == '\0';

        FUZZ_CHECK(!ends_line, "command-injection");
    }
}

static void check_same_arguments(const struct command *a, const struct command *b, const char *id)
{
    FUZZ_CHECK(a->verb == b->verb, id);
    FUZZ_CHECK(a->argument_count == b->argument_count, id);
    for (size_t i = 0; i < a->argument_count && i < COMMAND_ARGUMENTS_MAX; i++)
        FUZZ_CHECK(bytes_equal(a->arguments[i], b->arguments[i]), id);
}

static void check_round_trip(const struct command *command)
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
    struct command parsed = command_parse(bytes_make(out, size - 2), 0);

    check_same_arguments(command, &parsed, "command-round-trip");
    FUZZ_CHECK(command_print(&parsed, again, sizeof(again), &again_size), "command-round-trip");
    FUZZ_CHECK(bytes_equal(bytes_make(again, again_size), bytes_make(out, size)), "command-round-trip");
}

static void check_case(struct bytes line, const struct command *command)
{
    uint8_t flipped[COMMAND_READER_OCTETS];
    size_t start = command->keyword.size > 0 ? (size_t)(command->keyword.data - line.data) : 0;

    if (line.size > 0)
        memcpy(flipped, line.data, line.size);
    for (size_t i = start; i < start + command->keyword.size; i++)
        flipped[i] = ascii_is_letter(flipped[i]) ? flipped[i] ^ 0x20 : flipped[i];
    struct command other = command_parse(bytes_make(flipped, line.size), 0);

    check_same_arguments(command, &other, "command-case");
}

static void check_numbers(const struct command *command)
{
    for (size_t i = 0; i < command->argument_count && i < COMMAND_ARGUMENTS_MAX; i++) {
        struct bytes argument = command->arguments[i];
        char text[32];
        uint64_t number;
        bool leading_zero;

        if (!command_number(argument, &number, &leading_zero))
            continue;
        snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
        FUZZ_CHECK(bytes_end_with(argument, bytes_of(text)), "command-number");
        FUZZ_CHECK(leading_zero == (argument.size > strlen(text)), "command-number");
    }
}

enum { CUTS, PRINTING, CASE_AND_NUMBERS, TURNS };

static void check_line(const struct command_line *line, uint64_t number)
{
    static struct naive_command naive;
    struct command command = command_parse(line->line, line->facts);

    naive_parse(line->line, line->facts, &naive);
    FUZZ_CHECK(naive_agrees(&naive, &command), "command-naive");
    if (oracle_is_due(number, PRINTING, TURNS))
        check_round_trip(&command);
    if (oracle_is_due(number, CASE_AND_NUMBERS, TURNS)) {
        check_case(line->line, &command);
        check_numbers(&command);
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
            check_line(&line, session->number);
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
