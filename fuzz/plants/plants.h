/*
 * Mistakes that are planted to show that every oracle of a target can fire. fuzz/plants/<name>.c wraps functions of the
 * product, as ld's --wrap has it, and makes one of them wrong where the environment's FUZZ_PLANT says so; the program
 * planted_<name> is the replay program with them. fuzz/plants/check.py, which ctest runs, demands that each plant ends in
 * its oracle, and that there is a plant for each oracle.
 */
#ifndef FUZZ_PLANTS_H
#define FUZZ_PLANTS_H

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

/* Begins the definition of a function that stands for the product's FUNCTION; REAL(FUNCTION) is that one. */
#define WRAP(type, function, ...)                                                                            \
    type __real_##function(__VA_ARGS__);                                                                     \
    type __wrap_##function(__VA_ARGS__);                                                                     \
    type __wrap_##function(__VA_ARGS__)
#define REAL(function) __real_##function

#endif
