/*
 * Without `provision` nothing is deleted, by construction: tried with everything that a server could read as DELE, and
 * with every way to QUIT behind what some servers delete.
 */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

static const struct script_entry SERVER[] = {
    {"RETR", "+OK\r\nSubject: x\r\n\r\n.\r\n", THEN_GO_ON, 0, 0},
    {"TOP", "+OK\r\nSubject: x\r\n\r\n.\r\n", THEN_GO_ON, 0, 0},
    {"STAT", "+OK 1 14\r\n", THEN_GO_ON, 0, 0},
    {"DELE", "-ERR\r\n", THEN_GO_ON, 0, 0},
    WAY_THERE,
};

/* Against a target whose mailboxes are somebody's. */
static struct played play_carefully(struct play play, const char *dialog)
{
    uint64_t sessions;

    play.may_delete = false;
    return play_with_script(&play, SERVER, dialog, &sessions);
}

static void demand_refused(const char *dialog, const char *reason)
{
    const struct played played = play_carefully((struct play){.head = LOGGED_IN}, dialog);

    demand_kind(&played, OUTCOME_REFUSED);
    demand_text(played.reason, reason);
    if (strstr(played.sent, "DELE") != NULL || strstr(played.sent, "dele") != NULL)
        fail_msg("was sent: %s", played.sent);
}

