/*
 * What may not be done to a server whose mailboxes nobody gave up for testing (design section 5). The machine refuses the
 * same at the send step; what is known beforehand is not even begun. Private to run/.
 */
#ifndef RUN_SAFETY_H
#define RUN_SAFETY_H

#include "exec/machine.h"
#include "run/stage.h"

/* NULL, or why SCENARIO is not to be run at VENUE: a sentence. */
const char *safety_refusal(const struct scenario *scenario, const struct venue *venue,
                           const struct target_facts *facts);

/* How many wrong passwords may be sent in all, where the user said SAID. */
uint32_t safety_bad_logins_max(unsigned said, const struct venue *venue);

/* How many wrong passwords SCENARIO sends. */
uint32_t safety_bad_logins(const struct scenario *scenario);

#endif
