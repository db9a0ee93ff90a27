/* Where scenarios, clauses and fixtures are found, and what is loaded of them. */
#ifndef CLI_LIBRARY_H
#define CLI_LIBRARY_H

#include "cli/cli.h"
#include "scenario/suite.h"

struct library {
    char *directory; /* owned */
    struct ledger ledger;
    struct suite suite;
};

/*
 * Loads all of DIRECTORY, or, where that is NULL, of the first of these that is there: share/pop3spec/scenarios beside
 * the program's bin/, the source tree's, the one installed. False once it has printed what is wrong; LIBRARY must be
 * released either way.
 */
bool library_load(struct library *library, const struct program *program, const char *directory);
void library_release(struct library *library);

/*
 * The selection that means the scenarios of FILE: a file in the library's directory is known already, any other is
 * added. NULL once it has printed what is wrong. The text lives as long as LIBRARY.
 */
const char *library_add_file(struct library *library, const char *file);

#endif
