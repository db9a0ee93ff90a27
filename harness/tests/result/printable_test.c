/* What a report may show: hostile octets made printable, and secrets found in each form they take on the wire. */
#include "base/base64.h"
#include "result/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct redactor *redactor;
};

static const char SECRET[] = "tanstaaf-9";

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    arena_init(&fixture->arena, 1024 * 1024);
    fixture->redactor = redactor_new();
    redactor_add(fixture->redactor, bytes_of(SECRET));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    redactor_free(fixture->redactor);
    arena_release(&fixture->arena);
    free(fixture);
    return 0;
}

static const char *shown(struct fixture *fixture, struct bytes octets)
{
    return printable_make(&fixture->arena, fixture->redactor, octets, SIZE_MAX).text;
}

static void assert_not_in(const char *needle, const char *text)
{
    if (strstr(text, needle) != NULL)
        fail_msg("\"%s\" stands in \"%s\"", needle, text);
}

static void each_octet_has_a_printable_form_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    const char *forms[256];

    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t single = (uint8_t)octet;

        forms[octet] = shown(fixture, bytes_make(&single, 1));
        for (const char *c = forms[octet]; *c != '\0'; c++)
            assert_true(*c >= 0x20 && *c <= 0x7E);
        for (unsigned other = 0; other < octet; other++)
            assert_string_not_equal(forms[octet], forms[other]);
    }
    assert_string_equal(forms['A'], "A");
    assert_string_equal(forms['\r'], "\\r");
    assert_string_equal(forms['\n'], "\\n");
    assert_string_equal(forms[0], "\\0");
    assert_string_equal(forms['\\'], "\\\\");
    assert_string_equal(forms['\t'], "\\x09");
    assert_string_equal(forms[0x1B], "\\x1B");
    assert_string_equal(forms[0x7F], "\\x7F");
    assert_string_equal(forms[0xFF], "\\xFF");
}

static void no_more_than_asked_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct bytes octets = BYTES_LITERAL("+OK abcdef\r\n");

    assert_string_equal(printable_make(&fixture->arena, NULL, octets, 3).text, "+OK ... and 9 more octets");
    assert_string_equal(printable_make(&fixture->arena, NULL, octets, 12).text, "+OK abcdef\\r\\n");
    assert_string_equal(printable_make(&fixture->arena, NULL, BYTES_EMPTY, 0).text, "");
}

static void a_secret_at_the_limit_is_not_shown_in_part(void **state)
{
    struct fixture *fixture = *state;
    struct bytes octets = BYTES_LITERAL("PASS tanstaaf-9\r\n");

    for (size_t limit = 0; limit <= octets.size; limit++)
        assert_not_in("ta", printable_make(&fixture->arena, fixture->redactor, octets, limit).text);
    assert_string_equal(printable_make(&fixture->arena, fixture->redactor, octets, 7).text,
                        "PASS [redacted] ... and 10 more octets");
}

static void secrets_are_redacted_wherever_they_stand(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(shown(fixture, BYTES_LITERAL("PASS tanstaaf-9\r\n")), "PASS [redacted]\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("-ERR no tanstaaf-9tanstaaf-9 here")),
                        "-ERR no [redacted] here");
    assert_string_equal(shown(fixture, BYTES_LITERAL("tanstaaf-8")), "tanstaaf-8");
    assert_string_equal(
        printable_sentence(&fixture->arena, fixture->redactor, "sent \"PASS tanstaaf-9\"").text,
        "sent \"PASS [redacted]\"");
}

static void without_a_redactor_nothing_is_secret(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(printable_make(&fixture->arena, NULL, bytes_of(SECRET), SIZE_MAX).text, SECRET);
}

static void hexadecimal_is_redacted_in_either_case(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(shown(fixture, BYTES_LITERAL("<74616e73746161662d39>")), "<[redacted]>");
    assert_string_equal(shown(fixture, BYTES_LITERAL("<74616E73746161662D39>")), "<[redacted]>");
}

/* The secret within SASL messages of every length around it: no run of four characters of its encoding survives. */
static void base64_is_redacted_at_every_alignment(void **state)
{
    struct fixture *fixture = *state;

    for (size_t before = 0; before < 12; before++) {
        for (size_t after = 0; after < 6; after++) {
            struct buf message;
            struct buf text;

            buf_init(&message, 256);
            buf_init(&text, 256);
            for (size_t i = 0; i < before; i++)
                buf_append_octet(&message, (uint8_t)('a' + i));
            buf_append_text(&message, SECRET);
            for (size_t i = 0; i < after; i++)
                buf_append_octet(&message, (uint8_t)('A' + i));
            base64_encode(buf_bytes(&message), &text);

            const char *redacted = shown(fixture, buf_bytes(&text));
            const char *word = strstr(redacted, "[redacted]");

            assert_non_null(word);
            assert_true((size_t)(word - redacted) <= before * 8 / 6);
            assert_true(strlen(word + strlen("[redacted]")) <= (after * 8 + 5) / 6 + 2);
            buf_release(&text);
            buf_release(&message);
        }
    }
}

