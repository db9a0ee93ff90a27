/*
 * `each`: the parameters of a scenario, their values, and the cases that they make. A value is text, or a row of several
 * texts that belong together; `except` leaves combinations out. Private to scenario.
 */
#ifndef SCENARIO_EACH_H
#define SCENARIO_EACH_H

#include "scenario/parameters.h"
#include "scenario/source.h"

enum {
    AXES_MAX = 8,        /* parameters of `each` */
    PARAMETERS_MAX = 32, /* names in all, those of rows included */
    EXCEPTIONS_MAX = 256,
    CASES_MAX = 1000,
};

/* A value of an axis: its texts stand for the axis' names, in their order. */
struct axis_value {
    const char *label;         /* what the id gets */
    const struct bytes *texts; /* as written: escapes and holes in them still mean something */
};

/* One parameter of `each` with all its values. */
struct axis {
    const char *name;
    const char **names; /* what its values give: its own name, or those of the rows' columns */
    size_t name_count;
    struct axis_value *values;
    size_t count;
};

/* One item of `except`: for each axis the values that it names, as flags; NULL: any. */
struct exception {
    const bool *values[AXES_MAX];
};

struct each {
    struct source *source;
    struct axis axes[AXES_MAX];
    size_t axis_count;
    size_t name_count;
    struct exception *exceptions;
    size_t exception_count;
    size_t case_count;   /* of all combinations, those left out included */
    size_t at[AXES_MAX]; /* the case that is selected: an index into each axis' values */
    struct parameter current[PARAMETERS_MAX];
    struct parameters parameters; /* of the case that is selected */
};

/*
 * Reads MAP (the value of `each`; NULL: one case without parameters) and EXCEPT (NULL: nothing is left out). False when
 * something is wrong, which goes to the source's diagnostics. What is read lives in the suite's arena.
 */
bool each_read(struct each *each, struct source *source, const struct node *map, const struct node *except);
/* Selects case NUMBER, from 0: the last parameter changes fastest. False when it is left out. */
bool each_select(struct each *each, size_t number);
/* Appends the labels of the case that is selected, each behind a slash. */
void each_append_labels(const struct each *each, struct buf *out);

#endif
