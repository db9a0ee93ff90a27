#include "lab/prover.h"
#include "lab/word_in.h"

#include <string.h>

static const char **new_names(struct prover *prover, size_t count)
{
    return (const char **)arena_new_array(prover->arena, count, sizeof(const char *));
}

/* Scenarios, with their labels of `each` taken together by place, that no fault made fail and no variant warn. */
static void note_idle(struct prover *prover, const bool *shown)
{
    const struct run_result *run = prover_baseline(prover);
    struct proof *proof = prover->proof;

    proof->idle = new_names(prover, run->case_count);
    for (size_t i = 0; i < run->case_count; i++) {
        const struct case_result *result = &run->cases[i];
        bool exempt = result->file == NULL || result->clause_count == 0;

        for (size_t k = 0; k < run->case_count && !exempt; k++) {
            const struct case_result *other = &run->cases[k];

            exempt = shown[k] && other->file != NULL && other->line == result->line &&
                     strcmp(other->file, result->file) == 0;
        }
        if (!exempt)
            proof->idle[proof->idle_count++] = result->id;
    }
}

static bool is_broken_by_a_fault(const struct prover *prover, const char *clause)
{
    for (int fault = 0; fault < FAULT_COUNT; fault++) {
        if (strcmp(prover->faults[fault].clause, clause) == 0)
            return true;
    }
    return false;
}

static bool is_warned_of_by_a_variant(const struct prover *prover, const char *clause)
{
    for (int variant = 0; variant < VARIANT_COUNT; variant++) {
        if (word_in(prover->variants[variant].warns, clause))
            return true;
    }
    return false;
}

/* Testable clauses that no fault breaks and no variant bends. */
static void note_faultless(struct prover *prover)
{
    const struct ledger *ledger = prover->options->ledger;
    struct proof *proof = prover->proof;

    proof->faultless = new_names(prover, ledger->count);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct clause *clause = &ledger->clauses[i];
        bool exempt =
            clause->untestable != NULL || clause->party == PARTY_CLIENT || clause->level == LEVEL_MAY;

        if (!exempt && !is_broken_by_a_fault(prover, clause->id) &&
            !is_warned_of_by_a_variant(prover, clause->id))
            proof->faultless[proof->faultless_count++] = clause->id;
    }
}

void coverage_note(struct prover *prover, const bool *shown)
{
    note_idle(prover, shown);
    note_faultless(prover);
}

bool coverage_is_whole(const struct proof *proof)
{
    return proof->idle_count == 0 && proof->faultless_count == 0;
}
