/* Transcripts: bounded whatever a server sends, joined into lines, with secrets found across segments. */
#include "base/base64.h"
#include "base/limits.h"
#include "result/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct transcript transcript;
    struct arena arena;
    struct redactor *redactor;
    struct transcript_line *lines;
    size_t count;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    transcript_init(&fixture->transcript);
    arena_init(&fixture->arena, 64 * 1024 * 1024);
    fixture->redactor = redactor_new();
    redactor_add(fixture->redactor, BYTES_LITERAL("hunter22"));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    redactor_free(fixture->redactor);
    arena_release(&fixture->arena);
    transcript_release(&fixture->transcript);
    free(fixture);
    return 0;
}

static void sent(struct fixture *fixture, time_us at_us, const char *text)
{
    transcript_add(&fixture->transcript, DIRECTION_CLIENT, 1, at_us, bytes_of(text));
}

static void received(struct fixture *fixture, time_us at_us, const char *text)
{
    transcript_add(&fixture->transcript, DIRECTION_SERVER, 1, at_us, bytes_of(text));
}

static void print(struct fixture *fixture, time_us began_us, size_t lines_max)
{
    fixture->lines = transcript_print(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, fixture->redactor, began_us,
                                      lines_max, &fixture->arena, &fixture->count);
}

static void assert_line(const struct fixture *fixture, size_t index, enum direction direction, int64_t at_us,
                        const char *text)
{
    assert_true(index < fixture->count);
    assert_int_equal(fixture->lines[index].direction, direction);
    assert_int_equal(fixture->lines[index].at_us, at_us);
    assert_string_equal(fixture->lines[index].text.text, text);
}

static void an_empty_transcript_has_no_lines(void **state)
{
    struct fixture *fixture = *state;

    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 0);
}

static void lines_are_joined_and_split_whatever_the_segments(void **state)
{
    struct fixture *fixture = *state;

    sent(fixture, 1000, "ST");
    sent(fixture, 1500, "AT\r\nNO");
    sent(fixture, 1700, "OP\r\n");
    received(fixture, 2000, "+OK 2 320\r\n+O");
    received(fixture, 3000, "K\r\n");
    print(fixture, 500, 10);
    assert_int_equal(fixture->count, 4);
    assert_line(fixture, 0, DIRECTION_CLIENT, 500, "STAT\\r\\n");
    assert_line(fixture, 1, DIRECTION_CLIENT, 1000, "NOOP\\r\\n");
    assert_line(fixture, 2, DIRECTION_SERVER, 1500, "+OK 2 320\\r\\n");
    assert_line(fixture, 3, DIRECTION_SERVER, 1500, "+OK\\r\\n");
}

static void directions_and_connections_do_not_mix(void **state)
{
    struct fixture *fixture = *state;

    received(fixture, 1, "+OK he");
    sent(fixture, 2, "NOOP\r\n");
    transcript_add(&fixture->transcript, DIRECTION_SERVER, 2, 3, BYTES_LITERAL("+OK two\r\n"));
    received(fixture, 4, "llo\r\n");
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 3);
    assert_line(fixture, 0, DIRECTION_SERVER, 1, "+OK hello\\r\\n");
    assert_line(fixture, 1, DIRECTION_CLIENT, 2, "NOOP\\r\\n");
    assert_line(fixture, 2, DIRECTION_SERVER, 3, "+OK two\\r\\n");
    assert_int_equal(fixture->lines[2].connection, 2);
}

static void a_note_ends_the_lines_of_its_connection(void **state)
{
    struct fixture *fixture = *state;

    received(fixture, 1, "+OK par");
    transcript_note(&fixture->transcript, 1, 2, "closed by %s", "reset");
    received(fixture, 3, "+OK\r\n");
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 3);
    assert_line(fixture, 0, DIRECTION_SERVER, 1, "+OK par");
    assert_line(fixture, 1, DIRECTION_NOTE, 2, "closed by reset");
    assert_line(fixture, 2, DIRECTION_SERVER, 3, "+OK\\r\\n");
}

static void a_secret_in_single_octets_is_found(void **state)
{
    struct fixture *fixture = *state;
    const char *line = "PASS hunter22\r\n";

    for (size_t i = 0; line[i] != '\0'; i++) {
        char octet[2] = {line[i], '\0'};

        sent(fixture, (time_us)i * US_PER_S, octet);
        if (i == 8)
            received(fixture, (time_us)i * US_PER_S, "+OK early\r\n");
    }
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 2);
    assert_line(fixture, 0, DIRECTION_CLIENT, 0, "PASS [redacted]\\r\\n");
}

