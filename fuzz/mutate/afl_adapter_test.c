/* The library for AFL++, called as AFL++ calls it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *data);
size_t afl_custom_fuzz(void *data, uint8_t *octets, size_t size, uint8_t **ret_out, uint8_t *other,
                       size_t other_size, size_t size_max);
int32_t afl_custom_init_trim(void *data, uint8_t *octets, size_t size);
size_t afl_custom_trim(void *data, uint8_t **ret_out);
int32_t afl_custom_post_trim(void *data, uint8_t success);

static char INPUT[] = "NOOP\r\nSTAT\r\n\xFF|NOOP\r\nQUIT\r\n";

static void *begin(const char *target)
{
    assert_int_equal(setenv("POP3SPEC_FUZZ_TARGET", target, 1), 0);
    return afl_custom_init(NULL, 1);
}

static void inputs_change_within_the_maximum(void **state)
{
    enum { TIMES = 500, MAXIMUM = 60 };
    void *mutator = begin("session");
    size_t changed = 0;

    (void)state;
    for (int i = 0; i < TIMES; i++) {
        uint8_t *out = NULL;
        uint8_t *other = (i % 2) == 0 ? (uint8_t *)INPUT : NULL;
        size_t size = afl_custom_fuzz(mutator, (uint8_t *)INPUT, strlen(INPUT), &out, other,
                                      other != NULL ? 6 : 0, MAXIMUM);

        assert_true(size <= MAXIMUM);
        assert_non_null(out);
        changed += size != strlen(INPUT) || memcmp(out, INPUT, size) != 0 ? 1 : 0;
    }
    assert_true(changed > TIMES / 2);
    afl_custom_deinit(mutator);
}

static bool still_interesting(const uint8_t *octets, size_t size)
{
    return memmem(octets, size, "STAT\r\n", 6) != NULL && memmem(octets, size, "QUIT", 4) != NULL;
}

static void trimming_leaves_out_whole_pieces(void **state)
{
    void *mutator = begin("session");
    int32_t steps = afl_custom_init_trim(mutator, (uint8_t *)INPUT, strlen(INPUT));
    uint8_t best[64];
    size_t best_size = 0;
    int32_t step = 0;

    (void)state;
    assert_int_equal(steps, 5);
    while (step < steps) {
        uint8_t *out = NULL;
        size_t size = afl_custom_trim(mutator, &out);
        bool success = still_interesting(out, size);

        assert_true(size <= sizeof(best));
        if (success) {
            memcpy(best, out, size);
            best_size = size;
        }
        int32_t next = afl_custom_post_trim(mutator, success);

        assert_int_equal(next, step + 1);
        step = next;
    }
    assert_int_equal(best_size, strlen("STAT\r\nQUIT\r\n"));
    assert_memory_equal(best, "STAT\r\nQUIT\r\n", best_size);
    afl_custom_deinit(mutator);
}

static void what_has_no_format_is_left_to_afl(void **state)
{
    (void)state;
    assert_null(begin("canary"));
}

static void one_piece_is_not_trimmed(void **state)
{
    void *mutator = begin("driver");

    (void)state;
    assert_int_equal(afl_custom_init_trim(mutator, (uint8_t *)INPUT, 1), 0);
    assert_int_equal(afl_custom_init_trim(mutator, (uint8_t *)INPUT, 4), 0);
    afl_custom_deinit(mutator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_change_within_the_maximum),
        cmocka_unit_test(trimming_leaves_out_whole_pieces),
        cmocka_unit_test(what_has_no_format_is_left_to_afl),
        cmocka_unit_test(one_piece_is_not_trimmed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
