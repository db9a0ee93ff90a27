/* Expectation files: reading, judging a run by one, and rewriting it without losing a word of its author. */
#include "run/expectations.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void load(struct expectations *expectations, const char *text)
{
    struct error error;

    expectations_init(expectations);
    if (!expectations_load_text(expectations, bytes_of(text), "expect.yaml", &error))
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
}

static void entries_are_read(void **state)
{
    struct expectations expectations;

    (void)state;
    load(&expectations, "# known\n"
                        "- case: rfc1939/dele/*@stls\n"
                        "  verdict: fail\n"
                        "  clause: rfc1939-5-dele-reference\n"
                        "  reason: since 2.3\n"
                        "  bug: https://bugs.example/1\n"
                        "- {case: audit/crlf, verdict: warn, reason: r}\n");
    assert_int_equal(expectations.count, 2);
    assert_string_equal(expectations.entries[0].pattern, "rfc1939/dele/*@stls");
    assert_int_equal(expectations.entries[0].verdict, VERDICT_FAIL);
    assert_string_equal(expectations.entries[0].clause, "rfc1939-5-dele-reference");
    assert_string_equal(expectations.entries[0].bug, "https://bugs.example/1");
    assert_int_equal(expectations.entries[0].place.line, 2);
    assert_int_equal(expectations.entries[0].line_end, 6);
    assert_null(expectations.entries[1].clause);
    expectations_release(&expectations);
    load(&expectations, "# nothing is known to fail any more\n\n");
    assert_int_equal(expectations.count, 0);
    expectations_release(&expectations);
}

static void mistakes_have_their_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *what;
    } mistakes[] = {
        {"- case: a\n  verdict: fail\n", 1, "reason"},
        {"- verdict: fail\n  reason: r\n", 1, "case"},
        {"- case: a\n  reason: r\n", 1, "verdict"},
        {"- case: a\n  verdict: pass\n  reason: r\n", 2, "verdict"},
        {"- case: a\n  verdict: fail\n  reason: r\n  why: x\n", 4, "unknown key 'why'"},
        {"- case: a\n  verdict: fail\n  reason: r\n  version: 2.3\n", 4, "no condition on versions"},
        {"- case: a\n  verdict: fail\n  reason: r\n  varies: often\n", 4, "varies"},
        {"- case: a\n  verdict: skip\n  reason: r\n  varies: true\n", 4, "no word about varying"},
        {"case: a\n", 1, "expectation file"},
        {"- a\n", 1, "expectation"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct expectations expectations;
        struct error error;

        expectations_init(&expectations);
        assert_false(
            expectations_load_text(&expectations, bytes_of(mistakes[i].text), "expect.yaml", &error));
        if (error.line != mistakes[i].line || strstr(error.text, mistakes[i].what) == NULL)
            fail_msg("%s: got line %u: %s", mistakes[i].text, error.line, error.text);
        expectations_release(&expectations);
    }
}

/* ---- judging ---- */

/* A run of four cases; the verdicts are those before the expectations speak. */
struct made_run {
    struct clause_result broken[4];
    struct case_result cases[4];
    struct run_result result;
    struct arena arena;
};

static void make_run(struct made_run *made, enum verdict a, enum verdict b, enum verdict c, enum verdict d)
{
    static const char *const ids[] = {"audit/crlf", "rfc1939/dele/a", "rfc1939/dele/b", "rfc1939/list/c"};
    const enum verdict verdicts[] = {a, b, c, d};

    *made = (struct made_run){.result.case_count = 4};
    for (size_t i = 0; i < 4; i++) {
        made->broken[i] = (struct clause_result){.id = "clause-1", .verdict = verdicts[i]};
        made->cases[i] = (struct case_result){.id = ids[i],
                                              .transport = i == 0 ? "all" : "lines",
                                              .verdict = verdicts[i],
                                              .clauses = &made->broken[i],
                                              .clause_count = 1};
    }
    made->result.cases = made->cases;
    arena_init(&made->arena, SIZE_MAX);
}

static void apply(const char *text, struct made_run *made)
{
    struct expectations expectations;

    load(&expectations, text);
    expectations_apply(&expectations, &made->result, &made->arena);
    expectations_release(&expectations);
}

