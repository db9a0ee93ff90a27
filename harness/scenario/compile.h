/* The lines of a dialog -> steps. Private to scenario. */
#ifndef SCENARIO_COMPILE_H
#define SCENARIO_COMPILE_H

#include "scenario/dialog.h"
#include "scenario/parameters.h"

enum {
    STEPS_MAX = 20000, /* of one case, the lines of used blocks included */
    USE_DEPTH_MAX = 8,
    BODY_PATTERNS_MAX = 2000,
    SPAN_S_MAX = 3600,
};

/* A named dialog of the file, or of one that it includes. */
struct named_block {
    const char *name;
    const struct dialog_line *lines; /* NULL when it could not be read */
};

struct compilation {
    struct arena *arena; /* the suite's */
    struct diagnostics *diagnostics;
    const struct fixture_set *fixtures;
    const struct named_block *blocks;
    size_t block_count;
    struct parameters parameters; /* of this case */
    struct scenario *scenario;    /* its head is filled in */
};

/* Fills in the steps, effects, and what they add to the needs and tags. What is wrong goes to the diagnostics. */
void compile_dialog(struct compilation *compilation, const struct dialog_line *lines);

#endif
