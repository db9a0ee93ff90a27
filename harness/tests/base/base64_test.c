/* Base 64: the vectors of RFC 4648 section 10, and what strictness refuses. */
#include "base/base64.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    struct bytes octets;
    const char *text;
} VECTORS[] = {
    {BYTES_LITERAL(""), ""},
    {BYTES_LITERAL("f"), "Zg=="},
    {BYTES_LITERAL("fo"), "Zm8="},
    {BYTES_LITERAL("foo"), "Zm9v"},
    {BYTES_LITERAL("foob"), "Zm9vYg=="},
    {BYTES_LITERAL("fooba"), "Zm9vYmE="},
    {BYTES_LITERAL("foobar"), "Zm9vYmFy"},
    {BYTES_LITERAL("\0\xFF\xFB\xF0"), "AP/78A=="},
    {BYTES_LITERAL("\0test\0test"), "AHRlc3QAdGVzdA=="},
};

/* RFC 5034 section 4: any character outside the alphabet, and "=" anywhere but at the end. */
static const char *const REFUSED[] = {
    "Z",        "Zg",       "Zg=",      "Zg===",    "=",       "====", "=AAA",     "AAA=BBB",
    "AAA=BBBB", "Z===",     "Zm9v\r\n", "Zm9v ",    "Zm 9",    "Zm-_", "Zh==",     "Zm9=",
    "Zm\xC3v",  "Zm9v====", "*",        "Zg==Zg==", "Zm9vZg=", "A=A=", "Zm9v=m9v", "Zm9\x7F",
};

static void encodes_and_decodes_the_vectors(void **state)
{
    struct guard_page guard;
    struct buf out;

    (void)state;
    guard_page_init(&guard, 64);
    buf_init(&out, 64);
    for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
        buf_clear(&out);
        assert_true(base64_encode(guard_page_place(&guard, VECTORS[i].octets), &out));
        assert_string_equal(buf_text(&out), VECTORS[i].text);
        buf_clear(&out);
        assert_true(base64_decode(guard_page_place(&guard, bytes_of(VECTORS[i].text)), &out));
        assert_true(bytes_equal(buf_bytes(&out), VECTORS[i].octets));
    }
    buf_release(&out);
    guard_page_release(&guard);
}

static void refuses_what_is_not_strict(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 64);
    assert_true(buf_append_text(&out, "kept"));
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
        assert_false(base64_decode(bytes_of(REFUSED[i]), &out));
    assert_false(base64_decode(BYTES_LITERAL("AAA\0"), &out));
    assert_string_equal(buf_text(&out), "kept");
    buf_release(&out);
}

static void appends_all_or_nothing(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 5);
    assert_false(base64_encode(BYTES_LITERAL("foob"), &out));
    assert_string_equal(buf_text(&out), "");
    assert_true(buf_append_text(&out, "x"));
    assert_false(base64_decode(BYTES_LITERAL("Zm9vYmFy"), &out));
    assert_string_equal(buf_text(&out), "x");
    assert_true(base64_decode(BYTES_LITERAL("Zm9v"), &out));
    assert_string_equal(buf_text(&out), "xfoo");
    buf_release(&out);
}

/* Each octet in each place of a group, there and back. */
static void takes_every_octet(void **state)
{
    struct buf text;
    struct buf again;

    (void)state;
    buf_init(&text, 64);
    buf_init(&again, 64);
    for (size_t i = 0; i < 3 * 256; i++) {
        uint8_t octets[3] = {0x5A, 0xA5, 0x3C};

        octets[i % 3] = (uint8_t)(i / 3);
        for (size_t size = 1; size <= sizeof(octets); size++) {
            buf_clear(&text);
            buf_clear(&again);
            assert_true(base64_encode(bytes_make(octets, size), &text));
            assert_int_equal(text.size, 4);
            assert_true(base64_decode(buf_bytes(&text), &again));
            assert_true(bytes_equal(buf_bytes(&again), bytes_make(octets, size)));
        }
    }
    buf_release(&text);
    buf_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes_the_vectors),
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(appends_all_or_nothing),
        cmocka_unit_test(takes_every_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
