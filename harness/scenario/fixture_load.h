/* Fixture files -> fixtures. Private to scenario. */
#ifndef SCENARIO_FIXTURE_LOAD_H
#define SCENARIO_FIXTURE_LOAD_H

#include "scenario/suite.h"
#include "yamldoc/document.h"

enum {
    FIXTURES_MAX = 2000,
    FIXTURE_OCTETS_MAX = 16 * 1024 * 1024,
};

/* Adds the fixtures of DOCUMENT to the suite's, sorted by name. */
void fixtures_add(struct suite *suite, const struct document *document, struct diagnostics *diagnostics);

#endif
