/* Versions of software, as target files name it, and conditions on them. Private to run/. */
#ifndef RUN_VERSIONS_H
#define RUN_VERSIONS_H

#include "base/bytes.h"

/*
 * The version in SOFTWARE, which begins with the first word that begins with a digit: "2.3.19.1" of "Dovecot 2.3.19.1 (9b53)". Empty if
 * there is none, or SOFTWARE is NULL. Borrowed from SOFTWARE.
 */
struct bytes version_of(const char *software);

/*
 * A condition is one comparison or several with commas between them, all of which must hold: <, <=, >, >= or = and a version,
 * compared number by number as far as the condition names them, so that 2.3.19 is = 2.3 and <= 2.3.
 */
bool version_condition_is_valid(const char *condition);
/* CONDITION must be valid. */
bool version_condition_holds(const char *condition, struct bytes version);

#endif
