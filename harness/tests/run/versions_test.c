/* Versions found in what a target file says, and conditions on them. */
#include "run/versions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void versions_are_found(void **state)
{
    static const struct {
        const char *software;
        const char *version;
    } cases[] = {
        {"Dovecot 2.3.19.1 (9b53102964)", "2.3.19.1"},
        {"Cyrus IMAP 3.6.1-4+deb12u4", "3.6.1"},
        {"GNU Mailutils 3.15.", "3.15"},
        {"pop3d", ""},
        {"r2d2 v7", ""},
        {"", ""},
        {NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(bytes_equal(version_of(cases[i].software), bytes_of(cases[i].version)));
}

static void conditions_hold_or_not(void **state)
{
    static const struct {
        const char *condition;
        const char *version;
        bool holds;
    } cases[] = {
        {"= 2.3", "2.3.19", true},
        {"= 2.3", "2.30", false},
        {"=2.3.1", "2.3", false},
        {"< 2.10", "2.9", true},
        {"< 2.9", "2.10", false},
        {"<= 2.3", "2.3.19", true},
        {"> 2.3", "2.3.19", false},
        {"> 2.3", "2.4", true},
        {">= 2.3, < 2.4", "2.3.19.1", true},
        {">= 2.3, < 2.4", "2.4", false},
        {">=2.3,<2.4", "2.2", false},
        {"= 0", "0.9", true},
        {"< 99999999999999999999", "5", true},
        {"> 5", "99999999999999999999", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(version_condition_is_valid(cases[i].condition));
        if (version_condition_holds(cases[i].condition, bytes_of(cases[i].version)) != cases[i].holds)
            fail_msg("%s of %s", cases[i].condition, cases[i].version);
    }
}

static void what_is_no_condition_is_refused(void **state)
{
    static const char *const texts[] = {"",      "2.3",  "<",          "< ",   "< 2.4,", ", < 2.4",
                                        "< two", "<< 2", "< 2.4 or 3", "< .5", "~ 2",    "\r"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (version_condition_is_valid(texts[i]))
            fail_msg("'%s' was taken", texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_found),
        cmocka_unit_test(conditions_hold_or_not),
        cmocka_unit_test(what_is_no_condition_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
