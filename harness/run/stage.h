/*
 * A stage is where cases run: TCP and the wall's clock (tcp_stage.h), or memory and a virtual one (memory_stage.h). It has
 * one venue or more: a server with its accounts and its provisioner. The scheduler knows nothing else of either.
 */
#ifndef RUN_STAGE_H
#define RUN_STAGE_H

#include "net/driver.h"
#include "target/provisioner.h"

#include <signal.h>

struct venue {
    const struct target *target;    /* borrowed */
    struct provisioner provisioner; /* ops NULL: mailboxes may not be touched; borrowed */
    bool literal;  /* the RFCs' own texts, users and messages: for cases that need `literal` only */
    void *carrier; /* the stage's own: where connections to it go */
};

struct stage_ops {
    /* Adds ACTOR, also from within a hook. It is borrowed until hooks->done; HOOKS are copied. */
    void (*add)(void *context, const struct venue *venue, const struct actor_ops *ops, void *actor,
                const struct driver_hooks *hooks);
    /* The same for ERRAND's actor, whose connection, if it opens one, goes to the venue's mail server. */
    void (*add_errand)(void *context, const struct venue *venue, const struct errand *errand,
                       const struct driver_hooks *hooks);
    /* Runs until every actor is done (true), or STOP is set or nothing can go on (false). */
    bool (*run)(void *context, const volatile sig_atomic_t *stop);
    /* The time that VENUE's actors are told. */
    time_us (*now)(const void *context, const struct venue *venue);
};

struct stage {
    const struct stage_ops *ops;
    void *context;
    const struct venue *venues; /* the first is the one that reports name */
    size_t venue_count;
    bool virtual_time; /* waiting costs nothing: slow scenarios run unasked */
};

#endif
