/* The parameters of `each`: what stands for {name} in one case. Private to scenario. */
#ifndef SCENARIO_PARAMETERS_H
#define SCENARIO_PARAMETERS_H

#include "base/arena.h"

struct parameter {
    const char *name;
    struct bytes value; /* as written: escapes and holes in it still mean something */
};

struct parameters {
    const struct parameter *parameters;
    size_t count;
};

/* TEXT with {name} replaced by the values; TEXT itself when there is nothing to replace. Lives in ARENA. */
struct bytes parameters_fill(const struct parameters *parameters, struct arena *arena, struct bytes text);

#endif
