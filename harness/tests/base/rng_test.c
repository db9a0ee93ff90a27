/* Seeded numbers: the sequence is part of what a seed in a report promises. */
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The sequence that SplitMix64's authors' program gives for this seed. */
static void gives_the_published_sequence(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),  UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431), UINT64_C(16408922859458223821),
    };
    struct rng rng;

    (void)state;
    rng_init(&rng, 1234567);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(rng_next(&rng) == expected[i]);
}

static void repeats_itself_by_seed_alone(void **state)
{
    struct rng one;
    struct rng same;
    struct rng other;

    (void)state;
    rng_init(&one, 7);
    rng_init(&same, 7);
    rng_init(&other, 8);
    for (size_t i = 0; i < 1000; i++) {
        uint64_t number = rng_next(&one);

        assert_true(number == rng_next(&same));
        assert_true(number != rng_next(&other));
    }
}

static void stays_below_its_limit_and_reaches_all_of_it(void **state)
{
    unsigned counts[10] = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1);
    for (size_t i = 0; i < 10000; i++) {
        uint64_t number = rng_below(&rng, 10);

        assert_true(number < 10);
        counts[number]++;
        assert_int_equal(rng_below(&rng, 1), 0);
    }
    for (size_t i = 0; i < 10; i++)
        assert_in_range(counts[i], 800, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_sequence),
        cmocka_unit_test(repeats_itself_by_seed_alone),
        cmocka_unit_test(stays_below_its_limit_and_reaches_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
