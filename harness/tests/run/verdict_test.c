/* From outcomes, observations and levels to verdicts, as tables. */
#include "run/verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A ledger with a clause of each level, called after it. */
static struct clause clauses[] = {
    {.id = "c-may", .document = "rfc1939", .section = "7", .level = LEVEL_MAY, .demand = "may"},
    {.id = "c-must", .document = "rfc1939", .section = "3", .level = LEVEL_MUST, .demand = "must"},
    {.id = "c-security",
     .document = "advisory",
     .section = "STLS",
     .level = LEVEL_SECURITY,
     .demand = "security"},
    {.id = "c-should", .document = "rfc2449", .section = "5", .level = LEVEL_SHOULD, .demand = "should"},
    {.id = "c-stated", .document = "rfc1939", .section = "5", .level = LEVEL_STATED, .demand = "stated"},
};
static const struct ledger ledger = {.clauses = clauses, .count = sizeof(clauses) / sizeof(clauses[0])};

/* The verdict of a scenario that proves up to two clauses and came out as OUTCOME. */
static enum verdict judge(enum outcome_kind kind, bool two_readings, const char *first, const char *second)
{
    const char *proves[] = {first, second};
    const struct scenario scenario = {.proves = proves,
                                      .prove_count = (first != NULL ? 1U : 0U) + (second != NULL ? 1U : 0U)};
    const struct outcome outcome = {.kind = kind, .two_readings = two_readings};
    struct case_result result = {.id = "x"};
    struct arena arena;

    arena_init(&arena, SIZE_MAX);
    verdict_judge_case(&scenario, &outcome, &ledger, &arena, &result);
    assert_int_equal(result.clause_count, scenario.prove_count);
    arena_release(&arena);
    return result.verdict;
}

static void a_breach_is_as_grave_as_its_clause(void **state)
{
    (void)state;
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-must", NULL), VERDICT_FAIL);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-stated", NULL), VERDICT_FAIL);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-security", NULL), VERDICT_FAIL);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-should", NULL), VERDICT_WARN);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-may", NULL), VERDICT_INFO);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-may", "c-should"), VERDICT_WARN);
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-should", "c-must"), VERDICT_FAIL);
    /* An example proves nothing, and fails all the same. */
    assert_int_equal(judge(OUTCOME_FAILED, false, NULL, NULL), VERDICT_FAIL);
    /* A clause that nobody knows is taken as strictly as any. */
    assert_int_equal(judge(OUTCOME_FAILED, false, "c-unknown", NULL), VERDICT_FAIL);
}

static void other_outcomes_do_not_ask_for_levels(void **state)
{
    static const struct {
        enum outcome_kind outcome;
        bool two_readings;
        enum verdict verdict;
    } rows[] = {
        {OUTCOME_PASSED, false, VERDICT_PASS},     {OUTCOME_PASSED, true, VERDICT_INFO},
        {OUTCOME_BLOCKED, false, VERDICT_BLOCKED}, {OUTCOME_SKIPPED, false, VERDICT_SKIP},
        {OUTCOME_REFUSED, false, VERDICT_SKIP},    {OUTCOME_ERROR, false, VERDICT_ERROR},
        {OUTCOME_RUNNING, false, VERDICT_ERROR},
    };

    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
        for (size_t i = 0; i < ledger.count; i++)
            assert_int_equal(judge(rows[row].outcome, rows[row].two_readings, clauses[i].id, NULL),
                             rows[row].verdict);
}

static void clauses_of_a_case_keep_verdicts_of_their_own(void **state)
{
    const char *proves[] = {"c-should", "c-stated"};
    const struct scenario scenario = {.proves = proves, .prove_count = 2};
    const struct outcome outcome = {.kind = OUTCOME_FAILED};
    struct case_result result = {.id = "x"};
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    verdict_judge_case(&scenario, &outcome, &ledger, &arena, &result);
    assert_int_equal(result.clauses[0].verdict, VERDICT_WARN);
    assert_string_equal(result.clauses[0].level, "should");
    assert_string_equal(result.clauses[0].section, "RFC 2449 section 5");
    assert_int_equal(result.clauses[1].verdict, VERDICT_FAIL);
    assert_string_equal(result.clauses[1].demand, "stated");
    arena_release(&arena);
}

static void rules_are_judged_by_their_clause(void **state)
{
    struct case_result result = {.id = "x"};
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    verdict_judge_rule(RULE_CRLF, true, 3, &ledger, &arena, &result);
    assert_int_equal(result.verdict, VERDICT_FAIL);
    assert_int_equal(result.occurrences, 3);
    assert_string_equal(result.clauses[0].id, rule_info(RULE_CRLF)->clause);
    verdict_judge_rule(RULE_CRLF, true, 0, &ledger, &arena, &result);
    assert_int_equal(result.verdict, VERDICT_PASS);
    verdict_judge_rule(RULE_CRLF, false, 0, &ledger, &arena, &result);
    assert_int_equal(result.verdict, VERDICT_SKIP);
    arena_release(&arena);
}

/* The gravest first: whatever stands behind another gives way to it, in either order. */
static void the_graver_verdict_wins(void **state)
{
    static const enum verdict order[] = {VERDICT_FAIL, VERDICT_XPASS, VERDICT_XFAIL,
                                         VERDICT_WARN, VERDICT_ERROR, VERDICT_BLOCKED,
                                         VERDICT_INFO, VERDICT_PASS,  VERDICT_SKIP};
    const size_t count = sizeof(order) / sizeof(order[0]);

    (void)state;
    assert_int_equal(count, VERDICT_COUNT);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++) {
            assert_int_equal(verdict_graver(order[i], order[j]), order[i]);
            assert_int_equal(verdict_graver(order[j], order[i]), order[i]);
        }
}

