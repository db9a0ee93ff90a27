/* What lint makes out about a dialog: its effects on a server, and the abilities that it plainly needs. */
#include "scenario/load.h"

/* NEEDS and TAGS with a blank behind each. */
static void expect_words(const char *const *words, size_t count, const char *expected)
{
    struct buf joined;

    buf_init(&joined, BUF_UNBOUNDED);
    for (size_t i = 0; i < count; i++)
        buf_append_format(&joined, "%s ", words[i]);
    assert_string_equal(buf_text(&joined), expected);
    buf_release(&joined);
}

static void expect_needs(const char *text, const char *needs)
{
    struct suite suite;

    load_right(&suite, text);
    expect_words(suite.scenarios[0].needs, suite.scenarios[0].need_count, needs);
    suite_release(&suite);
}

#define IN_TRANSACTION "    state: transaction\n"

static void needs_follow_from_the_dialog(void **state)
{
    (void)state;
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: CAPA\n      S: +OK\n"), "");
    expect_needs(SCENARIO(IN_TRANSACTION "    mailbox: []\n", "      C: STAT\n      S: +OK\n"), "provision ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: DELE 1\n      S: +OK\n"), "provision ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: dElE 1\n      S: -ERR\n"), "provision ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      raw: DE\n      raw: LE 1\\r\\n\n"), "provision ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      deliver: short\n"), "provision ");
    expect_needs(SCENARIO("", "      login2: account 2\n"), "two-accounts two-connections ");
    expect_needs(SCENARIO("", "      open2\n"), "two-connections ");
    expect_needs(SCENARIO("", "      close\n      open2\n      close2\n      open3\n"), "");
    expect_needs(SCENARIO("", "      C: USER {user 3}\n"), "three-accounts ");
    expect_needs(SCENARIO("", "      C: STLS\n      S: +OK\n      tls\n"), "stls ");
    expect_needs(SCENARIO("", "      C: STLS\n      S: +OK | -ERR\n"), "");
    expect_needs(SCENARIO("", "      raw: STLS\\r\\nNOOP\\r\\n\n      S: +OK\n      tls: either\n"), "");
    expect_needs(SCENARIO("    state: closed\n", "      open: tls\n"), "implicit-tls ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: TOP 1 0\n      S: +OK\n"), "top ");
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: TOP 1 0\n      S: +OK | -ERR\n"), "");
    expect_needs(SCENARIO(IN_TRANSACTION, "      C: UIDL\n      S: +OK\n"), "uidl ");
    expect_needs(SCENARIO("", "      provoke: update-failure\n"), "update-failure ");
}

static void pipelines_need_pipelining(void **state)
{
    (void)state;
    expect_needs(SCENARIO("", "      pipeline:\n        C: CAPA\n      S: +OK\n"), "");
    expect_needs(
        SCENARIO("", "      pipeline:\n        C: CAPA\n        C: NOOP\n      S: +OK\n      S: -ERR\n"),
        "pipelining ");
    expect_needs(
        "pop3spec: 1\nscenarios:\n  - name: s\n    title: T\n    tags: [example, pipelining-topic]\n"
        "    dialog: |\n      pipeline:\n        C: CAPA\n        C: NOOP\n      S: +OK\n      S: -ERR\n",
        "");
}

static void fixtures_need_order_and_exactness(void **state)
{
    (void)state;
    expect_needs(
        SCENARIO(IN_TRANSACTION "    mailbox: [short]\n", "      C: LIST {number short}\n      S: +OK\n"),
        "provision ");
    expect_needs(SCENARIO(IN_TRANSACTION "    mailbox: [short, dotted]\n",
                          "      C: LIST {number short}\n      S: +OK\n"),
                 "provision delivery-order ");
    expect_needs(SCENARIO(IN_TRANSACTION "    mailbox: [short, short]\n",
                          "      C: LIST {number short#2}\n      S: +OK\n"),
                 "provision delivery-order ");
    expect_needs(SCENARIO(IN_TRANSACTION "    mailbox: [short]\n",
                          "      C: RETR 1\n      S: +OK\n      S: {message short}\n"),
                 "provision exact-store ");
    expect_needs(SCENARIO(IN_TRANSACTION "    mailbox: [short]\n    needs: [exact-store, capa]\n",
                          "      C: RETR 1\n      S: +OK\n      S: {message short}\n"),
                 "exact-store capa provision ");
}

