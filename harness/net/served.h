/*
 * struct served carries one connection of a peer (base/peer.h) over a channel: input in, output drained, wishes
 * obeyed, deadlines kept. For use within net/ only.
 */
#ifndef NET_SERVED_H
#define NET_SERVED_H

#include "base/peer.h"
#include "net/channel.h"

/* What the connections of one server have in common. */
struct served_by {
    const struct peer_ops *ops;
    void *server;
    /* A filter for the server's side; NULL: TLS cannot be started. */
    struct tls_filter *(*tls)(const void *context, enum tls_version version_max);
    const void *tls_context;
};

struct served {
    struct served_by by;
    struct channel *channel;
    struct timer timer; /* the peer's deadline; before it is opened, that of the handshake */
    void *peer;         /* NULL: not opened yet, or closed */
    bool implicit_tls;
    bool in_handshake;
    bool output_waits;        /* what output() gave last did not fit */
    bool ended;               /* end() was called */
    size_t read_ahead_octets; /* taken in while output waits */
};

/* Takes CHANNEL, whose connection stands, and opens the peer, or begins the handshake if IMPLICIT_TLS and the server wants one. */
void served_init(struct served *served, const struct served_by *by, struct channel *channel,
                 bool implicit_tls);
/* Tells the peer, if there is one, that its connection is gone, and frees it. */
void served_release(struct served *served);

#endif
