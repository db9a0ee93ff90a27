/*
 * A scenario as a script of clients (inputs/session_script.h): what it sends, to whom, cut as it says, with the values
 * that the session target's server knows. What the scenario expects is left out: there the oracles judge.
 */
#ifndef CORPUS_SESSION_SEED_H
#define CORPUS_SESSION_SEED_H

#include "base/buf.h"
#include "scenario/program.h"

/*
 * Appends the script of SCENARIO to RET_SCRIPT, whose maximum bounds it. False where it uses more connections than a
 * script has clients, or does not fit; RET_SCRIPT then holds a part.
 */
bool session_seed(const struct scenario *scenario, struct buf *ret_script);

#endif
