/*
 * An errand empties a mailbox or delivers a message, and takes its time for it: an actor (base/actor.h) that talks to a
 * mail server, or waits for a command. Whoever asked for it runs it on the stage, asks what came of it when it is done,
 * and frees it; freed before that, it is given up.
 */
#ifndef TARGET_ERRAND_H
#define TARGET_ERRAND_H

#include "base/actor.h"
#include "base/error.h"

enum provision_result {
    PROVISION_DONE,
    PROVISION_BUSY,      /* locked by somebody else just now; ERROR says by what */
    PROVISION_REFUSED,   /* the store does not take this message; ERROR says why */
    PROVISION_FAILED,    /* ERROR says why */
    PROVISION_UNDER_WAY, /* whoever was asked says so later */
};

enum errand_way {
    ERRAND_ON_HOST, /* opens no connection */
    ERRAND_BY_MAIL, /* its connection goes to the target's mail server */
};

struct errand {
    enum errand_way way;
    const struct actor_ops *ops;
    void *actor;
    enum provision_result (*finish)(const void *actor, struct error *error);
    void (*free)(void *actor);
};

#endif
