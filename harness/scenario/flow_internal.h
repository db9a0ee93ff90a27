/*
 * What the parts of flow share: flow.c (steps), flow_sent.c (what is sent), flow_holes.c (what holes stand for),
 * flow_needs.c (abilities and tags).
 */
#ifndef SCENARIO_FLOW_INTERNAL_H
#define SCENARIO_FLOW_INTERNAL_H

#include "scenario/flow.h"

/* What STEP sends, line by line. */
void flow_sent(struct flow *flow, const struct step *step, const struct template *bytes, bool raw);
/* The connection is new: nothing is due or marked any more. */
void flow_connection_reset(struct flow_connection *connection);

/* Holes of what is sent, and of what is expected. */
void flow_holes_sent(struct flow *flow, const struct step *step, const struct template *bytes);
void flow_holes_expected(struct flow *flow, const struct step *step);

/* Index in the mailbox (deliveries behind it) of copy ORDINAL of fixture NAME; -1 if there is none. */
int flow_mailbox_index(const struct flow *flow, const char *name, uint32_t ordinal);

static inline bool flow_is_marked(const uint64_t *marks, int index)
{
    return index >= 0 && index < MARKS_MAX && (marks[index / 64] >> (index % 64) & 1) != 0;
}

bool flow_has_tag(const struct scenario *scenario, const char *tag);

/* NUMBER as an account: noted, and refused where there is no ability for it. */
void flow_uses_account(struct flow *flow, struct place place, uint64_t number);

#endif
