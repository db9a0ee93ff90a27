/*
 * The contract between a server without sockets and what carries its bytes: net/memory calls it inline, the server
 * loop of net/ over TCP. The reference server is one; a test may write another in twenty lines. The carrier calls
 * input(), end(), reset(), tls_done() and tick() as things happen and, after each, drains output() and obeys wish().
 */
#ifndef BASE_PEER_H
#define BASE_PEER_H

#include "base/bytes.h"
#include "base/time.h"

enum peer_wish {
    PEER_READ,             /* go on reading */
    PEER_START_TLS,        /* all output is flushed: begin a TLS handshake as server, then tls_done() */
    PEER_CLOSE,            /* flush, then close in order */
    PEER_ABORT,            /* close by RST at once */
    PEER_CLOSE_UNNOTIFIED, /* as PEER_CLOSE, but under TLS without close_notify: a fault (RFC 8446 section 6.1) */
};

/* How the server's side of a handshake is made. */
enum peer_handshake {
    PEER_HANDSHAKE_USUAL, /* as the carrier is set up */
    PEER_HANDSHAKE_OLD,   /* with TLS 1.1 at most: a fault (RFC 8314 section 4, RFC 8996) */
    PEER_HANDSHAKE_NONE, /* not at all: a fault of the port for implicit TLS, which then is one without TLS */
};

struct peer_info {
    bool
        implicit_tls; /* the connection came in on the port for implicit TLS: the handshake is already done */
    bool
        tls_ready; /* the carrier can start TLS on this connection (it has a certificate, or is the null filter) */
};

struct peer_ops {
    /* A new connection to SERVER; the result is handed to all the others, and freed with close(). */
    void *(*open)(void *server, const struct peer_info *info, time_us now_us);
    /* Plain octets from the client, all of them, in order; borrowed for the call. */
    void (*input)(void *peer, struct bytes bytes, time_us now_us);
    /* The client will send no more (FIN). */
    void (*end)(void *peer, time_us now_us);
    /* The connection is gone. Only close() follows. */
    void (*reset)(void *peer, time_us now_us);
    /* The next segment to write, each by a write of its own; size 0 when there is none. Valid until wrote(). */
    struct bytes (*output)(void *peer);
    /* COUNT octets of the last output() have left. */
    void (*wrote)(void *peer, size_t count, time_us now_us);
    enum peer_wish (*wish)(const void *peer);
    void (*tls_done)(void *peer, bool ok, time_us now_us);
    /*
     * Asked before a handshake: behind the wish for one, or, with PEER NULL, on a new connection to the port for implicit
     * TLS, where the peer is opened only behind it. The function may be NULL: PEER_HANDSHAKE_USUAL.
     */
    enum peer_handshake (*handshake)(void *server, const void *peer, time_us now_us);
    /* When tick() is to be called if nothing happens before; TIME_NEVER: not at all. */
    time_us (*deadline)(const void *peer);
    void (*tick)(void *peer, time_us now_us);
    /* Frees PEER; the connection is closed already. */
    void (*close)(void *peer, time_us now_us);
};

#endif