static void a_secret_in_a_split_sasl_message_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct buf text;

    buf_init(&text, 256);
    base64_encode(BYTES_LITERAL("\0somebody\0hunter22"), &text);
    buf_append_text(&text, "\r\n");
    for (size_t i = 0; i < text.size; i += 3)
        transcript_add(&fixture->transcript, DIRECTION_CLIENT, 1, (time_us)i,
                       bytes_slice(buf_bytes(&text), i, i + 3));
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 1);
    assert_non_null(strstr(fixture->lines[0].text.text, "[redacted]"));
    assert_null(strstr(fixture->lines[0].text.text, "h1bnRlcj"));
    buf_release(&text);
}

static void a_secret_cut_by_a_note_is_found_in_both_parts(void **state)
{
    struct fixture *fixture = *state;

    sent(fixture, 1, "PASS hunt");
    transcript_note(&fixture->transcript, 1, 2, "still waiting");
    sent(fixture, 3, "er22\r\n");
    print(fixture, 0, 10);
    assert_line(fixture, 0, DIRECTION_CLIENT, 1, "PASS [redacted]");
    assert_line(fixture, 2, DIRECTION_CLIENT, 3, "[redacted]\\r\\n");
}

static void too_many_lines_keep_the_first_third_and_the_last(void **state)
{
    struct fixture *fixture = *state;
    char text[32];

    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "+OK %d\r\n", i);
        received(fixture, i, text);
    }
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 10);
    assert_line(fixture, 0, DIRECTION_SERVER, 0, "+OK 0\\r\\n");
    assert_line(fixture, 2, DIRECTION_SERVER, 2, "+OK 2\\r\\n");
    assert_line(fixture, 3, DIRECTION_NOTE, 94, "91 lines left out");
    assert_line(fixture, 4, DIRECTION_SERVER, 94, "+OK 94\\r\\n");
    assert_line(fixture, 9, DIRECTION_SERVER, 99, "+OK 99\\r\\n");
}

static void every_bound_of_lines_is_kept(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 20; i++)
        received(fixture, i, "+OK\r\n");
    for (size_t lines_max = 1; lines_max < 25; lines_max++) {
        print(fixture, 0, lines_max);
        assert_int_equal(fixture->count, lines_max < 20 ? lines_max : 20);
    }
}

static void an_endless_line_is_kept_within_bounds(void **state)
{
    struct fixture *fixture = *state;
    char block[10000];

    memset(block, 'x', sizeof(block));
    received(fixture, 0, "+OK begins ");
    for (int i = 0; i < 1000; i++)
        transcript_add(&fixture->transcript, DIRECTION_SERVER, 1, i, bytes_make(block, sizeof(block)));
    received(fixture, 1000, " ends\r\n");
    assert_true(fixture->transcript.octets.size <= TRANSCRIPT_OCTETS_MAX);
    assert_true(fixture->transcript.octets.size >= TRANSCRIPT_OCTETS_MAX / 2);
    assert_int_equal(fixture->transcript.octets.size + fixture->transcript.left_out,
                     10 * 1000 * 1000 + strlen("+OK begins  ends\r\n"));
    print(fixture, 0, 10);
    assert_int_equal(fixture->count, 3);
    assert_non_null(strstr(fixture->lines[0].text.text, "+OK begins xxx"));
    assert_non_null(strstr(fixture->lines[1].text.text, "octets left out"));
    assert_int_equal(fixture->lines[1].direction, DIRECTION_NOTE);
    assert_true(strlen(fixture->lines[0].text.text) < 1200);
}

static void many_lines_keep_the_first_and_the_last(void **state)
{
    struct fixture *fixture = *state;
    char text[32];

    for (int i = 0; i < 200000; i++) {
        snprintf(text, sizeof(text), "line %d\r\n", i);
        received(fixture, i, text);
    }
    print(fixture, 0, 6);
    assert_line(fixture, 0, DIRECTION_SERVER, 0, "line 0\\r\\n");
    assert_line(fixture, 5, DIRECTION_SERVER, 199999, "line 199999\\r\\n");
    assert_true(fixture->transcript.left_out > 0);
}

/* Each octet a piece of its own: what is kept for them is bounded like the octets. */
static void single_octets_are_bounded_in_number(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 300000; i++)
        received(fixture, i, "\n");
    assert_true(fixture->transcript.count <= 16 * 1024);
    assert_int_equal(fixture->transcript.octets.size + fixture->transcript.left_out, 300000);
    print(fixture, 0, 6);
    assert_line(fixture, 5, DIRECTION_SERVER, 299999, "\\n");
}

