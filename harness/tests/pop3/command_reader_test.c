/* The command reader: the same lines at every cut as the naive parser finds in the whole stream. */
#include "pop3/naive_parser.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { STREAM_OCTETS_MAX = 4096 };

/* A stream with COUNT times 'A' in the middle. */
struct stream_case {
    struct bytes head;
    size_t count;
    struct bytes tail;
    size_t lines;
};

static const struct stream_case CASES[] = {
    {BYTES_LITERAL("QUIT\r\n"), 0, BYTES_LITERAL(""), 1},
    {BYTES_LITERAL("USER mrose\r\nPASS tan\r\nSTAT\r\n"), 0, BYTES_LITERAL(""), 3},
    {BYTES_LITERAL("NOOP\nNOOP\r\n"), 0, BYTES_LITERAL("\n"), 3},
    {BYTES_LITERAL("\r\n\r\r\n\n"), 0, BYTES_LITERAL(""), 3},
    {BYTES_LITERAL("NO\rOP\r\n\rX\n"), 0, BYTES_LITERAL(""), 2},
    {BYTES_LITERAL("USER a\0b\r\n"), 0, BYTES_LITERAL("unfinished"), 1},
    {BYTES_LITERAL("unfinished\r"), 0, BYTES_LITERAL(""), 0},
    {BYTES_LITERAL(""), 0, BYTES_LITERAL(""), 0},
    {BYTES_LITERAL("USER "), 248, BYTES_LITERAL("\r\nNOOP\r\n"), 2}, /* 255 octets */
    {BYTES_LITERAL("USER "), 249, BYTES_LITERAL("\r\nNOOP\r\n"), 2},
    {BYTES_LITERAL("USER "), 250, BYTES_LITERAL("\nNOOP\r\n"), 2},
    {BYTES_LITERAL("USER "), 1018, BYTES_LITERAL("\r\nNOOP\r\n"), 2}, /* content and CR fill the storage */
    {BYTES_LITERAL("USER "), 1019, BYTES_LITERAL("\r\nNOOP\r\n"), 2}, /* content fills it */
    {BYTES_LITERAL("USER "), 1020, BYTES_LITERAL("\r\nNOOP\r\n"), 2},
    {BYTES_LITERAL("USER "), 1019, BYTES_LITERAL("\nNOOP\r\n"), 2},
    {BYTES_LITERAL("USER "), 1019, BYTES_LITERAL("\r\r\nNOOP\r\n"), 2},
    {BYTES_LITERAL("USER "), 3000, BYTES_LITERAL(" DELE 1\r\nNOOP\r\n"), 2},
};

struct context {
    struct guard_page front;
    struct guard_page back;
    struct command_reader reader;
    struct bytes stream;
    size_t at; /* where the naive parser is */
    size_t lines;
};

static int setup(void **state)
{
    static struct context context;

    guard_page_init(&context.front, STREAM_OCTETS_MAX);
    guard_page_init(&context.back, STREAM_OCTETS_MAX);
    *state = &context;
    return 0;
}

static int teardown(void **state)
{
    struct context *context = *state;

    guard_page_release(&context->front);
    guard_page_release(&context->back);
    return 0;
}

static void begin(struct context *context, struct bytes stream)
{
    command_reader_init(&context->reader);
    context->stream = stream;
    context->at = 0;
    context->lines = 0;
}

static void feed(struct context *context, struct bytes input)
{
    static struct naive_command naive;
    struct command_line line;
    struct command_line expected;

    while (command_reader_next(&context->reader, &input, &line)) {
        assert_true(naive_command_line(context->stream, context->at, &expected, &context->at));
        assert_true(bytes_equal(line.line, expected.line));
        assert_int_equal(line.octets, expected.octets);
        assert_int_equal(line.facts, expected.facts);
        struct command command = command_parse(line.line, line.facts);

        naive_parse(line.line, line.facts, &naive);
        assert_true(naive_agrees(&naive, &command));
        context->lines++;
    }
    assert_int_equal(input.size, 0);
}

static void finish(struct context *context, size_t lines)
{
    assert_int_equal(context->lines, lines);
    assert_int_equal(command_reader_pending(&context->reader), context->at < context->stream.size);
}

static void check_stream(struct context *context, struct bytes stream, size_t lines)
{
    for (size_t at = 0; at <= stream.size; at++) {
        begin(context, stream);
        feed(context, guard_page_place(&context->front, bytes_slice(stream, 0, at)));
        feed(context, guard_page_place(&context->back, bytes_from(stream, at)));
        finish(context, lines);
    }
    begin(context, stream);
    for (size_t at = 0; at < stream.size; at++)
        feed(context, guard_page_place(&context->front, bytes_slice(stream, at, at + 1)));
    finish(context, lines);
}

static void finds_the_same_lines_at_every_cut(void **state)
{
    uint8_t octets[STREAM_OCTETS_MAX];

    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct stream_case *row = &CASES[i];
        size_t size = row->head.size;

        memcpy(octets, row->head.data, row->head.size);
        memset(octets + size, 'A', row->count);
        size += row->count;
        memcpy(octets + size, row->tail.data, row->tail.size);
        size += row->tail.size;
        check_stream(*state, bytes_make(octets, size), row->lines);
    }
}

static void says_where_a_line_passed_its_limits(void **state)
{
    static uint8_t octets[2000];
    struct bytes input = bytes_make(octets, sizeof(octets));
    struct command_reader reader;
    struct command_line line;

    (void)state;
    memset(octets, 'A', sizeof(octets));
    octets[sizeof(octets) - 1] = '\n';
    command_reader_init(&reader);
    assert_true(command_reader_next(&reader, &input, &line));
    assert_int_equal(line.line.size, COMMAND_READER_OCTETS);
    assert_int_equal(line.octets, sizeof(octets));
    assert_int_equal(line.facts, COMMAND_FACT_BARE_LF | COMMAND_FACT_OVERLONG | COMMAND_FACT_CUT);
    assert_false(command_reader_pending(&reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_the_same_lines_at_every_cut, setup, teardown),
        cmocka_unit_test(says_where_a_line_passed_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
