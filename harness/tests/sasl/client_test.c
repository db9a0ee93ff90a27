/*
 * The client's side of APOP and of SASL's mechanisms, against the vectors that the RFCs print. The nonce of GNU SASL's
 * clients is that of RFC 5802's example: gsasl_nonce() below stands in the place of the library's own.
 */
#include "sasl/client.h"

#include "base/base64.h"

#include <gsasl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

int gsasl_nonce(char *data, size_t size)
{
    struct buf nonce;

    memset(data, 0, size);
    buf_init(&nonce, 18);
    assert_true(base64_decode(BYTES_LITERAL("fyko+d2lbbFgONRv9qkxdawL"), &nonce));
    memcpy(data, nonce.data, size < nonce.size ? size : nonce.size);
    buf_release(&nonce);
    return GSASL_OK;
}

static const struct sasl_identity tim = {
    .user = "tim",
    .pass = "tanstaaftanstaaf",
    .token = "vF9dft4qmT",
    .host = "server.example.com",
    .port = 110,
};

static void assert_text(const struct buf *buf, struct bytes expected)
{
    assert_int_equal(buf->size, expected.size);
    assert_memory_equal(buf_text(buf), expected.data, expected.size);
}

static struct sasl_client *client_of(enum login_method method, const struct sasl_identity *identity)
{
    struct sasl_client *client = sasl_client_new(method, identity);

    assert_non_null(client);
    return client;
}

/* CHALLENGE gets EXPECTED, and PROGRESS. */
static void assert_step(struct sasl_client *client, struct bytes challenge, enum sasl_progress progress,
                        struct bytes expected)
{
    struct buf message;

    buf_init(&message, 1024);
    assert_int_equal(sasl_client_step(client, challenge, &message), progress);
    assert_text(&message, expected);
    buf_release(&message);
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

/* RFC 2195 section 2: the example's challenge, name and secret. There is no second step, and none without a challenge. */
static void cram_md5_answer_is_that_of_the_rfc(void **state)
{
    static const struct bytes challenge = BYTES_LITERAL("<1896.697170952@postoffice.reston.mci.net>");
    struct sasl_client *client = client_of(LOGIN_AUTH_CRAM_MD5, &tim);

    (void)state;
    assert_step(client, challenge, SASL_COMPLETE, BYTES_LITERAL("tim b913a602c7eda7a495b4e6e7334d3890"));
    assert_step(client, challenge, SASL_STUCK, BYTES_EMPTY);
    sasl_client_free(client);
    client = client_of(LOGIN_AUTH_CRAM_MD5, &tim);
    assert_step(client, BYTES_EMPTY, SASL_STUCK, BYTES_EMPTY);
    sasl_client_free(client);
}

/* RFC 4616 section 4: "tim" with "tanstaaftanstaaf" and no authorization identity. */
static void plain_message_is_that_of_the_rfc(void **state)
{
    struct sasl_client *client = client_of(LOGIN_AUTH_PLAIN, &tim);

    (void)state;
    assert_step(client, BYTES_EMPTY, SASL_COMPLETE, BYTES_LITERAL("\0tim\0tanstaaftanstaaf"));
    assert_step(client, BYTES_EMPTY, SASL_STUCK, BYTES_EMPTY);
    sasl_client_free(client);
}

static void login_answers_name_and_then_password(void **state)
{
    struct sasl_client *client = client_of(LOGIN_AUTH_LOGIN, &tim);

    (void)state;
    assert_step(client, BYTES_LITERAL("User Name\0"), SASL_GOES_ON, BYTES_LITERAL("tim"));
    assert_step(client, BYTES_LITERAL("Password\0"), SASL_COMPLETE, BYTES_LITERAL("tanstaaftanstaaf"));
    assert_step(client, BYTES_LITERAL("More"), SASL_STUCK, BYTES_EMPTY);
    sasl_client_free(client);
}

/* ---- SCRAM ---- */

static const struct sasl_identity user = {.user = "user", .pass = "pencil", .host = "pop.example"};

#define CLIENT_FIRST BYTES_LITERAL("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
#define SERVER_FIRST BYTES_LITERAL("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
#define CLIENT_FINAL                                                                                         \
    BYTES_LITERAL("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")

static struct sasl_client *scram_client(void)
{
    struct sasl_client *client = client_of(LOGIN_AUTH_SCRAM_SHA_1, &user);

