/*
 * struct loop drives actors as TCP clients and serves peers on listening ports, thousands of connections in one
 * thread, by the wall's monotonic clock (in microseconds since loop_new; loop_skip_waits() leaves idle time out). Linux
 * only: it is made on epoll. Loops share nothing, so each thread may run one. What it promises to actors and peers stands in net/driver.h.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/peer.h"
#include "net/address.h"
#include "net/driver.h"
#include "net/tls.h"

#include <signal.h>

struct loop;

/* Where an actor's connections go. Pointers are borrowed until the actor is done. */
struct endpoint {
    const char *host;              /* as the user gave it: for SNI and the certificate's name */
    struct address_list addresses; /* tried in turn; resolved beforehand */
    uint16_t port;                 /* 0: the target has none */
    uint16_t implicit_tls_port;    /* 0: the target has none */
    const struct address *source;  /* connect from here; NULL: the system chooses */
    const struct tls_context *tls; /* NULL: ASK_START_TLS fails */
    int64_t connect_timeout_us;    /* of one ASK_OPEN, shared among the addresses */
};

/* What is served on one port. Pointers are borrowed until the loop is freed. */
struct listening {
    struct address address;
    uint16_t port;                 /* 0: a free one */
    bool implicit_tls;             /* handshake first; needs tls */
    const struct tls_context *tls; /* NULL: PEER_START_TLS fails */
    const struct peer_ops *ops;
    void *server; /* for ops->open */
};

enum loop_result {
    LOOP_DONE,    /* every actor is done */
    LOOP_STOPPED, /* loop_stop() or the stop flag */
};

/* NULL, with ERROR filled in, when the system gives no descriptors. */
MUST_USE struct loop *loop_new(struct error *error);
/*
 * Closes every connection and listener at once (actors are told nothing, peers that they were reset) and frees the
 * loop. NULL is allowed. Not from within a hook.
 */
void loop_free(struct loop *loop);

/* Listens from now on; RET_PORT (may be NULL) is the port that was taken. */
MUST_USE bool loop_listen(struct loop *loop, const struct listening *listening, struct error *error,
                          uint16_t *ret_port);

/*
 * From now on nobody waits: when nothing is on its way, the time jumps to the next deadline, as in memory (net/memory.h).
 * Only for a loop whose connections have both their ends in it, since it knows of nobody else's deadlines.
 */
void loop_skip_waits(struct loop *loop);

/* Adds an actor, also from within a hook. ACTOR is borrowed until hooks->done, HOOKS (may be NULL) are copied. */
void loop_add(struct loop *loop, const struct actor_ops *ops, void *actor, const struct endpoint *endpoint,
              const struct driver_hooks *hooks);

/*
 * Runs until every actor is done, or, with none at all, until it is stopped. STOP (may be NULL) is looked at whenever
 * the loop wakes, which a signal makes it do. May be called again, with more actors: what was still closing in order
 * goes on closing then.
 */
enum loop_result loop_run(struct loop *loop, const volatile sig_atomic_t *stop);

/* Makes the current or, if there is none, the next loop_run return. From any thread and from signal handlers. */
void loop_stop(struct loop *loop);

/* Microseconds since loop_new, and those that were skipped, as the actors are told them. */
time_us loop_now(const struct loop *loop);

#endif
