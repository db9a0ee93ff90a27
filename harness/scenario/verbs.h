/* The verbs of steps.def by keyword. Private to scenario. */
#ifndef SCENARIO_VERBS_H
#define SCENARIO_VERBS_H

#include "scenario/program.h"

/* Whether a digit may stand behind the keyword, and what it must not stand without. */
bool verb_has_connection(enum step_kind kind);
/* Lines stand below it. */
bool verb_is_block(enum step_kind kind);
/* "C", "half-close", ... */
const char *verb_keyword(enum step_kind kind);

/*
 * Takes "C2" apart: kind and connection (1 where no digit stands, 0 where the verb is about none). For "when2 +OK" the
 * rest behind the blank is answered in *ret_rest, else it is empty. False when there is no such verb.
 */
bool verb_parse(struct bytes key, enum step_kind *ret_kind, int *ret_connection, struct bytes *ret_rest);
/* The keyword nearest to KEY; NULL if none is near. */
const char *verb_suggest(struct bytes key);

#endif