    assert_step(client, BYTES_EMPTY, SASL_GOES_ON, CLIENT_FIRST);
    assert_step(client, SERVER_FIRST, SASL_GOES_ON, CLIENT_FINAL);
    return client;
}

/* RFC 5802 section 5. */
static void scram_sha_1_exchange_is_that_of_the_rfc(void **state)
{
    struct sasl_client *client = scram_client();

    (void)state;
    assert_step(client, BYTES_LITERAL("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), SASL_COMPLETE, BYTES_EMPTY);
    sasl_client_free(client);
}

/* One bit of it, nothing of it, another form: none proves that the server knows the secret. */
static void a_wrong_signature_is_noticed(void **state)
{
    static const char *const signatures[] = {"v=rmF9pqV8S7suAoZWja4dJRkFsKR=", "v=", "", "OK",
                                             "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="};

    (void)state;
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        struct sasl_client *client = scram_client();

        assert_step(client, bytes_of(signatures[i]), SASL_SERVER_FALSE, BYTES_EMPTY);
        sasl_client_free(client);
    }
}

/* RFC 2831 section 2.1.3: the same for DIGEST-MD5, where it is the last challenge. */
static void a_wrong_response_auth_is_noticed(void **state)
{
    static const char *const proofs[] = {"rspauth=00000000000000000000000000000000", "rspauth=", "", "OK"};

    (void)state;
    for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
        struct sasl_client *client = client_of(LOGIN_AUTH_DIGEST_MD5, &user);
        struct buf answer;

        buf_init(&answer, 1024);
        assert_int_equal(
            sasl_client_step(
                client,
                BYTES_LITERAL("realm=\"h\",nonce=\"n\",qop=\"auth\",charset=utf-8,algorithm=md5-sess"),
                &answer),
            SASL_GOES_ON);
        buf_release(&answer);
        assert_step(client, bytes_of(proofs[i]), SASL_SERVER_FALSE, BYTES_EMPTY);
        sasl_client_free(client);
    }
}

/* RFC 5802 section 7: a server may say what it has against the client instead. */
static void a_scram_error_is_no_lie(void **state)
{
    struct sasl_client *client = scram_client();

    (void)state;
    assert_step(client, BYTES_LITERAL("e=invalid-proof"), SASL_COMPLETE, BYTES_EMPTY);
    sasl_client_free(client);
}

/* A hostile server could have a key derived for hours. */
static void iterations_without_end_stop_the_exchange(void **state)
{
    static const char *const counts[] = {"2000001", "4294967295", "99999999999999999999", "x"};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct sasl_client *client = client_of(LOGIN_AUTH_SCRAM_SHA_1, &user);
        char challenge[128];

        assert_step(client, BYTES_EMPTY, SASL_GOES_ON, CLIENT_FIRST);
        snprintf(challenge, sizeof(challenge),
                 "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=%s", counts[i]);
        assert_step(client, bytes_of(challenge), SASL_STUCK, BYTES_EMPTY);
        sasl_client_free(client);
    }
}

/* RFC 5802 section 5.1: a nonce that does not begin with the client's is refused. */
static void another_nonce_stops_the_exchange(void **state)
{
    struct sasl_client *client = client_of(LOGIN_AUTH_SCRAM_SHA_1, &user);

    (void)state;
    assert_step(client, BYTES_EMPTY, SASL_GOES_ON, CLIENT_FIRST);
    assert_step(client, BYTES_LITERAL("r=3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"), SASL_STUCK,
                BYTES_EMPTY);
    sasl_client_free(client);
}

/* ---- against the server of GNU SASL ---- */

static int give_password(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
    (void)library;
    if (property == GSASL_PASSWORD)
        return gsasl_property_set(session, GSASL_PASSWORD, "tanstaaftanstaaf");
    return GSASL_NO_CALLBACK;
}

/* What the server answers to MESSAGE, into RET_CHALLENGE. */
static int server_step(Gsasl_session *session, struct bytes message, struct buf *ret_challenge)
{
    char *output = NULL;
    size_t size = 0;
    int status = gsasl_step(session, message.size > 0 ? (const char *)message.data : NULL, message.size,
                            &output, &size);

    buf_clear(ret_challenge);
    if (size > 0)
        buf_append(ret_challenge, bytes_make(output, size));
    gsasl_free(output);
    return status;
}

/* Runs METHOD as IDENTITY; what the server made of it in the end. */
static int agree(enum login_method method, const struct sasl_identity *identity)
{
    struct sasl_client *client = client_of(method, identity);
    enum sasl_progress progress = SASL_GOES_ON;
    Gsasl_session *session;
    struct buf challenge;
    struct buf message;
    Gsasl *library;
    int status;

    assert_int_equal(gsasl_init(&library), GSASL_OK);
    gsasl_callback_set(library, give_password);
    assert_int_equal(gsasl_server_start(library, login_mechanism(method), &session), GSASL_OK);
    buf_init(&challenge, 4096);
    buf_init(&message, 4096);
    status = login_client_first(method) ? GSASL_NEEDS_MORE : server_step(session, BYTES_EMPTY, &challenge);
    while (status == GSASL_NEEDS_MORE && progress == SASL_GOES_ON) {
        buf_clear(&message);
        progress = sasl_client_step(client, buf_bytes(&challenge), &message);
        status = server_step(session, buf_bytes(&message), &challenge);
    }
    /* The proof of the server comes with its last message. */
    if (status == GSASL_OK && progress == SASL_GOES_ON)
        assert_int_equal(sasl_client_step(client, buf_bytes(&challenge), &message), SASL_COMPLETE);
    buf_release(&message);
    buf_release(&challenge);
    gsasl_finish(session);
    gsasl_done(library);
    sasl_client_free(client);
    return status;
}

