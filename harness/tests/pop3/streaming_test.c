/* A message of a gibibyte goes through the reply reader in constant memory, and is counted to the octet. */
#include "pop3/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { CHUNK_OCTETS = 64 * 1024, LINE_OCTETS = 78, RSS_GROWTH_KIB_MAX = 1024 };

static const uint64_t MESSAGE_OCTETS = UINT64_C(1) << 30;

static long resident_kib_max(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Lines do not end where chunks do, so that most chunks begin and end in one. */
static void fill(uint8_t *chunk, uint64_t stream_offset)
{
    for (size_t i = 0; i < CHUNK_OCTETS; i++) {
        size_t column = (size_t)((stream_offset + i) % LINE_OCTETS);

        chunk[i] = column == LINE_OCTETS - 2 ? '\r' : column == LINE_OCTETS - 1 ? '\n' : 'a';
    }
}

/* The chunks repeat after as many as a line has octets. */
static uint8_t chunks[LINE_OCTETS][CHUNK_OCTETS];

struct totals {
    uint64_t lines;
    uint64_t wire_octets;
    uint64_t text_octets;
    unsigned facts;
};

static void read_chunk(struct reply_reader *reader, struct bytes input, struct totals *totals)
{
    struct reply_event event;

    for (reply_reader_next(reader, &input, &event); event.kind != REPLY_NONE;
         reply_reader_next(reader, &input, &event)) {
        totals->lines += event.last_piece ? 1 : 0;
        totals->wire_octets += event.wire.size;
        totals->text_octets += event.text.size;
        totals->facts |= event.facts;
    }
}

static void a_gibibyte_streams_in_constant_memory(void **state)
{
    static struct reply_reader reader;
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct totals totals = {.lines = 0};
    struct reply_event event;

    (void)state;
    for (size_t i = 0; i < LINE_OCTETS; i++)
        fill(chunks[i], (uint64_t)i * CHUNK_OCTETS);
    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    reply_reader_next(&reader, &status, &event);
    assert_int_equal(event.kind, REPLY_STATUS);
    read_chunk(&reader, bytes_make(chunks[0], CHUNK_OCTETS), &totals);
    long before_kib = resident_kib_max();

    for (uint64_t i = 1; i < MESSAGE_OCTETS / CHUNK_OCTETS; i++)
        read_chunk(&reader, bytes_make(chunks[i % LINE_OCTETS], CHUNK_OCTETS), &totals);
    assert_true(resident_kib_max() - before_kib <= RSS_GROWTH_KIB_MAX);
    reply_reader_finish(&reader, &event);
    assert_int_equal(event.facts, FACT_CUT);
    assert_true(totals.wire_octets + event.wire.size == MESSAGE_OCTETS);
    assert_true(totals.lines == MESSAGE_OCTETS / LINE_OCTETS);
    assert_true(totals.text_octets == totals.lines * (LINE_OCTETS - 2));
    assert_true(event.offset == 5 + totals.wire_octets);
    assert_int_equal(totals.facts, 0);
}

/* One line without an end: what a server that never sends LF does to its client. */
static void a_line_without_an_end_streams_in_pieces(void **state)
{
    static struct reply_reader reader;
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct totals totals = {.lines = 0};
    struct reply_event event;

    (void)state;
    memset(chunks[0], 'a', CHUNK_OCTETS);
    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    reply_reader_next(&reader, &status, &event);
    for (size_t i = 0; i < 4096; i++)
        read_chunk(&reader, bytes_make(chunks[0], CHUNK_OCTETS), &totals);
    assert_int_equal(totals.lines, 0);
    assert_true(totals.wire_octets == (uint64_t)4096 * CHUNK_OCTETS);
    reply_reader_finish(&reader, &event);
    assert_true(event.last_piece && event.line_octets == totals.wire_octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gibibyte_streams_in_constant_memory),
        cmocka_unit_test(a_line_without_an_end_streams_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
