/* The client's side of APOP and of SASL's mechanisms, against the vectors that the RFCs print. */
#include "sasl/client.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_text(const struct buf *buf, struct bytes expected)
{
    assert_int_equal(buf->size, expected.size);
    assert_memory_equal(buf_text(buf), expected.data, expected.size);
}

/* RFC 1939 section 7, APOP: the example's timestamp and shared secret. */
static void apop_digest_is_that_of_the_rfc(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 64);
    assert_true(sasl_apop_digest(BYTES_LITERAL("<1896.697170952@dbc.mtview.ca.us>"),
                                 BYTES_LITERAL("tanstaaf"), &text));
    assert_text(&text, BYTES_LITERAL("c4c9334bac560ecc979e58001b3e22fb"));
    buf_release(&text);
}

/* RFC 2195 section 2: the example's challenge, name and secret. */
static void cram_md5_answer_is_that_of_the_rfc(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 128);
    assert_true(sasl_client_step("CRAM-MD5", 0, "tim", "tanstaaftanstaaf",
                                 BYTES_LITERAL("<1896.697170952@postoffice.reston.mci.net>"), &text));
    assert_text(&text, BYTES_LITERAL("tim b913a602c7eda7a495b4e6e7334d3890"));
    buf_release(&text);
}

/* RFC 4616 section 4: "tim" with "tanstaaftanstaaf" and no authorization identity. */
static void plain_message_is_that_of_the_rfc(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 128);
    assert_true(sasl_client_step("plain", 0, "tim", "tanstaaftanstaaf", BYTES_EMPTY, &text));
    assert_text(&text, BYTES_LITERAL("\0tim\0tanstaaftanstaaf"));
    buf_release(&text);
}

static void login_answers_name_and_then_password(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 128);
    assert_true(sasl_client_step("LOGIN", 0, "tim", "secret", BYTES_LITERAL("Username:"), &text));
    assert_text(&text, BYTES_LITERAL("tim"));
    buf_clear(&text);
    assert_true(sasl_client_step("LOGIN", 1, "tim", "secret", BYTES_LITERAL("Password:"), &text));
    assert_text(&text, BYTES_LITERAL("secret"));
    buf_release(&text);
}

static void xoauth2_message_has_its_separators(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 128);
    assert_true(sasl_client_step("XOAUTH2", 0, "tim", "token", BYTES_EMPTY, &text));
    assert_text(&text, BYTES_LITERAL("user=tim\001auth=Bearer token\001\001"));
    buf_clear(&text);
    assert_true(sasl_client_step("XOAUTH2", 1, "tim", "token", BYTES_LITERAL("{}"), &text));
    assert_int_equal(text.size, 0);
    buf_release(&text);
}

static void unknown_mechanisms_and_steps_append_nothing(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 128);
    assert_false(sasl_client_step("KERBEROS_V4", 0, "tim", "secret", BYTES_EMPTY, &text));
    assert_false(sasl_client_step("PLAIN", 1, "tim", "secret", BYTES_EMPTY, &text));
    assert_false(sasl_client_step("LOGIN", 2, "tim", "secret", BYTES_EMPTY, &text));
    assert_false(sasl_client_step("CRAM-MD5", 1, "tim", "secret", BYTES_LITERAL("<1@a>"), &text));
    assert_false(sasl_client_step("CRAM-MD5", 0, "tim", "secret", BYTES_EMPTY, &text));
    assert_int_equal(text.size, 0);
    buf_release(&text);
}

/* A message that does not fit leaves nothing of itself behind. */
static void messages_that_do_not_fit_append_nothing(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 10);
    assert_false(sasl_client_step("PLAIN", 0, "tim", "tanstaaftanstaaf", BYTES_EMPTY, &text));
    assert_int_equal(text.size, 0);
    buf_release(&text);
}

static void only_plain_and_xoauth2_speak_first(void **state)
{
    (void)state;
    assert_true(sasl_client_first("PLAIN"));
    assert_true(sasl_client_first("xoauth2"));
    assert_false(sasl_client_first("LOGIN"));
    assert_false(sasl_client_first("CRAM-MD5"));
    assert_false(sasl_client_first("GSSAPI"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apop_digest_is_that_of_the_rfc),
        cmocka_unit_test(cram_md5_answer_is_that_of_the_rfc),
        cmocka_unit_test(plain_message_is_that_of_the_rfc),
        cmocka_unit_test(login_answers_name_and_then_password),
        cmocka_unit_test(xoauth2_message_has_its_separators),
        cmocka_unit_test(unknown_mechanisms_and_steps_append_nothing),
        cmocka_unit_test(messages_that_do_not_fit_append_nothing),
        cmocka_unit_test(only_plain_and_xoauth2_speak_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
