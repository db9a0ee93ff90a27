/* Regular expressions: PCRE2's, confined to regex.c. They match octets, not characters. Private to scenario. */
#ifndef SCENARIO_REGEX_H
#define SCENARIO_REGEX_H

#include "base/arena.h"
#include "base/error.h"

struct regex;

enum regex_result {
    REGEX_NO,
    REGEX_YES,
    REGEX_GAVE_UP, /* it passed its limits: the answer is not known */
};

enum { REGEX_SOURCE_OCTETS_MAX = 1024 };

/* Compiles SOURCE into ARENA. NULL with ERROR; its column points into the source, which begins at PLACE. */
const struct regex *regex_compile(struct arena *arena, struct bytes source, struct place place,
                                  struct error *error);
/* Whether TEXT meets REGEX anywhere. Time and memory are bounded. */
enum regex_result regex_match(const struct regex *regex, struct bytes text);
/* As it was written. */
const char *regex_source(const struct regex *regex);

#endif
