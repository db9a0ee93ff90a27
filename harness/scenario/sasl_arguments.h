/* What stands behind `sasl:`: "MECHANISM [account N]", or a map in braces. Private to scenario. */
#ifndef SCENARIO_SASL_ARGUMENTS_H
#define SCENARIO_SASL_ARGUMENTS_H

#include "scenario/compile.h"
#include "scenario/program.h"
#include "yamldoc/document.h"

/*
 * Fills in STEP, of which kind, connection and place are set, from VALUE at PLACE, or, where the dialog is a list, from
 * the map MAP (else NULL). False with ERROR.
 */
bool sasl_arguments_parse(const struct compilation *compilation, struct bytes value, struct place place,
                          const struct node *map, struct step *step, struct error *error);

#endif