static void another_server_is_convinced_by_the_right_secret_alone(void **state)
{
    static const enum login_method methods[] = {LOGIN_AUTH_CRAM_MD5, LOGIN_AUTH_DIGEST_MD5,
                                                LOGIN_AUTH_SCRAM_SHA_1, LOGIN_AUTH_SCRAM_SHA_256};
    struct sasl_identity wrong = tim;

    (void)state;
    wrong.pass = "not-tanstaaf";
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        assert_int_equal(agree(methods[i], &tim), GSASL_OK);
        assert_int_equal(agree(methods[i], &wrong), GSASL_AUTHENTICATION_ERROR);
    }
}

/* ---- tokens ---- */

static void xoauth2_message_has_its_separators(void **state)
{
    struct sasl_client *client = client_of(LOGIN_AUTH_XOAUTH2, &tim);

    (void)state;
    assert_step(client, BYTES_EMPTY, SASL_COMPLETE,
                BYTES_LITERAL("user=tim\001auth=Bearer vF9dft4qmT\001\001"));
    assert_step(client, BYTES_LITERAL("{\"status\":\"401\"}"), SASL_COMPLETE, BYTES_EMPTY);
    assert_step(client, BYTES_LITERAL("more"), SASL_STUCK, BYTES_EMPTY);
    sasl_client_free(client);
}

/* RFC 7628 sections 4.1 and 4.3: the form of the examples; a comma and an equals sign are written otherwise. */
static void oauthbearer_message_is_that_of_the_rfc(void **state)
{
    struct sasl_identity identity = tim;

    (void)state;
    identity.user = "u=s,er";
    struct sasl_client *client = client_of(LOGIN_AUTH_OAUTHBEARER, &identity);

    assert_step(client, BYTES_EMPTY, SASL_COMPLETE,
                BYTES_LITERAL("n,a=u=3Ds=2Cer,\001host=server.example.com\001port=110\001"
                              "auth=Bearer vF9dft4qmT\001\001"));
    assert_step(client, BYTES_LITERAL("{\"status\":\"invalid_token\"}"), SASL_COMPLETE,
                BYTES_LITERAL("\001"));
    sasl_client_free(client);
}

static void what_lacks_its_secret_does_not_begin(void **state)
{
    (void)state;
    assert_null(sasl_client_new(LOGIN_AUTH_XOAUTH2, &user));
    assert_null(sasl_client_new(LOGIN_AUTH_OAUTHBEARER, &user));
    assert_null(sasl_client_new(LOGIN_USER_PASS, &tim));
    assert_null(sasl_client_new(LOGIN_APOP, &tim));
}

/* A message that does not fit leaves nothing of itself behind. */
static void messages_that_do_not_fit_append_nothing(void **state)
{
    static const enum login_method methods[] = {LOGIN_AUTH_PLAIN, LOGIN_AUTH_SCRAM_SHA_256,
                                                LOGIN_AUTH_OAUTHBEARER};

    (void)state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct sasl_client *client = client_of(methods[i], &tim);
        struct buf text;

        buf_init(&text, 10);
        assert_int_equal(sasl_client_step(client, BYTES_EMPTY, &text), SASL_STUCK);
        assert_int_equal(text.size, 0);
        buf_release(&text);
        sasl_client_free(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apop_digest_is_that_of_the_rfc),
        cmocka_unit_test(cram_md5_answer_is_that_of_the_rfc),
        cmocka_unit_test(plain_message_is_that_of_the_rfc),
        cmocka_unit_test(login_answers_name_and_then_password),
        cmocka_unit_test(scram_sha_1_exchange_is_that_of_the_rfc),
        cmocka_unit_test(a_wrong_signature_is_noticed),
        cmocka_unit_test(a_wrong_response_auth_is_noticed),
        cmocka_unit_test(a_scram_error_is_no_lie),
        cmocka_unit_test(iterations_without_end_stop_the_exchange),
        cmocka_unit_test(another_nonce_stops_the_exchange),
        cmocka_unit_test(another_server_is_convinced_by_the_right_secret_alone),
        cmocka_unit_test(xoauth2_message_has_its_separators),
        cmocka_unit_test(oauthbearer_message_is_that_of_the_rfc),
        cmocka_unit_test(what_lacks_its_secret_does_not_begin),
        cmocka_unit_test(messages_that_do_not_fit_append_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
