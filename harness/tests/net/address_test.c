#include "net/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void splits(const char *text, const char *host, uint16_t port)
{
    struct error error = {.kind = ERROR_NONE};
    struct host_port result;

    if (!address_split(text, &error, &result))
        fail_msg("%s: %s", text, error.text);
    assert_string_equal(result.host, host);
    assert_int_equal(result.port, port);
}

static void split_takes_hosts_and_ports_apart(void **state)
{
    (void)state;
    splits("mail.example", "mail.example", 0);
    splits("mail.example:110", "mail.example", 110);
    splits("192.0.2.1", "192.0.2.1", 0);
    splits("192.0.2.1:65535", "192.0.2.1", 65535);
    splits("[2001:db8::1]:995", "2001:db8::1", 995);
    splits("[::1]", "::1", 0);
    splits("::1", "::1", 0);
    splits("2001:db8::1:110", "2001:db8::1:110", 0);
}

static void split_refuses_what_it_cannot_mean(void **state)
{
    static const char *const wrong[] = {
        "",
        ":110",
        "host:",
        "host:0",
        "host:65536",
        "host:11o",
        "host:-1",
        "host: 110",
        "[::1",
        "[]:110",
        "[::1]110",
        "[::1]:",
        "[mail.example]:110",
        "[192.0.2.1]:110",
        "host:99999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error error = {.kind = ERROR_NONE};
        struct host_port result;

        if (address_split(wrong[i], &error, &result))
            fail_msg("accepted \"%s\"", wrong[i]);
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_true(error.text[0] != '\0');
    }
}

static void split_refuses_names_that_are_too_long(void **state)
{
    char text[2 * HOST_NAME_SIZE];
    struct error error;
    struct host_port result;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[HOST_NAME_SIZE - 1] = '\0';
    assert_true(address_split(text, &error, &result));
    text[HOST_NAME_SIZE - 1] = 'a';
    text[HOST_NAME_SIZE] = '\0';
    assert_false(address_split(text, &error, &result));
}

static void prints_as(const char *number, uint16_t port, const char *expected)
{
    struct address address;
    char text[ADDRESS_TEXT_SIZE];

    assert_true(address_parse(number, &address));
    address_format(&address, port, text);
    assert_string_equal(text, expected);
}

static void addresses_are_printed_as_they_are_typed(void **state)
{
    (void)state;
    prints_as("127.0.0.1", 110, "127.0.0.1:110");
    prints_as("127.0.0.1", 0, "127.0.0.1");
    prints_as("2001:DB8:0::1", 995, "[2001:db8::1]:995");
    prints_as("::1", 0, "::1");
}

static void parse_takes_numbers_only(void **state)
{
    struct address address;

    (void)state;
    assert_false(address_parse("localhost", &address));
    assert_false(address_parse("", &address));
    assert_false(address_parse("127.0.0.256", &address));
}

static void resolve_finds_localhost(void **state)
{
    struct error error;
    struct address_list list;
    struct address loopback;

    (void)state;
    assert_true(address_parse("127.0.0.1", &loopback));
    assert_true(address_resolve("127.0.0.1", &error, &list));
    assert_int_equal(list.count, 1);
    assert_true(address_equal(&list.items[0], &loopback));
    assert_true(address_resolve("localhost", &error, &list));
    assert_true(list.count >= 1);
}

/* An empty label is no name: nobody is asked for it. */
static void resolve_says_which_host_is_unknown(void **state)
{
    struct error error = {.kind = ERROR_NONE};
    struct address_list list;

    (void)state;
    assert_false(address_resolve("no..where", &error, &list));
    assert_int_equal(error.kind, ERROR_UNREACHABLE);
    assert_non_null(strstr(error.text, "\"no..where\" is unknown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_takes_hosts_and_ports_apart),
        cmocka_unit_test(split_refuses_what_it_cannot_mean),
        cmocka_unit_test(split_refuses_names_that_are_too_long),
        cmocka_unit_test(addresses_are_printed_as_they_are_typed),
        cmocka_unit_test(parse_takes_numbers_only),
        cmocka_unit_test(resolve_finds_localhost),
        cmocka_unit_test(resolve_says_which_host_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
