/*
 * Printable text: what a report may show. A target's octets become printable and lose their secrets here, once; sinks
 * accept nothing else. CR, LF, NUL, other control octets and all octets above 0x7E are shown as \r, \n, \0, \xHH, and a
 * backslash as \\, so the text is ASCII and reversible (but for what was redacted).
 */
#ifndef RESULT_PRINTABLE_H
#define RESULT_PRINTABLE_H

#include "base/arena.h"

struct printable {
    const char *text; /* printable ASCII, one line; never NULL once made; in the arena it was made in */
};

/* Characters of a printable text: FROM up to, not with, TO. Empty where both are the same. */
struct printable_span {
    size_t from;
    size_t to;
};

/*
 * The secrets of a run: passwords and what is made from them. Each is looked for as it is, in base 64 at its three
 * alignments (inside a longer SASL message too), and in hexadecimal. Secrets of fewer than 4 octets are only
 * redacted where they stand alone behind PASS.
 */
struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor);
void redactor_add(struct redactor *redactor, struct bytes secret);

/* The printable form of OCTETS, redacted. REDACTOR may be NULL: nothing is secret. At most OCTETS_MAX octets are shown, then how many more. */
struct printable printable_make(struct arena *arena, const struct redactor *redactor, struct bytes octets,
                                size_t octets_max);
/* The same for a sentence of our own that may quote a target. */
struct printable printable_sentence(struct arena *arena, const struct redactor *redactor,
                                    const char *sentence);

#endif
