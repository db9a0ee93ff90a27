/*
 * Mistakes that are planted to show that every oracle of a target can fire. fuzz/plants/<name>.c wraps functions of the
 * product, as ld's --wrap has it, and makes one of them wrong where the environment's FUZZ_PLANT says so; the program
 * planted_<name> is the replay program with them. fuzz/plants/check.py, which ctest runs, demands that each plant ends in
 * its oracle, and that there is a plant for each oracle.
 */
#ifndef FUZZ_PLANTS_H
#define FUZZ_PLANTS_H

#include "../wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool plant_is(const char *name)
{
    const char *chosen = getenv("FUZZ_PLANT");

    return chosen != NULL && strcmp(chosen, name) == 0;
}

/* True when the mistake NAME is to be made, which must end in ORACLE. */
#define PLANTED(name, oracle) plant_is(name)

#endif
