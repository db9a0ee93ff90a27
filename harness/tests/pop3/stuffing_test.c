/* Byte-stuffing of whole messages, there and back. */
#include "pop3/stuffing.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MESSAGE_OCTETS_MAX = 64 };

struct stuffing_case {
    struct bytes message;
    struct bytes wire;
};

static const struct stuffing_case CASES[] = {
    {BYTES_LITERAL(""), BYTES_LITERAL("")},
    {BYTES_LITERAL("plain\r\n"), BYTES_LITERAL("plain\r\n")},
    {BYTES_LITERAL("."), BYTES_LITERAL("..")},
    {BYTES_LITERAL(".\r\n"), BYTES_LITERAL("..\r\n")},
    {BYTES_LITERAL("..\r\n"), BYTES_LITERAL("...\r\n")},
    {BYTES_LITERAL("a\r\n.b\r\n\r\n.\r\n"), BYTES_LITERAL("a\r\n..b\r\n\r\n..\r\n")},
    {BYTES_LITERAL("a.b\r\nc.\r\n"), BYTES_LITERAL("a.b\r\nc.\r\n")},
    /* Only CRLF ends a line. */
    {BYTES_LITERAL("a\n.b\r.c\r\n"), BYTES_LITERAL("a\n.b\r.c\r\n")},
    {BYTES_LITERAL("a\r\r\n.b"), BYTES_LITERAL("a\r\r\n..b")},
    {BYTES_LITERAL("\0\r\n.\xFF"), BYTES_LITERAL("\0\r\n..\xFF")},
};

static void stuffs_and_takes_it_back(void **state)
{
    struct guard_page guard;
    struct buf out;

    (void)state;
    guard_page_init(&guard, MESSAGE_OCTETS_MAX);
    buf_init(&out, MESSAGE_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        buf_clear(&out);
        assert_true(stuff_append(guard_page_place(&guard, CASES[i].message), &out));
        assert_true(bytes_equal(buf_bytes(&out), CASES[i].wire));
        buf_clear(&out);
        assert_true(unstuff_append(guard_page_place(&guard, CASES[i].wire), &out));
        assert_true(bytes_equal(buf_bytes(&out), CASES[i].message));
    }
    buf_release(&out);
    guard_page_release(&guard);
}

static void takes_one_dot_away_even_where_it_was_not_stuffed(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, MESSAGE_OCTETS_MAX);
    assert_true(unstuff_append(BYTES_LITERAL(".a\r\nb\r\n."), &out));
    assert_string_equal(buf_text(&out), "a\r\nb\r\n");
    buf_release(&out);
}

static void appends_all_or_nothing(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 8);
    assert_true(buf_append_text(&out, "ab"));
    assert_false(stuff_append(BYTES_LITERAL("c\r\n.d\r\n"), &out));
    assert_string_equal(buf_text(&out), "ab");
    assert_true(out.overflowed);
    assert_true(stuff_append(BYTES_LITERAL(".\r\n"), &out));
    assert_string_equal(buf_text(&out), "ab..\r\n");
    assert_false(unstuff_append(BYTES_LITERAL("..\r\n"), &out));
    assert_string_equal(buf_text(&out), "ab..\r\n");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stuffs_and_takes_it_back),
        cmocka_unit_test(takes_one_dot_away_even_where_it_was_not_stuffed),
        cmocka_unit_test(appends_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
