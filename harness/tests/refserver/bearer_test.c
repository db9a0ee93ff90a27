/* Messages of OAUTHBEARER and XOAUTH2, against the examples of RFC 7628 and those that are not of the form. */
#include "refserver/bearer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef bool bearer_reader(struct bearer *bearer, struct bytes message);

static void assert_taken(bearer_reader *take, const char *message, const char *name, const char *token)
{
    struct bearer bearer;

    bearer_init(&bearer);
    assert_true(take(&bearer, bytes_of(message)));
    assert_string_equal(buf_text(&bearer.name), name);
    assert_int_equal(bearer.token.size, bytes_of(token).size);
    assert_memory_equal(bearer.token.data, token, bearer.token.size);
    bearer_release(&bearer);
}

static void assert_refused(bearer_reader *take, const char *const *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bearer bearer;

        bearer_init(&bearer);
        if (take(&bearer, bytes_of(messages[i])))
            fail_msg("taken: %s", messages[i]);
        bearer_release(&bearer);
    }
}

/* RFC 7628 sections 4.1 and 4.4. */
static void oauthbearer_is_read(void **state)
{
    (void)state;
    assert_taken(bearer_take_oauthbearer,
                 "n,a=user@example.com,\001host=server.example.com\001port=143\001"
                 "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\001\001",
                 "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
    assert_taken(bearer_take_oauthbearer, "n,,\001auth=Bearer t\001\001", "", "t");
    assert_taken(bearer_take_oauthbearer, "y,a=a=2Cb=3D,\001auth=bEARER  t\001x=\001y=a b\tc\r\n\001\001",
                 "a,b=", "t");
}

static void xoauth2_is_read(void **state)
{
    (void)state;
    assert_taken(bearer_take_xoauth2, "user=someuser@example.com\001auth=Bearer ya29.vF9dft4\001\001",
                 "someuser@example.com", "ya29.vF9dft4");
    assert_taken(bearer_take_xoauth2, "user=a,=b\001auth=Bearer t\001\001", "a,=b", "t");
}

static void other_forms_of_oauthbearer_are_refused(void **state)
{
    static const char *const messages[] = {
        "",
        "\001",
        "n,,",
        "n,,\001",
        "n,,\001\001",
        "n,,auth=Bearer t\001\001",
        "n,\001auth=Bearer t\001\001",
        ",,\001auth=Bearer t\001\001",
        "n,b=u,\001auth=Bearer t\001\001",
        "n,a=,\001auth=Bearer t\001\001",
        "n,a=u=,\001auth=Bearer t\001\001",
        "p=tls-unique,,\001auth=Bearer t\001\001", /* channel binding is not offered */
        "n,,\001auth=Bearer t\001",
        "n,,\001auth=Bearer t",
        "n,,\001auth=Bearer t\001\001x",
        "n,,\001auth=Bearer t\001\001\001",
        "n,,\001\001auth=Bearer t\001\001",
        "n,,\001auth\001\001",
        "n,,\001auth=\001\001",
        "n,,\001auth=Bearer \001\001",
        "n,,\001auth=Bearert\001\001",
        "n,,\001auth=Basic t\001\001",
        "n,,\001auth=Bearer t u\001\001",
        "n,,\001auth=Bearer t\001auth=Bearer t\001\001",
        "n,,\001auth=Bearer t\001=x\001\001",
        "n,,\001auth=Bearer t\001a1=x\001\001",
        "n,,\001auth=Bearer t\001a=\002\001\001",
        "n,,\001auth=Bearer t\001a=\xC3\xA9\001\001",
        "n,,\001host=h\001port=1\001\001",
    };

    (void)state;
    assert_refused(bearer_take_oauthbearer, messages, sizeof(messages) / sizeof(messages[0]));
}

static void other_forms_of_xoauth2_are_refused(void **state)
{
    static const char *const messages[] = {
        "",
        "\001",
        "user=u",
        "user=u\001",
        "user=u\001\001",
        "u\001auth=Bearer t\001\001",
        "auth=Bearer t\001user=u\001\001",
        "user=u\001auth=Bearer t\001",
        "user=u\001auth=Bearer t",
        "user=u\001auth=t\001\001",
        "n,a=u,\001auth=Bearer t\001\001",
    };

    (void)state;
    assert_refused(bearer_take_xoauth2, messages, sizeof(messages) / sizeof(messages[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oauthbearer_is_read),
        cmocka_unit_test(xoauth2_is_read),
        cmocka_unit_test(other_forms_of_oauthbearer_are_refused),
        cmocka_unit_test(other_forms_of_xoauth2_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
