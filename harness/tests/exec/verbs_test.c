/* Every verb of the step machine but C, S and the blocks. */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

static void raw_split_and_slow_change_nothing_of_what_is_said(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "split: octets\n"
                                                                                "slow: 1s\n"
                                                                                "C: RETR 1\n"
                                                                                "S: +OK\n"
                                                                                "S: {message short}\n"
                                                                                "split: crlf\n"
                                                                                "raw: NO\n"
                                                                                "raw: OP\\r\\n\n"
                                                                                "S: +OK\n");

    (void)state;
    demand_passed(&played);
}

/* Our own pauses may well take longer than any reply would be waited for. */
static void our_own_slowness_is_not_the_servers(void **state)
{
    const struct played played = play_reference(LOGGED_IN, "split: octets\n"
                                                           "slow: 60s\n"
                                                           "C: NOOP\n"
                                                           "S: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
}

static void half_close_goes_on_reading(void **state)
{
    static const struct script_entry entries[] = {WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "half-close\n"
                                             "closed: fin\n");

    (void)state;
    demand_passed(&played);
}

static void abort_and_close_leave_the_number_free(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "C: DELE 1\n"
                                                                                "S: +OK\n"
                                                                                "abort\n"
                                                                                "reconnect\n"
                                                                                "C: STAT\n"
                                                                                "S: +OK 1\n"
                                                                                "close\n"
                                                                                "open\n"
                                                                                "login\n"
                                                                                "C: STAT\n"
                                                                                "S: +OK 1\n");

    (void)state;
    demand_passed(&played);
}

