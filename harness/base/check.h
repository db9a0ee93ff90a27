/*
 * Assertions about our own code: they stay in release builds, and what a target, a file or a user sent never
 * reaches one. A failed check prints its place and aborts; the program turns the abort into exit code 70.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include "base/attributes.h"

NO_RETURN void check_failed(const char *expression, const char *file, int line);

#define CHECK(expression) ((expression) ? (void)0 : check_failed(#expression, __FILE__, __LINE__))

#endif
