/* The step machine: the outcomes, where and why a case ended, and being stopped. */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

/* ---- passing and failing ---- */

static void a_session_of_every_command_passes(void **state)
{
    const struct played played =
        play_reference("state: closed\nmailbox: [short, dotted]\n", "open\n"
                                                                    "S: +OK\n"
                                                                    "C: CAPA\n"
                                                                    "S: +OK\n"
                                                                    "C: USER {user}\n"
                                                                    "S: +OK\n"
                                                                    "C: PASS {pass}\n"
                                                                    "S: +OK\n"
                                                                    "C: STAT\n"
                                                                    "S: +OK {count} {octets}$\n"
                                                                    "C: LIST\n"
                                                                    "S: +OK\n"
                                                                    "S: 1 {octets short}\n"
                                                                    "S: 2 {octets dotted}\n"
                                                                    "S: .\n"
                                                                    "C: RETR 2\n"
                                                                    "S: +OK\n"
                                                                    "S: {message dotted}\n"
                                                                    "S: .\n"
                                                                    "C: TOP 2 1\n"
                                                                    "S: +OK\n"
                                                                    "S: {top dotted 1}\n"
                                                                    "S: .\n"
                                                                    "C: QUIT\n"
                                                                    "S: +OK\n"
                                                                    "closed: fin\n");

    (void)state;
    demand_passed(&played);
    assert_false(played.two_readings);
    assert_true(played.may_hold_mail);
}

static void a_line_that_is_not_met_fails_with_its_place(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "C: NOOP\n"
                                                                                "S: +OK\n"
                                                                                "C: STAT\n"
                                                                                "S: +OK 7 {octets}\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 4, "+OK 1 ");
    demand_text(played.expected, "+OK 7 ");
    demand_breaches(&played, "");
}

static void a_body_line_that_is_not_met_fails_with_what_was_demanded(void **state)
{
    const struct played played =
        play_reference(LOGGED_IN "mailbox: [short, dotted]\n", "C: LIST\n"
                                                               "S: +OK\n"
                                                               "S: 1 {octets short}\n"
                                                               "S: 2 7\n"
                                                               "S: .\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "2 ");
    demand_text(played.expected, "2 7");
}

static void a_body_that_ends_too_early_fails(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "C: LIST\n"
                                                                                "S: +OK\n"
                                                                                "S: 1 {?size}\n"
                                                                                "S: 2 {?more}\n"
                                                                                "S: .\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "the end of the reply");
}

static void another_alternative_is_worth_an_info(void **state)
{
    const struct played first = play_reference(LOGGED_IN, "C: NOOP\nS: +OK | -ERR\n");
    const struct played second = play_reference(LOGGED_IN, "C: XYZZY\nS: +OK | -ERR\n");

    (void)state;
    demand_passed(&first);
    demand_passed(&second);
    assert_false(first.two_readings);
    assert_true(second.two_readings);
}

/* ---- being stopped ---- */

static void stopping_ends_a_case_as_an_error(void **state)
{
    struct refserver *server = reference_new();
    struct play play = reference_play(server, LOGGED_IN);

    (void)state;
    play.stop_us = 100 * US_PER_MS;
    const struct played played = play_dialog(&play, "quiet: 60min\n");

    demand_kind(&played, OUTCOME_ERROR);
    assert_string_equal(played.reason, "stopped");
    assert_true(played.took_us < 60 * US_PER_S);
    demand_breaches(&played, "");
    refserver_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_of_every_command_passes),
        cmocka_unit_test(a_line_that_is_not_met_fails_with_its_place),
        cmocka_unit_test(a_body_line_that_is_not_met_fails_with_what_was_demanded),
        cmocka_unit_test(a_body_that_ends_too_early_fails),
        cmocka_unit_test(another_alternative_is_worth_an_info),
        cmocka_unit_test(stopping_ends_a_case_as_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
