/* The server's side of DIGEST-MD5, against the exchange that RFC 5034 section 6 prints, and answers that are not of the form. */
#include "refserver/digest_md5.h"

#include "refserver/shell/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct digest_md5_terms terms = {
    .realm = BYTES_LITERAL("elwood.innosoft.com"),
    .nonce = BYTES_LITERAL("OA6MG9tEQGm2hh"),
    .service = BYTES_LITERAL("pop"),
};

#define REALM    "realm=\"elwood.innosoft.com\""
#define NONCE    "nonce=\"OA6MG9tEQGm2hh\""
#define CNONCE   "cnonce=\"OA6MHXh6VqTrRk\""
#define COUNT    "nc=00000001"
#define URI      "digest-uri=\"pop/elwood.innosoft.com\""
#define RESPONSE "response=b0d56d2f054c24b62072322106468db9"
#define CHRIS    "charset=utf-8,username=\"chris\"," REALM "," NONCE "," COUNT "," CNONCE "," URI ","

static bool take(const char *message, struct digest_md5_answer *answer)
{
    digest_md5_answer_init(answer);
    return digest_md5_take_answer(answer, bytes_of(message));
}

static bool is_right(const char *message, const char *password)
{
    struct digest_md5_answer answer;
    bool right = take(message, &answer) &&
                 digest_md5_is_right(&answer, &terms, refserver_shell_digests(), bytes_of(password));

    digest_md5_answer_release(&answer);
    return right;
}

static void exchange_is_that_of_the_rfc(void **state)
{
    struct digest_md5_answer answer;
    struct buf message;

    (void)state;
    buf_init(&message, 1024);
    digest_md5_make_challenge(&terms, &message);
    assert_string_equal(buf_text(&message), REALM "," NONCE ",qop=\"auth\",algorithm=md5-sess,charset=utf-8");
    assert_true(take(CHRIS RESPONSE ",qop=auth", &answer));
    assert_true(digest_md5_is_right(&answer, &terms, refserver_shell_digests(), BYTES_LITERAL("secret")));
    buf_clear(&message);
    digest_md5_make_final(&answer, refserver_shell_digests(), BYTES_LITERAL("secret"), &message);
    assert_string_equal(buf_text(&message), "rspauth=0b971462cef5e8f930db9a33b02fc9a0");
    digest_md5_answer_release(&answer);
    buf_release(&message);
}

/* Directives in any order and case, with blanks, empty elements, others between them; quality of protection is "auth" if not said. */
static void forms_that_mean_the_same_are_taken(void **state)
{
    static const char *const messages[] = {
        CHRIS RESPONSE,
        " , ,\t" RESPONSE ", maxbuf=65536 ,X-Other=\"a\\\"b,c\",\r\n " CHRIS,
        "USERNAME = \"ch\\ris\", Realm=\"elwood.innosoft.com\"," NONCE "," COUNT "," CNONCE "," URI
        "," RESPONSE ",qop=\"auth\"",
        "username=chris,realm=elwood.innosoft.com,nonce=OA6MG9tEQGm2hh," COUNT ",cnonce=OA6MHXh6VqTrRk," URI
        ",response=\"b0d56d2f054c24b62072322106468db9\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if (!is_right(messages[i], "secret"))
            fail_msg("refused: %s", messages[i]);
}

/* Whose proof is right for what was said, but not for what is demanded; and those whose proof is wrong. */
static void other_answers_are_refused(void **state)
{
    static const char *const messages[] = {
        "",
        ",,,",
        CHRIS,
        CHRIS "response=",
        CHRIS "response=\"\"",
        CHRIS "response=B0D56D2F054C24B62072322106468DB9",
        CHRIS "response=b0d56d2f054c24b62072322106468db8",
        CHRIS RESPONSE "0",
        CHRIS RESPONSE ",qop=auth-int",
        CHRIS RESPONSE ",authzid=\"chris\"",
        CHRIS RESPONSE "," COUNT,
        CHRIS RESPONSE ",username=\"chris\"",
        CHRIS RESPONSE " x",
        CHRIS RESPONSE ",x",
        CHRIS RESPONSE ",=x",
        CHRIS RESPONSE ",x=",
        CHRIS RESPONSE ",x=\"a",
        CHRIS RESPONSE ",x=\"a\\",
        CHRIS RESPONSE ",x=a=b",
        "charset=latin1,username=\"chris\"," REALM "," NONCE "," COUNT "," CNONCE "," URI "," RESPONSE,
        REALM "," NONCE "," COUNT "," CNONCE "," URI "," RESPONSE,
        "username=\"chris\"," NONCE "," COUNT "," CNONCE "," URI "," RESPONSE,
        "username=\"chris\",realm=\"x\"," NONCE "," COUNT "," CNONCE "," URI "," RESPONSE,
        "username=\"chris\"," REALM ",nonce=\"x\"," COUNT "," CNONCE "," URI "," RESPONSE,
        "username=\"chris\"," REALM "," NONCE ",nc=00000002," CNONCE "," URI "," RESPONSE,
        "username=\"chris\"," REALM "," NONCE "," COUNT "," URI "," RESPONSE,
        "username=\"chris\"," REALM "," NONCE "," COUNT "," CNONCE "," RESPONSE,
        "username=\"chris\"," REALM "," NONCE "," COUNT "," CNONCE
        ",digest-uri=\"imap/elwood.innosoft.com\"," RESPONSE,
        "username=\"chris\"," REALM "," NONCE "," COUNT "," CNONCE ",digest-uri=\"pop/\"," RESPONSE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if (is_right(messages[i], "secret"))
            fail_msg("taken: %s", messages[i]);
    assert_false(is_right(CHRIS RESPONSE, "Secret"));
}

static void endless_answers_are_refused(void **state)
{
    struct digest_md5_answer answer;
    struct buf message;

    (void)state;
    buf_init(&message, 8192);
    buf_append_text(&message, "username=\"");
    while (message.size < 4096)
        buf_append_octet(&message, 'x');
    buf_append_octet(&message, '"');
    assert_false(take(buf_text(&message), &answer));
    digest_md5_answer_release(&answer);
    buf_release(&message);
}

/* RFC 2831 section 2.1.2.1: what ISO 8859-1 has is hashed in that, and the rest in UTF-8. The proofs are of another implementation. */
static void letters_are_hashed_in_the_smaller_set(void **state)
{
    (void)state;
    assert_true(is_right("charset=utf-8,username=\"pel\xC3\xA9\"," REALM "," NONCE "," COUNT "," CNONCE
                         "," URI ",response=ceee01227ba12f778587ceb638a4daa3",
                         "cl\xC3\xA9"));
    assert_true(is_right("charset=utf-8,username=\"\xC4\x8D\"," REALM "," NONCE "," COUNT "," CNONCE "," URI
                         ",response=38cbe8a858467d6211b26efd40c1ed27",
                         "cl\xC3\xA9"));
    assert_true(is_right("username=\"pel\xC3\xA9\"," REALM "," NONCE "," COUNT "," CNONCE "," URI
                         ",response=7b85bc979f0cdb7f61b873e071251106",
                         "cl\xC3\xA9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_is_that_of_the_rfc),
        cmocka_unit_test(forms_that_mean_the_same_are_taken),
        cmocka_unit_test(other_answers_are_refused),
        cmocka_unit_test(endless_answers_are_refused),
        cmocka_unit_test(letters_are_hashed_in_the_smaller_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
