/* Which scenarios, rules and faults speak of a clause: for `list --uncovered` and `explain`. */
#ifndef CLI_COVERAGE_H
#define CLI_COVERAGE_H

#include "scenario/suite.h"

/* True when SCENARIO says that it proves CLAUSE. */
bool scenario_proves(const struct scenario *scenario, const char *clause);
/* True when some scenario or one of the auditor's and model's rules can show that CLAUSE is broken. */
bool clause_is_covered(const struct suite *suite, const char *clause);
/* True when LIST, ids separated by spaces, holds ID. */
bool id_list_holds(const char *list, const char *id);

#endif
