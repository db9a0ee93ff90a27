/* Borrowed runs of octets. */
#include "base/bytes.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define B(text) BYTES_LITERAL(text)

static void compares(void **state)
{
    (void)state;
    assert_true(bytes_equal(BYTES_EMPTY, B("")));
    assert_true(bytes_equal(B("a\0b"), B("a\0b")));
    assert_false(bytes_equal(B("a\0b"), B("a\0c")));
    assert_false(bytes_equal(B("a"), B("ab")));
    assert_true(bytes_equal_nocase(B("Retr"), B("rETR")));
    assert_false(bytes_equal_nocase(B("[\\]^_`"), B("{|}~\x7F\x40")));
    assert_false(bytes_equal_nocase(B("\xC4"), B("\xE4")));
    assert_false(bytes_equal_nocase(B("LIST"), B("LIS")));
    assert_true(bytes_start_with(B("+OK x"), B("+OK")));
    assert_true(bytes_start_with(B("x"), BYTES_EMPTY));
    assert_false(bytes_start_with(B("+O"), B("+OK")));
    assert_true(bytes_end_with(B("a\r\n"), B("\r\n")));
    assert_false(bytes_end_with(B("\n"), B("\r\n")));
    assert_true(bytes_have_lower_case(B("+Ok")));
    assert_false(bytes_have_lower_case(B("-ERR 1 {\xE4`")));
    assert_false(bytes_have_lower_case(BYTES_EMPTY));
}

static void slices_within_its_run(void **state)
{
    struct bytes whole = B("0123456789");

    (void)state;
    assert_true(bytes_equal(bytes_slice(whole, 2, 5), B("234")));
    assert_true(bytes_equal(bytes_slice(whole, 8, 99), B("89")));
    assert_int_equal(bytes_slice(whole, 5, 2).size, 0);
    assert_int_equal(bytes_slice(whole, 99, SIZE_MAX).size, 0);
    assert_true(bytes_equal(bytes_from(whole, 7), B("789")));
    assert_int_equal(bytes_from(whole, 10).size, 0);
    assert_int_equal(bytes_from(BYTES_EMPTY, 0).size, 0);
}

static void finds(void **state)
{
    (void)state;
    assert_int_equal(bytes_find(B("abcabc"), B("ca")), 2);
    assert_int_equal(bytes_find(B("abc"), BYTES_EMPTY), 0);
    assert_int_equal(bytes_find(BYTES_EMPTY, B("a")), BYTES_NOT_FOUND);
    assert_int_equal(bytes_find(B("ab"), B("abc")), BYTES_NOT_FOUND);
    assert_int_equal(bytes_find_octet(B("a\0b"), 0), 1);
    assert_int_equal(bytes_find_octet(B("abc"), 'd'), BYTES_NOT_FOUND);
    assert_int_equal(bytes_find_octet(BYTES_EMPTY, 'a'), BYTES_NOT_FOUND);
}

static void splits_into_all_fields_and_no_more(void **state)
{
    static const struct {
        struct bytes whole;
        size_t fields;
    } cases[] = {{B("a b c"), 3}, {B("a"), 1},  {B(""), 1},    {B(" "), 2},
                 {B("a "), 2},    {B(" a"), 2}, {{NULL, 0}, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes rest = cases[i].whole;
        struct bytes field;
        size_t fields = 0;
        size_t octets = 0;

        while (bytes_split(&rest, ' ', &field)) {
            fields++;
            octets += field.size;
        }
        assert_int_equal(fields, cases[i].fields);
        assert_int_equal(octets + (fields > 0 ? fields - 1 : 0), cases[i].whole.size);
        field = B("left alone");
        assert_false(bytes_split(&rest, ' ', &field));
        assert_true(bytes_equal(field, B("left alone")));
    }
}

static void reads_decimal_numbers_only(void **state)
{
    static const struct {
        struct bytes digits;
        bool ok;
        uint64_t value;
    } cases[] = {
        {B("0"), true, 0},     {B("007"), true, 7}, {B("18446744073709551615"), true, UINT64_MAX},
        {B(""), false, 0},     {B("-1"), false, 0}, {B("18446744073709551616"), false, 0},
        {B("+1"), false, 0},   {B("1 "), false, 0}, {B("28446744073709551615"), false, 0},
        {B("1\0"), false, 0},  {B("x"), false, 0},  {B("99999999999999999999999999"), false, 0},
        {B("\xB2"), false, 0}, {B("/"), false, 0},  {B(":"), false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 77;

        assert_int_equal(bytes_to_u64(cases[i].digits, &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 77));
    }
}

static void knows_ascii(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t o = (uint8_t)octet;
        bool upper = octet >= 0x41 && octet <= 0x5A;
        bool lower = octet >= 0x61 && octet <= 0x7A;

        assert_int_equal(ascii_lower(o), upper ? octet + 0x20 : octet);
        assert_int_equal(ascii_upper(o), lower ? octet - 0x20 : octet);
        assert_int_equal(ascii_is_letter(o), upper || lower);
        assert_int_equal(ascii_is_digit(o), octet >= 0x30 && octet <= 0x39);
        assert_int_equal(ascii_is_visible(o), octet > 0x20 && octet < 0x7F);
    }
}

static void reads_nothing_behind_its_run(void **state)
{
    struct guard_page guard;
    struct bytes placed;
    struct bytes field;
    uint64_t value;

    (void)state;
    guard_page_init(&guard, 64);
    placed = guard_page_place(&guard, B("1234567"));
    assert_true(bytes_to_u64(placed, &value));
    assert_int_equal(bytes_find_octet(placed, 'x'), BYTES_NOT_FOUND);
    assert_int_equal(bytes_find(placed, B("78")), BYTES_NOT_FOUND);
    assert_false(bytes_start_with(placed, B("12345678")));
    assert_false(bytes_equal_nocase(placed, B("1234568")));
    assert_true(bytes_split(&placed, ' ', &field));
    guard_page_release(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(slices_within_its_run),
        cmocka_unit_test(finds),
        cmocka_unit_test(splits_into_all_fields_and_no_more),
        cmocka_unit_test(reads_decimal_numbers_only),
        cmocka_unit_test(knows_ascii),
        cmocka_unit_test(reads_nothing_behind_its_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
