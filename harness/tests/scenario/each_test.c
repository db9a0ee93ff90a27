/* Cases by `each`: rows, tables, what `except` leaves out, and where their values may stand. */
#include "scenario/load.h"

/* A file with one scenario behind HEAD, which is whole lines of the file. */
#define EACH_FILE(head, keys, dialog)                                                                        \
    "pop3spec: 1\n" head "scenarios:\n  - name: s\n    title: T\n    tags: [example]\n" keys                 \
    "    dialog: |\n" dialog

static const char *sent_text(const struct scenario *scenario, size_t step)
{
    return scenario->steps[step].text;
}

static void a_row_binds_several_names(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, EACH_FILE("",
                                 "    each:\n"
                                 "      case:\n"
                                 "        zero: {argument: '0', reply: '-ERR'}\n"
                                 "        one: {reply: '+OK', argument: '1'}\n"
                                 "      command: [LIST, RETR]\n",
                                 "      C: {command} {argument}\n"
                                 "      S: {reply}\n"));
    assert_int_equal(suite.scenario_count, 4);
    const struct scenario *one = suite_find(&suite, "t/s/one/retr");

    assert_non_null(one);
    assert_string_equal(sent_text(one, 0), "C: RETR 1");
    assert_string_equal(sent_text(one, 1), "S: +OK");
    assert_string_equal(sent_text(suite_find(&suite, "t/s/zero/list"), 1), "S: -ERR");
    suite_release(&suite);
}

static void a_table_is_used_by_name(void **state)
{
    static const char TEXT[] =
        "pop3spec: 1\n"
        "tables:\n"
        "  numbers: {zero: '0', one: '1'}\n"
        "  words: [STAT, NOOP]\n"
        "defaults: {tags: [example]}\n"
        "scenarios:\n"
        "  - {name: a, title: T, each: {argument: numbers}, dialog: [{C: 'LIST {argument}'}]}\n"
        "  - {name: b, title: T, each: {command: words}, dialog: [{C: '{command}'}]}\n";
    struct suite suite;

    (void)state;
    load_right(&suite, TEXT);
    assert_int_equal(suite.scenario_count, 4);
    assert_string_equal(sent_text(suite_find(&suite, "t/a/zero"), 0), "C: LIST 0");
    assert_string_equal(sent_text(suite_find(&suite, "t/b/noop"), 0), "C: NOOP");
    suite_release(&suite);
}

static void except_leaves_combinations_out(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, EACH_FILE("",
                                 "    each:\n"
                                 "      a: [w, x, y]\n"
                                 "      b: {one: '1', two: '2'}\n"
                                 "      c: [p, q]\n"
                                 "    except:\n"
                                 "      - {a: w}\n"
                                 "      - {a: [x, y], b: two, c: q}\n",
                                 "      C: {a} {b} {c}\n"));
    assert_int_equal(suite.scenario_count, 6);
    assert_null(suite_find(&suite, "t/s/w/one/p"));
    assert_null(suite_find(&suite, "t/s/x/two/q"));
    assert_null(suite_find(&suite, "t/s/y/two/q"));
    assert_non_null(suite_find(&suite, "t/s/x/two/p"));
    assert_non_null(suite_find(&suite, "t/s/y/one/q"));
    suite_release(&suite);
}

static void values_choose_the_state_and_the_block(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, EACH_FILE("blocks:\n"
                                 "  nothing: |\n"
                                 "    # the state is the right one already\n"
                                 "    split: none\n"
                                 "  name-given: |\n"
                                 "    C: USER x\n"
                                 "    S: +OK\n",
                                 "    each:\n"
                                 "      way:\n"
                                 "        fresh: {start: authorization, block: nothing}\n"
                                 "        user: {start: authorization, block: name-given}\n"
                                 "        login: {start: transaction, block: nothing}\n"
                                 "    state: '{start}'\n",
                                 "      use: {block}\n"
                                 "      C: NOOP\n"));
    assert_int_equal(suite_find(&suite, "t/s/fresh")->start, START_AUTHORIZATION);
    assert_int_equal(suite_find(&suite, "t/s/login")->start, START_TRANSACTION);
    assert_int_equal(suite_find(&suite, "t/s/fresh")->step_count, 2);
    assert_int_equal(suite_find(&suite, "t/s/user")->step_count, 3);
    suite_release(&suite);
}

static void an_empty_word_is_left_out(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, EACH_FILE("",
                                 "    each:\n"
                                 "      command:\n"
                                 "        list: {line: LIST, need: ''}\n"
                                 "        top: {line: TOP 1 0, need: top}\n"
                                 "    needs: [capa, '{need}']\n",
                                 "      C: {line}\n"));
    assert_int_equal(suite_find(&suite, "t/s/list")->need_count, 1);
    assert_int_equal(suite_find(&suite, "t/s/top")->need_count, 2);
    assert_string_equal(suite_find(&suite, "t/s/top")->needs[1], "top");
    suite_release(&suite);
}

static void a_mailbox_has_copies(void **state)
{
    struct suite suite;

    (void)state;
    load_right(&suite, EACH_FILE("",
                                 "    state: transaction\n    each: {n: ['3']}\n"
                                 "    mailbox: [dotted, 'short * {n}', dotted * 1]\n",
                                 "      C: LIST {number short#3}\n      S: +OK 4\n"));
    const struct scenario *scenario = &suite.scenarios[0];

    assert_int_equal(scenario->mailbox_count, 5);
    assert_string_equal(scenario->mailbox[0], "dotted");
    for (size_t i = 1; i <= 3; i++)
        assert_string_equal(scenario->mailbox[i], "short");
    assert_string_equal(scenario->mailbox[4], "dotted");
    suite_release(&suite);
}

