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

static bool is_varied(const struct prover *prover, const char *clause)
{
    for (int variant = 0; variant < VARIANT_COUNT; variant++) {
        if (word_in(prover->variants[variant].clause, clause))
            return true;
    }
    return false;
}

/*
 * Clauses that leave servers a choice which no variant makes otherwise than the usual server: nobody would notice that
 * the suite takes the choice for a breach. Where the ledger says why there is none, there must be none.
 */
static void note_unvaried(struct prover *prover)
{
    const struct ledger *ledger = prover->options->ledger;
    struct proof *proof = prover->proof;

    proof->unvaried = new_names(prover, ledger->count);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct clause *clause = &ledger->clauses[i];
        bool is_choice =
            clause->readings != NULL || (clause->level == LEVEL_MAY && clause->party != PARTY_CLIENT);

        if ((is_choice || clause->unvaried != NULL) &&
            is_varied(prover, clause->id) == (clause->unvaried != NULL))
            proof->unvaried[proof->unvaried_count++] = clause->id;
    }
}

void coverage_note(struct prover *prover, const bool *shown)
{
    note_idle(prover, shown);
    note_faultless(prover);
    note_unvaried(prover);
}

void coverage_count_seams(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->seams = arena_new_array(prover->arena, SEAM_COUNT, sizeof(struct proof_seam));
    proof->seam_count = SEAM_COUNT;
    proof->seam_faults_min = PROVE_SEAM_FAULTS_MIN;
    for (int seam = 0; seam < SEAM_COUNT; seam++)
        proof->seams[seam].id = prover_seam_name((enum seam)seam);
    for (size_t i = 0; i < proof->fault_count; i++) {
        for (size_t k = 0; k < proof->seam_count; k++) {
            if (strcmp(proof->seams[k].id, proof->faults[i].seam) != 0)
                continue;
            proof->seams[k].fault_count++;
            proof->seams[k].caught_count += proof->faults[i].state == PROOF_CAUGHT ? 1 : 0;
        }
    }
}

bool coverage_is_whole(const struct proof *proof)
{
    for (size_t i = 0; i < proof->seam_count; i++) {
        if (proof_seam_is_thin(proof, &proof->seams[i]))
            return false;
    }
    return proof->idle_count == 0 && proof->faultless_count == 0 && proof->unvaried_count == 0 &&
           proof_stale_count(proof) == 0;
}
