/*
 * The reference server's faults and variants as rows of one form, for lists and explanations, which need nothing else
 * of the server.
 */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include <stddef.h>

enum catalogue_kind { CATALOGUE_FAULT, CATALOGUE_VARIANT };

struct catalogue_row {
    const char *id;
    const char *clause;
    const char *what;
    const char *seam;    /* faults: what it acts on */
    const char *history; /* faults: where servers did it; NULL: nothing is known */
    const char *also;    /* faults: other clauses that may be broken, separated by spaces */
    const char *skips;   /* variants: abilities that it lacks, separated by spaces */
    const char *warns;   /* variants: clauses that give a warning, separated by spaces */
};

size_t catalogue_count(enum catalogue_kind kind);
struct catalogue_row catalogue_row(enum catalogue_kind kind, size_t index);

#endif
