#include "run/verdict.h"

enum {
    EXIT_CODE_UNEXPECTED = 1,
    EXIT_CODE_TARGET_DIED = 4,
    EXIT_CODE_OWN_FAULT = 70,
    EXIT_CODE_SIGNAL_BASE = 128,
};

enum verdict verdict_of_breach(enum clause_level level)
{
    switch (level) {
    case LEVEL_MUST:
    case LEVEL_STATED:
    case LEVEL_SECURITY:
        return VERDICT_FAIL;
    case LEVEL_SHOULD:
        return VERDICT_WARN;
    case LEVEL_MAY:
        return VERDICT_INFO;
    }
    return VERDICT_FAIL;
}

/* The document and section of a clause, as people write it: "RFC 1939 section 5". */
static const char *section_text(const struct clause *clause, struct arena *arena)
{
    struct bytes document = bytes_of(clause->document);

    if (bytes_start_with(document, BYTES_LITERAL("rfc")))
        return arena_format(arena, "RFC %s section %s", clause->document + 3, clause->section);
    return arena_format(arena, "%s %s", clause->document, clause->section);
}

/* Lint resolves every clause before a run; one that is missing all the same is judged as strictly as any. */
static struct clause_result clause_result_make(const char *id, const struct ledger *ledger,
                                               enum verdict verdict, struct arena *arena)
{
    const struct clause *clause = ledger_find(ledger, id);

    if (clause == NULL)
        return (struct clause_result){.id = id,
                                      .level = clause_level_name(LEVEL_STATED),
                                      .section = "",
                                      .demand = "",
                                      .verdict = verdict};
    return (struct clause_result){
        .id = clause->id,
        .level = clause_level_name(clause->level),
        .section = section_text(clause, arena),
        .demand = clause->demand,
        .verdict = verdict,
    };
}

static enum verdict breach_of(const char *id, const struct ledger *ledger)
{
    const struct clause *clause = ledger_find(ledger, id);

    return verdict_of_breach(clause == NULL ? LEVEL_STATED : clause->level);
}

void verdict_set_case(const struct scenario *scenario, enum verdict verdict, const struct ledger *ledger,
                      struct arena *arena, struct case_result *result)
{
    result->verdict = verdict;
    result->clause_count = scenario->prove_count;
    result->clauses =
        (struct clause_result *)arena_new_array(arena, scenario->prove_count, sizeof(*result->clauses));
    for (size_t i = 0; i < scenario->prove_count; i++)
        result->clauses[i] = clause_result_make(scenario->proves[i], ledger, verdict, arena);
}

/* Every clause the scenario proves is broken; the gravest decides. An example proves none: then it is a failure. */
static void judge_breach(const struct scenario *scenario, const struct ledger *ledger, struct arena *arena,
                         struct case_result *result)
{
    enum verdict gravest = VERDICT_PASS;

    verdict_set_case(scenario, VERDICT_FAIL, ledger, arena, result);
    for (size_t i = 0; i < scenario->prove_count; i++) {
        result->clauses[i].verdict = breach_of(scenario->proves[i], ledger);
        gravest = verdict_graver(gravest, result->clauses[i].verdict);
    }
    result->verdict = scenario->prove_count == 0 ? VERDICT_FAIL : gravest;
}

static enum verdict verdict_of_outcome(const struct outcome *outcome)
{
    switch (outcome->kind) {
    case OUTCOME_PASSED:
        return outcome->two_readings ? VERDICT_INFO : VERDICT_PASS;
    case OUTCOME_FAILED:
        return VERDICT_FAIL;
    case OUTCOME_BLOCKED:
        return VERDICT_BLOCKED;
    case OUTCOME_SKIPPED:
    case OUTCOME_REFUSED:
        return VERDICT_SKIP;
    case OUTCOME_RUNNING:
    case OUTCOME_ERROR:
        break;
    }
    return VERDICT_ERROR;
}

