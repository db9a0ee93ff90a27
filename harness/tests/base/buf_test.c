/* Growing runs of octets that keep to their maximum. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_text(const struct buf *buf, const char *text)
{
    assert_int_equal(buf->size, strlen(text));
    assert_string_equal(buf_text(buf), text);
    assert_true(bytes_equal(buf_bytes(buf), bytes_of(text)));
}

static void grows_by_appending(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 1000);
    check_text(&buf, "");
    assert_null(buf.data);
    assert_true(buf_append_text(&buf, "abc"));
    assert_true(buf_append_octet(&buf, 'd'));
    assert_true(buf_append(&buf, BYTES_LITERAL("ef")));
    assert_true(buf_append(&buf, BYTES_EMPTY));
    assert_true(buf_append_format(&buf, "%d %s", 42, "gh"));
    check_text(&buf, "abcdef42 gh");
    for (size_t i = 0; i < 900; i++)
        assert_true(buf_append_octet(&buf, 'x'));
    assert_int_equal(buf.size, 911);
    assert_int_equal(buf.data[buf.size], '\0');
    buf_release(&buf);
    check_text(&buf, "");
}

static void refuses_what_passes_its_maximum(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 4);
    assert_true(buf_append_text(&buf, "abc"));
    assert_false(buf_append_text(&buf, "de"));
    assert_true(buf.overflowed);
    check_text(&buf, "abc");
    assert_false(buf_append_format(&buf, "%d", 12345));
    check_text(&buf, "abc");
    assert_true(buf_append_octet(&buf, 'd'));
    assert_false(buf_append_octet(&buf, 'e'));
    check_text(&buf, "abcd");
    buf_clear(&buf);
    assert_false(buf.overflowed);
    check_text(&buf, "");
    assert_true(buf_append_text(&buf, "efgh"));
    buf_release(&buf);
    buf_init(&buf, 0);
    assert_false(buf_append_octet(&buf, 'a'));
    assert_true(buf_append(&buf, BYTES_EMPTY));
    buf_release(&buf);
}

static void takes_away_at_both_ends(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    buf_consume(&buf, 5);
    buf_truncate(&buf, 0);
    assert_true(buf_append_text(&buf, "0123456789"));
    buf_consume(&buf, 0);
    buf_consume(&buf, 3);
    check_text(&buf, "3456789");
    buf_truncate(&buf, 99);
    buf_truncate(&buf, 4);
    check_text(&buf, "3456");
    buf_consume(&buf, 99);
    check_text(&buf, "");
    assert_true(buf_append_text(&buf, "again"));
    check_text(&buf, "again");
    buf_release(&buf);
}

static void hands_its_text_over(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    char *none = buf_take_text(&buf);

    assert_string_equal(none, "");
    free(none);
    assert_true(buf_append_text(&buf, "mine"));
    char *taken = buf_take_text(&buf);

    assert_string_equal(taken, "mine");
    check_text(&buf, "");
    assert_true(buf_append_text(&buf, "other"));
    assert_string_equal(taken, "mine");
    free(taken);
    buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_appending),
        cmocka_unit_test(refuses_what_passes_its_maximum),
        cmocka_unit_test(takes_away_at_both_ends),
        cmocka_unit_test(hands_its_text_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