static void a_fence_demands_one_reply_and_no_other(void **state)
{
    static const struct script_entry twice[] = {{"NOOP", "+OK\r\n+OK\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    static const struct script_entry once[] = {{"NOOP", "-ERR\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played broken = play_script(twice, LOGGED_IN, "fence\n");
    const struct played kept = play_script(once, "state: authorization\n", "fence\n");

    (void)state;
    demand_end(&broken, OUTCOME_FAILED, 1, "a line more");
    demand_breaches(&broken, "one-reply");
    demand_passed(&kept);
}

static void quiet_demands_silence(void **state)
{
    static const struct script_entry chatty[] = {{"NOOP", "+OK\r\n+OK again\r\n", THEN_GO_ON, 0, 0},
                                                 WAY_THERE};
    const struct played broken = play_script(chatty, LOGGED_IN, "C: NOOP\nS: +OK\nquiet: 300ms\n");
    const struct played kept = play_reference(LOGGED_IN, "quiet: 300ms\nC: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&broken, OUTCOME_FAILED, 3, "sent something");
    demand_passed(&kept);
    assert_true(kept.took_us >= 300 * US_PER_MS);
}

static void reply_says_the_shape_of_what_nobody_knows(void **state)
{
    static const struct script_entry entries[] = {
        {"XYZZY", "+OK\r\nyes\r\n.\r\n", THEN_GO_ON, 0, 0}, {"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "reply: multi\n"
                                             "C: XYZZY\n"
                                             "S: +OK\n"
                                             "S: yes\n"
                                             "S: .\n"
                                             "C: NOOP\n"
                                             "S: +OK\n");

    (void)state;
    demand_passed(&played);
}

static void time_limits_are_those_that_the_scenario_sets(void **state)
{
    static const struct script_entry entries[] = {WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "timeout: 60s\nC: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 3, "no reply within 60000 ms");
    assert_true(played.took_us >= 60 * US_PER_S);
    demand_breaches(&played, "reply-owed");
}

static void what_the_host_cannot_do_is_an_error_of_ours(void **state)
{
    static const struct script_entry entries[] = {WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "deliver: short\n");

    (void)state;
    demand_end(&played, OUTCOME_ERROR, 1, "nobody can deliver short");
}

static void provoke_and_deliver_reach_the_host(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "C: DELE 1\n"
                                                                                "S: +OK\n"
                                                                                "provoke: update-failure\n"
                                                                                "C: QUIT\n"
                                                                                "S: -ERR\n"
                                                                                "provoke: update-recovery\n"
                                                                                "deliver: dotted\n"
                                                                                "reconnect\n"
                                                                                "C: STAT\n"
                                                                                "S: +OK 2\n");

    (void)state;
    demand_passed(&played);
}

static void a_whole_sasl_exchange_logs_in(void **state)
{
    const struct played right = play_reference("mailbox: [short]\n", "sasl: PLAIN\n"
                                                                     "C: STAT\n"
                                                                     "S: +OK 1\n");
    const struct played wrong = play_reference("mailbox: [short]\n", "sasl: SCRAM-SHA-1\n");

    (void)state;
    demand_passed(&right);
    demand_end(&wrong, OUTCOME_FAILED, 1, "-ERR");
}

static void a_sasl_exchange_goes_as_its_map_says(void **state)
{
    const struct played initial = play_reference("mailbox: [short]\n", "sasl: {mech: PLAIN, initial: true}\n"
                                                                       "C: STAT\n"
                                                                       "S: +OK 1\n");
    const struct played long_name = play_reference(
        "needs: []\n", "sasl: {mech: PLAIN, initial: true, user: '{fill x 200}', expect: -ERR}\n");
    const struct played refused = play_reference(
        "needs: []\n", "sasl: {mech: PLAIN, pass: not-{pass}, expect: -ERR}\nC: STAT\nS: -ERR\n");
    const struct played other =
        play_reference("needs: [two-accounts]\n", "sasl: {mech: PLAIN, account: 2, user: '{user}'}\n");

    (void)state;
    demand_passed(&initial);
    demand_text(initial.sent, "AUTH PLAIN AHRlc3QxAHNlY3JldDE=\n");
    demand_passed(&long_name); /* RFC 5034 section 4: it would make the command longer than 255 octets */
    demand_text(long_name.sent, "AUTH PLAIN\nAHh4");
    demand_passed(&refused);
    demand_text(refused.sent, "AUTH PLAIN\nAHRlc3QxAG5vdC1zZWNyZXQx\n");
    demand_end(&other, OUTCOME_FAILED, 1, "-ERR");
}

static void a_sasl_exchange_is_handed_over(void **state)
{
    const struct played done = play_reference("mailbox: [short]\n", "sasl: {mech: LOGIN, until: 2}\n"
                                                                    "C: {b64 {sasl}}\n"
                                                                    "S: +OK\n"
                                                                    "C: STAT\n"
                                                                    "S: +OK 1\n");
    const struct played cancelled = play_reference("needs: []\n", "sasl: {mech: LOGIN, until: 1}\n"
                                                                  "when +:\n"
                                                                  "  C: *\n"
                                                                  "  S: -ERR\n"
                                                                  "C: STAT\n"
                                                                  "S: -ERR\n");
    const struct played too_late = play_reference("needs: []\n", "sasl: {mech: PLAIN, until: 2}\n");
    const struct played no_token = play_reference("needs: []\n", "sasl: XOAUTH2\n");

    (void)state;
    demand_passed(&done);
    demand_text(done.sent, "AUTH LOGIN\ndGVzdDE=\nc2VjcmV0MQ==\nSTAT");
    demand_passed(&cancelled);
    demand_end(&too_late, OUTCOME_FAILED, 1, "+OK");
    demand_end(&no_token, OUTCOME_BLOCKED, 1, "XOAUTH2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_split_and_slow_change_nothing_of_what_is_said),
        cmocka_unit_test(our_own_slowness_is_not_the_servers),
        cmocka_unit_test(half_close_goes_on_reading),
        cmocka_unit_test(abort_and_close_leave_the_number_free),
        cmocka_unit_test(a_fence_demands_one_reply_and_no_other),
        cmocka_unit_test(quiet_demands_silence),
        cmocka_unit_test(reply_says_the_shape_of_what_nobody_knows),
        cmocka_unit_test(time_limits_are_those_that_the_scenario_sets),
        cmocka_unit_test(what_the_host_cannot_do_is_an_error_of_ours),
        cmocka_unit_test(provoke_and_deliver_reach_the_host),
        cmocka_unit_test(a_whole_sasl_exchange_logs_in),
        cmocka_unit_test(a_sasl_exchange_goes_as_its_map_says),
        cmocka_unit_test(a_sasl_exchange_is_handed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
