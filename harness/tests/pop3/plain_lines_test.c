/*
 * reply_reader_plain_lines() against reply_reader_next(): the lines that it takes are just those that the other would
 * have answered, each of them whole, without facts and with no dot taken away; and what it leaves, it leaves as it was.
 */
#include "base/rng.h"
#include "pop3/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WHOLE_OCTETS_MAX = 8192, PLAIN_OCTETS_MAX = 998 /* with CRLF */, AT_ONCE_MAX = 80, BODIES = 20000 };

static void begin_body(struct reply_reader *reader)
{
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct reply_event event;

    reply_reader_init(reader);
    reply_reader_expect(reader, true);
    reply_reader_next(reader, &status, &event);
    assert_int_equal(event.kind, REPLY_STATUS);
}

/* Reads from OCTETS both ways, at most AT_ONCE lines. How many lines the short way took. */
static size_t assert_agree(struct bytes octets, size_t at_once)
{
    static struct reply_reader reader;
    static struct reply_reader other;
    struct bytes texts[AT_ONCE_MAX];
    struct bytes input = octets;
    struct bytes other_input = octets;
    struct reply_event event;

    begin_body(&reader);
    begin_body(&other);
    size_t count = reply_reader_plain_lines(&reader, &input, texts, at_once);

    assert_true(count <= at_once);
    for (size_t i = 0; i < count; i++) {
        reply_reader_next(&other, &other_input, &event);
        assert_int_equal(event.kind, REPLY_BODY);
        assert_true(event.first_piece && event.last_piece);
        assert_int_equal(event.facts, 0);
        assert_true(event.wire.size <= PLAIN_OCTETS_MAX);
        assert_ptr_equal(texts[i].data, event.text.data);
        assert_int_equal(texts[i].size, event.text.size);
    }
    assert_ptr_equal(input.data, other_input.data);
    assert_int_equal(input.size, other_input.size);
    assert_int_equal(reader.offset, other.offset);
    return count;
}

/* Behind a line of SIZE octets there is enough for the short way to look at it at all. */
static void lines_of_every_length_are_taken_up_to_the_longest(void **state)
{
    static uint8_t body[WHOLE_OCTETS_MAX];

    (void)state;
    for (size_t size = 0; size < 1500; size++) {
        memset(body, 'x', sizeof(body));
        memcpy(body + size, "\r\n", 2);
        assert_int_equal(assert_agree(bytes_make(body, sizeof(body)), 8),
                         size + 2 <= PLAIN_OCTETS_MAX ? 1 : 0);
        assert_int_equal(assert_agree(bytes_make(body, size + 1), 8), 0); /* its LF is still to come */
    }
}

/* Every octet at every place: at the line's ends, and where the blocks that are looked at meet. */
static void every_octet_is_judged_alike(void **state)
{
    uint8_t body[192];

    (void)state;
    for (size_t at = 0; at < 150; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            memset(body, 'x', sizeof(body));
            memcpy(body + 62, "\r\n", 2);
            memcpy(body + 127, "\r\n", 2);
            body[at] = (uint8_t)octet;
            assert_agree(bytes_make(body, sizeof(body)), 8);
        }
    }
}

static size_t make_body(struct rng *rng, uint8_t *body)
{
    static const char odd[] = {'\r', '\n', '\0', '.', '\t', (char)0xe4};
    size_t most = 1 + rng_below(rng, 150);
    size_t size = 0;

    while (size + most + 3 < 1024) {
        size_t length = rng_below(rng, most);

        if (rng_below(rng, 8) == 0)
            body[size++] = '.';
        memset(body + size, 'x', length);
        if (length > 0 && rng_below(rng, 8) == 0)
            body[size + rng_below(rng, length)] = (uint8_t)odd[rng_below(rng, sizeof(odd))];
        size += length;
        memcpy(body + size, "\r\n", 2);
        size += 2;
    }
    return size;
}

static void bodies_are_read_alike(void **state)
{
    static uint8_t body[WHOLE_OCTETS_MAX];
    size_t taken = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1);
    for (size_t i = 0; i < BODIES; i++) {
        size_t size = make_body(&rng, body);

        taken += assert_agree(bytes_make(body, size), 1 + rng_below(&rng, AT_ONCE_MAX));
    }
    assert_true(taken > BODIES);
}

static size_t plain_lines(struct reply_reader *reader, struct bytes *input)
{
    struct bytes texts[AT_ONCE_MAX];

    return reply_reader_plain_lines(reader, input, texts, AT_ONCE_MAX);
}

static void only_lines_of_bodies_are_taken(void **state)
{
    const struct bytes lines = BYTES_LITERAL(
        "short\r\nand what makes it long enough to be looked at, for less than 64 octets never are\r\n");
    static struct reply_reader reader;
    struct bytes input = lines;
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct bytes terminator = BYTES_LITERAL(".\r\n");
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    assert_int_equal(plain_lines(&reader, &input), 0); /* no reply is due */
    reply_reader_expect(&reader, true);
    assert_int_equal(plain_lines(&reader, &input), 0); /* a first line is due */
    reply_reader_next(&reader, &status, &event);
    assert_int_equal(plain_lines(&reader, &input), 1);
    reply_reader_next(&reader, &terminator, &event);
    assert_int_equal(event.kind, REPLY_END);
    input = lines;
    assert_int_equal(plain_lines(&reader, &input), 0); /* behind the reply */
    assert_int_equal(input.size, lines.size);
}

/* What is kept of a line that began in an earlier input, or was handed on in pieces, must be ended first. */
static void no_line_is_taken_within_another(void **state)
{
    static struct reply_reader reader;
    static uint8_t rest[128];
    static uint8_t long_line[READER_LINE_OCTETS];
    struct bytes head = BYTES_LITERAL("be");
    struct bytes tail = bytes_make(rest, sizeof(rest));
    struct reply_event event;

    (void)state;
    memset(rest, 'x', sizeof(rest));
    memcpy(rest, "gun\r\n", 5);
    begin_body(&reader);
    reply_reader_next(&reader, &head, &event);
    assert_int_equal(event.kind, REPLY_NONE);
    assert_int_equal(plain_lines(&reader, &tail), 0);
    reply_reader_next(&reader, &tail, &event);
    assert_true(bytes_equal(event.text, BYTES_LITERAL("begun")));

    begin_body(&reader);
    memset(long_line, 'x', sizeof(long_line));
    head = bytes_make(long_line, sizeof(long_line));
    tail = bytes_make(rest, sizeof(rest));
    reply_reader_next(&reader, &head, &event);
    assert_int_equal(event.kind, REPLY_BODY);
    assert_false(event.last_piece);
    assert_int_equal(plain_lines(&reader, &tail), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_every_length_are_taken_up_to_the_longest),
        cmocka_unit_test(every_octet_is_judged_alike),
        cmocka_unit_test(bodies_are_read_alike),
        cmocka_unit_test(only_lines_of_bodies_are_taken),
        cmocka_unit_test(no_line_is_taken_within_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
