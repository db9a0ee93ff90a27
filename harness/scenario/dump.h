/*
 * A compiled scenario as text: a scenario file of its own, in one canonical spelling. For `lint -v`, and for tests: two
 * ways to write the same dialog dump equal, and a dump that is loaded dumps to itself.
 */
#ifndef SCENARIO_DUMP_H
#define SCENARIO_DUMP_H

#include "base/buf.h"
#include "scenario/program.h"

/* Appends SCENARIO to OUT. Load it with the prefix that scenario_dump_prefix() takes from its id. */
void scenario_dump(const struct scenario *scenario, struct buf *out);
/* SCENARIO's id without its last part, which the dump calls its name. */
struct bytes scenario_dump_prefix(const struct scenario *scenario);

/* Appends OCTETS as a C or raw line writes them; those in ALSO as \xHH. */
void scenario_dump_octets(struct bytes octets, const char *also, struct buf *out);

#endif