static void a_plain_message_loses_only_its_password(void **state)
{
    struct fixture *fixture = *state;
    struct bytes message = BYTES_LITERAL("\0test1\0tanstaaf-9");
    struct buf text;

    buf_init(&text, 256);
    buf_append_text(&text, "AUTH PLAIN ");
    base64_encode(message, &text);
    buf_append_text(&text, "\r\n");
    assert_string_equal(shown(fixture, buf_bytes(&text)), "AUTH PLAIN AHRlc3QxA[redacted]\\r\\n");
    buf_release(&text);
}

/* Whoever reads one can try passwords against it: the messages of the RFCs' examples. */
static void proofs_of_passwords_are_redacted(void **state)
{
    struct fixture *fixture = *state;
    static const char *const proofs[] = {
        "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", /* RFC 2195 */
        ("Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5"
         "RjBYK0hJNFRzPQ=="),
        "dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9",                 /* RFC 5802, both */
        "cnNwYXV0aD0wYjk3MTQ2MmNlZjVlOGY5MzBkYjlhMzNiMDJmYzlhMA==", /* RFC 5034 */
    };
    char line[256];

    for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
        snprintf(line, sizeof(line), "+ %s\r\n", proofs[i]);
        assert_string_equal(shown(fixture, bytes_of(line)), "+ [redacted]\\r\\n");
        assert_string_equal(shown(fixture, bytes_of(proofs[i])), "[redacted]");
    }
    /* Challenges prove nothing, and neither does what is no base 64. */
    assert_string_equal(
        shown(fixture, BYTES_LITERAL("+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+")),
        "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
    assert_string_equal(shown(fixture, BYTES_LITERAL("dj1ybUY5cHFWOFM3c3VBb1pXamE=ZEpSa0ZzS1E9")),
                        "dj1ybUY5cHFWOFM3c3VBb1pXamE=ZEpSa0ZzS1E9");
}

static void a_secret_that_is_printed_already_is_still_found(void **state)
{
    struct fixture *fixture = *state;

    redactor_add(fixture->redactor, BYTES_LITERAL("p\\ss\xC3\xBCord"));
    assert_string_equal(shown(fixture, BYTES_LITERAL("p\\ss\xC3\xBCord")), "[redacted]");
    assert_not_in("ord", shown(fixture, BYTES_LITERAL("PASS p\\\\ss\\xC3\\xBCord")));
}

static void digests_of_apop_are_redacted(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(shown(fixture, BYTES_LITERAL("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n")),
                        "APOP mrose [redacted]\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("apop mrose c4c9334bac560ecc979e58001b3e22fb")),
                        "apop mrose [redacted]");
    assert_string_equal(shown(fixture, BYTES_LITERAL("APOP a 00000000000000000000000000000000\r\n")),
                        "APOP a 00000000000000000000000000000000\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("APOP mrose c4c9\r\n")), "APOP mrose c4c9\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("APOP ")), "APOP ");
}

static void short_secrets_are_redacted_in_logins_alone(void **state)
{
    struct fixture *fixture = *state;

    redactor_add(fixture->redactor, BYTES_LITERAL("OK"));
    assert_string_equal(shown(fixture, BYTES_LITERAL("+OK ready\r\n")), "+OK ready\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("PASS OK\r\n")), "PASS [redacted]\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("PASS OK: refused")), "PASS [redacted]: refused");
    /* "\0a\0OK" as PLAIN sends it, "OK" as LOGIN does, and another message that holds it */
    assert_string_equal(shown(fixture, BYTES_LITERAL("AUTH PLAIN AGEAT0s=\r\n")),
                        "AUTH PLAIN [redacted]\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("T0s=\r\n")), "[redacted]\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("bm90IE9L\r\n")), "bm90IE9L\\r\\n");
    assert_string_equal(shown(fixture, BYTES_LITERAL("pass OK")), "pass [redacted]");
    assert_string_equal(shown(fixture, BYTES_LITERAL("PASS OKAY\r\n")), "PASS OKAY\\r\\n");
}

static void no_secret_is_the_empty_one(void **state)
{
    struct fixture *fixture = *state;

    redactor_add(fixture->redactor, BYTES_EMPTY);
    assert_string_equal(shown(fixture, BYTES_LITERAL("PASS \r\n")), "PASS \\r\\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_octet_has_a_printable_form_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_more_than_asked_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_at_the_limit_is_not_shown_in_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_are_redacted_wherever_they_stand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_redactor_nothing_is_secret, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hexadecimal_is_redacted_in_either_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(proofs_of_passwords_are_redacted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(base64_is_redacted_at_every_alignment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_plain_message_loses_only_its_password, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_that_is_printed_already_is_still_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digests_of_apop_are_redacted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_secrets_are_redacted_in_logins_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_secret_is_the_empty_one, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