static void known_failures_become_xfail(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_FAIL, VERDICT_BLOCKED, VERDICT_FAIL);
    apply("- case: rfc1939/dele/a@lines\n  verdict: fail\n  reason: since 2.3\n  bug: B-1\n"
          "- case: rfc1939/dele/b\n  verdict: blocked\n  reason: r\n",
          &made);
    assert_int_equal(made.cases[1].verdict, VERDICT_XFAIL);
    assert_string_equal(made.cases[1].reason.text, "expected: since 2.3 (B-1)");
    assert_false(made.cases[1].unexpected);
    assert_int_equal(made.cases[2].verdict, VERDICT_XFAIL);
    assert_int_equal(made.cases[3].verdict, VERDICT_FAIL);
    assert_true(made.cases[3].unexpected);
    assert_int_equal(made.result.counts[VERDICT_XFAIL], 2);
    assert_int_equal(made.result.counts[VERDICT_FAIL], 1);
    assert_int_equal(made.result.counts[VERDICT_PASS], 1);
    arena_release(&made.arena);
}

static void a_known_failure_that_passes_is_told(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_SKIP, VERDICT_PASS);
    apply("- case: rfc1939/dele/*\n  verdict: fail\n  reason: r\n", &made);
    assert_int_equal(made.cases[1].verdict, VERDICT_XPASS);
    assert_true(made.cases[1].unexpected);
    assert_int_equal(made.cases[2].verdict, VERDICT_SKIP);
    assert_int_equal(made.cases[3].verdict, VERDICT_PASS);
    arena_release(&made.arena);
}

/* A glob is right as long as one of its cases fails as it says. */
static void a_glob_may_hold_passes_too(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS);
    apply("- case: rfc1939/dele/*\n  verdict: fail\n  reason: r\n", &made);
    assert_int_equal(made.cases[1].verdict, VERDICT_PASS);
    assert_int_equal(made.cases[2].verdict, VERDICT_XFAIL);
    arena_release(&made.arena);
}

static void another_failure_than_the_known_one_is_told(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_FAIL, VERDICT_FAIL, VERDICT_BLOCKED, VERDICT_FAIL);
    apply("- case: rfc1939/dele/a\n  verdict: fail\n  clause: clause-2\n  reason: r\n"
          "- case: rfc1939/dele/b\n  verdict: fail\n  reason: r\n"
          "- case: rfc1939/list/d@lines\n  verdict: fail\n  reason: r\n"
          "- case: rfc1939/list/c@stls\n  verdict: fail\n  reason: no case ran over stls\n"
          "- case: audit/crlf\n  verdict: fail\n  clause: clause-1\n  reason: r\n",
          &made);
    assert_int_equal(made.cases[0].verdict, VERDICT_XFAIL);
    assert_int_equal(made.cases[1].verdict, VERDICT_FAIL);
    assert_int_equal(made.cases[2].verdict, VERDICT_BLOCKED);
    assert_int_equal(made.cases[3].verdict, VERDICT_FAIL);
    assert_int_equal(made.result.target.note_count, 1);
    assert_string_equal(made.result.target.notes[0],
                        "expect.yaml:8: no case of this run is called rfc1939/list/d@lines");
    arena_release(&made.arena);
}

static void a_case_that_may_vary_is_counted_whichever_way_it_goes(void **state)
{
    static const char TEXT[] = "- case: rfc1939/dele/*\n  verdict: fail\n  varies: true\n  reason: a race\n";
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS);
    apply(TEXT, &made);
    assert_int_equal(made.cases[1].verdict, VERDICT_PASS);
    assert_string_equal(made.cases[1].reason.text, "may vary: a race");
    assert_int_equal(made.cases[2].verdict, VERDICT_XFAIL);
    assert_int_equal(made.result.varying_count, 2);
    arena_release(&made.arena);
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_BLOCKED, VERDICT_PASS);
    apply(TEXT, &made);
    assert_int_equal(made.cases[1].verdict, VERDICT_PASS);
    assert_false(made.cases[1].unexpected);
    assert_int_equal(made.cases[2].verdict, VERDICT_BLOCKED);
    assert_true(made.cases[2].unexpected);
    arena_release(&made.arena);
}

