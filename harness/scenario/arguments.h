/* What stands behind the colon of the verbs other than C, raw and S. Private to scenario. */
#ifndef SCENARIO_ARGUMENTS_H
#define SCENARIO_ARGUMENTS_H

#include "scenario/compile.h"
#include "scenario/program.h"

/* Fills in STEP, of which kind, connection and place are set, from VALUE at PLACE. False with ERROR. */
bool arguments_parse(const struct compilation *compilation, struct bytes value, struct place place,
                     struct step *step, struct error *error);
/* The condition of `when`: "+OK", "-ERR", "+" or "closed". */
bool condition_parse(struct bytes text, struct place place, enum alternative_kind *ret_kind,
                     struct error *error);

#endif
