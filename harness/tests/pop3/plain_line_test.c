/*
 * reply_reader_next_plain_line() against reply_reader_next(): it takes exactly those lines of which the other says a
 * whole line without facts, and none of more than 996 octets; and it leaves everything else as it was.
 */
#include "pop3/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_OCTETS_MAX = 5000, PLAIN_OCTETS_MAX = 998 /* with CRLF */ };

static void begin_body(struct reply_reader *reader)
{
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct reply_event event;

    reply_reader_init(reader);
    reply_reader_expect(reader, true);
    reply_reader_next(reader, &status, &event);
    assert_int_equal(event.kind, REPLY_STATUS);
}

/* Reads OCTETS, which may be a line, a part of one or more than one, both ways. True when the short way took a line. */
static bool assert_agree(struct bytes octets)
{
    static struct reply_reader reader;
    static struct reply_reader other;
    struct bytes input = octets;
    struct bytes other_input = octets;
    struct bytes text = BYTES_EMPTY;
    struct reply_event event;

    begin_body(&reader);
    begin_body(&other);
    bool taken = reply_reader_next_plain_line(&reader, &input, &text);

    reply_reader_next(&other, &other_input, &event);
    bool plain = event.kind == REPLY_BODY && event.first_piece && event.last_piece && event.facts == 0 &&
                 event.wire.size <= PLAIN_OCTETS_MAX;

    assert_int_equal(taken, plain);
    if (taken) {
        assert_true(bytes_equal(text, event.text));
        assert_int_equal(input.size, other_input.size);
        assert_int_equal(reader.offset, other.offset);
    } else {
        assert_ptr_equal(input.data, octets.data);
        assert_int_equal(input.size, octets.size);
        assert_int_equal(reader.offset, 5);
    }
    return taken;
}

static void every_length_is_taken_or_left_alike(void **state)
{
    static uint8_t line[LINE_OCTETS_MAX + 2];
    size_t taken = 0;

    (void)state;
    memset(line, 'x', sizeof(line));
    for (size_t size = 0; size <= LINE_OCTETS_MAX; size++) {
        memcpy(line + size, "\r\n", 2);
        taken += assert_agree(bytes_make(line, size + 2)) ? 1 : 0;
        assert_false(assert_agree(bytes_make(line, size + 1))); /* its LF is still to come */
        line[size] = line[size + 1] = 'x';
    }
    assert_int_equal(taken, PLAIN_OCTETS_MAX - 1);
}

/* Every octet at every place of a line of a few blocks. */
static void every_octet_is_judged_alike(void **state)
{
    uint8_t line[40];

    (void)state;
    for (size_t at = 0; at < sizeof(line) - 2; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            memset(line, 'x', sizeof(line));
            memcpy(line + sizeof(line) - 2, "\r\n", 2);
            line[at] = (uint8_t)octet;
            assert_agree(bytes_make(line, sizeof(line)));
        }
    }
}

static void only_lines_of_bodies_are_taken(void **state)
{
    static struct reply_reader reader;
    struct bytes input = BYTES_LITERAL("+OK\r\nx\r\n.\r\ny\r\n");
    struct bytes text;
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    assert_false(reply_reader_next_plain_line(&reader, &input, &text)); /* no reply is due */
    reply_reader_expect(&reader, true);
    assert_false(reply_reader_next_plain_line(&reader, &input, &text)); /* a first line is due */
    reply_reader_next(&reader, &input, &event);
    assert_true(reply_reader_next_plain_line(&reader, &input, &text));
    assert_false(reply_reader_next_plain_line(&reader, &input, &text)); /* the terminator */
    reply_reader_next(&reader, &input, &event);
    assert_int_equal(event.kind, REPLY_END);
    assert_false(reply_reader_next_plain_line(&reader, &input, &text)); /* behind the reply */
    assert_int_equal(input.size, 3);
}

/* What is kept of a line that began in an earlier input, or was handed on in pieces, must be ended first. */
static void no_line_is_taken_within_another(void **state)
{
    static struct reply_reader reader;
    static uint8_t long_line[READER_LINE_OCTETS];
    struct bytes head = BYTES_LITERAL("be");
    struct bytes tail = BYTES_LITERAL("gun\r\n");
    struct bytes text;
    struct reply_event event;

    (void)state;
    begin_body(&reader);
    reply_reader_next(&reader, &head, &event);
    assert_int_equal(event.kind, REPLY_NONE);
    assert_false(reply_reader_next_plain_line(&reader, &tail, &text));
    reply_reader_next(&reader, &tail, &event);
    assert_true(bytes_equal(event.text, BYTES_LITERAL("begun")));

    memset(long_line, 'x', sizeof(long_line));
    head = bytes_make(long_line, sizeof(long_line));
    tail = BYTES_LITERAL("end\r\n");
    reply_reader_next(&reader, &head, &event);
    assert_int_equal(event.kind, REPLY_BODY);
    assert_false(event.last_piece);
    assert_false(reply_reader_next_plain_line(&reader, &tail, &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_taken_or_left_alike),
        cmocka_unit_test(every_octet_is_judged_alike),
        cmocka_unit_test(only_lines_of_bodies_are_taken),
        cmocka_unit_test(no_line_is_taken_within_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
