/* The test vectors of RFC 1321, 2202, 3174, 4231, 6070 and FIPS 180, and the example of RFC 1939 section 7. */
#include "digest/digest.h"
#include "digest/random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_hex(const uint8_t *octets, size_t size, const char *expected)
{
    char text[2 * DIGEST_SHA256_SIZE + 1] = "";

    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    assert_string_equal(text, expected);
}

static void md5_of_the_rfc(void **state)
{
    uint8_t out[DIGEST_MD5_SIZE];

    (void)state;
    assert_true(digest_md5(BYTES_EMPTY, out));
    assert_hex(out, sizeof(out), "d41d8cd98f00b204e9800998ecf8427e");
    assert_true(digest_md5(bytes_of("message digest"), out));
    assert_hex(out, sizeof(out), "f96b697d7cb7938d525a2f31aaf161d0");
    /* APOP */
    assert_true(digest_md5(bytes_of("<1896.697170952@dbc.mtview.ca.us>tanstaaf"), out));
    assert_hex(out, sizeof(out), "c4c9334bac560ecc979e58001b3e22fb");
}

static void sha_of_the_standards(void **state)
{
    uint8_t sha1[DIGEST_SHA1_SIZE];
    uint8_t sha256[DIGEST_SHA256_SIZE];

    (void)state;
    assert_true(digest_sha1(bytes_of("abc"), sha1));
    assert_hex(sha1, sizeof(sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_true(digest_sha256(bytes_of("abc"), sha256));
    assert_hex(sha256, sizeof(sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_of_the_rfcs(void **state)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    uint8_t sha1[DIGEST_SHA1_SIZE];
    uint8_t sha256[DIGEST_SHA256_SIZE];
    struct bytes key = bytes_of("Jefe");
    struct bytes input = bytes_of("what do ya want for nothing?");

    (void)state;
    assert_true(digest_hmac_md5(key, input, md5));
    assert_hex(md5, sizeof(md5), "750c783e6ab0b503eaa86e310a5db738");
    assert_true(digest_hmac_sha1(key, input, sha1));
    assert_hex(sha1, sizeof(sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    assert_true(digest_hmac_sha256(key, input, sha256));
    assert_hex(sha256, sizeof(sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void hmac_of_nothing(void **state)
{
    uint8_t md5[DIGEST_MD5_SIZE];

    (void)state;
    assert_true(digest_hmac_md5(BYTES_EMPTY, BYTES_EMPTY, md5));
    assert_hex(md5, sizeof(md5), "74e6f7298a9c2d168935f58c001bad88");
}

static void pbkdf2_of_the_rfc(void **state)
{
    uint8_t sha1[DIGEST_SHA1_SIZE];
    uint8_t sha256[DIGEST_SHA256_SIZE];

    (void)state;
    assert_true(digest_pbkdf2_sha1(bytes_of("password"), bytes_of("salt"), 4096, sha1));
    assert_hex(sha1, sizeof(sha1), "4b007901b765489abead49d926f721d065a429c1");
    assert_true(digest_pbkdf2_sha256(bytes_of("password"), bytes_of("salt"), 4096, sha256));
    assert_hex(sha256, sizeof(sha256), "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
}

static void random_octets_differ(void **state)
{
    uint8_t a[16] = {0};
    uint8_t b[16] = {0};

    (void)state;
    assert_true(random_octets(a, sizeof(a)));
    assert_true(random_octets(b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(md5_of_the_rfc),    cmocka_unit_test(sha_of_the_standards),
        cmocka_unit_test(hmac_of_the_rfcs),  cmocka_unit_test(hmac_of_nothing),
        cmocka_unit_test(pbkdf2_of_the_rfc), cmocka_unit_test(random_octets_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
