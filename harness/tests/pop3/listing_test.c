/* Drop, scan and unique-id listings: what is of the form and what is not, and why. */
#include "pop3/listing.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LINE_OCTETS_MAX = 128 };

struct pair_case {
    const char *line;
    uint64_t first;
    uint64_t second;
    bool more;
};

/* Of the form for STAT and LIST alike: RFC 1939 asks nothing of what follows the second number. */
static const struct pair_case PAIRS[] = {
    {"2 320", 2, 320, false},
    {"0 0", 0, 0, false},
    {"1 120 and more", 1, 120, true},
    {"1 120 ", 1, 120, true},
    {"1 120.", 1, 120, true},
    {"18446744073709551615 18446744073709551615", UINT64_MAX, UINT64_MAX, false},
    {"01 0120", 1, 120, false},
};

static const char *const NO_PAIRS[] = {
    "",
    " ",
    "2",
    "2 ",
    " 2 320",
    "2  320",
    "2\t320",
    "2 \t320",
    "-1 320",
    "2 -320",
    "+2 320",
    "two 320",
    "2 many",
    "1 %!d(float64=5461)",
    "18446744073709551616 1",
    "1 18446744073709551616",
    "2,320",
    "0x2 320",
};

/* Line by line, so that a sentence that is wrong shows beside its line. */
struct reason_case {
    const char *line;
    const char *reason;
};

static const struct reason_case DROP_REASONS[] = {
    {"two 320", "The drop listing does not begin with the number of messages."},
    {"18446744073709551616 1", "The number of messages does not fit 64 bits."},
    {"2", "The line ends behind its first number."},
    {"2\t320", "Something other than a space follows the first number."},
    {"2  320", "More than one space follows the first number."},
    {"2 ", "The size of the maildrop is missing, or not a decimal number."},
    {"2 18446744073709551616", "The size of the maildrop does not fit 64 bits."},
};

static const struct reason_case SCAN_REASONS[] = {
    {"one 120", "The line does not begin with a message-number."},
    {"18446744073709551616 1", "The message-number does not fit 64 bits."},
    {"1 -120", "The size of the message is missing, or not a decimal number."},
    {"1 18446744073709551616", "The size of the message does not fit 64 bits."},
};

#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"

static const struct reason_case UNIQUE_ID_REASONS[] = {
    {"", "The line does not begin with a message-number."},
    {"1", "The line ends behind its first number."},
    {"1 ", "The unique-id is missing."},
    {"1  a", "More than one space follows the first number."},
    {"1 a b", "A space, or more information, follows the unique-id."},
    {"1 a ", "A space, or more information, follows the unique-id."},
    {"1 a\x7F", "The unique-id has an octet outside the range 0x21 to 0x7E."},
    {"1 a\tb", "The unique-id has an octet outside the range 0x21 to 0x7E."},
    {"1 \xC3\xA9", "The unique-id has an octet outside the range 0x21 to 0x7E."},
    {"1 " SEVENTY "1", "The unique-id is longer than 70 octets."},
};

static int setup(void **state)
{
    static struct guard_page guard;

    guard_page_init(&guard, LINE_OCTETS_MAX);
    *state = &guard;
    return 0;
}

static int teardown(void **state)
{
    guard_page_release(*state);
    return 0;
}

static void reads_numbers(void **state)
{
    for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
        struct bytes line = guard_page_place(*state, bytes_of(PAIRS[i].line));
        struct drop_listing drop;
        struct scan_listing scan;

        assert_null(drop_listing_parse(line, &drop));
        assert_int_equal(drop.count, PAIRS[i].first);
        assert_int_equal(drop.octets, PAIRS[i].second);
        assert_int_equal(drop.more, PAIRS[i].more);
        assert_null(scan_listing_parse(line, &scan));
        assert_int_equal(scan.number, PAIRS[i].first);
        assert_int_equal(scan.octets, PAIRS[i].second);
        assert_int_equal(scan.more, PAIRS[i].more);
    }
}

static void refuses_what_is_not_of_the_form(void **state)
{
    for (size_t i = 0; i < sizeof(NO_PAIRS) / sizeof(NO_PAIRS[0]); i++) {
        struct bytes line = guard_page_place(*state, bytes_of(NO_PAIRS[i]));
        struct drop_listing drop = {.count = 77};
        struct scan_listing scan = {.number = 77};

        assert_non_null(drop_listing_parse(line, &drop));
        assert_non_null(scan_listing_parse(line, &scan));
        assert_int_equal(drop.count, 77);
        assert_int_equal(scan.number, 77);
    }
}

static void says_why(void **state)
{
    struct drop_listing drop;
    struct scan_listing scan;
    struct unique_id_listing unique_id;

    (void)state;
    for (size_t i = 0; i < sizeof(DROP_REASONS) / sizeof(DROP_REASONS[0]); i++)
        assert_string_equal(drop_listing_parse(bytes_of(DROP_REASONS[i].line), &drop),
                            DROP_REASONS[i].reason);
    for (size_t i = 0; i < sizeof(SCAN_REASONS) / sizeof(SCAN_REASONS[0]); i++)
        assert_string_equal(scan_listing_parse(bytes_of(SCAN_REASONS[i].line), &scan),
                            SCAN_REASONS[i].reason);
    for (size_t i = 0; i < sizeof(UNIQUE_ID_REASONS) / sizeof(UNIQUE_ID_REASONS[0]); i++)
        assert_string_equal(unique_id_listing_parse(bytes_of(UNIQUE_ID_REASONS[i].line), &unique_id),
                            UNIQUE_ID_REASONS[i].reason);
}

static void reads_unique_ids(void **state)
{
    static const char *const unique_ids[] = {
        "whqtswO00WBw418f9t5JxYwZ", "!", "~", SEVENTY, "a/../b", "<1@h>"};

    for (size_t i = 0; i < sizeof(unique_ids) / sizeof(unique_ids[0]); i++) {
        struct unique_id_listing listing;
        uint8_t line[LINE_OCTETS_MAX] = "12 ";
        size_t size = strlen(unique_ids[i]);

        memcpy(line + 3, unique_ids[i], size);
        assert_null(unique_id_listing_parse(guard_page_place(*state, bytes_make(line, 3 + size)), &listing));
        assert_int_equal(listing.number, 12);
        assert_true(bytes_equal(listing.unique_id, bytes_of(unique_ids[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_of_the_form, setup, teardown),
        cmocka_unit_test(says_why),
        cmocka_unit_test_setup_teardown(reads_unique_ids, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