static void what_can_be_read_as_dele_is_never_sent(void **state)
{
    static const char *const dialogs[] = {
        "C: DELE 1\nS: +OK | -ERR\n",
        "C: dele 1\nS: +OK | -ERR\n",
        "C: DeLe 1\nS: +OK | -ERR\n",
        "C: XDELE 1\nS: -ERR\n",
        "C: NOOP DELE 1\nS: -ERR\n",
        "raw: NOOP\\r\\nDELE 1\\r\\n\nS: -ERR\nS: -ERR\n",
        "raw: NOOP\\nDELE 1\\n\nS: -ERR\nS: -ERR\n",
        "raw: NOOP\\rDELE 1\\r\\n\nS: -ERR | closed\n",
        "C: {fill A 600}DELE 1\nS: -ERR\n",
        /* servers that pass over what does not belong into a command */
        "C: DE\\0LE 1\nS: -ERR\n",
        "C: D\\rE\\rL\\rE 1\nS: -ERR\n",
        "C: D\\x08EL\\x7FE 1\nS: -ERR\n",
        "C: DEL\\xFFE 1\nS: -ERR\n",
        /* ... or clear the eighth bit */
        "C: \\xC4\\xC5\\xCC\\xC5 1\nS: -ERR\n",
        "C: \\xE4el\\xE5 1\nS: -ERR\n",
        /* across writes */
        "raw: DE\nraw: LE 1\\r\\n\nS: -ERR\n",
        "raw: D\nraw: E\nraw: L\nraw: E\nraw: \\x201\\r\\n\nS: -ERR\n",
        "raw: DEL\\0\nraw: \\0E 1\\r\\n\nS: -ERR\n",
        /* a login that is more than one */
        "C: USER x{fill A 60}DELE 1\nS: -ERR\n",
        "raw: USER x\\nDELE 1\\r\\n\nS: -ERR\n",
        "raw: USER x\\r\nraw: DELE 1\\r\\n\nS: -ERR\n",
        "raw: NOOP\\x20\nraw: USER DELE 1\\r\\n\nS: -ERR\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(dialogs) / sizeof(dialogs[0]); i++)
        demand_refused(dialogs[i], "DELE");
}

static void cuts_between_segments_hide_nothing(void **state)
{
    (void)state;
    demand_refused("split: octets\nC: DELE 1\nS: -ERR\n", "DELE");
    demand_refused("pipeline:\n  raw: DE\n  raw: LE 1\\r\\n\nS: -ERR\n", "DELE");
}

static void somebody_may_be_called_adele(void **state)
{
    const struct played own =
        play_carefully((struct play){.head = LOGGED_IN, .user = "adele"}, "C: STAT\nS: +OK\n");
    const struct played line = play_carefully((struct play){.user = "adele"}, "C: USER {user}\n"
                                                                              "S: +OK\n"
                                                                              "C: PASS fidele\n"
                                                                              "S: +OK\n");

    (void)state;
    demand_passed(&own);
    demand_text(own.sent, "USER adele");
    demand_passed(&line);
}

static void quit_behind_what_was_retrieved_is_refused(void **state)
{
    (void)state;
    demand_refused("C: RETR 1\nS: +OK\nC: QUIT\nS: +OK\n", "QUIT after RETR or TOP");
    demand_refused("C: top 1 0\nS: +OK\nC: quit\nS: +OK\n", "QUIT after RETR or TOP");
    demand_refused("raw: TOP\\t1 0\\r\\nQUIT\\r\\n\nS: +OK | -ERR\nS: +OK\n", "QUIT after RETR or TOP");
    demand_refused("raw: RE\nraw: TR 1\\r\\n\nS: +OK\nraw: QU\nraw: IT\\r\\n\nS: +OK\n", "QUIT after");
    demand_refused("C: RETR 1\nS: +OK\nfence: QUIT\n", "QUIT after RETR or TOP");
    demand_refused("C: RETR 1\nS: +OK\nhalf-close\n", "half-close behind RETR or TOP");
}

/* The end of the case, and `close`, are by RST then: some servers take any other end for QUIT. */
static void what_was_retrieved_is_left_by_rst(void **state)
{
    const struct played end = play_carefully((struct play){.head = LOGGED_IN}, "C: RETR 1\nS: +OK\n");
    const struct played close = play_carefully((struct play){.head = LOGGED_IN}, "C: RETR 1\n"
                                                                                 "S: +OK\n"
                                                                                 "close\n"
                                                                                 "reconnect\n"
                                                                                 "C: STAT\n"
                                                                                 "S: +OK\n");

    (void)state;
    demand_passed(&end);
    assert_null(strstr(end.sent, "QUIT"));
    assert_true(end.may_hold_mail);
    demand_passed(&close);
}

/* The session behind has retrieved nothing, and may QUIT. */
static void another_session_begins_anew(void **state)
{
    const struct played played = play_carefully((struct play){.head = LOGGED_IN}, "C: RETR 1\n"
                                                                                  "S: +OK\n"
                                                                                  "abort\n"
                                                                                  "reconnect\n"
                                                                                  "C: QUIT\n"
                                                                                  "S: +OK\n");

    (void)state;
    demand_passed(&played);
}

static void expire_zero_forbids_to_retrieve(void **state)
{
    const struct played retr = play_carefully(
        (struct play){.head = LOGGED_IN, .facts = {.expire_zero = true}}, "C: RETR 1\nS: +OK\n");
    const struct played stat =
        play_carefully((struct play){.head = LOGGED_IN, .facts = {.expire_zero = true}}, "C: STAT\nS: +OK\n");

    (void)state;
    demand_kind(&retr, OUTCOME_REFUSED);
    demand_text(retr.reason, "EXPIRE 0");
    assert_null(strstr(retr.sent, "RETR"));
    demand_passed(&stat);
}

/* Where mailboxes are for testing, nothing of this holds; what was done is said, so that the mailbox is filled anew. */
static void with_provision_everything_may_be_sent(void **state)
{
    const struct played played =
        play_script(SERVER, LOGGED_IN, "C: RETR 1\nS: +OK\nC: DELE 1\nS: -ERR\nC: QUIT\nS: +OK\n");

    (void)state;
    demand_kind(&played, OUTCOME_PASSED);
    assert_true(played.may_hold_mail);
}

/* A case that passed leaves by QUIT, but not where that would remove what it has marked. */
static void marks_are_not_left_by_quit(void **state)
{
    const struct played marked = play_reference(LOGGED_IN "mailbox: [short]\n", "C: DELE 1\nS: +OK\n");
    const struct played restored =
        play_reference(LOGGED_IN "mailbox: [short]\n", "C: DELE 1\nS: +OK\nC: RSET\nS: +OK\n");

    (void)state;
    demand_passed(&marked);
    assert_null(strstr(marked.sent, "QUIT"));
    demand_passed(&restored);
    demand_text(restored.sent, "QUIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_read_as_dele_is_never_sent),
        cmocka_unit_test(cuts_between_segments_hide_nothing),
        cmocka_unit_test(somebody_may_be_called_adele),
        cmocka_unit_test(quit_behind_what_was_retrieved_is_refused),
        cmocka_unit_test(what_was_retrieved_is_left_by_rst),
        cmocka_unit_test(another_session_begins_anew),
        cmocka_unit_test(expire_zero_forbids_to_retrieve),
        cmocka_unit_test(with_provision_everything_may_be_sent),
        cmocka_unit_test(marks_are_not_left_by_quit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
