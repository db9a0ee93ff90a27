/* What many verdicts come to, once they have been reached: of several cases, or of several parts of a run. */
#ifndef RESULT_GATHER_H
#define RESULT_GATHER_H

#include "base/arena.h"
#include "result/result.h"

/* The graver of two verdicts of the same clause or case. A pass is graver than a skip: something was seen. */
enum verdict verdict_graver(enum verdict a, enum verdict b);

/* Gathers the clauses of all cases of RESULT, sorted by id, each with its gravest verdict. */
void verdict_gather_clauses(struct run_result *result, struct arena *arena);

/* Counts the cases of RESULT by verdict, and the flaky ones. */
void result_count(struct run_result *result);

#endif
