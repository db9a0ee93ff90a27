/* The way to a scenario's state: greeting, TLS and login, refused or broken, and tried again as long as it is worth it. */
#include "script_peer.h"

#define LOGGED_IN "state: transaction\n"

#define GREETS SCRIPT_GREETS
#define ADMITS SCRIPT_ADMITS
#define WORKS  {"NOOP", "+OK\r\n", THEN_GO_ON, 0, 0}, SCRIPT_ENDS

/* Plays one line in TRANSACTION against a server whose first sessions fare as ENTRIES say. */
static void demand_admitted_at_last(const struct script_entry *entries, uint64_t sessions,
                                    const char *breaches)
{
    uint64_t opened;
    const struct played played = play_with_script(&(struct play){.head = LOGGED_IN, .may_delete = true},
                                                  entries, "C: NOOP\nS: +OK\n", &opened);

    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, breaches);
    assert_int_equal(opened, sessions);
    assert_true(played.took_us < PLAY_PATIENCE_S * US_PER_S);
}

/* Each way in which a server may say that the maildrop is locked, or that there are too many connections. */
static void what_refuses_at_first_is_tried_again(void **state)
{
    static const struct script_entry at_pass[] = {
        {"PASS", "-ERR [IN-USE] locked\r\n", THEN_GO_ON, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry at_pass_and_closes[] = {
        {"PASS", "-ERR locked\r\n", THEN_CLOSE, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry closes_at_pass[] = {
        {"PASS", "", THEN_CLOSE, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry at_user[] = {
        {"USER", "-ERR later\r\n", THEN_GO_ON, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry at_greeting[] = {
        {"", "-ERR busy\r\n", THEN_CLOSE, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry closes_at_once[] = {{"", "", THEN_CLOSE, 3, 0}, GREETS, ADMITS, WORKS};
    static const struct script_entry closes_behind_greeting[] = {
        {"", "+OK ready\r\n", THEN_CLOSE, 3, 0}, GREETS, ADMITS, WORKS};

    (void)state;
    demand_admitted_at_last(at_pass, 4, "");
    demand_admitted_at_last(at_pass_and_closes, 4, "");
    demand_admitted_at_last(at_user, 4, "");
    demand_admitted_at_last(at_greeting, 4, "");
    demand_admitted_at_last(closes_at_once, 4, "");
    demand_admitted_at_last(closes_behind_greeting, 4, "");
    /* This one owes a reply. */
    demand_admitted_at_last(closes_at_pass, 4, "reply-owed");
}

static void what_is_refused_for_ever_blocks(void **state)
{
    static const struct script_entry entries[] = {
        {"PASS", "-ERR [IN-USE] locked\r\n", THEN_GO_ON, 0, 0}, GREETS, ADMITS, WORKS};
    uint64_t sessions;
    const struct played played = play_with_script(&(struct play){.head = LOGGED_IN, .may_delete = true},
                                                  entries, "C: NOOP\nS: +OK\n", &sessions);

    (void)state;
    demand_end(&played, OUTCOME_BLOCKED, 0, "logging in with PASS was refused: -ERR [IN-USE] locked");
    demand_breaches(&played, "");
    assert_in_range(played.took_us, PLAY_PATIENCE_S * US_PER_S, (PLAY_PATIENCE_S + 10) * US_PER_S);
    assert_in_range(sessions, 5, 40);
}

/* The patience is that of each login, however long the scenario has run. */
static void a_later_login_has_its_whole_patience(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK\r\n", THEN_GO_ON, 1, 0},
                                                  {"", "+OK ready\r\n", THEN_GO_ON, 1, 0},
                                                  {"PASS", "+OK\r\n", THEN_GO_ON, 1, 0},
                                                  {"PASS", "-ERR [IN-USE] locked\r\n", THEN_GO_ON, 4, 0},
                                                  GREETS,
                                                  ADMITS,
                                                  WORKS};
    uint64_t sessions;
    const struct played played =
        play_with_script(&(struct play){.head = LOGGED_IN, .may_delete = true}, entries,
                         "quiet: 60s\n"
                         "abort\n"
                         "reconnect\n"
                         "C: NOOP\n"
                         "S: +OK\n",
                         &sessions);

    (void)state;
    demand_passed(&played);
    assert_int_equal(sessions, 5);
}

/* A login that a line of the scenario asks for is not the driver's to try again. */
static void a_login_step_that_is_refused_blocks(void **state)
{
    static const struct script_entry entries[] = {
        {"PASS", "-ERR no\r\n", THEN_GO_ON, 0, 0}, GREETS, ADMITS, WORKS};
    uint64_t sessions;
    const struct played played =
        play_with_script(&(struct play){.may_delete = true}, entries, "login\n", &sessions);

    (void)state;
    demand_end(&played, OUTCOME_BLOCKED, 1, "logging in with PASS was refused");
    assert_int_equal(sessions, 1);
}

/* One that opens its connection is: the lock of the session before may be there still. */
static void a_login_that_opens_its_connection_is_tried_again(void **state)
{
    static const struct script_entry entries[] = {{"NOOP", "+OK\r\n", THEN_GO_ON, 1, 0},
                                                  {"", "+OK ready\r\n", THEN_GO_ON, 1, 0},
                                                  {"PASS", "+OK\r\n", THEN_GO_ON, 1, 0},
                                                  {"PASS", "-ERR [IN-USE] locked\r\n", THEN_GO_ON, 2, 0},
                                                  GREETS,
                                                  ADMITS,
                                                  WORKS};
    uint64_t sessions;
    const struct played played =
        play_with_script(&(struct play){.head = LOGGED_IN, .may_delete = true}, entries,
                         "close\n"
                         "login2\n"
                         "C2: NOOP\n"
                         "S2: +OK\n",
                         &sessions);

    (void)state;
    demand_passed(&played);
    assert_int_equal(sessions, 3);
}

static void an_account_that_is_not_there_blocks(void **state)
{
    const struct played played = play_reference("needs: []\n", "login: account 3\n");

    (void)state;
    demand_end(&played, OUTCOME_BLOCKED, 1, "no account 3");
}

static void other_ways_to_log_in(void **state)
{
    struct refserver *server = reference_new();
    struct play play = reference_play(server, LOGGED_IN "mailbox: [short]\n");

    (void)state;
    play.login = LOGIN_AUTH_PLAIN;
    const struct played plain = play_dialog(&play, "C: STAT\nS: +OK 1\n");

    demand_passed(&plain);
    demand_text(plain.sent, "AUTH PLAIN");
    play.login = LOGIN_APOP; /* no secret is known */
    const struct played apop = play_dialog(&play, "C: STAT\nS: +OK 1\n");

    demand_kind(&apop, OUTCOME_BLOCKED);
    demand_text(apop.reason, "APOP");
    refserver_free(server);
}

/* AUTH answered by nothing, by the close, by refusals: each ends, and a close or refusal is tried again. */
static void an_exchange_that_comes_to_nothing_ends(void **state)
{
    static const struct script_entry silent[] = {GREETS, WORKS};
    static const struct script_entry closes[] = {{"AUTH", "", THEN_CLOSE, 0, 0}, GREETS, WORKS};
    static const struct script_entry asks_for_ever[] = {
        {"AUTH", "+ \r\n", THEN_GO_ON, 0, 0}, GREETS, {"*", "+ eHg=\r\n", THEN_GO_ON, 0, 0}, WORKS};
    const struct play play = {.head = LOGGED_IN, .login = LOGIN_AUTH_PLAIN};
    uint64_t sessions;

    (void)state;
    const struct played a = play_with_script(&play, silent, "C: NOOP\nS: +OK\n", &sessions);

    demand_end(&a, OUTCOME_BLOCKED, 0, "no reply in time");
    demand_breaches(&a, "reply-owed");
    const struct played b = play_with_script(&play, closes, "C: NOOP\nS: +OK\n", &sessions);

    demand_kind(&b, OUTCOME_BLOCKED);
    assert_in_range(sessions, 5, 40);
    const struct played c = play_with_script(&play, asks_for_ever, "C: NOOP\nS: +OK\n", &sessions);

    demand_kind(&c, OUTCOME_BLOCKED);
    demand_text(c.reason, "cannot be answered");
}

/* ---- TLS, by its null twin ---- */

static void scenarios_run_under_tls(void **state)
{
    struct refserver *server = reference_new();
    struct play play = reference_play(server, LOGGED_IN "mailbox: [short]\n");

    (void)state;
    play.transport = (struct transport){.name = "stls", .starttls = true};
    const struct played stls = play_dialog(&play, "C: RETR 1\nS: +OK\nS: {message short}\nS: .\n");

    demand_passed(&stls);
    demand_text(stls.sent, "STLS");
    play.transport = (struct transport){.name = "implicit", .implicit_tls = true};
    const struct played implicit = play_dialog(&play, "C: RETR 1\nS: +OK\nS: {message short}\nS: .\n");

    demand_passed(&implicit);
    assert_null(strstr(implicit.sent, "STLS"));
    refserver_free(server);
}

static void tls_steps_say_how_a_handshake_came_out(void **state)
{
    const struct played ok = play_reference(NULL, "C: STLS\nS: +OK\ntls\nC: CAPA\nS: +OK\n");
    const struct played fails = play_reference(NULL, "C: STLS\nS: +OK\ntls: fail\n");
    const struct played either = play_reference(NULL, "C: STLS\nS: +OK\ntls: either\nC: CAPA\nS: +OK\n");
    const struct played one = play_reference(NULL, "C: STLS\nS: +OK\ntls: ok 1.2\nC: CAPA\nS: +OK\n");
    const struct played other = play_reference(NULL, "C: STLS\nS: +OK\ntls: ok 1.3\nC: CAPA\nS: +OK\n");

    (void)state;
    demand_passed(&ok);
    demand_passed(&one);
    demand_passed(&other);
    demand_end(&fails, OUTCOME_FAILED, 3, "it succeeded");
    demand_passed(&either);
}

static struct played play_old(const char *dialog)
{
    struct refserver *server = reference_new();
    const struct play play = reference_play(server, NULL);

    refserver_set_fault(server, FAULT_TLS_1_1_AT_MOST, true);
    struct played played = play_dialog(&play, dialog);

    refserver_free(server);
    return played;
}

/* A rule tells of it, whatever the scenario is about; who offered one version alone knows nothing of the others. */
static void a_server_of_old_versions_breaks_the_rule_about_them(void **state)
{
    const struct played stls = play_old("C: STLS\nS: +OK\ntls\n");
    const struct played either = play_old("C: STLS\nS: +OK\ntls: either\nC: CAPA\nS: +OK\n");
    const struct played implicit = play_old("open2: tls\nS2: +OK\n");
    const struct played alone = play_old("C: STLS\nS: +OK\ntls: either 1.3\nC: CAPA\nS: +OK\n");

    (void)state;
    demand_end(&stls, OUTCOME_BLOCKED, 3, "protocol version");
    demand_breaches(&stls, "tls-version");
    demand_kind(&either, OUTCOME_PASSED);
    demand_breaches(&either, "tls-version");
    demand_end(&implicit, OUTCOME_BLOCKED, 1, "protocol version");
    demand_breaches(&implicit, "tls-version");
    demand_passed(&alone);
}

/* Octets in place of a handshake, the close, and silence: each is a handshake that failed. */
static void a_handshake_that_fails_is_one_of_the_ways_where_it_may(void **state)
{
    static const struct script_entry speaks[] = {{"STLS", "+OK\r\n", THEN_GO_ON, 0, 0}, GREETS, WORKS};
    static const struct script_entry closes[] = {{"STLS", "+OK\r\n", THEN_CLOSE, 0, 0}, GREETS, WORKS};
    uint64_t sessions;

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct script_entry *entries = i == 0 ? speaks : closes;
        const struct played must = play_with_script(&(struct play){.may_delete = true}, entries,
                                                    "C: STLS\nS: +OK\ntls\nC: NOOP\nS: -ERR\n", &sessions);
        const struct played may =
            play_with_script(&(struct play){.may_delete = true}, entries,
                             "C: STLS\nS: +OK\ntls: either\nC: NOOP\nS: -ERR\n", &sessions);

        assert_true(must.kind == OUTCOME_FAILED || must.kind == OUTCOME_BLOCKED);
        demand_kind(&may, OUTCOME_PASSED);
        assert_true(may.two_readings);
        demand_breaches(&may, "");
    }
}

/* CLEAR follows the +OK to STLS, then TLS begins; a command behind STLS has its reply left open, and changes nothing. */
static void demand_breaches_in_the_clear(const char *clear, const char *breaches)
{
    static const char *const dialogs[] = {
        "C: STLS\nS: +OK\ntls\nC: XYZZY\nS: -ERR\nabort\n",
        "raw: STLS\\r\\nNOOP\\r\\n\nS: +OK\ntls: either\nC: XYZZY\nS: -ERR\nabort\n"};
    const struct script_entry entries[] = {
        {"STLS", clear, THEN_TLS, 0, 0}, {"XYZZY", "-ERR\r\n", THEN_GO_ON, 0, 0}, GREETS, WORKS};
    uint64_t sessions;

    for (size_t i = 0; i < sizeof(dialogs) / sizeof(dialogs[0]); i++) {
        const struct played played =
            play_with_script(&(struct play){.may_delete = true}, entries, dialogs[i], &sessions);

        demand_kind(&played, OUTCOME_PASSED);
        demand_breaches(&played, breaches);
    }
}

/* RFC 2595 section 4: TLS begins immediately behind the +OK. */
static void what_comes_in_the_clear_behind_stls_is_too_much(void **state)
{
    (void)state;
    demand_breaches_in_the_clear("+OK\r\n", "");
    demand_breaches_in_the_clear("+OK\r\n+OK injected\r\n", "one-reply");
    demand_breaches_in_the_clear("+OK\r\n-ERR injected\r\n", "one-reply");
    demand_breaches_in_the_clear("+OK\r\n+OK inj", "one-reply");
    demand_breaches_in_the_clear("+OK\r\n\r", "one-reply");
    demand_breaches_in_the_clear("+OK\r\n\x16\x03\x01", ""); /* a handshake is asked for */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_refuses_at_first_is_tried_again),
        cmocka_unit_test(what_is_refused_for_ever_blocks),
        cmocka_unit_test(a_later_login_has_its_whole_patience),
        cmocka_unit_test(a_login_step_that_is_refused_blocks),
        cmocka_unit_test(a_login_that_opens_its_connection_is_tried_again),
        cmocka_unit_test(an_account_that_is_not_there_blocks),
        cmocka_unit_test(other_ways_to_log_in),
        cmocka_unit_test(an_exchange_that_comes_to_nothing_ends),
        cmocka_unit_test(scenarios_run_under_tls),
        cmocka_unit_test(tls_steps_say_how_a_handshake_came_out),
        cmocka_unit_test(a_server_of_old_versions_breaks_the_rule_about_them),
        cmocka_unit_test(a_handshake_that_fails_is_one_of_the_ways_where_it_may),
        cmocka_unit_test(what_comes_in_the_clear_behind_stls_is_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
