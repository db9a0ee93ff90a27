/* The tables of verdicts and rules: names are permanent, distinct and found again. */
#include "ledger/ledger.h"
#include "result/observation.h"
#include "result/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void verdicts_are_found_by_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VERDICT_COUNT; i++) {
        enum verdict found;

        assert_true(verdict_of_name(verdict_name((enum verdict)i), &found));
        assert_int_equal(found, i);
    }
    enum verdict found;

    assert_false(verdict_of_name("maybe", &found));
    assert_false(verdict_of_name("", &found));
}

static void rules_are_found_by_id(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule_info *info = rule_info((enum rule)i);
        enum rule found;

        assert_true(rule_of_id(info->id, &found));
        assert_int_equal(found, i);
        assert_int_equal(strspn(info->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(info->id));
    }
    enum rule found;

    assert_false(rule_of_id("no-such-rule", &found));
}

/* A rule that names no clause of the ledger could never become a verdict. */
static void each_rule_names_a_clause_of_the_ledger(void **state)
{
    struct ledger ledger;
    struct error error;

    (void)state;
    if (!ledger_load(&ledger, SOURCE_DIR "/scenarios/clauses", &error))
        fail_msg("%s:%u: %s", error.file, error.line, error.text);
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule_info *info = rule_info((enum rule)i);

        if (ledger_find(&ledger, info->clause) == NULL)
            fail_msg("rule %s names the unknown clause %s", info->id, info->clause);
    }
    ledger_release(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_found_by_name),
        cmocka_unit_test(rules_are_found_by_id),
        cmocka_unit_test(each_rule_names_a_clause_of_the_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
