/*
 * struct memory_driver drives actors against one server inline: no descriptors, no threads, a virtual clock that
 * begins at 0, and the null twin of TLS. The same actors and peers give the same run every time. What it promises
 * beyond base/actor.h and base/peer.h stands in net/driver.h.
 *
 * Time: each delivery of a segment takes one microsecond. The clock jumps, to the earliest deadline of an actor or
 * peer, only when nothing is on its way anywhere. A server that sends for ever keeps nobody from his deadlines: when a
 * client was sent MEMORY_FLOOD_SEGMENTS without saying anything, and nothing else is on its way, deliveries begin to
 * take longer and longer.
 */
#ifndef NET_MEMORY_H
#define NET_MEMORY_H

#include "base/peer.h"
#include "net/driver.h"

/* Far more segments than any reply of an honest server in a test has. */
enum { MEMORY_FLOOD_SEGMENTS = 1 << 17 };

struct memory_driver;

struct memory_server {
    const struct peer_ops *ops;
    void *server;            /* for ops->open; borrowed */
    bool tls_ready;          /* PEER_START_TLS works, and so does ASK_START_TLS */
    bool implicit_tls_ready; /* there is a port for implicit TLS too; needs tls_ready */
};

enum memory_result {
    MEMORY_DONE,      /* every actor is done, and nothing is on its way any more */
    MEMORY_STALLED,   /* an actor waits for ever, and nothing will ever come */
    MEMORY_EXHAUSTED, /* the limit of steps was reached */
};

struct memory_driver *memory_driver_new(const struct memory_server *server);
/* Ends everything at once: actors are told nothing, peers that they were reset. NULL is allowed. Not from a hook. */
void memory_driver_free(struct memory_driver *driver);

/* Adds an actor, also from within a hook. ACTOR is borrowed until hooks->done, HOOKS (may be NULL) are copied. */
void memory_driver_add(struct memory_driver *driver, const struct actor_ops *ops, void *actor,
                       const struct driver_hooks *hooks);

/*
 * Runs until every actor is done and what they left behind is delivered, at most STEPS_MAX deliveries and jumps. May be
 * called again, with more actors or after a stop at the limit.
 */
enum memory_result memory_driver_run(struct memory_driver *driver, uint64_t steps_max);

/* The virtual clock. */
time_us memory_driver_now(const struct memory_driver *driver);

#endif
