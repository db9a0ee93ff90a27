/* Globs over case ids: * and ? (a slash is met too) and [...]. Private to run/. */
#ifndef RUN_GLOB_H
#define RUN_GLOB_H

#include <stdbool.h>

/* True when PATTERN holds a wildcard. */
bool glob_is_pattern(const char *pattern);
bool glob_match(const char *pattern, const char *text);

#endif
