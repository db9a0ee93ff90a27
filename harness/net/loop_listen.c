#include "net/loop_internal.h"

#include "base/check.h"
#include "base/memory.h"
#include "net/socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ACCEPTED_PER_ROUND = 64 };

/* When there are no descriptors left, listening pauses: epoll would report the waiting connection for ever. */
#define ACCEPT_RETRY_US (100 * US_PER_MS)

static struct tls_filter *listener_tls(const void *context, enum tls_version version_max)
{
    return tls_server_new(context, version_max);
}

static void listener_set_events(struct loop_listener *listener, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = listener};

    (void)epoll_ctl(listener->loop->epoll_descriptor, EPOLL_CTL_MOD, listener->descriptor, &event);
}

static void listener_retry(void *context)
{
    listener_set_events(context, EPOLLIN);
}

bool loop_listen(struct loop *loop, const struct listening *listening, struct error *error,
                 uint16_t *ret_port)
{
    uint16_t port = 0;
    char text[ADDRESS_TEXT_SIZE];

    CHECK(!listening->implicit_tls || listening->tls != NULL);
    int descriptor = socket_listen(&listening->address, listening->port, &port);
    struct loop_listener *listener = memory_new(sizeof(*listener));

    *listener = (struct loop_listener){
        .watched = WATCHED_LISTENER, .loop = loop, .descriptor = descriptor, .listening = *listening};
    timer_init(&listener->retry, listener_retry, listener);
    if (descriptor < 0 || !loop_watch(loop, descriptor, EPOLLIN, listener)) {
        address_format(&listening->address, listening->port, text);
        error_set(error, ERROR_HOST, "%s%s cannot be listened on: %s", text,
                  listening->port == 0 ? " (any port)" : "", socket_trouble(errno));
        loop_listener_free(listener);
        return false;
    }
    listener->next = loop->listeners;
    loop->listeners = listener;
    if (ret_port != NULL)
        *ret_port = port;
    return true;
}

void loop_listener_free(struct loop_listener *listener)
{
    timer_off(&listener->loop->timers, &listener->retry);
    if (listener->descriptor >= 0)
        close(listener->descriptor);
    free(listener);
}

static void serve(struct loop_listener *listener, int descriptor)
{
    const struct listening *listening = &listener->listening;
    struct loop_socket *socket = loop_socket_new(listener->loop);
    struct served_by by = {
        .ops = listening->ops,
        .server = listening->server,
        .tls = listening->tls != NULL ? listener_tls : NULL,
        .tls_context = listening->tls,
    };

    if (!loop_socket_attach(socket, descriptor)) {
        loop_socket_free(socket);
        return;
    }
    socket->is_served = true;
    served_init(&socket->served, &by, &socket->channel, listening->implicit_tls);
}

void loop_listener_mark(struct loop_listener *listener)
{
    listener->knocked = true;
}

void loop_listener_turn(struct loop_listener *listener)
{
    if (!listener->knocked)
        return;
    listener->knocked = false;
    for (int i = 0; i < ACCEPTED_PER_ROUND; i++) {
        int descriptor = socket_accept(listener->descriptor);

        if (descriptor >= 0) {
            serve(listener, descriptor);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            struct timers *timers = &listener->loop->timers;

            listener_set_events(listener, 0);
            timer_set(timers, &listener->retry, time_after(timers->now_us, ACCEPT_RETRY_US));
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}
