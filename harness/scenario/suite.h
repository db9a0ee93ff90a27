/*
 * A suite: scenario files loaded, checked and compiled, with the clauses and fixtures they name. Everything that can
 * be wrong in a file is found here, before the first connection, with file:line:column and what to do.
 */
#ifndef SCENARIO_SUITE_H
#define SCENARIO_SUITE_H

#include "base/arena.h"
#include "ledger/ledger.h"
#include "scenario/fixture.h"
#include "scenario/program.h"

struct suite {
    struct arena arena;         /* owns everything below */
    struct scenario *scenarios; /* sorted by id, `each` spelled out */
    size_t scenario_count;
    size_t scenario_capacity;
    struct fixture_set fixtures;
    const char *root; /* the directory that suite_load read: files below it may include each other; or NULL */
};

/* Errors of a load, all of them up to a bound, each with its place. */
enum { DIAGNOSTICS_MAX = 100 };
struct diagnostics {
    struct error errors[DIAGNOSTICS_MAX];
    size_t count; /* may pass DIAGNOSTICS_MAX: the rest is counted only */
};

/*
 * Loads every file *.yaml below DIRECTORY but those in clauses/ and fixtures/, with fixtures from DIRECTORY/fixtures (and
 * initializes SUITE). LEDGER must outlive the suite; it decides which clauses are known (NULL: all are). False when
 * anything was wrong (DIAGNOSTICS says what); the suite then holds what could be loaded and must still be released.
 * DIAGNOSTICS must be set to zero before the first call; several calls add to the same.
 */
bool suite_load(struct suite *suite, const char *directory, const struct ledger *ledger,
                struct diagnostics *diagnostics);
/* Loads the fixtures in DIRECTORY/fixtures alone: what suite_add_file needs when the stock scenarios are not wanted. */
bool suite_load_fixtures(struct suite *suite, const char *directory, struct diagnostics *diagnostics);
/*
 * Adds one file; its ids begin with its name without .yaml (in lower case, other characters as "-"), or with PREFIX if
 * that is not NULL. It may include files below the suite's root if it stands there itself, else those beside and below it.
 */
bool suite_add_file(struct suite *suite, const char *file, const char *prefix, const struct ledger *ledger,
                    struct diagnostics *diagnostics);
/* The same from memory, for tests and fuzzing; opens no file (`include` is an error then). */
bool suite_add_text(struct suite *suite, struct bytes text, const char *file, const char *prefix,
                    const struct ledger *ledger, struct diagnostics *diagnostics);
/* Adds the fixtures of a fixtures file from memory. */
bool suite_add_fixtures_text(struct suite *suite, struct bytes text, const char *file,
                             struct diagnostics *diagnostics);
void suite_init(struct suite *suite);
void suite_release(struct suite *suite);
/* NULL if there is none. */
const struct scenario *suite_find(const struct suite *suite, const char *id);

#endif
