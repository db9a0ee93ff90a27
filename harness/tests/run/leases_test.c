/* Leases: who gets which account, and when. */
#include "run/leases.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct target_account accounts[] = {
    {.user = "a", .pass = "1"},
    {.user = "b", .pass = "2", .apop_secret = "2", .login = LOGIN_APOP},
    {.user = "c", .pass = "3"},
};
static const struct target target = {.accounts = accounts, .account_count = 3};

static const char *apop[] = {"apop"};
static const char *user_pass[] = {"user-pass"};

static void one_account_belongs_to_one_at_a_time(void **state)
{
    const struct scenario two = {.effects = {.logs_in = true, .accounts = 2}};
    const struct scenario one = {.start = START_TRANSACTION};
    struct leases leases;
    struct lease first;
    struct lease second;
    struct lease third;
    time_us ready_us;

    (void)state;
    leases_init(&leases, &target);
    assert_true(leases_take(&leases, &two, 0, &first, &ready_us));
    assert_int_equal(first.count, 2);
    assert_true(leases_take(&leases, &one, 0, &second, &ready_us));
    assert_int_equal(second.accounts[0], 2);
    assert_false(leases_take(&leases, &one, 0, &third, &ready_us));
    assert_int_equal(ready_us, TIME_NEVER);
    leases_return(&leases, &second, 0);
    assert_false(leases_take(&leases, &two, 0, &third, &ready_us));
    assert_true(leases_take(&leases, &one, 0, &third, &ready_us));
}

static void without_login_nothing_is_leased(void **state)
{
    const struct scenario none = {.start = START_AUTHORIZATION};
    struct leases leases;
    struct lease lease;
    time_us ready_us;

    (void)state;
    leases_init(&leases, &target);
    for (int i = 0; i < 5; i++) {
        assert_true(leases_take(&leases, &none, 0, &lease, &ready_us));
        assert_int_equal(lease.count, 0);
    }
}

/* Nobody logs in where a message is only delivered: it goes to an account all the same. */
static void whose_mailbox_is_filled_is_leased(void **state)
{
    static const char *provision[] = {"provision"};
    const struct scenario delivers = {.needs = provision, .need_count = 1, .effects = {.delivers = true}};
    const struct scenario provokes = {.effects = {.provokes = true}};

    (void)state;
    assert_int_equal(leases_wanted(&delivers), 1);
    assert_int_equal(leases_wanted(&provokes), 1);
}

static void login_delays_are_kept(void **state)
{
    const struct scenario three = {.effects = {.logs_in = true, .accounts = 3}};
    struct leases leases;
    struct lease lease;
    time_us ready_us;

    (void)state;
    leases_init(&leases, &target);
    assert_true(leases_take(&leases, &three, 0, &lease, &ready_us));
    leases_return(&leases, &lease, 700);
    assert_false(leases_take(&leases, &three, 699, &lease, &ready_us));
    assert_int_equal(ready_us, 700);
    assert_true(leases_take(&leases, &three, 700, &lease, &ready_us));
}

static void behind_a_wrong_password_everything_rests(void **state)
{
    const struct scenario none = {.start = START_AUTHORIZATION};
    struct leases leases;
    struct lease lease;
    time_us ready_us;

    (void)state;
    leases_init(&leases, &target);
    leases_rest(&leases, 50);
    assert_false(leases_take(&leases, &none, 49, &lease, &ready_us));
    assert_int_equal(ready_us, 50);
    assert_true(leases_take(&leases, &none, 50, &lease, &ready_us));
}

static void a_lock_may_stay_until_a_login_succeeds_or_half_an_hour_is_over(void **state)
{
    const struct lease both = {.accounts = {0, 2}, .count = 2};
    const struct lease first = {.accounts = {0}, .count = 1};
    const struct lease third = {.accounts = {2}, .count = 1};
    struct leases leases;

    (void)state;
    leases_init(&leases, &target);
    assert_false(leases_may_be_locked(&leases, &both, 0));
    leases_note_sessions(&leases, &third, true, true, 0);
    assert_true(leases_may_be_locked(&leases, &both, 1));
    assert_false(leases_may_be_locked(&leases, &first, 1));
    leases_note_sessions(&leases, &both, true, false, 1);
    leases_note_sessions(&leases, &third, false, false, 1);
    assert_true(leases_may_be_locked(&leases, &third, 1));
    assert_false(leases_may_be_locked(&leases, &third, 30 * INT64_C(60) * US_PER_S));
    leases_note_sessions(&leases, &third, true, false, 1);
    assert_false(leases_may_be_locked(&leases, &third, 1));
}

/* RFC 1939 section 7: a mailbox has one way in. */
static void accounts_fit_the_way_of_login(void **state)
{
    const struct scenario by_apop = {.start = START_TRANSACTION, .needs = apop, .need_count = 1};
    const struct scenario by_pass = {.start = START_TRANSACTION, .needs = user_pass, .need_count = 1};
    struct leases leases;
    struct lease lease;
    time_us ready_us;

    (void)state;
    leases_init(&leases, &target);
    assert_int_equal(leases_fitting(&target, &by_apop), 1);
    assert_int_equal(leases_fitting(&target, &by_pass), 2);
    assert_true(leases_take(&leases, &by_apop, 0, &lease, &ready_us));
    assert_int_equal(lease.accounts[0], 1);
    assert_false(leases_take(&leases, &by_apop, 0, &lease, &ready_us));
    assert_true(leases_take(&leases, &by_pass, 0, &lease, &ready_us));
    assert_true(leases_take(&leases, &by_pass, 0, &lease, &ready_us));
    assert_false(leases_take(&leases, &by_pass, 0, &lease, &ready_us));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_account_belongs_to_one_at_a_time),
        cmocka_unit_test(without_login_nothing_is_leased),
        cmocka_unit_test(whose_mailbox_is_filled_is_leased),
        cmocka_unit_test(login_delays_are_kept),
        cmocka_unit_test(behind_a_wrong_password_everything_rests),
        cmocka_unit_test(a_lock_may_stay_until_a_login_succeeds_or_half_an_hour_is_over),
        cmocka_unit_test(accounts_fit_the_way_of_login),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
