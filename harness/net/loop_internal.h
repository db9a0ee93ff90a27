/* The parts of a loop, shared by loop.c, loop_socket.c, loop_connect.c and loop_listen.c. */
#ifndef NET_LOOP_INTERNAL_H
#define NET_LOOP_INTERNAL_H

#include "net/client.h"
#include "net/loop.h"
#include "net/served.h"

/* What one connection may give in one round: enough for speed, little enough for the others' deadlines. */
enum { LOOP_READ_OCTETS = 64 * 1024 };

/* What an event of epoll points to; the first member of each. */
enum watched { WATCHED_WAKE, WATCHED_LISTENER, WATCHED_SOCKET };

struct loop_client {
    struct client client;
    struct loop *loop;
    struct endpoint endpoint;
    struct loop_client *previous;
    struct loop_client *next;
};

struct loop_listener {
    enum watched watched;
    struct loop *loop;
    int descriptor;
    struct listening listening;
    bool knocked;       /* connections wait; they are accepted behind what came before them on others */
    struct timer retry; /* while accepting is off for want of descriptors */
    struct loop_listener *next;
};

/* A connection that is being opened: which addresses are left, and what became of those before. */
struct loop_connecting {
    const struct endpoint *endpoint; /* NULL: not connecting */
    uint16_t port;
    size_t address_next;
    time_us until_us;
    int64_t tried_us;   /* the share of the time that the current address gets */
    struct timer timer; /* of the current address; or, when none is left, what tells of the failure */
    bool failed;
    struct buf reasons;
};

struct loop_socket {
    enum watched watched;
    struct loop *loop;
    int descriptor; /* -1: closed, or no address is being tried */
    struct channel channel;
    struct loop_connecting connecting;
    bool is_served;
    struct served served; /* where is_served */
    bool readable;        /* since the last edge not everything was read */
    bool can_write;       /* reported since it was attached: a connect that was begun has ended */
    bool hung_up;         /* FIN, RST or an error waits to be read */
    bool in_error;        /* RST or an error */
    bool blocked;         /* the last write did not fit */
    bool turn_to_write;   /* channel_writable() is due in the next round */
    bool writes_now;      /* channel_writable() is due in this round */
    bool queued;          /* in loop->ready */
    struct loop_socket *previous;
    struct loop_socket *next;
};

struct socket_queue {
    struct loop_socket **items;
    size_t count;
    size_t capacity;
};

struct loop {
    enum watched watched; /* WATCHED_WAKE */
    int epoll_descriptor;
    int wake_descriptor; /* an eventfd */
    int64_t start_us;    /* of the monotonic clock */
    bool skips_waits;
    int64_t skipped_us; /* added to what the clock says */
    bool stopped;
    struct timers timers;
    time_us looked_us; /* when the last look at the descriptors began */
    uint8_t *read_buffer;
    struct socket_queue ready; /* sockets that get a turn in the next round */
    struct socket_queue turn;  /* those of the current round */
    struct loop_socket *sockets;
    struct loop_listener *listeners;
    struct loop_client *clients;
    struct loop_client *done_clients; /* to be freed at the end of the round */
};

/* loop.c */
bool loop_watch(struct loop *loop, int descriptor, uint32_t events, void *watched);
void loop_enqueue(struct loop_socket *socket);

/* loop_socket.c */
struct loop_socket *loop_socket_new(struct loop *loop);
/* Unlinks and frees; what is open is closed by RST. */
void loop_socket_free(struct loop_socket *socket);
/* Watches DESCRIPTOR, which becomes the socket's; false with errno set (and DESCRIPTOR closed). */
bool loop_socket_attach(struct loop_socket *socket, int descriptor);
void loop_socket_mark(struct loop_socket *socket, uint32_t events);
void loop_socket_read_turn(struct loop_socket *socket);
void loop_socket_write_turn(struct loop_socket *socket);
/* True when nothing is on its way from it: all that was sent has reached the other end, and it is not connecting. */
bool loop_socket_is_still(const struct loop_socket *socket);
/* True when it should get a turn in the next round too. */
bool loop_socket_is_ready(const struct loop_socket *socket);

/* loop_connect.c */
extern const struct client_carrier_ops loop_carrier_ops;
/* The descriptor became writable or failed. */
void loop_connect_turn(struct loop_socket *socket);
void loop_connect_stop(struct loop_socket *socket);

/* loop_listen.c */
void loop_listener_mark(struct loop_listener *listener);
/* Accepts what waits, if anything does. */
void loop_listener_turn(struct loop_listener *listener);
void loop_listener_free(struct loop_listener *listener);

#endif
