/* The language: what stands in a file is what is compiled. */
#include "scenario/load.h"

/* ---- escapes and what is sent ---- */

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    (void)context;
    (void)connection;
    if (hole->kind == HOLE_USER)
        ret_value->texts[ret_value->count++] = bytes_of(hole->number == 2 ? "bob" : "alice");
    else if (hole->kind == HOLE_PASS)
        ret_value->texts[ret_value->count++] = bytes_of("secret");
    else if (hole->kind == HOLE_TOKEN)
        ret_value->texts[ret_value->count++] = bytes_of(hole->number == 2 ? "t2" : "t1");
    else
        ret_value->why_not = "not in this test";
}

static void expect_sent(const char *line, struct bytes expected)
{
    const struct resolver resolver = {.resolve = resolve};
    struct suite suite;
    struct buf text;
    struct buf sent;
    const char *why;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text, SCENARIO("", "      %s\n"), line);
    load_right(&suite, buf_text(&text));
    assert_int_equal(suite.scenarios[0].step_count, 1);
    buf_init(&sent, 1 << 20);
    assert_true(template_expand(&suite.scenarios[0].steps[0].bytes, 1, &resolver, &sent, &why));
    assert_int_equal(sent.size, expected.size);
    assert_memory_equal(sent.data, expected.data, expected.size);
    buf_release(&sent);
    buf_release(&text);
    suite_release(&suite);
}

static void escapes_reach_the_wire(void **state)
{
    (void)state;
    expect_sent("C: STAT", BYTES_LITERAL("STAT\r\n"));
    expect_sent("raw: STAT", BYTES_LITERAL("STAT"));
    expect_sent("raw: \\r\\n\\0\\t\\\\\\{\\}", BYTES_LITERAL("\r\n\0\t\\{}"));
    expect_sent("raw: \\x00\\x7f\\xFF\\xaB", BYTES_LITERAL("\x00\x7F\xFF\xAB"));
    expect_sent("raw: \\\\r\\\\n", BYTES_LITERAL("\\r\\n"));
    expect_sent("raw: \\xC3\\xA9 \xC3\xA9", BYTES_LITERAL("\xC3\xA9 \xC3\xA9"));
}

static void blanks_and_signs_stay(void **state)
{
    (void)state;
    expect_sent("C: STAT  ", BYTES_LITERAL("STAT  \r\n"));
    expect_sent("C:  STAT", BYTES_LITERAL(" STAT\r\n"));
    expect_sent("C:", BYTES_LITERAL("\r\n"));
    expect_sent("C: ", BYTES_LITERAL("\r\n"));
    expect_sent("C: A # B: C", BYTES_LITERAL("A # B: C\r\n"));
    expect_sent("C: - [x] 'y' \"z\" *a &b !c", BYTES_LITERAL("- [x] 'y' \"z\" *a &b !c\r\n"));
}

static void blocks_build_text(void **state)
{
    (void)state;
    expect_sent("raw: {fill A 5}", BYTES_LITERAL("AAAAA"));
    expect_sent("raw: {fill \\x20 2}|{fill \\{ 2}|{fill \\} 1}", BYTES_LITERAL("  |{{|}"));
    expect_sent("raw: {repeat 3 NOOP\\r\\n}", BYTES_LITERAL("NOOP\r\nNOOP\r\nNOOP\r\n"));
    expect_sent("raw: {repeat 2 a{repeat 2 b}{fill c 2}}", BYTES_LITERAL("abbccabbcc"));
    expect_sent("raw: {repeat 3 DELE {turn}\\r\\n}", BYTES_LITERAL("DELE 1\r\nDELE 2\r\nDELE 3\r\n"));
    expect_sent("raw: {repeat 2 {turn 5}{repeat 2 ({turn})}{turn}}", BYTES_LITERAL("5(1)(2)110(1)(2)2"));
    expect_sent("C: AUTH PLAIN {b64 \\0{user}\\0{pass}}",
                BYTES_LITERAL("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"));
    expect_sent("raw: {b64 }", BYTES_LITERAL(""));
    expect_sent("C: {user}{user 2}{token}{token 2}", BYTES_LITERAL("alicebobt1t2\r\n"));
}

static void a_hole_without_value_says_why(void **state)
{
    const struct resolver resolver = {.resolve = resolve};
    struct suite suite;
    struct buf sent;
    const char *why = NULL;

    (void)state;
    load_right(&suite, SCENARIO("", "      C: APOP {user} {apop}\n"));
    buf_init(&sent, 100);
    assert_false(template_expand(&suite.scenarios[0].steps[0].bytes, 1, &resolver, &sent, &why));
    assert_string_equal(why, "not in this test");
    suite_release(&suite);
    load_right(&suite, SCENARIO("", "      C: {fill A 100}\n"));
    buf_clear(&sent);
    assert_false(template_expand(&suite.scenarios[0].steps[0].bytes, 1, &resolver, &sent, &why));
    assert_null(why);
    assert_true(sent.overflowed);
    buf_release(&sent);
    suite_release(&suite);
}

