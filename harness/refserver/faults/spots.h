/*
 * The spot at which an event happens, so that a fault can be wrong there and right everywhere else: only at message 2, only
 * under TLS, only behind RSET. Which spots there are is in spots.def.
 */
#ifndef REFSERVER_FAULTS_SPOTS_H
#define REFSERVER_FAULTS_SPOTS_H

#include "refserver/seam.h"

enum spot_kind {
#define SPOT(name, words, test) SPOT_##name,
#include "refserver/faults/spots.def"
#undef SPOT
    SPOT_COUNT
};

/* What an event is about; 0 where it is about no such thing. */
struct fault_spot {
    uint64_t message; /* its number */
    uint64_t line;    /* of the message, from 1 */
    uint64_t row;     /* of a listing, from 1 */
    uint64_t offset;  /* in the message, before byte-stuffing */
};

struct fault_spot spot_of_command(const struct session *session, const struct command_event *event);
struct fault_spot spot_of_transition(const struct session *session, const struct transition_event *event);
struct fault_spot spot_of_view(const struct session *session, const struct view_event *event);
struct fault_spot spot_of_reply(const struct session *session, const struct response_event *event);
struct fault_spot spot_of_wire(const struct session *session, const struct wire_event *event);

/* True when what happens AT in SESSION is of that kind, for which N is its number. */
bool spot_is(enum spot_kind kind, uint64_t n, const struct session *session, const struct fault_spot *at);

/* True when it depends on what other connections did: then the order of cases counts, and no two may run side by side. */
bool spot_is_of_server(enum spot_kind kind);

/* Appends KIND in words, with its number N. */
void spot_append_words(enum spot_kind kind, uint64_t n, struct buf *out);

#endif
