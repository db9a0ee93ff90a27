/* SASLprep: the examples of RFC 4013 section 3, and what keeps a string from being prepared. */
#include "sasl/saslprep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text;
    const char *prepared; /* NULL: refused */
} EXAMPLES[] = {
    {"I\xC2\xADX", "IX"}, /* SOFT HYPHEN mapped to nothing */
    {"user", "user"},     /* no transformation */
    {"USER", "USER"},     /* case preserved */
    {"\xC2\xAA", "a"},    /* NFKC */
    {"\xE2\x85\xA8", "IX"},
    {"\x07", NULL},                  /* prohibited */
    {"\xD8\xA7\x31", NULL},          /* bidirectional check */
    {"pele\xCC\x81", "pel\xC3\xA9"}, /* decomposed */
    {"a\xC2\xA0z", "a z"},           /* another space */
    {"\xEE\x80\x80", NULL},          /* private use */
    {"\xEF\xBF\xBD", NULL},          /* replacement character */
    {"\xC3(", NULL},                 /* malformed */
    {"gr\xFC\xDF", NULL},            /* not UTF-8 */
    {"\xC0\x80", NULL},              /* overlong */
    {"", ""},
};

static void examples_are_prepared(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(EXAMPLES) / sizeof(EXAMPLES[0]); i++) {
        struct buf prepared;

        buf_init(&prepared, 100);
        assert_int_equal(saslprep(bytes_of(EXAMPLES[i].text), true, &prepared), EXAMPLES[i].prepared != NULL);
        assert_string_equal(buf_text(&prepared), EXAMPLES[i].prepared != NULL ? EXAMPLES[i].prepared : "");
        buf_release(&prepared);
    }
}

/* RFC 3454 section 7: U+0221 was not assigned in Unicode 3.2. */
static void unassigned_code_points_may_be_asked_for_and_not_stored(void **state)
{
    struct buf prepared;

    (void)state;
    buf_init(&prepared, 100);
    assert_false(saslprep(bytes_of("\xC8\xA1"), true, &prepared));
    assert_true(saslprep(bytes_of("\xC8\xA1"), false, &prepared));
    assert_string_equal(buf_text(&prepared), "\xC8\xA1");
    buf_release(&prepared);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct buf prepared;

    (void)state;
    buf_init(&prepared, 3);
    assert_false(saslprep(bytes_of("four"), false, &prepared));
    assert_false(saslprep(BYTES_LITERAL("a\0b"), false, &prepared));
    assert_int_equal(prepared.size, 0);
    buf_release(&prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_prepared),
        cmocka_unit_test(unassigned_code_points_may_be_asked_for_and_not_stored),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
