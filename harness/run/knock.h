/*
 * An actor that finds out whether a server still answers: it connects and waits for any octet, up to KNOCK_TRIES times, a
 * little apart, so that a server which its supervisor starts again is not taken for dead. Private to run/.
 */
#ifndef RUN_KNOCK_H
#define RUN_KNOCK_H

#include "base/actor.h"

#include <stdbool.h>

enum { KNOCK_TRIES = 3, KNOCK_REASON_SIZE = 256 };

#define KNOCK_APART_US (1 * US_PER_S)

enum knock_state { KNOCK_OUTSIDE, KNOCK_OPENING, KNOCK_LISTENING, KNOCK_CLOSING, KNOCK_APART, KNOCK_OVER };

struct knock {
    bool implicit_tls;   /* connect there; being let in is then answer enough */
    int64_t patience_us; /* how long the greeting is waited for */
    enum knock_state state;
    unsigned tries;
    time_us until_us;
    bool answered;                  /* the result */
    char reason[KNOCK_REASON_SIZE]; /* why not */
};

extern const struct actor_ops knock_actor_ops; /* the actor is a struct knock */

void knock_init(struct knock *knock, bool implicit_tls, int64_t patience_us);

#endif
