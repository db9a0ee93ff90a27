/*
 * The ledger: every normative sentence of the standards, as a clause with a permanent id (the files in
 * scenarios/clauses). An id is the document, the section with its dots as dashes (left out where sections have no
 * numbers, as in RFC 1225 and in advisories), and a word of its own, joined by "-".
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/error.h"

enum clause_level {
    LEVEL_MUST,
    LEVEL_STATED, /* what the text says happens, without a key word: counts as must */
    LEVEL_SHOULD,
    LEVEL_MAY,
    LEVEL_SECURITY, /* an advisory's demand that no RFC sentence backs */
};

enum clause_party { PARTY_SERVER, PARTY_CLIENT, PARTY_BOTH };

struct clause {
    const char *id;       /* "rfc1939-5-dele-reference": document, section, slug */
    const char *document; /* "rfc1939" */
    const char *section;  /* "5" */
    const char *where;    /* paragraph: "DELE, discussion" */
    enum clause_level level;
    enum clause_party party;
    const char *demand;     /* in our own words, one sentence */
    const char *note;       /* what is to be known when it is judged, or NULL */
    const char *readings;   /* what else servers may do, so that a variant must do it; NULL */
    const char *unvaried;   /* why the reference server has no variant that does otherwise, or NULL */
    const char *untestable; /* why nothing on the wire can show it, or NULL */
    struct place place;
};

struct ledger {
    struct arena arena;
    struct clause *clauses; /* sorted by id */
    size_t count;
};

/* Loads every *.yaml in DIRECTORY. False with ERROR when one is wrong; the ledger must be released either way. */
bool ledger_load(struct ledger *ledger, const char *directory, struct error *error);
void ledger_release(struct ledger *ledger);
/* NULL if there is none. */
const struct clause *ledger_find(const struct ledger *ledger, const char *id);
/* The id nearest to ID, for "did you mean"; NULL if none is near. */
const char *ledger_suggest(const struct ledger *ledger, const char *id);

/* "must", "stated", ... */
const char *clause_level_name(enum clause_level level);
bool clause_level_of_name(const char *name, enum clause_level *ret_level);

#endif