static void clauses_of_a_run_are_gathered(void **state)
{
    struct clause_result first[] = {{.id = "c-must", .verdict = VERDICT_PASS},
                                    {.id = "a", .verdict = VERDICT_SKIP}};
    struct clause_result second[] = {{.id = "c-must", .verdict = VERDICT_FAIL}};
    struct clause_result third[] = {{.id = "a", .verdict = VERDICT_PASS},
                                    {.id = "c-must", .verdict = VERDICT_WARN}};
    struct case_result cases[] = {
        {.id = "1", .clauses = first, .clause_count = 2},
        {.id = "2", .clauses = second, .clause_count = 1},
        {.id = "3", .clauses = third, .clause_count = 2},
    };
    struct run_result result = {.cases = cases, .case_count = 3};
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    verdict_gather_clauses(&result, &arena);
    assert_int_equal(result.clause_count, 2);
    assert_string_equal(result.clauses[0].id, "a");
    assert_int_equal(result.clauses[0].verdict, VERDICT_PASS);
    assert_string_equal(result.clauses[1].id, "c-must");
    assert_int_equal(result.clauses[1].verdict, VERDICT_FAIL);
    arena_release(&arena);
}

static void exit_codes_have_their_order(void **state)
{
    struct case_result one = {.id = "x"};
    struct run_result result = {.cases = &one, .case_count = 1};

    (void)state;
    assert_int_equal(verdict_exit_code(&result, 0), 0);
    one.unexpected = true;
    assert_int_equal(verdict_exit_code(&result, 0), 1);
    result.target_died = true;
    assert_int_equal(verdict_exit_code(&result, 0), 4);
    result.counts[VERDICT_ERROR] = 1;
    assert_int_equal(verdict_exit_code(&result, 0), 70);
    result.interrupted = true;
    assert_int_equal(verdict_exit_code(&result, 2), 130);
    assert_int_equal(verdict_exit_code(&result, 15), 143);
}

static void what_counts_for_the_exit_code(void **state)
{
    (void)state;
    assert_true(verdict_is_unexpected(VERDICT_FAIL));
    assert_true(verdict_is_unexpected(VERDICT_BLOCKED));
    assert_true(verdict_is_unexpected(VERDICT_XPASS));
    assert_true(verdict_is_unexpected(VERDICT_ERROR));
    assert_false(verdict_is_unexpected(VERDICT_PASS));
    assert_false(verdict_is_unexpected(VERDICT_WARN));
    assert_false(verdict_is_unexpected(VERDICT_INFO));
    assert_false(verdict_is_unexpected(VERDICT_SKIP));
    assert_false(verdict_is_unexpected(VERDICT_XFAIL));
}

/* The case came out as VERDICT, by a clause of that level; NULL: by none. */
static bool counts(enum fail_on fail_on, enum verdict verdict, const char *level)
{
    struct clause_result clause = {.id = "c", .level = level, .verdict = verdict};
    const struct case_result result = {
        .id = "x", .file = "x.yaml", .verdict = verdict, .clauses = &clause, .clause_count = level != NULL};

    return verdict_case_is_unexpected(&result, fail_on);
}

static void what_counts_is_for_the_user_to_say(void **state)
{
    const struct case_result health = {.id = "health/process", .verdict = VERDICT_FAIL};

    (void)state;
    for (enum fail_on fail_on = 0; fail_on < FAIL_ON_COUNT; fail_on++) {
        assert_int_equal(counts(fail_on, VERDICT_FAIL, "must"), fail_on != FAIL_ON_SECURITY);
        assert_int_equal(counts(fail_on, VERDICT_FAIL, NULL), fail_on != FAIL_ON_SECURITY);
        assert_int_equal(counts(fail_on, VERDICT_WARN, "should"),
                         fail_on == FAIL_ON_SHOULD || fail_on == FAIL_ON_ANY);
        assert_int_equal(counts(fail_on, VERDICT_INFO, "may"), fail_on == FAIL_ON_ANY);
        assert_true(counts(fail_on, VERDICT_FAIL, "security"));
        assert_true(verdict_case_is_unexpected(&health, fail_on));
        assert_true(counts(fail_on, VERDICT_BLOCKED, "must"));
        assert_true(counts(fail_on, VERDICT_XPASS, "should"));
        assert_true(counts(fail_on, VERDICT_ERROR, "should"));
        assert_false(counts(fail_on, VERDICT_PASS, "must"));
        assert_false(counts(fail_on, VERDICT_SKIP, "must"));
        assert_false(counts(fail_on, VERDICT_XFAIL, "must"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_breach_is_as_grave_as_its_clause),
        cmocka_unit_test(other_outcomes_do_not_ask_for_levels),
        cmocka_unit_test(clauses_of_a_case_keep_verdicts_of_their_own),
        cmocka_unit_test(rules_are_judged_by_their_clause),
        cmocka_unit_test(the_graver_verdict_wins),
        cmocka_unit_test(clauses_of_a_run_are_gathered),
        cmocka_unit_test(exit_codes_have_their_order),
        cmocka_unit_test(what_counts_for_the_exit_code),
        cmocka_unit_test(what_counts_is_for_the_user_to_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
