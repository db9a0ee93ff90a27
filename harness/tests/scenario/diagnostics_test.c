/* Every mistake is found before the first connection: bad text in, exact place and sentence out. */
#include "ledger/ledger.h"
#include "scenario/load.h"

#include <unistd.h>

struct golden {
    const char *text;
    const char *expected;
};

static void expect_all(const struct golden *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_wrong(cases[i].text, cases[i].expected);
}

#define EXPECT_ALL(cases) expect_all(cases, sizeof(cases) / sizeof((cases)[0]))

static void of_the_file(void **state)
{
    static const struct golden CASES[] = {
        {"", "1:1: the file is empty\n"},
        {"a: [", "1:1: this is not YAML: did not find expected node content\n"},
        {"- a\n", "1:1: 'file' must be a map, not a list\n"},
        {"scenarios: []\n", "1:1: the key 'pop3spec' is missing\n"},
        {"pop3spec: 2\nscenarios: []\n", "1:11: 'pop3spec' must be a number from 1 to 1\n"},
        {"pop3spec: 1\n", "1:1: the key 'scenarios' is missing\n"},
        {"pop3spec: 1\nscenarioes: []\n",
         "1:1: the key 'scenarios' is missing\n2:1: unknown key 'scenarioes'\n"},
        {"pop3spec: 1\nscenarios: []\n\"\\e[2J\\x9b1m\": x\n", "3:1: unknown key '?[2J??1m'\n"},
        {"pop3spec: 1\nscenarios: {}\n", "2:12: 'scenarios' must be a list, not a map\n"},
        {"pop3spec: 1\nscenarios: []\ndefaults: {title: x, dialog: y}\n",
         "3:12: unknown key 'title'\n3:22: unknown key 'dialog'\n"},
        {"pop3spec: 1\nscenarios: []\nblocks: {A: x, b: y}\n",
         "3:10: 'A' is not a name\n3:19: a dialog is a literal block or a list of steps\n"},
        {"pop3spec: 1\nscenarios: []\ninclude: [x.yaml]\n", "3:11: 'x.yaml' cannot be included\n"},
        {"pop3spec: 1\nscenarios:\n- {name: a, title: T, tags: [example], dialog: [{close: }]}\n"
         "- {name: a, title: T, tags: [example], dialog: [{close: }]}\n",
         "4:10: the id 't/a' is also that of t.yaml:3\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_the_scenario(void **state)
{
    static const struct golden CASES[] = {
        {"pop3spec: 1\nscenarios: [x]\n", "2:13: 'scenario' must be a map, not text\n"},
        {"pop3spec: 1\nscenarios: [{title: x}]\n", "2:13: the key 'name' is missing\n"},
        {"pop3spec: 1\nscenarios: [{name: X y}]\n", "2:20: 'X y' is not a name\n"},
        {"pop3spec: 1\nscenarios: [{name: x}]\n", "2:13: the key 'dialog' is missing\n"},
        {"pop3spec: 1\nscenarios: [{name: x, dialog: [{close: }]}]\n",
         "2:20: the key 'title' is missing\n2:20: the scenario proves nothing\n"},
        {SCENARIO("    mailbx: [short]\n    stat: closed\n", "      close\n"),
         "6:5: unknown key 'mailbx'\n7:5: unknown key 'stat'\n"},
        {SCENARIO("    state: transactoin\n", "      close\n"),
         "6:12: 'transactoin' is not a value of 'state'\n"},
        {SCENARIO("    mailbox: [shrt, short]\n", "      close\n"), "6:15: there is no fixture 'shrt'\n"},
        {SCENARIO("    mailbox: short\n", "      close\n"),
         "6:14: 'mailbox' must be a list of fixtures, or any\n"},
        {SCENARIO("    needs: [topp, capa, capa]\n", "      close\n"),
         "6:13: there is no ability 'topp'\n6:25: 'capa' stands twice in 'needs'\n"},
        {SCENARIO("    proves: rfc1939\n", "      close\n"), "6:13: 'proves' must be a list, not text\n"},
        {SCENARIO("    impact: a # b\n", "      close\n"),
         "6:13: YAML takes what stands behind \" #\" for a comment: quote the text, or move the comment to a "
         "line "
         "of its own\n"},
        {SCENARIO_HEAD("    tags: [a]\n    dialog: []\n"),
         "6:5: the key 'tags' stands here twice; first in line 5\n"},
        {SCENARIO("    each: [a]\n", "      close\n"), "6:11: 'each' must be a map, not a list\n"},
        {SCENARIO("    each: {a: []}\n", "      close\n"),
         "6:15: a parameter has a list or map of 1 to 1000 values\n"},
        {SCENARIO("    each: {a: [x y, x-y]}\n", "      close\n"), "6:21: two values get the label 'x-y'\n"},
        {SCENARIO("    each: {a: [x, '*']}\n", "      close\n"), "6:19: '-' is not a label\n"},
        {SCENARIO("    each: {a: ['x', \"\\n\"]}\n", "      close\n"),
         "6:21: YAML made a control character of an escape in this text\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_the_form(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO_HEAD("    dialog: 'C: STAT'\n"), "6:13: a dialog is a literal block or a list of steps\n"},
        {SCENARIO_HEAD("    dialog: |\n"), "6:13: the dialog is empty\n"},
        {SCENARIO("", "      C: NOOP\n        S: +OK\n"), "8:9: no lines stand below 'C'\n"},
        {SCENARIO("", "      together:\n          close\n        close2\n"),
         "9:9: this line is indented otherwise than those above\n"},
        {SCENARIO_HEAD("    dialog: |2\n") "        C: NOOP\n      S: +OK\n",
         "8:7: this line is indented less than the first one\n"},
        {SCENARIO("", "      C: a\tb\n"), "7:11: a tab\n"},
        {SCENARIO("", "      D: x\n"), "7:7: 'D' is not a step\n"},
        {SCENARIO("", "      C:NOOP\n"), "7:7: 'C:NOOP' is not a step\n"},
        {SCENARIO("", "      clsoe\n"), "7:7: 'clsoe' is not a step\n"},
        {SCENARIO("", "      point\n      C: NOOP\n"), "7:7: nothing stands above\n"},
        {SCENARIO("", "      close\n      point\n      point\n"), "9:7: a dialog has one point only\n"},
        {SCENARIO("", "      C: CAPA\n      S: +OK\n      point\n      S: ...\n      point\n"),
         "11:7: a dialog has one point only\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK\n      point\n      S: x\n"),
         "10:7: the reply to this command is one line\n"},
        {SCENARIO("", "      close\n      point: x\n"), "8:14: nothing stands behind this verb\n"},
        {SCENARIO("", "      close\n      point2\n"), "8:7: 'point2' is not a step\n"},
        {SCENARIO("", "      close\n      together:\n        point\n"),
         "9:9: lines that run side by side lead to no point\n"},
        {SCENARIO("", "      together:\n        close2\n        together:\n          close\n"),
         "9:9: these lines run side by side already\n"},
        {SCENARIO("", "      timeout2: 1s\n"), "7:7: 'timeout2' is not a step\n"},
        {SCENARIO("", "      C0: x\n"), "7:7: 'C0' is not a step\n"},
        {SCENARIO_HEAD("    dialog: [{C: NOOP, S: +OK}]\n"), "6:14: a step is a map of one key\n"},
        {SCENARIO_HEAD("    dialog: [close]\n"), "6:14: a step is a map of one key\n"},
        {SCENARIO_HEAD("    dialog:\n    - C: STAT # 1\n"),
         "7:10: YAML takes what stands behind \" #\" for a comment: quote the text, or move the comment to a "
         "line "
         "of its own\n"},
        {SCENARIO_HEAD("    dialog:\n    - C: STAT \n"),
         "7:10: YAML drops the blanks at the end of this line: quote the text, or remove them\n"},
        {SCENARIO_HEAD("    dialog:\n    - C: STAT\n        1\n"),
         "7:10: this text goes on over several lines, which YAML joins by blanks: quote it, or write it in "
         "one line\n"},
        {SCENARIO_HEAD("    dialog:\n    - C: \"STAT\\r\"\n"),
         "7:10: YAML made a control character of an escape in this text\n"},
        {SCENARIO_HEAD("    dialog:\n    - C: {user}\n"), "7:10: this is a map, not text\n"},
        {SCENARIO("", "      use: nothing\n"), "7:12: there is no block 'nothing'\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_templates(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("", "      C: ab\\q\n"), "7:12: this is not an escape\n"},
        {SCENARIO("", "      C: \\x4\n"), "7:10: this is not an escape\n"},
        {SCENARIO("", "      C: a}\n"), "7:11: a } without {\n"},
        {SCENARIO("", "      C: a{user\n"), "7:11: a { without }\n"},
        {SCENARIO("", "      C: {}\n"), "7:11: this is not a hole\n"},
        {SCENARIO("", "      C: {a b}\n"), "7:11: this is not a hole\n"},
        {SCENARIO("", "      C: {!a}\n"), "7:10: {!...} can only stand in an S line\n"},
        {SCENARIO("", "      C: NOOP\n      S: -ERR {!a}\n"), "8:15: nothing binds 'a' before this line\n"},
        {SCENARIO("", "      C: {?a}\n"), "7:10: {?...} can only stand in an S line\n"},
        {SCENARIO("", "      C: {fill AB 3}\n"),
         "7:11: this hole is not of the form {fill A 512}, one octet or escape, and how often\n"},
        {SCENARIO("", "      C: {fill A 0}\n"),
         "7:11: this hole is not of the form {fill A 512}, one octet or escape, and how often\n"},
        {SCENARIO("", "      C: {repeat x y}\n"), "7:11: this hole is not of the form {repeat 1000 text}\n"},
        {SCENARIO("", "      C: NOOP {turn}\n"), "7:16: {turn} stands within {repeat} only\n"},
        {SCENARIO("", "      C: {repeat 2 {turn 0}}\n"),
         "7:21: this hole is not of the form {turn} or {turn 2}\n"},
        {SCENARIO("", "      C: {repeat 99999999 {repeat 99999999 x}}\n"),
         "7:10: this makes more than 67108864 octets\n"},
        {SCENARIO("", "      C: {top short}\n"), "7:11: this hole is not of the form {top FIXTURE 3}\n"},
        {SCENARIO("", "      C: {user 0}\n"), "7:11: this hole is not of the form {user} or {user 2}\n"},
        {SCENARIO("", "      C: {usr}\n"), "7:10: nothing binds 'usr' before this line\n"},
        {SCENARIO("", "      C: {cram-md5}\n"), "7:10: {cram-md5} is not in base 64 yet\n"},
        {SCENARIO("", "      C: {user 4}\n"), "7:10: a scenario uses at most 3 accounts\n"},
        {SCENARIO("", "      raw:\n"), "7:11: 'raw' sends nothing here\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_patterns(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("", "      C: NOOP\n      S: OK\n"), "8:10: a reply begins with +OK, -ERR, + or closed\n"},
        {SCENARIO("", "      C: NOOP\n      S: +ok\n"), "8:10: a reply begins with +OK, -ERR, + or closed\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK  2\n"),
         "8:14: two blanks: words have exactly one between them\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK |\n"), ""},
        {SCENARIO("", "      C: NOOP\n      S: +OK | \n"),
         "8:16: a reply begins with +OK, -ERR, + or closed\n"},
        {SCENARIO("", "      C: NOOP\n      S: closed now\n"), "8:17: nothing stands behind 'closed'\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK /a(/\n"),
         "8:17: the regular expression is wrong: missing closing parenthesis\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK /a\n"),
         "8:14: a regular expression without a slash at its end\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK //\n"), "8:14: the regular expression is empty\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK {?user}\n"), "8:14: 'user' is the name of another hole\n"},
        {SCENARIO("    mailbox: [short]\n", "      C: NOOP\n      S: +OK {message short}\n"),
         "9:14: {message ...} and {top ...} stand for whole lines of a body\n"},
        {SCENARIO("    mailbox: [short]\n    state: transaction\n",
                  "      C: RETR 1\n      S: +OK\n      S: ...\n      S: x\n      S: {message short}\n"),
         "13:10: where '...' stands before it, {message ...} or {top ...} must follow a '...' at once\n"},
        {SCENARIO("    mailbox: [nul]\n    state: transaction\n",
                  "      C: RETR 1\n      S: +OK\n      S: {message nul}\n"),
         "11:10: stores may alter 'nul': it has bare CR, LF or NUL, or lines of more than 998 octets\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_verbs(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("", "      tls: perhaps\n"), "7:12: 'perhaps' cannot stand here\n"},
        {SCENARIO("", "      tls: either 1.1\n"), "7:12: '1.1' cannot stand here\n"},
        {SCENARIO("", "      split: octet\n"), "7:14: 'octet' cannot stand here\n"},
        {SCENARIO("", "      split: 0\n"), "7:14: '0' cannot stand here\n"},
        {SCENARIO("", "      quiet: 300\n"), "7:14: this is not a time\n"},
        {SCENARIO("", "      quiet: 2h\n"), "7:14: this is not a time\n"},
        {SCENARIO("", "      quiet: 61min\n"), "7:14: this is more than an hour\n"},
        {SCENARIO("", "      quiet: 99999999999999999999s\n"), "7:14: this is more than an hour\n"},
        {SCENARIO("", "      login: 2\n"), "7:14: this is not an account\n"},
        {SCENARIO("", "      sasl: PLAN\n"), "7:13: this is not a SASL mechanism that the suite speaks\n"},
        {SCENARIO("", "      sasl: PLAIN twice\n"), "7:19: this is not an account\n"},
        {SCENARIO("", "      sasl: {account: 1}\n"), "7:13: the key 'mech' is missing\n"},
        {SCENARIO("", "      sasl: {mech: PLAN}\n"),
         "7:20: this is not a SASL mechanism that the suite speaks\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, pas: x}\n"), "7:27: 'pas' is no key of 'sasl'\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, mech: LOGIN}\n"), "7:27: 'mech' stands twice in this map\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, pass: {nobody}}\n"),
         "7:33: nothing binds 'nobody' before this line\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, pass: 'x}\n"), "7:33: the quote is not closed\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, until}\n"), "7:27: a value is missing here\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN} x\n"), "7:25: the map does not end here with its brace\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN\n"), "7:25: the map does not end here with its brace\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, until: 9}\n"), "7:34: 'until' is a number from 1 to 8\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, account: 0}\n"),
         "7:36: 'account' is a number from 1 to 9\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, initial: yes}\n"), "7:36: 'initial' is true or false\n"},
        {SCENARIO("", "      sasl: {mech: LOGIN, initial: true}\n"),
         "7:36: in LOGIN the server speaks first: there is no initial response\n"},
        {SCENARIO("", "      C: AUTH PLAIN\n      S: +\n      C: {b64 {sasl}}\n      S: +OK\n"),
         "9:15: no exchange was begun on this connection\n"},
        {SCENARIO("", "      sasl: {mech: PLAIN, until: 1}\n      C: {sasl}\n      S: +OK\n"),
         "8:10: {sasl} is not in base 64 yet\n"},
        {SCENARIO("", "      sasl: PLAIN\n      sasl: PLAIN\n"),
         "8:7: the connection is logged in already\n"},
        {SCENARIO("", "      deliver: shrt\n"), "7:16: there is no fixture 'shrt'\n"},
        {SCENARIO("", "      close: now\n"), "7:14: nothing stands behind this verb\n"},
        {SCENARIO("", "      pipeline:\n"), "7:7: lines must stand below 'pipeline', indented\n"},
        {SCENARIO("", "      when:\n        close\n"), "7:7: 'when' lacks its condition\n"},
        {SCENARIO("", "      when OK:\n        close\n"), "7:7: 'OK' cannot stand here\n"},
        {SCENARIO("", "      pipeline:\n        C: NOOP\n        S: +OK\n"),
         "9:9: a pipeline holds C and raw lines only\n"},
        {SCENARIO("", "      pipeline:\n        C: NOOP\n        C2: NOOP\n"),
         "9:9: a pipeline is sent on one connection\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_the_course(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("", "      C: NOOP\n      C: NOOP\n      S: -ERR\n"),
         "8:7: a reply is due on this connection\n"},
        {SCENARIO("", "      S: +OK\n"), "7:7: no reply is due on this connection\n"},
        {SCENARIO("", "      S2: +OK\n"), "7:7: no reply is due\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK\n      S: +OK\n"),
         "9:7: no reply is due on this connection\n"},
        {SCENARIO("", "      C: NOOP\n      quiet: 1s\n"), "8:7: a reply is due on this connection\n"},
        {SCENARIO("", "      C: NOOP\n      fence\n"), "8:7: a reply is due on this connection\n"},
        {SCENARIO("", "      C: NOOP\n      login\n"), "8:7: a reply is due on this connection\n"},
        {SCENARIO("    state: closed\n", "      C: NOOP\n"), "8:7: connection 1 is not open yet\n"},
        {SCENARIO("", "      open\n"), "7:7: the connection is open already\n"},
        {SCENARIO("", "      close\n      C: NOOP\n"), "8:7: the connection is closed\n"},
        {SCENARIO("", "      half-close\n      C: NOOP\n"),
         "8:7: our way of this connection is closed: nothing can be sent any more\n"},
        {SCENARIO("", "      C: QUIT\n      S: +OK\n      C: NOOP\n"),
         "9:7: QUIT has its reply: the server closes this connection\n"},
        {SCENARIO("    state: transaction\n", "      login\n"), "8:7: the connection is logged in already\n"},
        {SCENARIO("", "      tls\n"), "7:7: a handshake cannot succeed here\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK\n      S: line\n"),
         "9:7: the reply to this command is one line\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK\n      S: .\n"),
         "9:7: the reply to this command is one line\n"},
        {SCENARIO("", "      C: CAPA\n      S: -ERR\n      S: .\n"),
         "9:7: only a positive reply has a body\n"},
        {SCENARIO("", "      when +OK:\n        close\n"),
         "7:7: no reply came before this on the connection\n"},
        {SCENARIO("", "      C: NOOP\n      S: +OK\n      when -ERR:\n        close\n"),
         "9:7: the last S line on this connection does not allow that reply: this block never runs\n"},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void of_messages(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("", "      C: RETR {number short}\n"), "7:15: the fixture 'short' is not in the mailbox\n"},
        {SCENARIO("    mailbox: [short]\n", "      C: RETR {number short#2}\n"),
         "8:15: the mailbox has fewer than 2 copies of 'short'\n"},
        {SCENARIO("    mailbox: [short, dotted]\n    state: transaction\n",
                  "      C: DELE {number dotted}\n"
                  "      S: +OK\n"
                  "      C: STAT\n"
                  "      S: +OK 1 {octets dotted}\n"),
         "12:16: the message 'dotted' is marked as deleted here\n"},
        {SCENARIO("    mailbox: [short, dotted]\n    state: transaction\n",
                  "      C: DELE 2\n"
                  "      S: +OK\n"
                  "      C: QUIT\n"
                  "      S: +OK\n"
                  "      reconnect\n"
                  "      C: STAT\n"
                  "      S: +OK 1 {octets dotted}\n"),
         "15:16: the message 'dotted' is marked as deleted here\n"},
        {SCENARIO("    mailbox: [short]\n    state: transaction\n", "      C: DELE 1\n"
                                                                    "      S: +OK\n"
                                                                    "      C: RSET\n"
                                                                    "      S: +OK\n"
                                                                    "      C: STAT\n"
                                                                    "      S: +OK 1 {octets short}\n"),
         ""},
        {SCENARIO("    mailbox: [short]\n    state: transaction\n", "      C: DELE 1\n"
                                                                    "      S: +OK | -ERR\n"
                                                                    "      C: STAT\n"
                                                                    "      S: +OK 1 {octets short}\n"),
         ""},
    };

    (void)state;
    EXPECT_ALL(CASES);
}

