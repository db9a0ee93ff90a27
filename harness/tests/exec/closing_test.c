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

/* What a server does with one command, and what comes of it. */
struct parting {
    struct script_entry entry;
    const char *dialog;
    enum outcome_kind kind;
    const char *part; /* of the reason, or of what was got */
    const char *breaches;
};

static void demand_parting(const struct parting *parting)
{
    const struct script_entry entries[] = {parting->entry, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, parting->dialog);

    demand_kind(&played, parting->kind);
    demand_text(played.kind == OUTCOME_FAILED ? played.actual : played.reason, parting->part);
    demand_breaches(&played, parting->breaches);
}

#define DEMAND_PARTING(...) demand_parting(&(const struct parting){__VA_ARGS__})

static const char REFUSED_AND_MORE[] = "C: XYZZY\n"
                                       "S: -ERR\n"
                                       "C: NOOP\n"
                                       "S: +OK\n";

static const char FAREWELL[] = "-ERR what?\r\n-ERR too many bad commands\r\n";

static void a_close_behind_a_refusal_is_skipped(void **state)
{
    (void)state;
    DEMAND_PARTING({"XYZZY", "-ERR what?\r\n", THEN_CLOSE, 0, 0}, REFUSED_AND_MORE, OUTCOME_SKIPPED,
                   "after -ERR", "");
}

/* The same, where one line more comes in front of the close. */
static void a_farewell_is_skipped_too(void **state)
{
    (void)state;
    DEMAND_PARTING({"XYZZY", FAREWELL, THEN_CLOSE, 0, 0}, REFUSED_AND_MORE, OUTCOME_SKIPPED, "after -ERR",
                   "");
}

static void a_farewell_at_the_end_is_waited_for(void **state)
{
    (void)state;
    DEMAND_PARTING({"XYZZY", FAREWELL, THEN_CLOSE, 0, 0}, "C: XYZZY\nS: -ERR\n", OUTCOME_PASSED, "", "");
}

static void one_line_too_many_without_the_close_is_no_farewell(void **state)
{
    (void)state;
    DEMAND_PARTING({"XYZZY", FAREWELL, THEN_GO_ON, 0, 0}, "C: XYZZY\nS: -ERR\n", OUTCOME_PASSED, "",
                   "one-reply");
}

/* RFC 1939 knows no -ERR to NOOP: the scenario fails, but only a server that stays has broken a rule for certain. */
static void a_server_that_leaves_may_refuse_before(void **state)
{
    (void)state;
    DEMAND_PARTING({"NOOP", "-ERR shutting down\r\n", THEN_CLOSE, 0, 0}, "C: NOOP\nS: +OK\n", OUTCOME_FAILED,
                   "-ERR shutting down", "");
    DEMAND_PARTING({"NOOP", "-ERR no\r\n", THEN_GO_ON, 0, 0}, "C: NOOP\nS: +OK\n", OUTCOME_FAILED, "-ERR no",
                   "noop-ok");
}

static void a_close_instead_of_a_reply_fails(void **state)
{
    (void)state;
    DEMAND_PARTING({"NOOP", "", THEN_CLOSE, 0, 0}, "C: NOOP\nS: +OK\n", OUTCOME_FAILED,
                   "closed the connection", "reply-owed");
}

static void a_close_instead_of_a_reply_that_is_not_owed_is_skipped(void **state)
{
    (void)state;
    DEMAND_PARTING({"AAAA", "", THEN_CLOSE, 0, 0}, "C: {fill A 600}\nS: +OK | -ERR\n", OUTCOME_SKIPPED,
                   "need not take in", "");
}

/* No sentence forbids it, but what the scenario is about could not be seen. */
static void a_close_while_nothing_is_due_blocks(void **state)
{
    (void)state;
    DEMAND_PARTING({"NOOP", "+OK\r\n", THEN_CLOSE, 0, 0}, "C: NOOP\nS: +OK\nC: STAT\nS: +OK\n",
                   OUTCOME_BLOCKED, "while no reply was due", "");
    DEMAND_PARTING({"NOOP", "+OK\r\n", THEN_CLOSE, 0, 0}, "C: NOOP\nS: +OK\nquiet: 1s\n", OUTCOME_FAILED,
                   "closed the connection", "");
}

static void behind_a_close_that_a_line_lets_be_the_rest_is_skipped(void **state)
{
    (void)state;
    DEMAND_PARTING({"NOPE", "", THEN_CLOSE, 0, 0}, "C: NOPE\nS: -ERR | closed\nC: NOOP\nS: +OK\n",
                   OUTCOME_SKIPPED, "as a line before lets it", "reply-owed");
}

/* Replies that no line asked for have come before the close, and are read before it is judged. */
static void what_was_to_follow_quit_is_skipped(void **state)
{
    static const struct script_entry entries[] = {
        {"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0}, {"QUIT", "+OK\r\n", THEN_CLOSE, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "raw: NOOP\\r\\n\n"
                                             "raw: QUIT\\r\\n\n"
                                             "C2: QUIT\n"
                                             "S2: +OK\n"
                                             "raw: NOOP\\r\\n\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_text(played.reason, "QUIT had ended the session");
    demand_breaches(&played, "");
}

static void a_close_behind_a_refusal_that_no_line_asked_for_is_skipped(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0},
                                                  {"NOPE", "-ERR\r\n", THEN_CLOSE, 0, 0},
                                                  {"QUIT", "+OK\r\n", THEN_CLOSE, 0, 0},
                                                  WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: NOOP\n"
                                             "S: +OK\n"
                                             "raw: NOPE\\r\\nNOPE\\r\\n\n"
                                             "C2: QUIT\n"
                                             "S2: +OK\n"
                                             "raw: NOOP\\r\\n\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_text(played.reason, "after -ERR");
    demand_breaches(&played, "");
}

/* A refusal is owed to arguments too many as to any command that is wrong (RFC 1939 section 3). */
static void a_close_instead_of_a_refusal_fails(void **state)
{
    (void)state;
    DEMAND_PARTING({"STAT", "", THEN_CLOSE, 0, 0}, "C: STAT 1\nS: -ERR\n", OUTCOME_FAILED,
                   "closed the connection", "reply-owed");
}

static void rst_instead_of_a_reply_is_skipped(void **state)
{
    (void)state;
    DEMAND_PARTING({"NOOP", "", THEN_ABORT, 0, 0}, "C: NOOP\nS: +OK\n", OUTCOME_SKIPPED, "RST", "");
}

static void rst_within_a_body_is_skipped(void **state)
{
    (void)state;
    DEMAND_PARTING({"CAPA", "+OK\r\nTOP\r\nUI", THEN_ABORT, 0, 0}, "C: CAPA\nS: +OK\n", OUTCOME_SKIPPED,
                   "RST", "");
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
        cmocka_unit_test(a_close_while_nothing_is_due_blocks),
        cmocka_unit_test(behind_a_close_that_a_line_lets_be_the_rest_is_skipped),
        cmocka_unit_test(what_was_to_follow_quit_is_skipped),
        cmocka_unit_test(a_close_behind_a_refusal_that_no_line_asked_for_is_skipped),
        cmocka_unit_test(a_close_instead_of_a_refusal_fails),
        cmocka_unit_test(rst_instead_of_a_reply_is_skipped),
        cmocka_unit_test(rst_within_a_body_is_skipped),
        cmocka_unit_test(closed_demands_the_kind_of_close_that_it_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
