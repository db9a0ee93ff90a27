/* Capability lines and the set that a CAPA reply makes. */
#include "pop3/capability.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LINE_OCTETS_MAX = 512 };

struct capability_case {
    struct bytes line;
    const char *tag;
    const char *parameters;
};

static const struct capability_case CASES[] = {
    {BYTES_LITERAL("TOP"), "TOP", ""},
    {BYTES_LITERAL("SASL CRAM-MD5 KERBEROS_V4"), "SASL", "CRAM-MD5 KERBEROS_V4"},
    {BYTES_LITERAL("LOGIN-DELAY 900"), "LOGIN-DELAY", "900"},
    {BYTES_LITERAL("IMPLEMENTATION Shlemazle-Plotz-v302"), "IMPLEMENTATION", "Shlemazle-Plotz-v302"},
    {BYTES_LITERAL("x-vendor.less"), "x-vendor.less", ""},
    {BYTES_LITERAL("X-\x7F"), "X-\x7F", ""},
    {BYTES_LITERAL("SASL PLAIN.X"), "SASL", "PLAIN.X"},
    {BYTES_LITERAL(""), NULL, NULL},
    {BYTES_LITERAL(" TOP"), NULL, NULL},
    {BYTES_LITERAL("TOP "), NULL, NULL},
    {BYTES_LITERAL("SASL  PLAIN"), NULL, NULL},
    {BYTES_LITERAL("SASL PLAIN "), NULL, NULL},
    {BYTES_LITERAL("SASL\tPLAIN"), NULL, NULL},
    {BYTES_LITERAL("SASL PL\0AIN"), NULL, NULL},
    {BYTES_LITERAL("IMPLEMENTATION caf\xC3\xA9"), NULL, NULL},
    {BYTES_LITERAL(".TOP"), NULL, NULL},
};

static void takes_lines_apart(void **state)
{
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, LINE_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct capability capability;
        const char *reason = capability_parse(guard_page_place(&guard, CASES[i].line), &capability);

        assert_int_equal(reason == NULL, CASES[i].tag != NULL);
        if (CASES[i].tag == NULL)
            continue;
        assert_true(bytes_equal(capability.tag, bytes_of(CASES[i].tag)));
        assert_true(bytes_equal(capability.parameters, bytes_of(CASES[i].parameters)));
    }
    guard_page_release(&guard);
}

static void finds_by_tag_and_parameter_without_case(void **state)
{
    struct capability_set set;
    struct capability found;

    (void)state;
    capability_set_init(&set);
    capability_set_add(&set, BYTES_LITERAL("TOP"));
    capability_set_add(&set, BYTES_LITERAL("sasl Plain CRAM-MD5"));
    capability_set_add(&set, BYTES_LITERAL("EXPIRE 60 USER"));
    assert_true(capability_set_find(&set, BYTES_LITERAL("top"), &found));
    assert_int_equal(found.parameters.size, 0);
    assert_true(capability_set_find(&set, BYTES_LITERAL("Expire"), &found));
    assert_true(bytes_equal(found.parameters, BYTES_LITERAL("60 USER")));
    assert_true(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("PLAIN")));
    assert_true(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("cram-md5")));
    assert_false(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("CRAM")));
    assert_false(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("")));
    assert_false(capability_set_has(&set, BYTES_LITERAL("TOP"), BYTES_LITERAL("PLAIN")));
    assert_false(capability_set_find(&set, BYTES_LITERAL("UIDL"), &found));
    assert_false(capability_set_find(&set, BYTES_LITERAL("TO"), &found));
    assert_false(set.overflowed);
}

static void keeps_its_own_copy(void **state)
{
    struct capability_set set;
    struct capability found;
    uint8_t line[] = {'U', 'I', 'D', 'L'};

    (void)state;
    capability_set_init(&set);
    capability_set_add(&set, bytes_make(line, sizeof(line)));
    memset(line, 'x', sizeof(line));
    assert_true(capability_set_find(&set, BYTES_LITERAL("UIDL"), &found));
    assert_true(bytes_equal(found.tag, BYTES_LITERAL("UIDL")));
}

static void keeps_what_is_announced_with_odd_parameters(void **state)
{
    struct capability_set set;
    struct capability found;

    (void)state;
    capability_set_init(&set);
    capability_set_add(&set, BYTES_LITERAL("SASL PLAIN  LOGIN "));
    capability_set_add(&set, BYTES_LITERAL(" TOP"));
    capability_set_add(&set, BYTES_LITERAL(""));
    assert_int_equal(set.count, 1);
    assert_true(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("LOGIN")));
    assert_false(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("")));
    assert_false(capability_set_find(&set, BYTES_LITERAL("TOP"), &found));
}

static void looks_at_every_line_of_a_tag(void **state)
{
    struct capability_set set;

    (void)state;
    capability_set_init(&set);
    capability_set_add(&set, BYTES_LITERAL("SASL PLAIN"));
    capability_set_add(&set, BYTES_LITERAL("SASL LOGIN"));
    assert_true(capability_set_has(&set, BYTES_LITERAL("SASL"), BYTES_LITERAL("LOGIN")));
}

static void says_when_it_is_full(void **state)
{
    static uint8_t line[CAPABILITY_STORAGE_OCTETS + 1];
    struct capability_set set;

    (void)state;
    capability_set_init(&set);
    for (size_t i = 0; i < CAPABILITIES_MAX; i++)
        capability_set_add(&set, BYTES_LITERAL("X"));
    assert_false(set.overflowed);
    capability_set_add(&set, BYTES_LITERAL("Y"));
    assert_true(set.overflowed);
    assert_int_equal(set.count, CAPABILITIES_MAX);

    memset(line, 'X', sizeof(line));
    capability_set_init(&set);
    capability_set_add(&set, bytes_make(line, sizeof(line) - 1));
    assert_false(set.overflowed);
    capability_set_init(&set);
    capability_set_add(&set, bytes_make(line, sizeof(line)));
    assert_true(set.overflowed);
    assert_int_equal(set.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_lines_apart),
        cmocka_unit_test(finds_by_tag_and_parameter_without_case),
        cmocka_unit_test(keeps_its_own_copy),
        cmocka_unit_test(keeps_what_is_announced_with_odd_parameters),
        cmocka_unit_test(looks_at_every_line_of_a_tag),
        cmocka_unit_test(says_when_it_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