void verdict_judge_case(const struct scenario *scenario, const struct outcome *outcome,
                        const struct ledger *ledger, struct arena *arena, struct case_result *result)
{
    enum verdict verdict = verdict_of_outcome(outcome);

    if (verdict == VERDICT_FAIL)
        judge_breach(scenario, ledger, arena, result);
    else
        verdict_set_case(scenario, verdict, ledger, arena, result);
}

void verdict_judge_rule(enum rule rule, bool exercised, uint64_t breaches, const struct ledger *ledger,
                        struct arena *arena, struct case_result *result)
{
    const char *clause = rule_info(rule)->clause;
    enum verdict verdict = VERDICT_SKIP;

    if (breaches > 0)
        verdict = breach_of(clause, ledger);
    else if (exercised)
        verdict = VERDICT_PASS;
    result->verdict = verdict;
    result->occurrences = breaches;
    result->clause_count = 1;
    result->clauses = (struct clause_result *)arena_new_array(arena, 1, sizeof(*result->clauses));
    result->clauses[0] = clause_result_make(clause, ledger, verdict, arena);
}

void verdict_judge_health(bool good, struct case_result *result)
{
    result->verdict = good ? VERDICT_PASS : VERDICT_FAIL;
}

static int compare_clauses(const void *a, const void *b)
{
    return strcmp(((const struct clause_result *)a)->id, ((const struct clause_result *)b)->id);
}

void verdict_gather_gaps(struct run_result *result, const struct ledger *ledger, struct arena *arena)
{
    result->gaps = (struct clause_gap *)arena_new_array(arena, ledger->count, sizeof(*result->gaps));
    for (size_t i = 0; i < ledger->count; i++) {
        const struct clause *clause = &ledger->clauses[i];
        const struct clause_result sought = {.id = clause->id};

        if (result->clause_count > 0 && bsearch(&sought, result->clauses, result->clause_count,
                                                sizeof(*result->clauses), compare_clauses) != NULL)
            continue;
        result->gaps[result->gap_count++] = (struct clause_gap){
            .id = clause->id,
            .level = clause_level_name(clause->level),
            .section = section_text(clause, arena),
            .demand = clause->demand,
            .why = clause->untestable,
        };
    }
}

bool verdict_is_unexpected(enum verdict verdict)
{
    return verdict == VERDICT_FAIL || verdict == VERDICT_XPASS || verdict == VERDICT_BLOCKED ||
           verdict == VERDICT_ERROR;
}

/* The server's health has no clause: whatever is wrong with it is a matter of security. */
static bool breaks_security(const struct case_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++)
        if (result->clauses[i].verdict == VERDICT_FAIL &&
            strcmp(result->clauses[i].level, clause_level_name(LEVEL_SECURITY)) == 0)
            return true;
    return result->clause_count == 0 && result->file == NULL;
}

bool verdict_case_is_unexpected(const struct case_result *result, enum fail_on fail_on)
{
    switch (fail_on) {
    case FAIL_ON_SECURITY:
        return verdict_is_unexpected(result->verdict) &&
               (result->verdict != VERDICT_FAIL || breaks_security(result));
    case FAIL_ON_SHOULD:
        return verdict_is_unexpected(result->verdict) || result->verdict == VERDICT_WARN;
    case FAIL_ON_ANY:
        return verdict_is_unexpected(result->verdict) || result->verdict == VERDICT_WARN ||
               result->verdict == VERDICT_INFO;
    case FAIL_ON_MUST:
    case FAIL_ON_COUNT:
        break;
    }
    return verdict_is_unexpected(result->verdict);
}

int verdict_exit_code(const struct run_result *result, int signal_number)
{
    if (result->interrupted)
        return EXIT_CODE_SIGNAL_BASE + signal_number;
    if (result->counts[VERDICT_ERROR] > 0)
        return EXIT_CODE_OWN_FAULT;
    if (result->target_died)
        return EXIT_CODE_TARGET_DIED;
    for (size_t i = 0; i < result->case_count; i++)
        if (result->cases[i].unexpected)
            return EXIT_CODE_UNEXPECTED;
    return 0;
}
