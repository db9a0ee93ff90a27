/* Steps that hold others: when, together, pipeline; and the order of what comes back. */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_goes_by_the_last_reply),
        cmocka_unit_test(when_goes_by_the_last_reply_of_a_closed_connection_too),
        cmocka_unit_test(connections_run_side_by_side),
        cmocka_unit_test(blocks_that_have_nothing_to_wait_for_end),
        cmocka_unit_test(conditions_side_by_side_are_carried_out),
        cmocka_unit_test(what_is_about_no_connection_is_done_in_a_block_too),
        cmocka_unit_test(a_pipeline_is_one_write_and_its_replies_come_in_order),
        cmocka_unit_test(rows_of_a_listing_may_come_in_any_order),
        cmocka_unit_test(replies_behind_one_of_no_shape_are_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