/* ---- what is wrong ---- */

static void of_rows(void **state)
{
    (void)state;
    expect_wrong(EACH_FILE("",
                           "    each:\n"
                           "      case:\n"
                           "        a: {argument: '0', reply: '-ERR'}\n"
                           "        b: {argument: '1'}\n",
                           "      C: NOOP\n"),
                 "9:12: this row has no 'reply', as the first one has\n");
    expect_wrong(EACH_FILE("",
                           "    each:\n"
                           "      case:\n"
                           "        a: {argument: '0'}\n"
                           "        b: {argumnet: '1'}\n",
                           "      C: NOOP\n"),
                 "9:13: unknown key 'argumnet'\n");
    expect_wrong(EACH_FILE("", "    each: {case: {a: {b: x}, c: x}}\n", "      C: NOOP\n"),
                 "6:33: 'row' must be a map, not text\n");
    expect_wrong(EACH_FILE("", "    each: {case: {a: x, b: {c: x}}}\n", "      C: NOOP\n"),
                 "6:28: 'case' must be text, not a map\n");
    expect_wrong(EACH_FILE("", "    each: {case: [{a: x}]}\n", "      C: NOOP\n"),
                 "6:19: 'case' must be text, not a map\n");
    expect_wrong(EACH_FILE("", "    each: {b: [y], case: {a: {b: x}}}\n", "      C: NOOP\n"),
                 "6:30: 'b' gets a value from 'b' already\n");
    expect_wrong(EACH_FILE("", "    each: {case: {a: {}}}\n", "      C: NOOP\n"),
                 "6:22: a row has at least one column\n");
}

static void of_tables(void **state)
{
    (void)state;
    expect_wrong(EACH_FILE("tables: {numbers: [a]}\n", "    each: {x: numbrs}\n", "      C: NOOP\n"),
                 "7:15: there is no table 'numbrs'\n");
    expect_wrong(EACH_FILE("", "    each: {x: A b}\n", "      C: NOOP\n"),
                 "6:15: a parameter has a list or map of values, or the name of a table\n");
    expect_wrong(EACH_FILE("tables: {x: other, other: [a]}\n", "    each: {x: x}\n", "      C: NOOP\n"),
                 "2:13: a parameter has a list or map of 1 to 1000 values\n");
    expect_wrong(EACH_FILE("tables: [a]\n", "", "      C: NOOP\n"),
                 "2:9: 'tables' must be a map, not a list\n");
    expect_wrong(EACH_FILE("tables: {X: [a]}\n", "", "      C: NOOP\n"), "2:10: 'X' is not a name\n");
}

static void of_except(void **state)
{
    (void)state;
    expect_wrong(EACH_FILE("", "    each: {a: [x, y]}\n    except: [{b: x}]\n", "      C: NOOP\n"),
                 "7:15: 'each' has no parameter 'b'\n");
    expect_wrong(EACH_FILE("", "    each: {a: [first, y]}\n    except: [{a: frist}]\n", "      C: NOOP\n"),
                 "7:18: 'a' has no value with the label 'frist'\n");
    expect_wrong(EACH_FILE("", "    each: {a: [x, y]}\n    except: {a: x}\n", "      C: NOOP\n"),
                 "7:13: 'except' must be a list, not a map\n");
    expect_wrong(EACH_FILE("", "    each: {a: [x, y]}\n    except: [{a: [x, y]}]\n", "      C: NOOP\n"),
                 "7:13: 'except' leaves no case\n");
    expect_wrong(EACH_FILE("", "    each: {a: [x, y]}\n    except: [{}]\n", "      C: NOOP\n"),
                 "7:13: 'except' leaves no case\n");
}

static void of_blocks_states_and_copies(void **state)
{
    (void)state;
    expect_wrong(
        EACH_FILE("blocks: {right: [{C: NOOP}]}\n", "    each: {b: [right, rihgt]}\n", "      use: {b}\n"),
        "9:12: there is no block 'rihgt'\n");
    expect_wrong(
        EACH_FILE("", "    each: {s: [authorization, opened]}\n    state: '{s}'\n", "      C: NOOP\n"),
        "7:12: 'opened' is not a value of 'state'\n");
    expect_wrong(EACH_FILE("", "    mailbox: [short * 0]\n", "      C: NOOP\n"),
                 "6:15: there can be 1 to 4096 copies of a fixture\n");
    expect_wrong(EACH_FILE("", "    mailbox: [short * 4000, dotted * 97]\n", "      C: NOOP\n"),
                 "6:15: a mailbox has at most 4096 messages\n");
    expect_wrong(EACH_FILE("", "    mailbox: [shrt * 2]\n", "      C: NOOP\n"),
                 "6:15: there is no fixture 'shrt'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_binds_several_names),
        cmocka_unit_test(a_table_is_used_by_name),
        cmocka_unit_test(except_leaves_combinations_out),
        cmocka_unit_test(values_choose_the_state_and_the_block),
        cmocka_unit_test(an_empty_word_is_left_out),
        cmocka_unit_test(a_mailbox_has_copies),
        cmocka_unit_test(of_rows),
        cmocka_unit_test(of_tables),
        cmocka_unit_test(of_except),
        cmocka_unit_test(of_blocks_states_and_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