struct expected_effects {
    const char *text;
    struct effects effects;
};

static void effects_follow_from_the_dialog(void **state)
{
    static const struct expected_effects CASES[] = {
        {SCENARIO("", "      C: NOOP\n"), {.sessions = 1}},
        {SCENARIO("    state: closed\n", "      timeout: 1s\n"), {.sessions = 0}},
        {SCENARIO(IN_TRANSACTION, "      C: NOOP\n"), {.logs_in = true, .accounts = 1, .sessions = 1}},
        {SCENARIO(IN_TRANSACTION, "      C: DELE 1\n      S: +OK\n      C: QUIT\n"),
         {.logs_in = true, .accounts = 1, .sessions = 1, .marks = true, .commits = true}},
        {SCENARIO(IN_TRANSACTION,
                  "      C: DELE 1\n      S: +OK\n      C: RSET\n      S: +OK\n      C: QUIT\n"),
         {.logs_in = true, .accounts = 1, .sessions = 1, .marks = true}},
        {SCENARIO(IN_TRANSACTION, "      C: retr 1\n"),
         {.logs_in = true, .accounts = 1, .sessions = 1, .retrieves = true}},
        {SCENARIO("", "      C2: NOOP\n      S2: -ERR\n      close2\n      C3: NOOP\n"), {.sessions = 2}},
        {SCENARIO("", "      deliver: short\n"), {.sessions = 1, .delivers = true}},
        {SCENARIO("", "      provoke: update-recovery\n"), {.sessions = 1, .provokes = true}},
        {SCENARIO("", "      C: {repeat 2 DELE }\n"), {.sessions = 1, .marks = true}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct effects *expected = &CASES[i].effects;
        struct suite suite;

        load_right(&suite, CASES[i].text);
        const struct effects *actual = &suite.scenarios[0].effects;

        assert_int_equal(actual->logs_in, expected->logs_in);
        assert_int_equal(actual->marks, expected->marks);
        assert_int_equal(actual->commits, expected->commits);
        assert_int_equal(actual->retrieves, expected->retrieves);
        assert_int_equal(actual->delivers, expected->delivers);
        assert_int_equal(actual->provokes, expected->provokes);
        assert_int_equal(actual->accounts, expected->accounts);
        assert_int_equal(actual->sessions, expected->sessions);
        suite_release(&suite);
    }
}

static void expect_bad_logins(const char *dialog, uint32_t bad_logins)
{
    struct suite suite;
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text, "%s%s", SCENARIO("", ""), dialog);
    load_right(&suite, buf_text(&text));
    const struct scenario *scenario = &suite.scenarios[0];

    assert_int_equal(scenario->effects.bad_logins, bad_logins);
    expect_words(scenario->tags, scenario->tag_count, bad_logins > 0 ? "example bad-login " : "example ");
    suite_release(&suite);
    buf_release(&text);
}

static void logins_that_may_fail_are_counted(void **state)
{
    (void)state;
    expect_bad_logins("      C: USER {user}\n      S: +OK\n      C: PASS x\n      S: -ERR\n", 1);
    expect_bad_logins("      C: USER {user}\n      S: +OK\n      C: PASS x\n      S: +OK | -ERR\n", 1);
    expect_bad_logins("      C: USER {user}\n      S: +OK\n      C: PASS {pass}\n      S: +OK\n", 0);
    expect_bad_logins("      C: PASS x\n      S: -ERR\n", 0);
    expect_bad_logins("      C: APOP {user} {fill 0 32}\n      S: -ERR\n", 1);
    expect_bad_logins("      C: AUTH PLAIN x\n      S: -ERR\n", 1);
    expect_bad_logins("      C: AUTH NONE\n      S: -ERR\n", 0);
    expect_bad_logins("      C: AUTH PLAIN\n      S: +\n      C: eA==\n      S: -ERR\n", 1);
    expect_bad_logins("      C: AUTH PLAIN\n      S: +\n      C: *\n      S: -ERR\n", 0);
    expect_bad_logins("      login\n      C: USER {user}\n      S: -ERR\n      C: PASS x\n      S: -ERR\n",
                      0);
}

