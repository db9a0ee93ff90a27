/* The step machine: every verb, the outcomes, and where and why a case ended. */
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

/* ---- closing ---- */

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

/* ---- blocks ---- */

static void when_goes_by_the_last_reply(void **state)
{
    const struct played played = play_reference(LOGGED_IN, "C: XYZZY\n"
                                                           "S: +OK | -ERR\n"
                                                           "when +OK:\n"
                                                           "  C: QUIT\n"
                                                           "  S: -ERR\n"
                                                           "when -ERR:\n"
                                                           "  C: NOOP\n"
                                                           "  S: -ERR\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 8, "+OK");
}

/* The close may come at once behind the reply: that changes nothing of what the reply was. */
static void when_goes_by_the_last_reply_of_a_closed_connection_too(void **state)
{
    static const struct script_entry entries[] = {{"XYZZY", "-ERR\r\n", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: XYZZY\n"
                                             "S: +OK | -ERR\n"
                                             "C2: QUIT\n"
                                             "S2: +OK\n"
                                             "when -ERR:\n"
                                             "  reconnect\n"
                                             "  C: NOOP\n"
                                             "  S: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 8, "no reply");
}

static void connections_run_side_by_side(void **state)
{
    const struct played played =
        play_reference("state: authorization\nmailbox: [short]\n", "C2: NOOP\n"
                                                                   "S2: -ERR\n"
                                                                   "together:\n"
                                                                   "  C: USER {user}\n"
                                                                   "  S: +OK\n"
                                                                   "  C2: USER {user 2}\n"
                                                                   "  S2: +OK\n"
                                                                   "  C: PASS {pass}\n"
                                                                   "  S: +OK\n"
                                                                   "  C2: PASS {pass 2}\n"
                                                                   "  S2: +OK\n"
                                                                   "C: STAT\n"
                                                                   "S: +OK 1\n"
                                                                   "C2: STAT\n"
                                                                   "S2: +OK 0\n");

    (void)state;
    demand_passed(&played);
}

/* Blocks that are through at once, one behind the other and within each other, leave nobody waiting for ever. */
static void blocks_that_have_nothing_to_wait_for_end(void **state)
{
    char dialog[4096] = "";
    size_t used = 0;

    (void)state;
    for (int i = 0; i < 20; i++)
        used += (size_t)snprintf(
            dialog + used, sizeof(dialog) - used,
            "together:\n  split: octets\n  when2 closed:\n    split2: crlf\n  split: none\n");
    snprintf(dialog + used, sizeof(dialog) - used, "C: NOOP\nS: +OK\n");
    const struct played played = play_reference(LOGGED_IN, dialog);

    demand_passed(&played);
}

/* Each of them is carried out by the strand of its connection, whatever stands in it. */
static void conditions_side_by_side_are_carried_out(void **state)
{
    static const struct script_entry entries[] = {
        {"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0}, {"STAT", "-ERR\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    struct script_server server = {.entries = entries};
    const struct play play = {
        .ops = &script_peer_ops, .server = &server, .store = NULL, .head = "state: authorization\n"};
    const struct played played = play_dialog(&play, "C2: NOOP\n"
                                                    "S2: +OK\n"
                                                    "together:\n"
                                                    "  C: NOOP\n"
                                                    "  S: +OK\n"
                                                    "  C2: STAT\n"
                                                    "  S2: +OK | -ERR\n"
                                                    "  when2 -ERR:\n"
                                                    "    timeout: 60s\n"
                                                    "    C2: RSET\n"
                                                    "    S2: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 11, "no reply within 60000 ms");
}

static void what_is_about_no_connection_is_done_in_a_block_too(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "C2: CAPA\n"
                                                                                "S2: +OK\n"
                                                                                "together:\n"
                                                                                "  C: STAT\n"
                                                                                "  S: +OK 1\n"
                                                                                "  deliver: dotted\n"
                                                                                "  C2: CAPA\n"
                                                                                "  S2: +OK\n"
                                                                                "C: QUIT\n"
                                                                                "S: +OK\n"
                                                                                "reconnect\n"
                                                                                "C: STAT\n"
                                                                                "S: +OK 2\n");

    (void)state;
    demand_passed(&played);
}

static void a_pipeline_is_one_write_and_its_replies_come_in_order(void **state)
{
    const struct played played = play_reference(LOGGED_IN "mailbox: [short]\n", "pipeline:\n"
                                                                                "  C: NOOP\n"
                                                                                "  C: LIST\n"
                                                                                "  C: XYZZY\n"
                                                                                "  C: RETR 1\n"
                                                                                "S: +OK\n"
                                                                                "S: +OK\n"
                                                                                "S: 1 {octets short}\n"
                                                                                "S: .\n"
                                                                                "S: -ERR\n"
                                                                                "S: +OK\n"
                                                                                "S: {message short}\n"
                                                                                "S: .\n");

    (void)state;
    demand_passed(&played);
}

/* The shape of the first reply is anybody's guess, so the second cannot be found. */
static void replies_behind_one_of_no_shape_are_skipped(void **state)
{
    static const struct script_entry entries[] = {
        {"XYZZY", "+OK\r\n", THEN_GO_ON, 0, 0}, {"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    struct script_server server = {.entries = entries};
    const struct play play = {.ops = &script_peer_ops,
                              .server = &server,
                              .head = LOGGED_IN "needs: [pipelining]\n",
                              .facts = {.pipelining = true}};
    const struct played played =
        play_dialog(&play, "pipeline:\n  C: XYZZY\n  C: NOOP\nS: +OK | -ERR\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_SKIPPED, 5, "shape");
    demand_breaches(&played, "");
}

/* RFC 1939 wants a scan listing for each message, and fixes no order of them. */
static void rows_of_a_listing_may_come_in_any_order(void **state)
{
    static const struct script_entry entries[] = {
        {"LIST", "+OK\r\n3 30\r\n1 10\r\n2 20\r\n.\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    struct script_server server = {.entries = entries};
    const struct play play = {.ops = &script_peer_ops, .server = &server, .head = LOGGED_IN};
    const struct played in_order = play_dialog(&play, "C: LIST\nS: +OK\nS: 1 10\nS: 2 20\nS: 3 30\nS: .\n");

    (void)state;
    demand_passed(&in_order);
    const struct played one_is_wrong =
        play_dialog(&play, "C: LIST\nS: +OK\nS: 1 10\nS: 2 21\nS: 3 30\nS: .\n");

    demand_end(&one_is_wrong, OUTCOME_FAILED, 2, "2 20");
}

/* ---- other verbs ---- */

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
    const struct played wrong = play_reference("mailbox: [short]\n", "sasl: XYZZY\n");

    (void)state;
    demand_passed(&right);
    demand_end(&wrong, OUTCOME_FAILED, 1, "-ERR");
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
        cmocka_unit_test(when_goes_by_the_last_reply),
        cmocka_unit_test(when_goes_by_the_last_reply_of_a_closed_connection_too),
        cmocka_unit_test(connections_run_side_by_side),
        cmocka_unit_test(blocks_that_have_nothing_to_wait_for_end),
        cmocka_unit_test(conditions_side_by_side_are_carried_out),
        cmocka_unit_test(what_is_about_no_connection_is_done_in_a_block_too),
        cmocka_unit_test(a_pipeline_is_one_write_and_its_replies_come_in_order),
        cmocka_unit_test(rows_of_a_listing_may_come_in_any_order),
        cmocka_unit_test(replies_behind_one_of_no_shape_are_skipped),
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
        cmocka_unit_test(stopping_ends_a_case_as_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
