/* How the machine takes a close: which ones are legal, which are a failure, and which say nothing. */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

static void the_close_may_be_one_of_the_alternatives(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: NOOP\n"
                                             "S: +OK | closed\n"
                                             "when +OK:\n"
                                             "  C: NOOP\n"
                                             "  S: -ERR\n"
                                             "when closed:\n"
                                             "  reconnect\n"
                                             "  C: QUIT\n"
                                             "  S: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "reply-owed");
    assert_true(played.two_readings);
}

static void a_close_behind_a_refusal_is_skipped(void **state)
{
    static const struct script_entry entries[] = {{"XYZZY", "-ERR what?\r\n", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: XYZZY\n"
                                             "S: -ERR\n"
                                             "C: NOOP\n"
                                             "S: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_text(played.reason, "after -ERR");
    demand_breaches(&played, "");
}

/* The same, where one line more comes in front of the close. */
static void a_farewell_is_skipped_too(void **state)
{
    static const struct script_entry entries[] = {
        {"XYZZY", "-ERR what?\r\n-ERR too many bad commands\r\n", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: XYZZY\n"
                                             "S: -ERR\n"
                                             "C: NOOP\n"
                                             "S: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_breaches(&played, "");
}

static void a_farewell_at_the_end_is_waited_for(void **state)
{
    static const struct script_entry entries[] = {
        {"XYZZY", "-ERR what?\r\n-ERR too many bad commands\r\n", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: XYZZY\nS: -ERR\n");

    (void)state;
    demand_passed(&played);
}

static void one_line_too_many_without_the_close_is_no_farewell(void **state)
{
    static const struct script_entry entries[] = {
        {"XYZZY", "-ERR what?\r\n-ERR really\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: XYZZY\nS: -ERR\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "one-reply");
}

/* RFC 1939 knows no -ERR to NOOP: the scenario fails, but only a server that stays has broken a rule for certain. */
static void a_server_that_leaves_may_refuse_before(void **state)
{
    static const struct script_entry leaving[] = {{"NOOP", "-ERR shutting down\r\n", THEN_CLOSE, 0, 0},
                                                  WAY_THERE};
    static const struct script_entry staying[] = {{"NOOP", "-ERR no\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played left = play_script(leaving, LOGGED_IN, "C: NOOP\nS: +OK\n");
    const struct played stayed = play_script(staying, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&left, OUTCOME_FAILED, 2, "-ERR shutting down");
    demand_breaches(&left, "");
    demand_end(&stayed, OUTCOME_FAILED, 2, "-ERR no");
    demand_breaches(&stayed, "noop-ok");
}

static void a_close_instead_of_a_reply_fails(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "closed the connection");
    demand_breaches(&played, "reply-owed");
}

static void a_close_instead_of_a_reply_that_is_not_owed_is_skipped(void **state)
{
    static const struct script_entry entries[] = {{"AAAA", "", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: {fill A 600}\nS: +OK | -ERR\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_breaches(&played, "");
}

/* A refusal is owed to arguments too many as to any command that is wrong (RFC 1939 section 3). */
static void a_close_instead_of_a_refusal_fails(void **state)
{
    static const struct script_entry entries[] = {{"STAT", "", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: STAT 1\nS: -ERR\n");

    (void)state;
    demand_kind(&played, OUTCOME_FAILED);
    demand_breaches(&played, "reply-owed");
}

static void rst_instead_of_a_reply_is_skipped(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "", THEN_ABORT, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_text(played.reason, "RST");
    demand_breaches(&played, "");
}

static void rst_within_a_body_is_skipped(void **state)
{
    static const struct script_entry entries[] = {{"CAPA", "+OK\r\nTOP\r\nUI", THEN_ABORT, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: CAPA\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_text(played.reason, "RST");
    demand_breaches(&played, "");
}

static void closed_demands_the_kind_of_close_that_it_names(void **state)
{
    static const struct script_entry entries[] = {
        {"FIN", "-ERR\r\n", THEN_CLOSE, 0, 0}, {"RST", "-ERR\r\n", THEN_ABORT, 0, 0}, WAY_THERE};
    const struct played fin = play_script(entries, LOGGED_IN, "C: FIN\nS: -ERR\nclosed: reset\n");
    const struct played any = play_script(entries, LOGGED_IN, "C: FIN\nS: -ERR\nclosed\n");
    const struct played stays = play_script(entries, LOGGED_IN, "closed\n");

    (void)state;
    demand_end(&fin, OUTCOME_FAILED, 3, "closed in order");
    demand_kind(&any, OUTCOME_PASSED);
    demand_end(&stays, OUTCOME_FAILED, 1, "it stays open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_close_may_be_one_of_the_alternatives),
        cmocka_unit_test(a_close_behind_a_refusal_is_skipped),
        cmocka_unit_test(a_farewell_is_skipped_too),
        cmocka_unit_test(a_farewell_at_the_end_is_waited_for),
        cmocka_unit_test(one_line_too_many_without_the_close_is_no_farewell),
        cmocka_unit_test(a_server_that_leaves_may_refuse_before),
        cmocka_unit_test(a_close_instead_of_a_reply_fails),
        cmocka_unit_test(a_close_instead_of_a_reply_that_is_not_owed_is_skipped),
        cmocka_unit_test(a_close_instead_of_a_refusal_fails),
        cmocka_unit_test(rst_instead_of_a_reply_is_skipped),
        cmocka_unit_test(rst_within_a_body_is_skipped),
        cmocka_unit_test(closed_demands_the_kind_of_close_that_it_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
