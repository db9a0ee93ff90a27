/* The heap of timers against a plain list that is searched from end to end. */
#include "net/timers.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TIMERS = 40, OPERATIONS = 20000 };

struct fixture;

struct watched_timer {
    struct timer timer;
    struct fixture *fixture;
    time_us expected_us; /* TIME_NEVER: off */
};

struct fixture {
    struct timers timers;
    struct watched_timer watched[TIMERS];
    time_us last_fired_us;
    unsigned fired;
};

static void fire(void *context)
{
    struct watched_timer *watched = context;
    struct fixture *fixture = watched->fixture;

    assert_true(watched->expected_us <= fixture->timers.now_us);
    assert_true(watched->expected_us >= fixture->last_fired_us);
    fixture->last_fired_us = watched->expected_us;
    watched->expected_us = TIME_NEVER;
    fixture->fired++;
}

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){.fired = 0};
    timers_init(&fixture->timers);
    for (int i = 0; i < TIMERS; i++) {
        fixture->watched[i] = (struct watched_timer){.fixture = fixture, .expected_us = TIME_NEVER};
        timer_init(&fixture->watched[i].timer, fire, &fixture->watched[i]);
    }
}

static time_us earliest(const struct fixture *fixture)
{
    time_us result = TIME_NEVER;

    for (int i = 0; i < TIMERS; i++)
        result = time_earlier(result, fixture->watched[i].expected_us);
    return result;
}

static void set(struct watched_timer *watched, time_us at_us)
{
    time_us soonest = watched->fixture->timers.now_us + 1;

    timer_set(&watched->fixture->timers, &watched->timer, at_us);
    watched->expected_us = at_us < soonest ? soonest : at_us;
}

static void agrees_with_a_search(void **state)
{
    struct fixture fixture;
    struct rng rng;

    (void)state;
    fixture_init(&fixture);
    rng_init(&rng, 1);
    for (int i = 0; i < OPERATIONS; i++) {
        struct watched_timer *watched = &fixture.watched[rng_below(&rng, TIMERS)];

        switch (rng_below(&rng, 4)) {
        case 0:
        case 1:
            set(watched, fixture.timers.now_us - 5 + (time_us)rng_below(&rng, 60));
            break;
        case 2:
            timer_off(&fixture.timers, &watched->timer);
            watched->expected_us = TIME_NEVER;
            break;
        default:
            fixture.timers.now_us += (time_us)rng_below(&rng, 10);
            timers_run(&fixture.timers, fixture.timers.now_us);
            assert_true(earliest(&fixture) > fixture.timers.now_us);
        }
        assert_true(timers_next(&fixture.timers) == earliest(&fixture));
    }
    assert_true(fixture.fired > OPERATIONS / 20);
    timers_release(&fixture.timers);
}

struct again {
    struct timers timers;
    struct timer timer;
    unsigned fired;
};

static void fire_again(void *context)
{
    struct again *again = context;

    again->fired++;
    timer_set(&again->timers, &again->timer, 0);
}

static void one_that_sets_itself_waits_for_the_next_run(void **state)
{
    struct again again = {.fired = 0};

    (void)state;
    timers_init(&again.timers);
    timer_init(&again.timer, fire_again, &again);
    again.timers.now_us = 10;
    timer_set(&again.timers, &again.timer, 0);
    timers_run(&again.timers, again.timers.now_us);
    assert_int_equal(again.fired, 0);
    again.timers.now_us = 11;
    timers_run(&again.timers, again.timers.now_us);
    timers_run(&again.timers, again.timers.now_us);
    assert_int_equal(again.fired, 1);
    timers_release(&again.timers);
}

static void what_was_not_due_then_waits(void **state)
{
    struct again again = {.fired = 0};

    (void)state;
    timers_init(&again.timers);
    timer_init(&again.timer, fire_again, &again);
    timer_set(&again.timers, &again.timer, 10);
    again.timers.now_us = 20;
    timers_run(&again.timers, 9);
    assert_int_equal(again.fired, 0);
    timers_run(&again.timers, 10);
    assert_int_equal(again.fired, 1);
    timers_release(&again.timers);
}

static void never_is_off(void **state)
{
    struct again again = {.fired = 0};

    (void)state;
    timers_init(&again.timers);
    timer_init(&again.timer, fire_again, &again);
    timer_set(&again.timers, &again.timer, 5);
    timer_set(&again.timers, &again.timer, TIME_NEVER);
    assert_true(timers_next(&again.timers) == TIME_NEVER);
    timers_release(&again.timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_search),
        cmocka_unit_test(one_that_sets_itself_waits_for_the_next_run),
        cmocka_unit_test(what_was_not_due_then_waits),
        cmocka_unit_test(never_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
