/* Collecting the errors of a load. Private to scenario. */
#ifndef SCENARIO_DIAGNOSTICS_H
#define SCENARIO_DIAGNOSTICS_H

#include "scenario/suite.h"

/* Adds ERROR, unless the very same was added before (a file that many include is read many times). */
void diagnostics_add(struct diagnostics *diagnostics, const struct error *error);
/* Adds one made of a place, a sentence, and what to do (NULL: nothing to advise). */
void diagnostics_say(struct diagnostics *diagnostics, struct place place, const char *hint,
                     const char *format, ...) PRINTF_LIKE(4, 5);
/* Puts them in order of file, line and column, as a reader goes through them. */
void diagnostics_sort(struct diagnostics *diagnostics);
/* True when no more can be kept: loaders stop, since nobody reads the hundredth mistake. */
bool diagnostics_full(const struct diagnostics *diagnostics);

#endif
