/*
 * struct client carries out what one actor asks, on channels that its carrier (loop or memory) opens. All that is
 * told to actors is told here. For use within net/ only.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include "base/limits.h"
#include "net/channel.h"
#include "net/driver.h"

struct client_carrier_ops {
    /*
     * Begins to open a connection; channel_opened() or channel_open_failed() follows, not from within this call. The
     * caller takes the channel with channel_own() and ends it by channel_close() or channel_abort().
     */
    struct channel *(*open)(void *carrier, bool implicit_tls);
    /* A filter for the client's side that offers VERSION, or NULL when there are no TLS settings for the target. */
    struct tls_filter *(*tls)(void *carrier, enum tls_version version);
    /* Brings timers->now_us up to date: something outside the loop took its time. */
    void (*look_at_clock)(void *carrier);
    /* The client has let go of all channels; it may be freed when no call into it is under way. */
    void (*done)(void *carrier);
};

/* A SEND on its way. */
struct client_sending {
    bool active;
    struct bytes bytes; /* the actor's */
    const size_t *cuts; /* the actor's */
    size_t cut_count;
    size_t cut_next;
    size_t offset;
    int64_t pause_us;
};

struct client_link {
    struct client *client;
    struct channel *channel; /* NULL: the number is free */
    struct client_sending sending;
    struct timer pause;
    bool opened;
    bool over;       /* END, RESET or a failure of TLS was told: the number may be opened anew */
    bool broken;     /* RESET or a failure of TLS was told: sending is in vain */
    bool half_close; /* asked while a SEND is on its way */
};

/* The one ASK_HOST that an actor can have under way. */
struct host_call {
    struct client *client;
    bool under_way;
};

enum { CLIENT_OWED_MAX = 4 * CONNECTIONS_MAX };

struct client {
    const struct actor_ops *ops;
    void *actor;
    struct driver_hooks hooks;
    const struct client_carrier_ops *carrier_ops;
    void *carrier;
    struct timers *timers;
    struct timer wait;
    struct client_link links[CONNECTIONS_MAX];
    struct told owed[CLIENT_OWED_MAX]; /* what is to be told when the actor waits */
    size_t owed_count;
    struct host_call host_call;
    struct buf host_reason;
    bool pumping;
    bool done;
};

/* HOOKS may be NULL. The actor is first asked when the timers run next. */
void client_init(struct client *client, const struct actor_ops *ops, void *actor,
                 const struct driver_hooks *hooks, const struct client_carrier_ops *carrier_ops,
                 void *carrier, struct timers *timers);
/* Closes what is open by RST and frees what it holds; the actor is told nothing. */
void client_release(struct client *client);

#endif