/* Where lint cannot know what a server makes of it, it says nothing. */
static void what_cannot_be_known_is_not_judged(void **state)
{
    (void)state;
    expect_needs(
        SCENARIO("", "      raw: NOOP\\n\n      S: -ERR\n      S: -ERR\n      C: NOOP\n      C: NOOP\n"), "");
    expect_needs(SCENARIO("", "      C: {fill A 100000}\n      S: -ERR | closed\n      C: NOOP\n"), "");
    expect_needs(SCENARIO("", "      C: QUIT\n      S: +OK | -ERR\n      when -ERR:\n        C: NOOP\n"), "");
    expect_needs(
        SCENARIO("", "      C: NOOP\n      S: +OK | -ERR\n      when +OK:\n        C: NOOP\n      S: +OK\n"),
        "");
    expect_needs(SCENARIO("", "      when closed:\n        S: closed\n"), "");
    expect_needs(SCENARIO("", "      when closed:\n        reconnect\n        C: NOOP\n      C: NOOP\n"), "");
}

#define TOGETHER "      C: NOOP\n      S: +OK | -ERR\n      C2: NOOP\n      S2: +OK | -ERR\n      together:\n"

/* A strand cannot carry out what belongs to another: such lines would be passed over, and never fail. */
static void side_by_side_a_condition_holds_lines_of_its_connection(void **state)
{
    (void)state;
    expect_wrong(SCENARIO("", TOGETHER "        C: NOOP\n"
                                       "        S: +OK | -ERR\n"
                                       "        when -ERR:\n"
                                       "          C2: NOOP\n"
                                       "          S2: +OK\n"
                                       "          C: NOOP\n"
                                       "          S: +OK\n"),
                 "15:11: side by side, a 'when' of connection 1 holds no line of connection 2\n"
                 "16:11: side by side, a 'when' of connection 1 holds no line of connection 2\n");
    expect_wrong(SCENARIO("", TOGETHER "        when2 -ERR:\n"
                                       "          when +OK:\n"
                                       "            C: NOOP\n"
                                       "            S: +OK\n"),
                 "13:11: side by side, a 'when' of connection 2 holds no line of connection 1\n");
    expect_wrong(SCENARIO("", TOGETHER "        when +OK:\n"
                                       "          pipeline:\n"
                                       "            C3: NOOP\n"),
                 "13:11: side by side, a 'when' of connection 1 holds no line of connection 3\n"
                 "14:13: side by side, a 'when' of connection 1 holds no line of connection 3\n");
    expect_needs(SCENARIO("", TOGETHER "        when +OK:\n"
                                       "          timeout: 1s\n"
                                       "          when +OK:\n"
                                       "            C: NOOP\n"
                                       "            S: +OK\n"
                                       "        when2 closed:\n"
                                       "          reconnect2\n"
                                       "      when +OK:\n"
                                       "        C2: NOOP\n"),
                 "two-connections ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_follow_from_the_dialog),
        cmocka_unit_test(pipelines_need_pipelining),
        cmocka_unit_test(fixtures_need_order_and_exactness),
        cmocka_unit_test(effects_follow_from_the_dialog),
        cmocka_unit_test(logins_that_may_fail_are_counted),
        cmocka_unit_test(what_cannot_be_known_is_not_judged),
        cmocka_unit_test(side_by_side_a_condition_holds_lines_of_its_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
