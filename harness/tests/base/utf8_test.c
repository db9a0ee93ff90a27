/* UTF-8: the borders of RFC 3629 section 4, and what it forbids. */
#include "base/utf8.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    struct bytes text;
    uint32_t code;
} CHARACTERS[] = {
    {BYTES_LITERAL("\0"), 0},
    {BYTES_LITERAL("a"), 'a'},
    {BYTES_LITERAL("\x7F"), 0x7F},
    {BYTES_LITERAL("\xC2\x80"), 0x80},
    {BYTES_LITERAL("\xDF\xBF"), 0x7FF},
    {BYTES_LITERAL("\xE0\xA0\x80"), 0x800},
    {BYTES_LITERAL("\xED\x9F\xBF"), 0xD7FF},
    {BYTES_LITERAL("\xEE\x80\x80"), 0xE000},
    {BYTES_LITERAL("\xEF\xBF\xBF"), 0xFFFF},
    {BYTES_LITERAL("\xF0\x90\x80\x80"), 0x10000},
    {BYTES_LITERAL("\xF4\x8F\xBF\xBF"), 0x10FFFF},
};

static const struct bytes MALFORMED[] = {
    BYTES_LITERAL("\x80"),
    BYTES_LITERAL("\xBF"),
    BYTES_LITERAL("\xC3"),
    BYTES_LITERAL("\xC3("),
    BYTES_LITERAL("\xC0\x80"),
    BYTES_LITERAL("\xC1\xBF"),
    BYTES_LITERAL("\xE0\x9F\xBF"),
    BYTES_LITERAL("\xED\xA0\x80"),
    BYTES_LITERAL("\xED\xBF\xBF"),
    BYTES_LITERAL("\xE2\x82"),
    BYTES_LITERAL("\xF0\x8F\xBF\xBF"),
    BYTES_LITERAL("\xF4\x90\x80\x80"),
    BYTES_LITERAL("\xF5\x80\x80\x80"),
    BYTES_LITERAL("\xFF"),
    BYTES_LITERAL("\xF0\x9F\x98"),
};

enum {
    CHARACTER_COUNT = sizeof(CHARACTERS) / sizeof(CHARACTERS[0]),
    MALFORMED_COUNT = sizeof(MALFORMED) / sizeof(MALFORMED[0]),
};

static void characters_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHARACTER_COUNT; i++) {
        uint32_t code = 0xFFFFFFFF;
        struct bytes text = CHARACTERS[i].text;

        assert_int_equal(utf8_character(text, &code), text.size);
        assert_int_equal(code, CHARACTERS[i].code);
        assert_true(utf8_is_well_formed(text));
    }
    assert_true(utf8_is_well_formed(BYTES_EMPTY));
    assert_true(utf8_is_well_formed(BYTES_LITERAL("gr\xC3\xBC\xC3\x9F dich \xF0\x9F\x98\x80")));
}

static void malformed_octets_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < MALFORMED_COUNT; i++) {
        assert_int_equal(utf8_character(MALFORMED[i], NULL), 0);
        assert_false(utf8_is_well_formed(MALFORMED[i]));
    }
    assert_false(utf8_is_well_formed(BYTES_LITERAL("gr\xFC\xDF")));
}

/* A sequence that the end of the text cuts is looked at no further than that. */
static void nothing_is_read_behind_the_end(void **state)
{
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, 8);
    for (size_t i = 0; i < CHARACTER_COUNT; i++) {
        for (size_t size = 1; size < CHARACTERS[i].text.size; size++) {
            struct bytes cut = guard_page_place(&guard, bytes_slice(CHARACTERS[i].text, 0, size));

            assert_int_equal(utf8_character(cut, NULL), 0);
        }
    }
    guard_page_release(&guard);
}

static void ascii_ends_at_the_first_high_octet(void **state)
{
    (void)state;
    assert_int_equal(ascii_prefix(BYTES_EMPTY), 0);
    assert_int_equal(ascii_prefix(BYTES_LITERAL("abc\x7F")), 4);
    assert_int_equal(ascii_prefix(BYTES_LITERAL("ab\x80"
                                                "c")),
                     2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_read),
        cmocka_unit_test(malformed_octets_are_refused),
        cmocka_unit_test(nothing_is_read_behind_the_end),
        cmocka_unit_test(ascii_ends_at_the_first_high_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
