/*
 * Verdicts: the only place that turns what came of a case, and what was observed, into them. By way of the clauses that
 * the scenario or the rule names: their levels decide whether a breach is a failure, a warning or only worth knowing.
 */
#ifndef RUN_VERDICT_H
#define RUN_VERDICT_H

#include "exec/machine.h"
#include "ledger/ledger.h"
#include "result/gather.h"

/* What a breach of a clause of LEVEL is: must, stated, security -> fail; should -> warn; may -> info. */
enum verdict verdict_of_breach(enum clause_level level);

/* Fills in verdict and clauses (in ARENA) of RESULT from OUTCOME; scenario and clauses are looked up in LEDGER. */
void verdict_judge_case(const struct scenario *scenario, const struct outcome *outcome,
                        const struct ledger *ledger, struct arena *arena, struct case_result *result);

/* The same for a case that did not run: VERDICT for it and all its clauses. */
void verdict_set_case(const struct scenario *scenario, enum verdict verdict, const struct ledger *ledger,
                      struct arena *arena, struct case_result *result);

/* Fills in verdict and clause of the case of RULE, which was broken so often. */
void verdict_judge_rule(enum rule rule, bool exercised, uint64_t breaches, const struct ledger *ledger,
                        struct arena *arena, struct case_result *result);

/* Fills in the verdict of a case about the server's health, which no clause speaks of: trouble is a failure. */
void verdict_judge_health(bool good, struct case_result *result);

/* Gathers the clauses of LEDGER that are not among RESULT's, which must be gathered already. */
void verdict_gather_gaps(struct run_result *result, const struct ledger *ledger, struct arena *arena);

/* True when VERDICT counts for the exit code by itself: fail, xpass, blocked, error. */
bool verdict_is_unexpected(enum verdict verdict);

/* True when RESULT, with its verdict and clauses, counts for the exit code as FAIL_ON says. */
bool verdict_case_is_unexpected(const struct case_result *result, enum fail_on fail_on);

/*
 * The exit code of a finished run (design section 4): 128 + SIGNAL_NUMBER when interrupted (SIGNAL_NUMBER not 0), 70 for an
 * error of ours, 4 when the target died, 1 for anything unexpected, else 0; the first of these.
 */
int verdict_exit_code(const struct run_result *result, int signal_number);

#endif