static void suggestions_are_made(void **state)
{
    static const struct golden CASES[] = {
        {SCENARIO("    mailbx: [short]\n", "      close\n"), "did you mean 'mailbox'?"},
        {SCENARIO("    needs: [topp]\n", "      close\n"), "did you mean 'top'?"},
        {SCENARIO("    mailbox: [shrt]\n", "      close\n"), "did you mean 'short'?"},
        {SCENARIO("", "      clsoe\n"), "did you mean 'close'?"},
        {SCENARIO("", "      C:NOOP\n"), "a blank stands behind the colon"},
        {SCENARIO("", "      C: {usr}\n"), "did you mean {user}?"},
        {SCENARIO("", "      split: octet\n"), "did you mean 'octets'?"},
        {SCENARIO("", "      C: NOOP\n      S: OK\n"), "did you mean '+OK'?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct suite suite;
        struct diagnostics *diagnostics = new_diagnostics();

        suite_with_fixtures(&suite);
        assert_false(suite_add_text(&suite, bytes_of(CASES[i].text), "t.yaml", NULL, NULL, diagnostics));
        assert_string_equal(diagnostics->errors[0].hint, CASES[i].expected);
        suite_release(&suite);
        free(diagnostics);
    }
}

static void clauses_must_be_known_and_testable(void **state)
{
    struct clause clauses[] = {
        {.id = "rfc1939-5-a"},
        {.id = "rfc1939-5-b", .untestable = "nobody can see it"},
    };
    struct ledger ledger = {.clauses = clauses, .count = 2};
    static const char TEXT[] =
        SCENARIO("    proves: [rfc1939-5-a, rfc1939-5-b, rfc1939-5-aa]\n", "      close\n");
    struct suite suite;
    struct diagnostics *diagnostics = new_diagnostics();

    (void)state;
    suite_with_fixtures(&suite);
    assert_false(suite_add_text(&suite, bytes_of(TEXT), "t.yaml", NULL, &ledger, diagnostics));
    assert_int_equal(diagnostics->count, 2);
    assert_string_equal(diagnostics->errors[0].text, "the clause 'rfc1939-5-b' is said to be untestable");
    assert_string_equal(diagnostics->errors[0].hint, "nobody can see it");
    assert_string_equal(diagnostics->errors[1].text, "there is no clause 'rfc1939-5-aa'");
    assert_string_equal(diagnostics->errors[1].hint, "did you mean 'rfc1939-5-a'?");
    suite_release(&suite);
    free(diagnostics);
}

/* A mistake in a file of many cases is said once, and a hundred of them are enough. */
static void diagnostics_are_bounded(void **state)
{
    struct buf text;
    struct suite suite;
    struct diagnostics *diagnostics = new_diagnostics();

    (void)state;
    expect_wrong(SCENARIO("    each: {a: [x, y, z]}\n", "      C: {b}\n"),
                 "8:10: nothing binds 'b' before this line\n");
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, SCENARIO("", ""));
    for (int i = 0; i < 1000; i++)
        buf_append_text(&text, "      C: }\n");
    suite_init(&suite);
    assert_false(suite_add_text(&suite, buf_bytes(&text), "t.yaml", NULL, NULL, diagnostics));
    assert_int_equal(diagnostics->count, DIAGNOSTICS_MAX);
    suite_release(&suite);
    buf_release(&text);
    free(diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_file),
        cmocka_unit_test(of_the_scenario),
        cmocka_unit_test(of_the_form),
        cmocka_unit_test(of_templates),
        cmocka_unit_test(of_patterns),
        cmocka_unit_test(of_verbs),
        cmocka_unit_test(of_the_course),
        cmocka_unit_test(of_messages),
        cmocka_unit_test(suggestions_are_made),
        cmocka_unit_test(clauses_must_be_known_and_testable),
        cmocka_unit_test(diagnostics_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
