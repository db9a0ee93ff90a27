/* The server's side of SCRAM, against the examples of RFC 5802 and RFC 7677, and messages that are not of the form. */
#include "refserver/scram.h"

#include "base/base64.h"
#include "refserver/shell/shell.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* An exchange as an RFC prints it; user "user", password "pencil". */
struct example {
    const struct refserver_scram_digest *digest;
    const char *client_first;
    const char *nonce; /* the server's part */
    const char *salt;  /* base 64 */
    const char *server_first;
    const char *client_final;
    const char *server_final;
};

static struct example sha_1(void)
{
    return (struct example){
        .digest = &refserver_shell_digests()->scram_sha_1,
        .client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        .nonce = "3rfcNHYJY1ZVvWVs7j",
        .salt = "QSXCR+Q6sek8bf92",
        .server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        .client_final = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        .server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    };
}

static struct example sha_256(void)
{
    return (struct example){
        .digest = &refserver_shell_digests()->scram_sha_256,
        .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        .nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        .salt = "W22ZaJ0SNY7soEsUEjb6gQ==",
        .server_first =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        .client_final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        .server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    };
}

/* The server's first message to EXAMPLE's client; false when it refuses CLIENT_FIRST. */
static bool begin(struct scram *scram, const struct example *example, const char *client_first,
                  struct scram_secret *ret_secret, struct buf *ret_message)
{
    struct buf salt;

    scram_init(scram);
    buf_init(&salt, 64);
    assert_true(base64_decode(bytes_of(example->salt), &salt));
    scram_secret_make(example->digest, BYTES_LITERAL("pencil"), buf_bytes(&salt), 4096, ret_secret);
    bool taken = scram_take_first(scram, bytes_of(client_first));

    if (taken)
        scram_make_first(scram, bytes_of(example->nonce), buf_bytes(&salt), 4096, ret_message);
    buf_release(&salt);
    return taken;
}

static void check_example(const struct example *example)
{
    struct scram_secret secret;
    struct scram scram;
    struct buf message;

    buf_init(&message, 1024);
    assert_true(begin(&scram, example, example->client_first, &secret, &message));
    assert_string_equal(buf_text(&scram.name), "user");
    assert_string_equal(buf_text(&message), example->server_first);
    assert_true(scram_take_final(&scram, example->digest, &secret, bytes_of(example->client_final)));
    buf_clear(&message);
    scram_make_final(&scram, example->digest, &secret, &message);
    assert_string_equal(buf_text(&message), example->server_final);
    buf_release(&message);
    scram_release(&scram);
}

static void exchanges_are_those_of_the_rfcs(void **state)
{
    const struct example examples[] = {sha_1(), sha_256()};

    (void)state;
    check_example(&examples[0]);
    check_example(&examples[1]);
}

/* RFC 5802 section 5.1: names have their commas and equals signs written otherwise. */
static void names_are_decoded(void **state)
{
    const struct example example = sha_1();
    struct scram_secret secret;
    struct scram scram;
    struct buf message;

    (void)state;
    buf_init(&message, 1024);
    assert_true(begin(&scram, &example, "y,a=b=3Db,n=a=2Cb,r=x,extension=1", &secret, &message));
    assert_string_equal(buf_text(&scram.name), "a,b");
    assert_string_equal(buf_text(&scram.identity), "b=b");
    buf_release(&message);
    scram_release(&scram);
}

static void first_messages_of_another_form_are_refused(void **state)
{
    static const char *const messages[] = {
        "",
        "n",
        "n,",
        "n,,",
        ",,n=user,r=x",
        "p=tls-unique,,n=user,r=x", /* channel binding is not offered */
        "x,,n=user,r=x",
        "n,b=c,n=user,r=x",
        "n,a=,n=user,r=x",
        "n,,n=,r=x",
        "n,,n=user",
        "n,,n=user,r=",
        "n,,r=x,n=user",
        "n,,m=must,n=user,r=x", /* section 5.1: an extension that must be understood */
        "n,,n=us=er,r=x",
        "n,,n=user=2,r=x",
        "n,,n=user=2c,r=x",
    };
    const struct example example = sha_1();

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct scram_secret secret;
        struct scram scram;
        struct buf message;

        buf_init(&message, 1024);
        assert_false(begin(&scram, &example, messages[i], &secret, &message));
        buf_release(&message);
        scram_release(&scram);
    }
}

#define NONCE "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"
#define PROOF "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="

static void last_messages_of_another_form_are_refused(void **state)
{
    static const char *const messages[] = {
        "",
        PROOF,
        "c=biws," NONCE,
        "c=biws," NONCE ",p=",
        "c=biws," NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tt=", /* one bit */
        "c=biws," NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4T",
        "c=biws," NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=AAAA",
        "c=eSws," NONCE "," PROOF, /* another header than the first message had */
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL," PROOF,
        "c=biws," NONCE "x," PROOF,
        NONCE ",c=biws," PROOF,
        "c=biws," NONCE "," PROOF ",x=y",
    };
    const struct example example = sha_1();

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct scram_secret secret;
        struct scram scram;
        struct buf message;

        buf_init(&message, 1024);
        assert_true(begin(&scram, &example, example.client_first, &secret, &message));
        assert_false(scram_take_final(&scram, example.digest, &secret, bytes_of(messages[i])));
        buf_release(&message);
        scram_release(&scram);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_are_those_of_the_rfcs),
        cmocka_unit_test(names_are_decoded),
        cmocka_unit_test(first_messages_of_another_form_are_refused),
        cmocka_unit_test(last_messages_of_another_form_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
