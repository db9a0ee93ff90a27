/* HOST[:PORT] and POP3 URLs, taken apart; and what is no address. */
#include "target/target.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct good {
    const char *address;
    const char *host;
    unsigned port;
    unsigned implicit_port;
    const char *user; /* NULL: none */
    const char *text;
} good_addresses[] = {
    {"mail.example", "mail.example", 110, 0, NULL, "mail.example:110"},
    {"mail.example:10110", "mail.example", 10110, 0, NULL, "mail.example:10110"},
    {"127.0.0.1:1", "127.0.0.1", 1, 0, NULL, "127.0.0.1:1"},
    {"[::1]:110", "::1", 110, 0, NULL, "[::1]:110"},
    {"[::1]", "::1", 110, 0, NULL, "[::1]:110"},
    {"::1", "::1", 110, 0, NULL, "[::1]:110"},
    {"pop3://mail.example", "mail.example", 110, 0, NULL, "mail.example:110"},
    {"POP3://mail.example:65535/", "mail.example", 65535, 0, NULL, "mail.example:65535"},
    {"pop3://test@mail.example:10110", "mail.example", 10110, 0, "test", "mail.example:10110"},
    {"pop3s://mail.example", "mail.example", 0, 995, NULL, "mail.example:995"},
    {"pop3s://test@[2001:db8::1]:9995", "2001:db8::1", 0, 9995, "test", "[2001:db8::1]:9995"},
};

static void good_addresses_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good_addresses) / sizeof(good_addresses[0]); i++) {
        const struct good *good = &good_addresses[i];
        struct target target;
        struct error error;

        target_init(&target);
        assert_true(target_parse_address(&target, good->address, &error));
        assert_string_equal(target.host, good->host);
        assert_int_equal(target.port, good->port);
        assert_int_equal(target.implicit_port, good->implicit_port);
        assert_int_equal(target.account_count, good->user != NULL);
        if (good->user != NULL)
            assert_string_equal(target.accounts[0].user, good->user);
        assert_string_equal(target.name, good->text);
        assert_true(target_check(&target, &error));
        target_release(&target);
    }
}

static void bad_addresses_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *address;
        const char *why;
    } bad[] = {
        {"", "the host is missing"},
        {":110", "the host is missing"},
        {"pop3://", "the host is missing"},
        {"mail.example:", "the port is not a number from 1 to 65535"},
        {"mail.example:0", "the port is not a number from 1 to 65535"},
        {"mail.example:65536", "the port is not a number from 1 to 65535"},
        {"mail.example:pop3", "the port is not a number from 1 to 65535"},
        {"mail.example:99999999999999999999", "the port is not a number from 1 to 65535"},
        {"[::1", "the bracket is not closed"},
        {"[::1]110", "something other than a port stands behind the bracket"},
        {"mail example", "the host holds a character that no host name has"},
        {"http://mail.example", "the port is not a number from 1 to 65535"},
        {"mail.example/inbox", "the host holds a character that no host name has"},
        {"mail\r\n.example", "the host holds a character that no host name has"},
        {"pop3://test:secret@mail.example", "a password does not belong into an address"},
        {"pop3://test;AUTH=+APOP@mail.example", "ways of login are chosen in a target file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct target target;
        struct error error;

        target_init(&target);
        assert_false(target_parse_address(&target, bad[i].address, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, bad[i].why) == NULL)
            fail_msg("\"%s\" was refused by: %s", bad[i].address, error.text);
        target_release(&target);
    }
}

static void user_and_password_become_account_1(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    target_init(&target);
    assert_true(target_parse_address(&target, "pop3://test@mail.example", &error));
    assert_true(target_set_login(&target, NULL, "secret", &error));
    assert_int_equal(target.account_count, 1);
    assert_string_equal(target.accounts[0].user, "test");
    assert_string_equal(target.accounts[0].pass, "secret");
    assert_true(target_set_login(&target, "other", NULL, &error));
    assert_int_equal(target.account_count, 1);
    assert_string_equal(target.accounts[0].user, "other");
    assert_string_equal(target.accounts[0].pass, "secret");
    target_release(&target);
}

/* A line end in a name would send a command of its own. */
static void names_and_passwords_cannot_inject_commands(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    target_init(&target);
    assert_false(target_set_login(&target, "test\r\nDELE 1", "secret", &error));
    assert_false(target_set_login(&target, "test", "secret\nDELE 1", &error));
    assert_false(target_set_login(&target, NULL, "secret", &error));
    assert_int_equal(target.account_count, 0);
    target_release(&target);
}

static void contradictions_are_found(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    target_init(&target);
    assert_false(target_check(&target, &error));
    assert_true(target_parse_address(&target, "mail.example", &error));
    assert_true(target_check(&target, &error));
    target.tls = TARGET_TLS_IMPLICIT;
    assert_false(target_check(&target, &error));
    target.implicit_port = 995;
    assert_true(target_check(&target, &error));
    target.tls_key = "key.pem";
    assert_false(target_check(&target, &error));
    target.tls_cert = "cert.pem";
    assert_true(target_check(&target, &error));
    target_release(&target);
}

static void the_text_says_when_nothing_is_verified(void **state)
{
    struct target target;
    enum target_tls tls;

    (void)state;
    target_init(&target);
    assert_true(target_tls_of_name("implicit", &tls));
    assert_false(target_tls_of_name("ssl", &tls));
    target.tls = tls;
    assert_string_equal(target_tls_text(&target), "implicit");
    target.tls_verify = false;
    assert_string_equal(target_tls_text(&target), "implicit, not verified");
    target_release(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses_are_taken_apart),
        cmocka_unit_test(bad_addresses_are_refused_with_a_reason),
        cmocka_unit_test(user_and_password_become_account_1),
        cmocka_unit_test(names_and_passwords_cannot_inject_commands),
        cmocka_unit_test(contradictions_are_found),
        cmocka_unit_test(the_text_says_when_nothing_is_verified),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