/* Where the middle is dropped, a secret may be cut in two: neither part is shown. */
static void a_secret_cut_by_the_gap_is_not_shown(void **state)
{
    struct fixture *fixture = *state;
    size_t head_octets = TRANSCRIPT_OCTETS_MAX / 3;

    for (size_t into = 3; into < 8; into++) {
        struct buf filler;

        transcript_release(&fixture->transcript);
        buf_init(&filler, TRANSCRIPT_OCTETS_MAX);
        for (size_t i = 0; i < head_octets - into; i++)
            buf_append_octet(&filler, i % 64 == 63 ? '\n' : '.');
        transcript_add(&fixture->transcript, DIRECTION_CLIENT, 1, 0, buf_bytes(&filler));
        sent(fixture, 1, "hunter22\r\n");
        for (int i = 0; i < 100; i++)
            transcript_add(&fixture->transcript, DIRECTION_CLIENT, 1, 2, buf_bytes(&filler));
        print(fixture, 0, 8000);
        for (size_t i = 0; i < fixture->count; i++)
            assert_null(strstr(fixture->lines[i].text.text, "hun"));
        buf_release(&filler);
    }
}

/* ---- marks ---- */

/* Line INDEX has MARKED marked, or nothing if that is empty. */
static void assert_marked(const struct fixture *fixture, size_t index, const char *marked)
{
    const struct transcript_line *line = &fixture->lines[index];
    size_t size = line->mark.to - line->mark.from;

    assert_int_equal(size, strlen(marked));
    assert_memory_equal(line->text.text + line->mark.from, marked, size);
}

static void a_mark_is_found_whatever_the_segments(void **state)
{
    struct fixture *fixture = *state;

    received(fixture, 1, "+OK\r\n-E");
    transcript_add(&fixture->transcript, DIRECTION_SERVER, 2, 2, BYTES_LITERAL("+OK other\r\n"));
    sent(fixture, 3, "NOOP\r\n");
    received(fixture, 4, "RR no\n");
    transcript_mark(&fixture->transcript, 7, 1, 4);
    transcript_mark(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, 1, 12);
    transcript_mark(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, 1, 0); /* of each topic the first counts */
    print(fixture, 0, 10);
    assert_marked(fixture, 0, "");
    assert_marked(fixture, 1, "\\n");
    assert_marked(fixture, 2, "");
    assert_marked(fixture, 3, "");
}

static void a_mark_is_counted_from_the_last_opening(void **state)
{
    struct fixture *fixture = *state;

    received(fixture, 1, "+OK first\r\n");
    transcript_restart(&fixture->transcript, 1);
    transcript_note(&fixture->transcript, 1, 2, "connected");
    received(fixture, 3, "+OK again\r\n");
    transcript_mark(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, 1, 4);
    print(fixture, 0, 10);
    assert_marked(fixture, 0, "");
    assert_marked(fixture, 2, "a");
}

/* What is marked within a secret shows no more of it than the word that stands for it. */
static void a_mark_shows_nothing_of_a_secret(void **state)
{
    struct fixture *fixture = *state;

    received(fixture, 1, "-ERR hunter22 x\r\n");
    transcript_mark(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, 1, 7);
    transcript_mark(&fixture->transcript, 1, 1, 14);
    print(fixture, 0, 10);
    assert_line(fixture, 0, DIRECTION_SERVER, 1, "-ERR [redacted] x\\r\\n");
    assert_marked(fixture, 0, "");
    fixture->lines =
        transcript_print(&fixture->transcript, 1, fixture->redactor, 0, 10, &fixture->arena, &fixture->count);
    assert_marked(fixture, 0, "x");
}

/* A flood of lines of 10 octets, of which one has an X that is marked: shown as such, or left out, and never elsewhere. */
static void a_mark_survives_what_is_left_out(void **state)
{
    enum { LINES = 60 * 1000, LINE_OCTETS = 10 };
    static const size_t places[] = {0, 3, LINES / 2, LINES - 2, LINES - 1};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct fixture *fixture;
        size_t marked = 0;

        set_up((void **)&fixture);
        for (size_t line = 0; line < LINES; line++)
            received(fixture, 1, line == places[i] ? "aaaaaXaa\r\n" : "aaaaaaaa\r\n");
        transcript_mark(&fixture->transcript, TRANSCRIPT_OWN_TOPIC, 1, places[i] * LINE_OCTETS + 5);
        print(fixture, 0, 100);
        for (size_t line = 0; line < fixture->count; line++) {
            marked += fixture->lines[line].mark.to > 0;
            if (fixture->lines[line].mark.to > 0)
                assert_marked(fixture, line, "X");
        }
        assert_int_equal(marked, places[i] == LINES / 2 ? 0 : 1);
        tear_down((void **)&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_transcript_has_no_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_are_joined_and_split_whatever_the_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directions_and_connections_do_not_mix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_note_ends_the_lines_of_its_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_in_single_octets_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_in_a_split_sasl_message_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_cut_by_a_note_is_found_in_both_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_lines_keep_the_first_third_and_the_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_bound_of_lines_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_endless_line_is_kept_within_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_lines_keep_the_first_and_the_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(single_octets_are_bounded_in_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_cut_by_the_gap_is_not_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mark_is_found_whatever_the_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mark_is_counted_from_the_last_opening, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mark_shows_nothing_of_a_secret, set_up, tear_down),
        cmocka_unit_test(a_mark_survives_what_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
