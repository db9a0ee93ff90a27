/*
 * The reply reader: what it answers for each stream of the table, typed by hand; the same at every split point, from
 * memory that ends at a guard page; and the same as the naive reader.
 */
#include "pop3/naive_reader.h"
#include "pop3/reply_log.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LOG_OCTETS_MAX = 1 << 20, STREAM_OCTETS_MAX = 1 << 15 };

#define SINGLE ((struct reply_plan){0, 1})
#define MULTI  ((struct reply_plan){1, 1})

struct reply_case {
    const char *name;
    struct reply_plan plan;
    struct bytes stream;
    const char *expected;
};

#define CASE(name, plan, stream, expected)                                                                   \
    {                                                                                                        \
        name, plan, BYTES_LITERAL(stream), expected                                                          \
    }

static const struct reply_case CASES[] = {
    /* First lines. */
    CASE("single reply", SINGLE, "+OK\r\n", "status \"+OK\"; end; unread 0"),
    CASE("text", SINGLE, "-ERR no such message\r\n", "status \"-ERR no such message\"; end; unread 0"),
    CASE("a negative reply is single where many lines were expected", MULTI, "-ERR no\r\n.\r\n",
         "status \"-ERR no\"; end; unread 3"),
    CASE("what follows a reply stays unread", SINGLE, "+OK\r\n+OK injected\r\n",
         "status \"+OK\"; end; unread 14"),
    CASE("two replies", ((struct reply_plan){0, 2}), "+OK 1\r\n-ERR 2\r\n",
         "status \"+OK 1\"; end; status \"-ERR 2\"; end; unread 0"),
    CASE("bare LF ends a first line", SINGLE, "+OK\n", "status \"+OK\" bare-lf; end; unread 0"),
    CASE("CR inside a first line", SINGLE, "+OK\ra\r\n", "status \"+OK\\0Da\" bare-cr; end; unread 0"),
    CASE("two CR before LF", SINGLE, "+OK\r\r\n", "status \"+OK\\0D\" bare-cr; end; unread 0"),
    CASE("NUL and 8-bit octets", SINGLE, "+OK \0\xFF\r\n", "status \"+OK \\00\\FF\" nul 8bit; end; unread 0"),
    CASE("an empty line is a reply without indicator", SINGLE, "\r\n", "status \"\"; end; unread 0"),
    CASE("LF alone", SINGLE, "\n", "status \"\" bare-lf; end; unread 0"),
    CASE("lower case opens a body", MULTI, "+ok\r\n.\r\n", "status \"+ok\"; end; unread 0"),
    CASE("+ERR is neither", MULTI, "+ERR no\r\n", "status \"+ERR no\"; end; unread 0"),
    CASE("challenge where one line is expected", SINGLE, "+ Zm9v\r\n", "status \"+ Zm9v\"; end; unread 0"),
    CASE("challenge where many are expected", MULTI, "+ \r\n+OK\r\n", "status \"+ \"; end; unread 5"),
    CASE("lone plus", MULTI, "+\r\n", "status \"+\"; end; unread 0"),
    CASE("nothing", SINGLE, "", "unread 0"),
    CASE("first line cut", SINGLE, "+OK half", "status \"+OK half\" cut; unread 0"),
    CASE("first line cut behind CR", SINGLE, "+OK\r", "status \"+OK\\0D\" cut; unread 0"),
    CASE("first line cut behind NUL", SINGLE, "+OK \0", "status \"+OK \\00\" nul cut; unread 0"),
    /* Bodies. */
    CASE("empty body", MULTI, "+OK\r\n.\r\n", "status \"+OK\"; end; unread 0"),
    CASE("listing", MULTI, "+OK\r\n1 120\r\n2 200\r\n.\r\n",
         "status \"+OK\"; body \"1 120\"; body \"2 200\"; end; unread 0"),
    CASE("empty line in a body", MULTI, "+OK\r\n\r\n.\r\n", "status \"+OK\"; body \"\"; end; unread 0"),
    CASE("what follows the terminator stays unread", MULTI, "+OK\r\n.\r\n-ERR\r\n",
         "status \"+OK\"; end; unread 6"),
    CASE("stuffed dot", MULTI, "+OK\r\n..\r\n.\r\n", "status \"+OK\"; body \".\" stuffed; end; unread 0"),
    CASE("stuffed dots", MULTI, "+OK\r\n...a\r\n.\r\n",
         "status \"+OK\"; body \"..a\" stuffed; end; unread 0"),
    CASE("dot that was not stuffed", MULTI, "+OK\r\n.a\r\n.\r\n",
         "status \"+OK\"; body \"a\" unstuffed-dot; end; unread 0"),
    CASE("dot and space", MULTI, "+OK\r\n. \r\n.\r\n",
         "status \"+OK\"; body \" \" unstuffed-dot; end; unread 0"),
    CASE("dot, CR, something else", MULTI, "+OK\r\n.\ra\r\n.\r\n",
         "status \"+OK\"; body \"\\0Da\" bare-cr unstuffed-dot; end; unread 0"),
    CASE("dot and two CR is no terminator", MULTI, "+OK\r\n.\r\r\n.\r\n",
         "status \"+OK\"; body \"\\0D\" bare-cr unstuffed-dot; end; unread 0"),
    CASE("dots inside a line", MULTI, "+OK\r\na.\r\nb..c\r\n.\r\n",
         "status \"+OK\"; body \"a.\"; body \"b..c\"; end; unread 0"),
    CASE("terminator with bare LF", MULTI, "+OK\r\na\r\n.\n",
         "status \"+OK\"; body \"a\"; end bare-lf; unread 0"),
    CASE("bare LF before the dot", MULTI, "+OK\r\na\n.\r\n",
         "status \"+OK\"; body \"a\" bare-lf; end; unread 0"),
    CASE("bare LF before a stuffed dot", MULTI, "+OK\r\na\n..b\r\n.\r\n",
         "status \"+OK\"; body \"a\" bare-lf; body \".b\" stuffed; end; unread 0"),
    CASE("bare CR does not begin a line", MULTI, "+OK\r\na\r.\r\r\n.\r\n",
         "status \"+OK\"; body \"a\\0D.\\0D\" bare-cr; end; unread 0"),
    CASE("terminator glued to the last line", MULTI, "+OK\r\nlast.\r\n",
         "status \"+OK\"; body \"last.\"; unread 0"),
    CASE("NUL in a body", MULTI, "+OK\r\na\0b\r\n.\r\n",
         "status \"+OK\"; body \"a\\00b\" nul; end; unread 0"),
    CASE("8-bit octets in a body", MULTI, "+OK\r\n\xC3\xA9\r\n.\r\n",
         "status \"+OK\"; body \"\\C3\\A9\" 8bit; end; unread 0"),
    CASE("body cut at a line", MULTI, "+OK\r\na\r\n", "status \"+OK\"; body \"a\"; unread 0"),
    CASE("body cut in a line", MULTI, "+OK\r\nabc", "status \"+OK\"; body \"abc\" cut; unread 0"),
    CASE("body cut behind a dot", MULTI, "+OK\r\n.", "status \"+OK\"; body \".\" cut; unread 0"),
    CASE("body cut in the terminator", MULTI, "+OK\r\n.\r", "status \"+OK\"; body \".\\0D\" cut; unread 0"),
    CASE("body cut behind two dots", MULTI, "+OK\r\n..", "status \"+OK\"; body \".\" stuffed cut; unread 0"),
    CASE("facts do not pass from line to line", MULTI, "+OK\r\n\xFF\0\n..\r\nplain\r\n.\r\n",
         "status \"+OK\"; body \"\\FF\\00\" bare-lf nul 8bit; body \".\" stuffed; body \"plain\"; end; "
         "unread 0"),
    CASE("multi-line replies behind one another", ((struct reply_plan){3, 2}),
         "+OK\r\na\r\n.\r\n+OK\r\nb\r\n.\r\n",
         "status \"+OK\"; body \"a\"; end; status \"+OK\"; body \"b\"; end; unread 0"),
};

