/*
 * Targets that are slow, silent or endless: no case hangs, none takes more memory or time than it may, and slowness alone
 * accuses nobody.
 */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

/* ---- silence ---- */

static void silence_instead_of_a_reply_fails(void **state)
{
    static const struct script_entry entries[] = {WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "no reply within 10000 ms");
    demand_breaches(&played, "reply-owed");
    assert_in_range(played.took_us, PLAY_TIMEOUT_S * US_PER_S, (PLAY_TIMEOUT_S + 1) * US_PER_S);
}

static void silence_within_a_first_line_fails(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK fine", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "no reply");
    demand_breaches(&played, "reply-owed");
}

static void silence_within_a_body_fails(void **state)
{
    static const struct script_entry entries[] = {{"CAPA", "+OK\r\nTOP\r\nUIDL\r\n", THEN_GO_ON, 0, 0},
                                                  WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: CAPA\nS: +OK\n");

    (void)state;
    /* The auditor's case tells of it; a scenario that is about something else has nothing to say. */
    demand_end(&played, OUTCOME_BLOCKED, 2, "audit/terminator was broken");
    demand_breaches(&played, "terminator");
}

static void silence_of_a_server_that_waits_for_crlf_is_skipped(void **state)
{
    static const struct script_entry entries[] = {WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "raw: NOOP\\n\nS: +OK | -ERR\n");

    (void)state;
    demand_kind(&played, OUTCOME_SKIPPED);
    demand_breaches(&played, "");
}

static void silence_behind_quit_is_found_at_the_end(void **state)
{
    static const struct script_entry entries[] = {{"QUIT", "+OK\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: QUIT\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "after-quit");
}

/* Nothing says that a server closes behind a greeting that refuses. */
static void silence_behind_a_refusing_greeting_breaks_no_rule(void **state)
{
    static const struct script_entry entries[] = {{"", "-ERR come again\r\n", THEN_GO_ON, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, "state: closed\n", "open\nS: +OK | -ERR\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "");
}

static void silence_instead_of_a_greeting(void **state)
{
    static const struct script_entry entries[] = {{NULL, NULL, THEN_GO_ON, 0, 0}};
    const struct played own = play_script(entries, "state: authorization\n", "C: NOOP\nS: -ERR\n");
    const struct played line = play_script(entries, "state: closed\n", "open\nS: +OK\n");

    (void)state;
    demand_end(&own, OUTCOME_BLOCKED, 0, "the greeting: no reply in time");
    demand_breaches(&own, "greeting");
    demand_end(&line, OUTCOME_BLOCKED, 2, "audit/greeting was broken");
    demand_breaches(&line, "greeting");
}

/* ---- slowness ---- */

static void a_first_line_may_come_octet_by_octet(void **state)
{
    static const struct script_entry entries[] = {
        {"NOOP", "+OK I am old, and not in a hurry\r\n", THEN_DRIP, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\nabort\n");

    (void)state;
    demand_passed(&played);
    assert_true(played.took_us > 30 * US_PER_S);
}

static void a_body_may_come_octet_by_octet(void **state)
{
    static const struct script_entry entries[] = {
        {"CAPA", "+OK\r\nIMPLEMENTATION\r\nTOP\r\nUIDL\r\n.\r\n", THEN_DRIP, 0, 0}, WAY_THERE};
    const struct played played =
        play_script(entries, LOGGED_IN, "C: CAPA\nS: +OK\nS: IMPLEMENTATION\nS: TOP\nS: UIDL\nS: .\nabort\n");

    (void)state;
    demand_passed(&played);
}

/* Replies that no line of the scenario takes are waited for at the end, each for its time. */
static void what_is_still_due_may_be_slow_too(void **state)
{
    static const struct script_entry entries[] = {
        {"CAPA", "+OK\r\nIMPLEMENTATION\r\nTOP\r\nUIDL\r\n.\r\n", THEN_DRIP, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "raw: CAPA\\r\\n\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "");
    assert_true(played.took_us > 30 * US_PER_S);
}

/* Slower than anybody waits: nothing is known then, so nobody is accused. */
static void what_comes_too_slowly_is_blocked(void **state)
{
    char reply[600];
    const struct script_entry entries[] = {{"CAPA", reply, THEN_DRIP, 0, 0}, WAY_THERE};

    (void)state;
    memset(reply, 'A', sizeof(reply));
    memcpy(reply, "+OK\r\n", 5);
    reply[sizeof(reply) - 1] = '\0';
    const struct played body = play_script(entries, LOGGED_IN, "C: CAPA\nS: +OK\n");

    demand_end(&body, OUTCOME_BLOCKED, 2, "still coming");
    demand_breaches(&body, "");
    memcpy(reply, "+OK  ", 5);
    const struct played line = play_script(entries, LOGGED_IN, "C: CAPA\nS: +OK\n");

    demand_end(&line, OUTCOME_BLOCKED, 2, "still coming");
    demand_breaches(&line, "");
}

/* ---- no end ---- */

/* Lines for ever, to RETR. */
static struct played play_endless_message(const char *scenario, const char *dialog)
{
    static char lines[8192];
    const struct script_entry entries[] = {{"RETR", lines, THEN_FOREVER, 0, 0},
                                           {"LIST", "+OK 1 100\r\n", THEN_GO_ON, 0, 0},
                                           {"STAT", "+OK 2 300\r\n", THEN_GO_ON, 0, 0},
                                           WAY_THERE};

    for (size_t i = 0; i + 16 < sizeof(lines); i += 16)
        memcpy(lines + i, "+OK and so on!\r\n", 16);
    return play_script(entries, scenario, dialog);
}

static void a_body_without_end_fails(void **state)
{
    const struct played played = play_endless_message(LOGGED_IN "mailbox: [short]\n", "C: RETR 1\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "a body without end");
    assert_true(played.took_us < PLAY_TIMEOUT_S * US_PER_S);
}

/* In a mailbox that nobody filled, LIST says how long a message can be at most, four times over. */
static void a_body_far_beyond_its_size_is_not_awaited(void **state)
{
    const struct played played = play_endless_message(LOGGED_IN, "C: LIST 1\nS: +OK\nC: RETR 1\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_BLOCKED);
    demand_text(played.reason, "the reply is longer than 67109264 octets");
    assert_true(played.took_us < PLAY_TIMEOUT_S * US_PER_S);
}

/* Where LIST was not asked, no message is larger than all together, by STAT. */
static void a_body_far_beyond_all_sizes_is_not_awaited(void **state)
{
    const struct played played = play_endless_message(LOGGED_IN, "C: STAT\nS: +OK\nC: RETR 1\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_BLOCKED);
    demand_text(played.reason, "the reply is longer than 67110064 octets");
}

static void a_line_without_end_fails(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK and on ", THEN_FOREVER, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_FAILED, 2, "a line without end");
    demand_breaches(&played, "reply-owed");
}

static void a_greeting_without_end_blocks(void **state)
{
    static const struct script_entry entries[] = {{"", "+OK and on ", THEN_FOREVER, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");

    (void)state;
    demand_end(&played, OUTCOME_BLOCKED, 0, "a line without end");
}

/* Lines that nobody asked for, for ever: the next reply is never found, and the flood is heard of. */
static void a_flood_of_lines_ends(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK\r\n", THEN_FOREVER, 0, 0}, WAY_THERE};
    const struct played passing = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\n");
    const struct played waiting = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\nclosed\n");
    const struct played quiet = play_script(entries, LOGGED_IN, "C: NOOP\nS: +OK\nquiet: 300ms\n");

    (void)state;
    demand_kind(&passing, OUTCOME_PASSED);
    demand_breaches(&passing, "one-reply");
    demand_kind(&waiting, OUTCOME_BLOCKED);
    demand_breaches(&waiting, "one-reply");
    demand_kind(&quiet, OUTCOME_FAILED);
    demand_breaches(&quiet, "one-reply");
}

/* While steps of another connection run, nobody reads this one: what comes is kept up to a bound, and then the case ends. */
static void a_flood_that_nobody_reads_ends(void **state)
{
    static const struct script_entry entries[] = {
        {"NOOP", "+OK and more and more and more\r\n", THEN_FOREVER, 0, 0}, WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C2: QUIT\n"
                                             "S2: +OK\n"
                                             "raw: NOOP\\r\\n\n"
                                             "C3: CAPA\n"
                                             "S3: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_BLOCKED);
    demand_text(played.reason, "that no step reads");
    demand_breaches(&played, "one-reply");
}

/* ---- numbers ---- */

/* Counts and sizes near the end of 64 bits are wrong at most, and add up to nothing that they are not. */
static void numbers_as_large_as_can_be_do_no_harm(void **state)
{
    static const struct script_entry entries[] = {
        {"STAT", "+OK 18446744073709551615 18446744073709551615\r\n", THEN_GO_ON, 0, 0},
        {"LIST", "+OK\r\n1 18446744073709551615\r\n2 18446744073709551615\r\n18446744073709551615 1\r\n.\r\n",
         THEN_GO_ON, 0, 0},
        {"UIDL", "+OK\r\n0 a\r\n18446744073709551615 b\r\n.\r\n", THEN_GO_ON, 0, 0},
        {"DELE", "+OK\r\n", THEN_GO_ON, 0, 0},
        {"RSET", "+OK\r\n", THEN_GO_ON, 0, 0},
        WAY_THERE};
    const struct played played = play_script(entries, LOGGED_IN,
                                             "C: STAT\n"
                                             "S: +OK\n"
                                             "C: LIST\n"
                                             "S: +OK\n"
                                             "C: STAT\n"
                                             "S: +OK {count} {octets}\n"
                                             "C: UIDL\n"
                                             "S: +OK\n"
                                             "C: DELE 18446744073709551615\n"
                                             "S: +OK\n"
                                             "C: LIST\n"
                                             "S: +OK\n"
                                             "C: RSET\n"
                                             "S: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_instead_of_a_reply_fails),
        cmocka_unit_test(silence_within_a_first_line_fails),
        cmocka_unit_test(silence_within_a_body_fails),
        cmocka_unit_test(silence_of_a_server_that_waits_for_crlf_is_skipped),
        cmocka_unit_test(silence_behind_quit_is_found_at_the_end),
        cmocka_unit_test(silence_behind_a_refusing_greeting_breaks_no_rule),
        cmocka_unit_test(silence_instead_of_a_greeting),
        cmocka_unit_test(a_first_line_may_come_octet_by_octet),
        cmocka_unit_test(a_body_may_come_octet_by_octet),
        cmocka_unit_test(what_is_still_due_may_be_slow_too),
        cmocka_unit_test(what_comes_too_slowly_is_blocked),
        cmocka_unit_test(a_body_without_end_fails),
        cmocka_unit_test(a_body_far_beyond_its_size_is_not_awaited),
        cmocka_unit_test(a_body_far_beyond_all_sizes_is_not_awaited),
        cmocka_unit_test(a_line_without_end_fails),
        cmocka_unit_test(a_greeting_without_end_blocks),
        cmocka_unit_test(a_flood_of_lines_ends),
        cmocka_unit_test(a_flood_that_nobody_reads_ends),
        cmocka_unit_test(numbers_as_large_as_can_be_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
