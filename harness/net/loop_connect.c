#include "net/loop_internal.h"

#include "net/socket.h"

#include <errno.h>

enum { REASONS_OCTETS_MAX = 1024 };

static void connect_next(struct loop_socket *socket);

/* Notes what became of the address that was tried last. */
static void note(struct loop_connecting *connecting, const char *what)
{
    char text[ADDRESS_TEXT_SIZE];
    const struct address *address = &connecting->endpoint->addresses.items[connecting->address_next - 1];

    address_format(address, connecting->port, text);
    buf_append_format(&connecting->reasons, "%s%s: %s", connecting->reasons.size > 0 ? "; " : "", text, what);
}

static void drop_descriptor(struct loop_socket *socket)
{
    if (socket->descriptor >= 0)
        socket_close(socket->descriptor, true);
    socket->descriptor = -1;
}

void loop_connect_stop(struct loop_socket *socket)
{
    if (socket->connecting.endpoint == NULL)
        return;
    socket->connecting.endpoint = NULL;
    timer_off(&socket->loop->timers, &socket->connecting.timer);
    buf_release(&socket->connecting.reasons);
}

/* The failure is told by the timer, because opening must not answer from within the ask. */
static void fail(struct loop_socket *socket)
{
    if (socket->connecting.reasons.size == 0)
        buf_append_text(&socket->connecting.reasons, "the target has no address");
    socket->connecting.failed = true;
    timer_set(&socket->loop->timers, &socket->connecting.timer, socket->loop->timers.now_us);
}

static void connecting_time(void *context)
{
    struct loop_socket *socket = context;
    struct loop_connecting *connecting = &socket->connecting;
    char text[64];

    if (connecting->failed) {
        struct buf reasons = connecting->reasons;

        buf_init(&connecting->reasons, REASONS_OCTETS_MAX);
        channel_open_failed(&socket->channel, buf_text(&reasons));
        buf_release(&reasons);
        return;
    }
    snprintf(text, sizeof(text), "timed out after %.3g s", (double)connecting->tried_us / (double)US_PER_S);
    note(connecting, text);
    drop_descriptor(socket);
    connect_next(socket);
}

/* Begins with the next address that can be tried at all. */
static void connect_next(struct loop_socket *socket)
{
    struct loop_connecting *connecting = &socket->connecting;
    const struct endpoint *endpoint = connecting->endpoint;
    struct timers *timers = &socket->loop->timers;

    while (connecting->address_next < endpoint->addresses.count) {
        enum socket_progress progress;
        size_t left = endpoint->addresses.count - connecting->address_next;
        const struct address *address = &endpoint->addresses.items[connecting->address_next++];
        int descriptor = socket_connect(address, connecting->port, endpoint->source, &progress);

        /* Both cases go on when the descriptor is reported to be writable. */
        if (progress != SOCKET_FAILED && loop_socket_attach(socket, descriptor)) {
            connecting->tried_us = (connecting->until_us - timers->now_us) / (int64_t)left;
            timer_set(timers, &connecting->timer, time_after(timers->now_us, connecting->tried_us));
            return;
        }
        note(connecting, socket_trouble(errno));
    }
    fail(socket);
}

void loop_connect_turn(struct loop_socket *socket)
{
    int result = socket->descriptor >= 0 ? socket_connect_result(socket->descriptor) : EINPROGRESS;

    if (result == EINPROGRESS || !socket->can_write)
        return;
    if (result == 0) {
        loop_connect_stop(socket);
        channel_opened(&socket->channel);
        return;
    }
    note(&socket->connecting, socket_trouble(result));
    drop_descriptor(socket);
    connect_next(socket);
}

static struct channel *carrier_open(void *carrier, bool implicit_tls)
{
    struct loop_client *client = carrier;
    struct loop_socket *socket = loop_socket_new(client->loop);
    struct loop_connecting *connecting = &socket->connecting;
    const struct endpoint *endpoint = &client->endpoint;

    *connecting = (struct loop_connecting){
        .endpoint = endpoint,
        .port = implicit_tls ? endpoint->implicit_tls_port : endpoint->port,
        .until_us = time_after(client->loop->timers.now_us, endpoint->connect_timeout_us),
    };
    buf_init(&connecting->reasons, REASONS_OCTETS_MAX);
    timer_init(&connecting->timer, connecting_time, socket);
    if (connecting->port == 0) {
        buf_append_format(&connecting->reasons, "the target has no port for %s",
                          implicit_tls ? "implicit TLS" : "connections without implicit TLS");
        fail(socket);
    } else {
        connect_next(socket);
    }
    return &socket->channel;
}

static struct tls_filter *carrier_tls(void *carrier, enum tls_version version)
{
    const struct endpoint *endpoint = &((const struct loop_client *)carrier)->endpoint;

    return endpoint->tls != NULL ? tls_client_new(endpoint->tls, endpoint->host, version) : NULL;
}

static void carrier_look_at_clock(void *carrier)
{
    struct loop *loop = ((struct loop_client *)carrier)->loop;

    loop->timers.now_us = loop_now(loop);
}

static void carrier_done(void *carrier)
{
    struct loop_client *client = carrier;
    struct loop *loop = client->loop;

    if (client->previous != NULL)
        client->previous->next = client->next;
    else
        loop->clients = client->next;
    if (client->next != NULL)
        client->next->previous = client->previous;
    client->next = loop->done_clients;
    loop->done_clients = client;
}

const struct client_carrier_ops loop_carrier_ops = {
    .open = carrier_open,
    .tls = carrier_tls,
    .look_at_clock = carrier_look_at_clock,
    .done = carrier_done,
};
