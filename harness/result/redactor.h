/*
 * Finding secrets in octets, private to result/. struct redactor itself is made and filled through printable.h.
 */
#ifndef RESULT_REDACTOR_H
#define RESULT_REDACTOR_H

#include "result/printable.h"

/* Where OCTETS do not begin or end with a line of their own, a secret may have been cut there. */
enum ragged_edge {
    RAGGED_START = 1 << 0, /* what stood before is not known */
    RAGGED_END = 1 << 1,   /* what stood behind is not known */
};

/*
 * Sets MASK[i] for each octet i of OCTETS that belongs to a secret, or to a proof of one (proofs.h); MASK has octets.size elements, and those already
 * set stay so. At a ragged edge, REDACTOR_PART_MIN or more octets of a secret's head or tail count as well.
 */
void redactor_mask(const struct redactor *redactor, struct bytes octets, unsigned ragged_edges, bool *mask);

/*
 * printable_make() for octets that may begin or end in the middle of a secret. RET_SPAN is where the octet at MARKED stands in
 * the text; empty when it is not shown.
 */
struct printable printable_make_marked(struct arena *arena, const struct redactor *redactor,
                                       struct bytes octets, size_t octets_max, unsigned ragged_edges,
                                       size_t marked, struct printable_span *ret_span);

enum {
    /* Fewer octets of a cut secret tell little, and would hide what has nothing to do with it. */
    REDACTOR_PART_MIN = 3,
};

#endif
