/* How loaders add to a suite. Private to scenario. */
#ifndef SCENARIO_SUITE_INTERNAL_H
#define SCENARIO_SUITE_INTERNAL_H

#include "scenario/suite.h"

/* Adds a scenario behind the others; suite.c sorts them when the file is whole. */
void suite_append(struct suite *suite, const struct scenario *scenario);
/* True when it can take no more. */
bool suite_is_full(const struct suite *suite);

#endif
