/*
 * The contract between something that talks (a scenario's step machine, later a fuzzer or a load generator) and the
 * driver that carries its bytes: net/loop over TCP and the wall's clock, net/memory inline on a virtual one. An actor
 * has no descriptors, clock or randomness of its own: it is asked what it wants, and told what came of it.
 *
 * The driver's loop: call next(); carry out what is asked; call next() again, until it answers ASK_WAIT or ASK_DONE.
 * On ASK_WAIT wait for any event or for until_us, tell() it, and start over. Events of all connections are told as
 * they come, in the order seen, between two next() calls only.
 */
#ifndef BASE_ACTOR_H
#define BASE_ACTOR_H

#include "base/bytes.h"
#include "base/time.h"
#include "base/tls_version.h"

enum ask_kind {
    ASK_OPEN,       /* open connection; answered by TOLD_OPENED or TOLD_OPEN_FAILED */
    ASK_SEND,       /* send bytes; answered by TOLD_SENT when all are handed to the transport */
    ASK_START_TLS,  /* begin a TLS handshake as client; answered by TOLD_TLS_DONE or TOLD_TLS_FAILED */
    ASK_HALF_CLOSE, /* no more from us (FIN, behind close_notify under TLS); reading goes on */
    ASK_CLOSE,      /* close both ways in order; nothing more is told of this connection */
    ASK_ABORT,      /* close by RST; nothing more is told of this connection */
    ASK_HOST,       /* something outside the wire (deliver a message); answered by one of TOLD_HOST_... */
    ASK_WAIT,       /* nothing to do until an event, or until_us (TOLD_TIME) */
    ASK_DONE,       /* finished: the actor asks for nothing more; the driver closes what is left open */
};

struct ask {
    enum ask_kind kind;
    int connection;     /* 1 to CONNECTIONS_MAX; 0 for HOST, WAIT, DONE */
    struct bytes bytes; /* SEND: the octets; the actor keeps them until TOLD_SENT */
    const size_t *cuts; /* SEND: ascending offsets at which a new segment begins, or NULL: one write */
    size_t cut_count;
    int64_t cut_pause_us; /* SEND: time between segments (0: as soon as the one before has left) */
    time_us until_us;     /* WAIT: when to tell TOLD_TIME; TIME_NEVER: on events only */
    enum tls_version
        tls_version;   /* START_TLS: the one that is offered; ANY: what the driver's settings allow */
    bool implicit_tls; /* OPEN: the target's port for implicit TLS; the handshake is asked for separately */
    const char *host_verb; /* HOST: what to do, such as "deliver" */
    const char *host_noun; /* HOST: what with, such as a fixture's name */
};

enum told_kind {
    TOLD_OPENED,
    TOLD_OPEN_FAILED, /* reason says why */
    TOLD_BYTES,       /* plain octets from the peer (deciphered under TLS); borrowed for the call */
    TOLD_SENT,
    TOLD_END,        /* the peer closed in order: FIN; under TLS see `truncated` */
    TOLD_RESET,      /* RST, or writing failed */
    TOLD_TLS_DONE,   /* reason names version and cipher */
    TOLD_TLS_FAILED, /* reason says why; the connection is of no use any more */
    TOLD_HOST_DONE,
    TOLD_HOST_FAILED,     /* reason says why */
    TOLD_HOST_IMPOSSIBLE, /* it cannot be done here, and nobody is to blame; reason says why */
    TOLD_TIME,            /* until_us has come */
};

struct told {
    enum told_kind kind;
    int connection;
    struct bytes bytes; /* BYTES */
    const char *reason; /* borrowed for the call; NULL where none */
    bool truncated;     /* END under TLS: no close_notify came before the FIN */
    bool
        versions_refused; /* TLS_FAILED: the server takes neither TLS 1.2 nor 1.3, both of which were offered */
    time_us now_us;
};

struct actor_ops {
    void (*next)(void *actor, time_us now_us, struct ask *ret_ask);
    void (*tell)(void *actor, const struct told *told);
};

#endif
