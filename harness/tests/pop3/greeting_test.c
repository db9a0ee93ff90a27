/* The timestamp in a greeting: where it is, and what only looks like one. */
#include "pop3/greeting.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { TEXT_OCTETS_MAX = 512 };

struct greeting_case {
    struct bytes text;
    const char *timestamp; /* NULL: none */
};

static const struct greeting_case CASES[] = {
    {BYTES_LITERAL("POP3 server ready <1896.697170952@dbc.mtview.ca.us>"),
     "<1896.697170952@dbc.mtview.ca.us>"},
    {BYTES_LITERAL("<1@h>"), "<1@h>"},
    {BYTES_LITERAL("ready <1@h> since today"), "<1@h>"},
    {BYTES_LITERAL("<1@h><2@h>"), "<1@h>"},
    {BYTES_LITERAL("<not one> <2@h>"), "<2@h>"},
    {BYTES_LITERAL("<@h> <1@> <1@2@h> <3@h>"), "<3@h>"},
    {BYTES_LITERAL("<a<1@h>"), "<1@h>"},
    {BYTES_LITERAL("a>b <1@h>"), "<1@h>"},
    {BYTES_LITERAL("<1@[127.0.0.1]>"), "<1@[127.0.0.1]>"},
    {BYTES_LITERAL(""), NULL},
    {BYTES_LITERAL("no timestamp"), NULL},
    {BYTES_LITERAL("<"), NULL},
    {BYTES_LITERAL("<>"), NULL},
    {BYTES_LITERAL("<1@h"), NULL},
    {BYTES_LITERAL("1@h>"), NULL},
    {BYTES_LITERAL("<1h>"), NULL},
    {BYTES_LITERAL("<1 @h>"), NULL},
    {BYTES_LITERAL("<1@h\x80>"), NULL},
    {BYTES_LITERAL("<1\0@h>"), NULL},
    {BYTES_LITERAL("<1@h\x7F>"), NULL},
};

static void finds_the_timestamp(void **state)
{
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, TEXT_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct bytes found = greeting_timestamp(guard_page_place(&guard, CASES[i].text));

        assert_int_equal(found.data != NULL, CASES[i].timestamp != NULL);
        assert_true(
            bytes_equal(found, CASES[i].timestamp != NULL ? bytes_of(CASES[i].timestamp) : BYTES_EMPTY));
    }
    guard_page_release(&guard);
}

/* CVE-2018-1060: a greeting of many brackets must not cost more than its length. A megabyte of them in quadratic time
 * would pass the time limit of the test. */
static void takes_linear_time(void **state)
{
    enum { OCTETS = 1 << 20 };
    static uint8_t text[OCTETS];

    (void)state;
    memset(text, '<', OCTETS);
    assert_null(greeting_timestamp(bytes_make(text, OCTETS)).data);
    memset(text + 1, '@', OCTETS - 1);
    assert_null(greeting_timestamp(bytes_make(text, OCTETS)).data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_timestamp),
        cmocka_unit_test(takes_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
