/* "Did you mean ...?": the candidate nearest to a word that is not known, by edit distance. */
#ifndef YAMLDOC_SUGGESTION_H
#define YAMLDOC_SUGGESTION_H

#include "base/bytes.h"

struct suggestion {
    struct bytes word;   /* borrowed */
    const char *nearest; /* borrowed from the caller; NULL while nothing was near enough */
    size_t distance;     /* of the nearest; candidates must be nearer to count */
};

/* WORD must outlive the suggestion. */
void suggestion_init(struct suggestion *suggestion, struct bytes word);
/* CANDIDATE must outlive the suggestion. Of equally near ones the first stays. */
void suggestion_offer(struct suggestion *suggestion, const char *candidate);

/* Insertions, deletions, changes and swaps of neighbours (without case) from A to B; SIZE_MAX above SUGGESTION_OCTETS_MAX. */
enum { SUGGESTION_OCTETS_MAX = 64 };
size_t edit_distance(struct bytes a, struct bytes b);

#endif