/* Applies TEXT to a run of SOFTWARE in which rfc1939/dele/a fails; true when that was foreseen. */
static bool is_foreseen(const char *text, const char *software, size_t *ret_note_count)
{
    struct expectations expectations;
    struct made_run made;

    make_run(&made, VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS);
    made.result.target.software = software;
    load(&expectations, text);
    expectations_set_software(&expectations, software);
    expectations_apply(&expectations, &made.result, &made.arena);
    bool foreseen = made.cases[1].verdict == VERDICT_XFAIL;

    *ret_note_count = made.result.target.note_count;
    expectations_release(&expectations);
    arena_release(&made.arena);
    return foreseen;
}

static void an_entry_counts_for_its_versions_only(void **state)
{
    static const char TEXT[] =
        "- case: rfc1939/dele/a\n  verdict: fail\n  version: '>= 2.3, < 2.4'\n  reason: r\n";
    size_t note_count;

    (void)state;
    assert_true(is_foreseen(TEXT, "Dovecot 2.3.19.1 (9b53102964)", &note_count));
    assert_int_equal(note_count, 0);
    assert_false(is_foreseen(TEXT, "Dovecot 2.4.0", &note_count));
    assert_int_equal(note_count, 0);
    assert_false(is_foreseen(TEXT, NULL, &note_count));
    assert_int_equal(note_count, 1);
    assert_false(is_foreseen(TEXT, "Dovecot", &note_count));
    assert_int_equal(note_count, 1);
}

/* ---- rewriting ---- */

static void assert_updated(const char *old, struct made_run *made, const char *expected)
{
    struct expectations expectations;
    struct error error;
    struct buf text;

    load(&expectations, old);
    expectations_apply(&expectations, &made->result, &made->arena);
    buf_init(&text, BUF_UNBOUNDED);
    assert_true(expectations_update(&expectations, bytes_of(old), &made->result, &text, &error));
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
    expectations_release(&expectations);
    arena_release(&made->arena);
}

static void mended_entries_go_and_comments_stay(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS);
    assert_updated("# of dovecot 2.3\n"
                   "\n"
                   "- case: rfc1939/dele/a     # mended soon\n"
                   "  verdict: fail\n"
                   "  reason: |\n"
                   "    two\n"
                   "    lines\n"
                   "\n"
                   "# this stays\n"
                   "- {verdict: fail, case: rfc1939/dele/b,\n"
                   "   reason: \"as written\"\n"
                   "  }\n"
                   "-\n"
                   "  case: rfc1939/list/c\n"
                   "  verdict: blocked\n"
                   "  reason: r\n"
                   "# the end\n",
                   &made,
                   "# of dovecot 2.3\n"
                   "\n"
                   "\n"
                   "# this stays\n"
                   "- {verdict: fail, case: rfc1939/dele/b,\n"
                   "   reason: \"as written\"\n"
                   "  }\n"
                   "# the end\n");
}

static void new_failures_are_put_in_at_the_end(void **state)
{
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_FAIL, VERDICT_BLOCKED, VERDICT_WARN, VERDICT_PASS);
    assert_updated("# none yet", &made,
                   "# none yet\n"
                   "- case: audit/crlf@all\n"
                   "  verdict: fail\n"
                   "  clause: clause-1\n"
                   "  reason: recorded by --update-expectations, not looked into yet\n"
                   "- case: rfc1939/dele/a@lines\n"
                   "  verdict: blocked\n"
                   "  reason: recorded by --update-expectations, not looked into yet\n");
}

