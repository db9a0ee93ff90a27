/*
 * The ground that faults are proved on: the whole suite on the correct server in one setting, while every fault watches
 * and none acts (refserver_survey()). It tells in which cases each fault would have acted; a fault is then run on those
 * alone, since it cannot change the others.
 */
#ifndef LAB_GROUND_H
#define LAB_GROUND_H

#include "lab/world.h"

struct ground {
    struct setting setting;
    struct run_result result;
    struct case_result **by_id;     /* the result's cases, sorted by id */
    uint64_t (*acted)[FAULT_WORDS]; /* for each case of the result, the faults that would have acted in it */
};

/* False when the target cannot be started or used. RET_GROUND lives in ARENA. */
bool ground_survey(const struct prove_options *options, const struct setting *setting, struct arena *arena,
                   struct ground *ret_ground, struct error *error);
/* The scenarios in which FAULT would act, in ARENA, NULL at the end. */
const char **ground_touched(const struct ground *ground, enum fault fault, struct arena *arena,
                            size_t *ret_count);
/* The case of scenario or rule ID; NULL if there is none. */
const struct case_result *ground_case(const struct ground *ground, const char *id);

#endif