/* Streams with long runs of one octet: HEAD, COUNT times FILL, TAIL. */
struct long_case {
    const char *name;
    struct reply_plan plan;
    const char *head;
    size_t count;
    char fill;
    const char *tail;
    const char *expected;
};

#define FORTY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct long_case LONG_CASES[] = {
    {"first line of 512 octets", SINGLE, "+OK ", 506, 'a', "\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 510; end; unread 0"},
    {"first line of 513 octets", SINGLE, "+OK ", 507, 'a', "\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 511 long-first-line; end; unread 0"},
    {"challenge of 513 octets", SINGLE, "+ ", 509, 'a', "\r\n",
     "status \"+ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 511; end; unread 0"},
    {"first line that fills the storage", SINGLE, "+OK ", 4090, 'a', "\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4094 long-first-line; end; unread 0"},
    {"first line whose LF passes the storage", SINGLE, "+OK ", 4091, 'a', "\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4095 long-first-line; end; unread 0"},
    {"first line whose CRLF passes the storage", SINGLE, "+OK ", 4092, 'a', "\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4096 long-first-line; end; unread 0"},
    {"first line beyond the storage", SINGLE, "+OK ", 5000, 'a', "\r\n+OK\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4096 long-first-line; end; unread 5"},
    {"facts of the tail that is dropped", SINGLE, "+OK ", 5000, 'a', "\xFF\r\r\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4096 bare-cr 8bit long-first-line; end; unread "
     "0"},
    {"bare LF behind a tail that is dropped", SINGLE, "+OK ", 5000, 'a', "\ra\n",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4096 bare-lf bare-cr long-first-line; end; "
     "unread 0"},
    {"first line cut beyond the storage", SINGLE, "+OK ", 5000, 'a', "\r",
     "status \"+OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 4096 long-first-line cut; unread 0"},
    {"first line of nothing but CR", SINGLE, "", 5000, '\r', "\n",
     "status "
     "\"\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D"
     "\\0D"
     "\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\\0D\" of 4095 bare-cr long-first-line; end; "
     "unread 0"},
    {"body line of 998 octets", MULTI, "+OK\r\n", 998, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 998; end; unread 0"},
    {"body line of 999 octets", MULTI, "+OK\r\n", 999, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 999 long-line; end; unread 0"},
    {"998 octets and a stuffed dot", MULTI, "+OK\r\n..", 997, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" of 998 stuffed; end; unread 0"},
    {"body line that fills a piece", MULTI, "+OK\r\n", 4094, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 4094 long-line; end; unread 0"},
    {"LF behind a full piece", MULTI, "+OK\r\n", 4095, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 4095 long-line ...; more \"\" long-line; end; unread 0"},
    {"CRLF behind a full piece", MULTI, "+OK\r\n", 4096, 'a', "\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 4096 long-line ...; more \"\" long-line; end; unread 0"},
    {"bare LF behind a full piece", MULTI, "+OK\r\n", 4096, 'a', "\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A
     "\" of 4096 long-line ...; more \"\" bare-lf long-line; end; unread 0"},
    {"bare CR at a piece's end", MULTI, "+OK\r\n", 4095, 'a', "\rb\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A
     "\" of 4095 long-line ...; more \"\\0Db\" bare-cr long-line; end; unread 0"},
    {"a dot at a piece's beginning is text", MULTI, "+OK\r\n", 4096, 'a', ".\r\n.\r\n",
     "status \"+OK\"; body \"" FORTY_A "\" of 4096 long-line ...; more \".\" long-line; end; unread 0"},
    {"three pieces", MULTI, "+OK\r\n.", 9000, '.', "\r\n.\r\n",
     "status \"+OK\"; body \"........................................\" of 4095 stuffed long-line ...; "
     "more \"........................................\" of 4096 stuffed long-line ...; "
     "more \"........................................\" of 809 stuffed long-line; end; unread 0"},
    {"stream that ends with a piece", MULTI, "+OK\r\n", 4096, 'a', "",
     "status \"+OK\"; body \"" FORTY_A "\" of 4096 long-line ...; more \"\" long-line cut; unread 0"},
    {"stream that ends with a piece and CR", MULTI, "+OK\r\n", 4095, 'a', "\r",
     "status \"+OK\"; body \"" FORTY_A "\" of 4095 long-line ...; more \"\\0D\" long-line cut; unread 0"},
};

struct context {
    struct guard_page front;
    struct guard_page back;
    struct reply_session session;
    struct buf naive;
    struct buf log;
};

static int setup(void **state)
{
    static struct context context;

    guard_page_init(&context.front, STREAM_OCTETS_MAX);
    guard_page_init(&context.back, STREAM_OCTETS_MAX);
    buf_init(&context.naive, LOG_OCTETS_MAX);
    buf_init(&context.log, LOG_OCTETS_MAX);
    *state = &context;
    return 0;
}

static int teardown(void **state)
{
    struct context *context = *state;

    guard_page_release(&context->front);
    guard_page_release(&context->back);
    buf_release(&context->naive);
    buf_release(&context->log);
    return 0;
}

static void fail_unless_described(const char *name, struct bytes log, const char *expected)
{
    struct buf words;

    buf_init(&words, LOG_OCTETS_MAX);
    reply_log_describe(log, &words);
    if (strcmp(buf_text(&words), expected) != 0)
        fail_msg("%s\n  expected  %s\n  actual    %s", name, expected, buf_text(&words));
    buf_release(&words);
}

static void fail_unless_equal(struct context *context, const char *name, const char *how, size_t at)
{
    struct buf words;

    assert_false(context->session.misplaced);
    if (bytes_equal(buf_bytes(&context->log), buf_bytes(&context->naive)) && !context->session.stalled)
        return;
    buf_init(&words, LOG_OCTETS_MAX);
    reply_log_describe(buf_bytes(&context->log), &words);
    fail_msg("%s, %s %zu: not as read whole: %s%s", name, how, at, buf_text(&words),
             context->session.stalled ? " (stalled)" : "");
}

static void begin(struct context *context, struct reply_plan plan)
{
    buf_clear(&context->log);
    reply_session_init(&context->session, plan, &context->log);
}

static void check_splits(struct context *context, const char *name, struct reply_plan plan,
                         struct bytes stream)
{
    for (size_t at = 0; at <= stream.size; at++) {
        begin(context, plan);
        reply_session_feed(&context->session, guard_page_place(&context->front, bytes_slice(stream, 0, at)));
        reply_session_feed(&context->session, guard_page_place(&context->back, bytes_from(stream, at)));
        reply_session_finish(&context->session);
        fail_unless_equal(context, name, "split at", at);
    }
}

static void check_chunks(struct context *context, const char *name, struct reply_plan plan,
                         struct bytes stream)
{
    static const size_t sizes[] = {1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 1000, 4095, 4096, 4097};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        begin(context, plan);
        for (size_t at = 0; at < stream.size; at += sizes[i]) {
            struct bytes chunk = bytes_slice(stream, at, at + sizes[i]);

            reply_session_feed(&context->session, guard_page_place(&context->front, chunk));
        }
        reply_session_finish(&context->session);
        fail_unless_equal(context, name, "chunks of", sizes[i]);
    }
}

static void check_stream(struct context *context, const char *name, struct reply_plan plan,
                         struct bytes stream, const char *expected)
{
    buf_clear(&context->naive);
    naive_replies(stream, plan, &context->naive);
    begin(context, plan);
    reply_session_feed(&context->session, guard_page_place(&context->front, stream));
    reply_session_finish(&context->session);
    fail_unless_described(name, buf_bytes(&context->log), expected);
    fail_unless_equal(context, name, "whole", stream.size);
    check_splits(context, name, plan, stream);
    check_chunks(context, name, plan, stream);
}

static void answers_what_the_table_says_at_every_cut(void **state)
{
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        check_stream(*state, CASES[i].name, CASES[i].plan, CASES[i].stream, CASES[i].expected);
}

static void cuts_long_lines_at_the_same_places(void **state)
{
    struct buf stream;

    buf_init(&stream, STREAM_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(LONG_CASES) / sizeof(LONG_CASES[0]); i++) {
        const struct long_case *row = &LONG_CASES[i];

        buf_clear(&stream);
        buf_append_text(&stream, row->head);
        for (size_t filled = 0; filled < row->count; filled++)
            buf_append_octet(&stream, (uint8_t)row->fill);
        buf_append_text(&stream, row->tail);
        check_stream(*state, row->name, row->plan, buf_bytes(&stream), row->expected);
    }
    buf_release(&stream);
}

/* Every stream of up to SHORT_OCTETS octets out of those that mean something to the reader. */
static void equals_the_naive_reader_on_every_short_stream(void **state)
{
    enum { SHORT_OCTETS = 6 };
    static const uint8_t alphabet[] = {'.', '\r', '\n', 'a', '\0', 0x80};
    struct context *context = *state;
    uint8_t octets[5 + SHORT_OCTETS] = "+OK\r\n";
    size_t count = 1;

    for (size_t i = 0; i < SHORT_OCTETS; i++)
        count *= sizeof(alphabet);
    for (size_t number = 0; number < count; number++) {
        size_t rest = number;

        for (size_t i = 0; i < SHORT_OCTETS; i++, rest /= sizeof(alphabet))
            octets[5 + i] = alphabet[rest % sizeof(alphabet)];
        struct bytes stream = bytes_make(octets, sizeof(octets));

        buf_clear(&context->naive);
        naive_replies(stream, MULTI, &context->naive);
        for (size_t at = 4; at <= stream.size; at++) {
            begin(context, MULTI);
            reply_session_feed(&context->session, bytes_slice(stream, 0, at));
            reply_session_feed(&context->session, bytes_from(stream, at));
            reply_session_finish(&context->session);
            fail_unless_equal(context, "short stream", "split at", at);
        }
    }
}

static void reads_nothing_before_a_reply_is_expected(void **state)
{
    struct bytes input = BYTES_LITERAL("+OK\r\n");
    struct reply_reader reader;
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    reply_reader_next(&reader, &input, &event);
    assert_int_equal(event.kind, REPLY_NONE);
    assert_int_equal(input.size, 5);
    reply_reader_finish(&reader, &event);
    assert_int_equal(event.kind, REPLY_NONE);
}

static void views_stay_valid_until_the_next_call(void **state)
{
    struct bytes front = BYTES_LITERAL("+OK spans ");
    struct bytes back = BYTES_LITERAL("two inputs\r\n");
    const uint8_t *back_start = back.data;
    struct reply_reader reader;
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    reply_reader_expect(&reader, false);
    reply_reader_next(&reader, &front, &event);
    assert_int_equal(event.kind, REPLY_NONE);
    reply_reader_next(&reader, &back, &event);
    assert_true(bytes_equal(event.text, BYTES_LITERAL("+OK spans two inputs")));
    assert_true(bytes_equal(event.wire, BYTES_LITERAL("+OK spans two inputs\r\n")));
    assert_ptr_equal(event.text.data, reader.storage);
    assert_ptr_equal(back.data, back_start + 12);
}

static void hands_on_views_of_the_input_where_a_line_lies_in_it(void **state)
{
    struct bytes input = BYTES_LITERAL("+OK\r\n..a line\r\n.\r\n");
    const uint8_t *start = input.data;
    struct reply_reader reader;
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    reply_reader_next(&reader, &input, &event);
    assert_ptr_equal(event.wire.data, start);
    reply_reader_next(&reader, &input, &event);
    assert_ptr_equal(event.wire.data, start + 5);
    assert_ptr_equal(event.text.data, start + 6);
    assert_int_equal(event.offset, 5);
    assert_int_equal(event.line_octets, 10);
}

static void a_reply_given_up_leaves_nothing_behind(void **state)
{
    struct bytes half = BYTES_LITERAL("+OK\r\n\xFFhalf a li");
    struct bytes next = BYTES_LITERAL("+OK\r\n");
    struct reply_reader reader;
    struct reply_event event;

    (void)state;
    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    do
        reply_reader_next(&reader, &half, &event);
    while (event.kind != REPLY_NONE);
    reply_reader_expect(&reader, false);
    reply_reader_next(&reader, &next, &event);
    assert_int_equal(event.kind, REPLY_STATUS);
    assert_true(bytes_equal(event.text, BYTES_LITERAL("+OK")));
    assert_int_equal(event.facts, 0);
    assert_int_equal(event.offset, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_what_the_table_says_at_every_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(cuts_long_lines_at_the_same_places, setup, teardown),
        cmocka_unit_test_setup_teardown(equals_the_naive_reader_on_every_short_stream, setup, teardown),
        cmocka_unit_test(reads_nothing_before_a_reply_is_expected),
        cmocka_unit_test(views_stay_valid_until_the_next_call),
        cmocka_unit_test(hands_on_views_of_the_input_where_a_line_lies_in_it),
        cmocka_unit_test(a_reply_given_up_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