/* What was written is read again, and foresees the same run whole. */
static void an_updated_file_foresees_the_run(void **state)
{
    struct expectations expectations;
    struct made_run made;
    struct error error;
    struct buf text;

    (void)state;
    make_run(&made, VERDICT_FAIL, VERDICT_BLOCKED, VERDICT_FAIL, VERDICT_PASS);
    expectations_apply(NULL, &made.result, &made.arena);
    buf_init(&text, BUF_UNBOUNDED);
    assert_true(expectations_update(NULL, BYTES_EMPTY, &made.result, &text, &error));
    load(&expectations, buf_text(&text));
    expectations_apply(&expectations, &made.result, &made.arena);
    assert_int_equal(made.result.counts[VERDICT_XFAIL], 3);
    for (size_t i = 0; i < 4; i++)
        assert_false(made.cases[i].unexpected);
    expectations_release(&expectations);
    buf_release(&text);
    arena_release(&made.arena);
}

/* A run of another version, and one pass of what varies, say nothing against an entry. */
static void entries_of_other_versions_and_varying_ones_stay(void **state)
{
    static const char TEXT[] = "- case: rfc1939/dele/a\n  verdict: fail\n  version: '< 2'\n  reason: r\n"
                               "- {case: rfc1939/dele/b, verdict: fail, varies: true, reason: r}\n";
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS);
    made.result.target.software = "Example 2.1";
    assert_updated(TEXT, &made, TEXT);
}

static void a_list_in_one_line_is_not_torn(void **state)
{
    const char *old = "[{case: rfc1939/dele/a, verdict: fail, reason: r}]\n";
    struct expectations expectations;
    struct made_run made;
    struct error error;
    struct buf text;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS);
    load(&expectations, old);
    expectations_apply(&expectations, &made.result, &made.arena);
    buf_init(&text, BUF_UNBOUNDED);
    assert_false(expectations_update(&expectations, bytes_of(old), &made.result, &text, &error));
    assert_non_null(strstr(error.text, "not in block style"));
    buf_release(&text);
    expectations_release(&expectations);
    arena_release(&made.arena);
}

/* Other parts of the run may hold the cases that still fail. */
static void a_part_of_a_run_judges_only_what_names_one_case(void **state)
{
    static const char text[] = "- case: rfc1939/dele/*\n  verdict: fail\n  reason: r\n"
                               "- case: rfc1939/gone/a@lines\n  verdict: fail\n  reason: r\n"
                               "- case: rfc1939/list/c@lines\n  verdict: fail\n  reason: r\n";
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS);
    made.result.shard = (struct shard){1, 2};
    apply(text, &made);
    assert_int_equal(made.result.counts[VERDICT_XPASS], 1);
    assert_int_equal(made.cases[3].verdict, VERDICT_XPASS);
    assert_int_equal(made.result.target.note_count, 0);
    arena_release(&made.arena);
}

/* So may the scenarios that were not selected, also those that break a rule. */
static void a_selection_judges_only_the_cases_that_it_names(void **state)
{
    static const char text[] = "- case: audit/crlf\n  verdict: fail\n  reason: r\n"
                               "- case: rfc1939/dele/*\n  verdict: fail\n  reason: r\n"
                               "- case: rfc1939/list/c\n  verdict: fail\n  reason: r\n";
    struct made_run made;

    (void)state;
    make_run(&made, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS, VERDICT_PASS);
    made.result.selection = "rfc1939";
    apply(text, &made);
    assert_int_equal(made.result.counts[VERDICT_XPASS], 1);
    assert_int_equal(made.cases[3].verdict, VERDICT_XPASS);
    arena_release(&made.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_read),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(known_failures_become_xfail),
        cmocka_unit_test(a_known_failure_that_passes_is_told),
        cmocka_unit_test(a_glob_may_hold_passes_too),
        cmocka_unit_test(another_failure_than_the_known_one_is_told),
        cmocka_unit_test(a_case_that_may_vary_is_counted_whichever_way_it_goes),
        cmocka_unit_test(an_entry_counts_for_its_versions_only),
        cmocka_unit_test(mended_entries_go_and_comments_stay),
        cmocka_unit_test(entries_of_other_versions_and_varying_ones_stay),
        cmocka_unit_test(new_failures_are_put_in_at_the_end),
        cmocka_unit_test(an_updated_file_foresees_the_run),
        cmocka_unit_test(a_list_in_one_line_is_not_torn),
        cmocka_unit_test(a_part_of_a_run_judges_only_what_names_one_case),
        cmocka_unit_test(a_selection_judges_only_the_cases_that_it_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
