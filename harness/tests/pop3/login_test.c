/* The ways to log in, by their names. */
#include "pop3/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_mechanism_is_found_by_its_name(void **state)
{
    enum login_method found;
    size_t count = 0;

    (void)state;
    for (int i = 0; i < LOGIN_METHOD_COUNT; i++) {
        const char *mechanism = login_mechanism((enum login_method)i);

        if (mechanism == NULL)
            continue;
        assert_true(login_of_mechanism(bytes_of(mechanism), &found));
        assert_int_equal(found, i);
        count++;
    }
    assert_int_equal(count, LOGIN_METHOD_COUNT - 2);
    assert_true(login_of_mechanism(BYTES_LITERAL("Scram-Sha-256"), &found));
    assert_int_equal(found, LOGIN_AUTH_SCRAM_SHA_256);
    assert_false(login_of_mechanism(BYTES_LITERAL("SCRAM-SHA"), &found));
    assert_false(login_of_mechanism(BYTES_EMPTY, &found));
}

/* What the mechanisms' own documents say of who speaks first, and what is shown. */
static void mechanisms_are_what_they_are(void **state)
{
    (void)state;
    assert_true(login_client_first(LOGIN_AUTH_PLAIN));
    assert_true(login_client_first(LOGIN_AUTH_SCRAM_SHA_1));
    assert_false(login_client_first(LOGIN_AUTH_CRAM_MD5));
    assert_false(login_client_first(LOGIN_AUTH_DIGEST_MD5));
    assert_true(login_wants_token(LOGIN_AUTH_OAUTHBEARER));
    assert_false(login_wants_token(LOGIN_AUTH_LOGIN));
    assert_string_equal(login_keyword(LOGIN_USER_PASS), "user-pass");
    assert_string_equal(login_keyword(LOGIN_AUTH_SCRAM_SHA_1), "scram-sha-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mechanism_is_found_by_its_name),
        cmocka_unit_test(mechanisms_are_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
