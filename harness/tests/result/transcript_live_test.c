/* A transcript told line by line is the one that is printed at the end, and tells no more of secrets. */
#include "result/transcript_live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct told {
    struct transcript transcript;
    struct transcript_live *live;
    struct redactor *redactor;
    struct buf lines;
};

static void append(void *context, const struct transcript_line *line)
{
    struct buf *lines = (struct buf *)context;

    buf_append_format(lines, "%d %d %lld %s\n", (int)line->direction, line->connection,
                      (long long)line->at_us, line->text.text);
}

static void begin(struct told *told)
{
    transcript_init(&told->transcript);
    buf_init(&told->lines, BUF_UNBOUNDED);
    told->redactor = redactor_new();
    redactor_add(told->redactor, BYTES_LITERAL("s3cret-Pass"));
    told->live = transcript_live_new(told->redactor, append, &told->lines);
    told->transcript.listener = transcript_live_listener(told->live);
}

static void end(struct told *told)
{
    transcript_live_free(told->live);
    redactor_free(told->redactor);
    transcript_release(&told->transcript);
    buf_release(&told->lines);
}

static void hear(struct told *told, enum direction direction, int connection, time_us at_us, const char *text)
{
    transcript_add(&told->transcript, direction, connection, at_us, bytes_of(text));
}

static void a_line_is_told_when_it_is_whole(void **state)
{
    struct told told;

    (void)state;
    begin(&told);
    hear(&told, DIRECTION_SERVER, 1, 1000, "+OK re");
    assert_string_equal(buf_text(&told.lines), "");
    hear(&told, DIRECTION_SERVER, 1, 1007, "ady\r\n+OK");
    assert_string_equal(buf_text(&told.lines), "1 1 0 +OK ready\\r\\n\n");
    hear(&told, DIRECTION_CLIENT, 2, 1009, "NOOP\r\n");
    assert_string_equal(buf_text(&told.lines), "1 1 0 +OK ready\\r\\n\n0 2 9 NOOP\\r\\n\n");
    end(&told);
}

/* Cut anywhere, with the server's octets between the parts, and at the end of what came at all. */
static void a_secret_in_parts_is_no_less_secret(void **state)
{
    static const char line[] = "PASS s3cret-Pass\r\n";

    (void)state;
    for (size_t cut = 1; cut < sizeof(line) - 1; cut++) {
        struct told told;

        begin(&told);
        transcript_add(&told.transcript, DIRECTION_CLIENT, 1, 0, bytes_make(line, cut));
        hear(&told, DIRECTION_SERVER, 1, 1, "+OK early\r\n");
        transcript_add(&told.transcript, DIRECTION_CLIENT, 1, 2, bytes_of(line + cut));
        assert_non_null(strstr(buf_text(&told.lines), "PASS [redacted]\\r\\n"));
        end(&told);
        begin(&told);
        transcript_add(&told.transcript, DIRECTION_CLIENT, 1, 0, bytes_make(line, cut));
        transcript_note(&told.transcript, 1, 1, "closed");
        assert_null(strstr(buf_text(&told.lines), "s3c"));
        end(&told);
    }
}

static void a_line_without_end_is_bounded(void **state)
{
    struct told told;
    struct buf octets;

    (void)state;
    begin(&told);
    buf_init(&octets, BUF_UNBOUNDED);
    for (size_t i = 0; i < 100 * 1000; i++)
        buf_append_octet(&octets, 'x');
    for (int i = 0; i < 10; i++)
        transcript_add(&told.transcript, DIRECTION_SERVER, 1, 0, buf_bytes(&octets));
    assert_string_equal(buf_text(&told.lines), "");
    hear(&told, DIRECTION_SERVER, 1, 0, "\r\nnext\r\n");
    assert_in_range(told.lines.size, 1024, 2048);
    assert_non_null(strstr(buf_text(&told.lines), "\n1 1 0 next\\r\\n\n"));
    buf_release(&octets);
    end(&told);
}

/* Whatever the segments, the lines are those that printing makes, where each is whole before another begins. */
static void it_is_what_printing_shows(void **state)
{
    static const char session[] = "+OK ready\r\n\r\n.\r\nbare\nPASS x\r\n\\\0\xff\r\n";

    (void)state;
    for (size_t size = 1; size < sizeof(session); size++) {
        struct transcript_line *lines;
        struct told told;
        struct buf printed;
        struct arena arena;
        size_t count;

        begin(&told);
        arena_init(&arena, 1024 * 1024);
        buf_init(&printed, BUF_UNBOUNDED);
        transcript_note(&told.transcript, 1, 5, "connected");
        for (size_t i = 0; i < sizeof(session) - 1; i += size) {
            size_t left = sizeof(session) - 1 - i;

            transcript_add(&told.transcript, DIRECTION_SERVER, 1, 7,
                           bytes_make(session + i, size < left ? size : left));
        }
        lines =
            transcript_print(&told.transcript, TRANSCRIPT_OWN_TOPIC, told.redactor, 5, 100, &arena, &count);
        for (size_t i = 0; i < count; i++)
            append(&printed, &lines[i]);
        assert_string_equal(buf_text(&told.lines), buf_text(&printed));
        buf_release(&printed);
        arena_release(&arena);
        end(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_told_when_it_is_whole),
        cmocka_unit_test(a_secret_in_parts_is_no_less_secret),
        cmocka_unit_test(a_line_without_end_is_bounded),
        cmocka_unit_test(it_is_what_printing_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
