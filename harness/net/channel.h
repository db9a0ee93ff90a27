/*
 * struct channel: one end of a connection, whatever carries its octets: the TLS filter between owner and wire, closing
 * in order, and the order in which things are told. Both drivers and both sides use it, so that they cannot differ.
 * For use within net/ only.
 *
 * The carrier embeds the channel, brings what comes from the wire (channel_receive and the like) and gives it wire_ops.
 * The owner (an actor's connection or a served peer) gets channel_owner_ops. Any call to the owner may close the
 * channel; it is then `dead` sooner or later, and its carrier frees it when no call into it is under way.
 */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H

#include "base/bytes.h"
#include "net/timers.h"
#include "net/tls.h"

struct wire_ops {
    /* Octets taken, 0 when none fits now (channel_writable() will follow), -1 when the connection is broken. */
    ptrdiff_t (*write)(void *wire, struct bytes bytes);
    /* No more will be written: FIN. */
    void (*finish)(void *wire);
    /* Gone, by RST where RESET. Nothing is received any more. */
    void (*close)(void *wire, bool reset);
    /* Call channel_writable() once more when the others had their turn. */
    void (*again)(void *wire);
};

struct channel_owner_ops {
    void (*opened)(void *owner);                          /* client's side only */
    void (*open_failed)(void *owner, const char *reason); /* client's side only; the channel is dead */
    void (*bytes)(void *owner, struct bytes plain);
    void (*end)(void *owner, bool truncated);
    void (*reset)(void *owner);
    void (*tls_opened)(void *owner, const char *reason);
    void (*tls_failed)(void *owner, const char *reason);
    void (*writable)(void *owner);
    bool (*wants_read)(const void *owner);
};

struct channel {
    const struct wire_ops *wire_ops;
    void *wire;
    const struct channel_owner_ops *owner_ops;
    void *owner; /* NULL: closing on its own, or dead */
    struct timers *timers;
    struct timer linger;
    struct tls_filter *tls; /* NULL: plain */
    bool tls_told;          /* the end of the handshake, good or bad */
    bool end_told;          /* END or a failure of TLS after the handshake */
    bool reset_told;
    bool end_received;     /* FIN or RST came */
    bool broken;           /* writing failed; what is still to be read is read */
    bool closing;          /* close_notify and FIN are to follow */
    bool close_unnotified; /* FIN without close_notify */
    bool finished;         /* FIN is out */
    bool dead;             /* the wire is closed; to be freed */
};

void channel_init(struct channel *channel, const struct wire_ops *wire_ops, void *wire,
                  struct timers *timers);
/* Frees what it holds; the carrier closes the wire itself if it is not dead. */
void channel_release(struct channel *channel);
void channel_own(struct channel *channel, const struct channel_owner_ops *owner_ops, void *owner);

/* ---- for the carrier ---- */

void channel_opened(struct channel *channel);
void channel_open_failed(struct channel *channel, const char *reason);
void channel_receive(struct channel *channel, struct bytes octets);
void channel_receive_end(struct channel *channel);
void channel_receive_reset(struct channel *channel);
void channel_writable(struct channel *channel);
/* False while the owner has enough to do: the carrier then leaves what comes on the wire. */
bool channel_wants_read(const struct channel *channel);

/* ---- for the owner ---- */

/* Writes as much as fits, by one write or one TLS record; the octets taken. */
size_t channel_write(struct channel *channel, struct bytes plain);
/* True when nothing waits to be written but what the owner holds itself. */
bool channel_flush(struct channel *channel);
void channel_again(struct channel *channel);
/* Puts FILTER (which the channel frees) in. */
void channel_start_tls(struct channel *channel, struct tls_filter *filter);
/* No more from us: close_notify, then FIN. Reading goes on. */
void channel_finish(struct channel *channel);
/*
 * Lets go of the owner and closes in order: close_notify unless UNNOTIFIED, FIN, then what still comes is read and
 * dropped until the other side closes too (a close() before that would send RST and could destroy our last octets on
 * their way), for at most CHANNEL_LINGER_US.
 */
void channel_close(struct channel *channel, bool unnotified);
/* Lets go of the owner and closes by RST. */
void channel_abort(struct channel *channel);

#define CHANNEL_LINGER_US (2 * US_PER_S)

#endif