/* ---- two forms, one language ---- */

static void expect_same(const char *block, const char *list)
{
    char *from_block = dump_of(block);
    char *from_list = dump_of(list);

    assert_string_equal(from_block, from_list);
    free(from_block);
    free(from_list);
}

static void both_forms_compile_to_the_same(void **state)
{
    (void)state;
    expect_same(SCENARIO("    state: transaction\n", "      C: STAT\n"
                                                     "      S: +OK 2 320$\n"
                                                     "      C: LIST\n"
                                                     "      S: +OK\n"
                                                     "      S: 1 120\n"
                                                     "      S: ...\n"
                                                     "      S: .\n"
                                                     "      quiet: 300ms\n"
                                                     "      point\n"
                                                     "      C:  a # b\\r \n"
                                                     "      S: +OK /a|b/ | -ERR | closed\n"
                                                     "      when -ERR:\n"
                                                     "        close\n"),
                SCENARIO_HEAD("    state: transaction\n"
                              "    dialog:\n"
                              "      - C: STAT\n"
                              "      - S: +OK 2 320$\n"
                              "      - C: 'LIST'\n"
                              "      - S: +OK\n"
                              "      - S: 1 120\n"
                              "      - S: ...\n"
                              "      - S: .\n"
                              "      - quiet: 300ms\n"
                              "      - point:\n"
                              "      - C: ' a # b\\r '\n"
                              "      - S: +OK /a|b/ | -ERR | closed\n"
                              "      - when -ERR: [{close: }]\n"));
    expect_same(SCENARIO("    state: closed\n", "      open: tls\n"
                                                "      C: CAPA\n"
                                                "      S: +OK\n"
                                                "      point\n"
                                                "      S: ...\n"
                                                "      pipeline:\n"
                                                "        C: NOOP\n"
                                                "        raw: \"\\r\\n\n"
                                                "      S: -ERR\n"
                                                "      S: -ERR\n"
                                                "      together:\n"
                                                "        close\n"
                                                "        C2: NOOP\n"),
                SCENARIO_HEAD("    state: closed\n"
                              "    dialog:\n"
                              "      - open: tls\n"
                              "      - C: CAPA\n"
                              "      - S: +OK\n"
                              "      - point:\n"
                              "      - S: ...\n"
                              "      - pipeline:\n"
                              "        - C: NOOP\n"
                              "        - raw: \"\\\"\\\\r\\\\n\"\n"
                              "      - S: -ERR\n"
                              "      - S: -ERR\n"
                              "      - together: [{close: ''}, {C2: NOOP}]\n"));
}

static void blocks_stand_for_their_lines(void **state)
{
    static const char USED[] = "pop3spec: 1\n"
                               "defaults: {tags: [example]}\n"
                               "blocks:\n"
                               "  inner: |\n"
                               "    S: +OK\n"
                               "  outer: |\n"
                               "    C: LIST\n"
                               "    use: inner\n"
                               "scenarios:\n"
                               "  - name: s\n"
                               "    title: T\n"
                               "    state: transaction\n"
                               "    dialog: |\n"
                               "      use: outer\n"
                               "      S: 1 2\n"
                               "      use: outer\n";

    (void)state;
    expect_same(USED, SCENARIO("    state: transaction\n", "      C: LIST\n"
                                                           "      S: +OK\n"
                                                           "      S: 1 2\n"
                                                           "      C: LIST\n"
                                                           "      S: +OK\n"));
}

static void a_fence_keeps_its_command(void **state)
{
    (void)state;
    expect_same(SCENARIO("", "      fence\n"), SCENARIO("", "      fence: NOOP\n"));
    char *quit = dump_of(SCENARIO("", "      fence: QUIT\n"));

    assert_non_null(strstr(quit, "fence: QUIT\n"));
    free(quit);
}

/* A regular expression over what a challenge means is dumped as that, not as one over its base 64. */
static void a_challenge_stays_one_in_base_64(void **state)
{
    (void)state;
    char *dump =
        dump_of(SCENARIO("", "      C: AUTH CRAM-MD5\n      S: -ERR | + b64 /^<.*>$/\n      C: *\n"));

    assert_non_null(strstr(dump, "-ERR | + b64 /^<.*>$/\n"));
    free(dump);
}

static void comments_and_empty_lines_are_left_out(void **state)
{
    (void)state;
    expect_same(SCENARIO("", "      # first\n"
                             "\n"
                             "      C: NOOP\n"
                             "        # indented\n"
                             "      S: -ERR\n"),
                SCENARIO("", "      C: NOOP\n      S: -ERR\n"));
}

/* ---- places ---- */

static void steps_know_their_lines(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, SCENARIO("    state: transaction\n", "\n"
                                                            "      C: LIST\n"
                                                            "      # x\n"
                                                            "      S: +OK\n"
                                                            "      S: 1 2\n"
                                                            "      together:\n"
                                                            "        C2: {user}\n"));
    const struct step *steps = suite.scenarios[0].steps;

    assert_int_equal(suite.scenarios[0].place.line, 3);
    assert_int_equal(steps[0].place.line, 9);
    assert_int_equal(steps[0].place.column, 7);
    assert_string_equal(steps[0].place.file, "t.yaml");
    assert_string_equal(steps[0].text, "C: LIST");
    assert_int_equal(steps[1].place.line, 11);
    assert_int_equal(steps[1].reply.body[0].place.line, 12);
    assert_int_equal(steps[1].reply.body[0].place.column, 10);
    assert_int_equal(steps[2].inner[0].place.line, 14);
    assert_int_equal(steps[2].inner[0].connection, 2);
    assert_int_equal(steps[2].inner[0].bytes.parts[0].hole.place.column, 13);
    suite_release(&suite);
}

/* ---- each, defaults ---- */

static void each_spells_out_every_combination(void **state)
{
    static const char TEXT[] = "pop3spec: 1\n"
                               "defaults: {tags: [example], state: transaction}\n"
                               "scenarios:\n"
                               "  - name: s\n"
                               "    title: '{command} with {ending}'\n"
                               "    each:\n"
                               "      command: [NOOP, 'STAT 1']\n"
                               "      ending: {lf: '\\n', crlf: '\\r\\n'}\n"
                               "    dialog: |\n"
                               "      raw: {command}{ending}\n";
    struct suite suite;

    (void)state;
    load_right(&suite, TEXT);
    assert_int_equal(suite.scenario_count, 4);
    const struct scenario *scenario = suite_find(&suite, "t/s/stat-1/lf");

    assert_non_null(scenario);
    assert_string_equal(scenario->title, "STAT 1 with \\n");
    assert_int_equal(scenario->start, START_TRANSACTION);
    assert_true(bytes_equal(scenario->steps[0].bytes.parts[0].literal, BYTES_LITERAL("STAT 1\n")));
    assert_non_null(suite_find(&suite, "t/s/noop/crlf"));
    assert_null(suite_find(&suite, "t/s"));
    suite_release(&suite);
}

static void values_may_hold_holes_and_patterns(void **state)
{
    static const char TEXT[] = "pop3spec: 1\n"
                               "scenarios:\n"
                               "  - name: s\n"
                               "    title: T\n"
                               "    tags: [example]\n"
                               "    mailbox: ['{fixture}']\n"
                               "    state: transaction\n"
                               "    each: {fixture: [dotted], status: {any: '+OK | -ERR'}}\n"
                               "    dialog: |\n"
                               "      C: LIST {number {fixture}}\n"
                               "      S: {status}\n";
    struct suite suite;

    (void)state;
    load_right(&suite, TEXT);
    const struct scenario *scenario = &suite.scenarios[0];

    assert_string_equal(scenario->id, "t/s/dotted/any");
    assert_string_equal(scenario->mailbox[0], "dotted");
    assert_string_equal(scenario->steps[0].bytes.parts[1].hole.name, "dotted");
    assert_int_equal(scenario->steps[1].reply.alternative_count, 2);
    suite_release(&suite);
}

static void own_values_replace_defaults(void **state)
{
    static const char TEXT[] = "pop3spec: 1\n"
                               "defaults: {tags: [example], state: transaction, mailbox: [short]}\n"
                               "scenarios:\n"
                               "  - {name: a, title: T, dialog: [{C: NOOP}]}\n"
                               "  - {name: b, title: T, state: closed, mailbox: any, dialog: [{open: }]}\n";
    struct suite suite;

    (void)state;
    load_right(&suite, TEXT);
    assert_int_equal(suite_find(&suite, "t/a")->start, START_TRANSACTION);
    assert_true(suite_find(&suite, "t/a")->mailbox_given);
    assert_int_equal(suite_find(&suite, "t/b")->start, START_CLOSED);
    assert_false(suite_find(&suite, "t/b")->mailbox_given);
    suite_release(&suite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_reach_the_wire),
        cmocka_unit_test(blanks_and_signs_stay),
        cmocka_unit_test(blocks_build_text),
        cmocka_unit_test(a_hole_without_value_says_why),
        cmocka_unit_test(both_forms_compile_to_the_same),
        cmocka_unit_test(blocks_stand_for_their_lines),
        cmocka_unit_test(a_fence_keeps_its_command),
        cmocka_unit_test(a_challenge_stays_one_in_base_64),
        cmocka_unit_test(comments_and_empty_lines_are_left_out),
        cmocka_unit_test(steps_know_their_lines),
        cmocka_unit_test(each_spells_out_every_combination),
        cmocka_unit_test(values_may_hold_holes_and_patterns),
        cmocka_unit_test(own_values_replace_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
