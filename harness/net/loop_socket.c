#include "net/loop_internal.h"

#include "base/memory.h"
#include "net/socket.h"

#include <errno.h>
#include <sys/epoll.h>

static ptrdiff_t wire_write(void *wire, struct bytes bytes)
{
    struct loop_socket *socket = wire;

    if (socket->blocked || socket->descriptor < 0)
        return 0;
    ptrdiff_t count = socket_write(socket->descriptor, bytes.data, bytes.size);

    socket->blocked = count == 0;
    if (count < 0) {
        socket->hung_up = true;
        loop_enqueue(socket);
    }
    return count;
}

static void wire_finish(void *wire)
{
    struct loop_socket *socket = wire;

    if (socket->descriptor >= 0)
        socket_finish(socket->descriptor);
}

/* Closing the descriptor takes it out of the epoll set too. The socket is freed when its turn comes. */
static void wire_close(void *wire, bool reset)
{
    struct loop_socket *socket = wire;

    loop_connect_stop(socket);
    if (socket->descriptor >= 0)
        socket_close(socket->descriptor, reset);
    socket->descriptor = -1;
    loop_enqueue(socket);
}

static void wire_again(void *wire)
{
    struct loop_socket *socket = wire;

    socket->turn_to_write = true;
    loop_enqueue(socket);
}

static const struct wire_ops socket_wire_ops = {
    .write = wire_write,
    .finish = wire_finish,
    .close = wire_close,
    .again = wire_again,
};

struct loop_socket *loop_socket_new(struct loop *loop)
{
    struct loop_socket *socket = memory_new(sizeof(*socket));

    socket->watched = WATCHED_SOCKET;
    socket->loop = loop;
    socket->descriptor = -1;
    channel_init(&socket->channel, &socket_wire_ops, socket, &loop->timers);
    socket->next = loop->sockets;
    if (socket->next != NULL)
        socket->next->previous = socket;
    loop->sockets = socket;
    return socket;
}

void loop_socket_free(struct loop_socket *socket)
{
    if (socket->is_served)
        served_release(&socket->served);
    loop_connect_stop(socket);
    channel_release(&socket->channel);
    if (socket->descriptor >= 0)
        socket_close(socket->descriptor, true);
    if (socket->previous != NULL)
        socket->previous->next = socket->next;
    else
        socket->loop->sockets = socket->next;
    if (socket->next != NULL)
        socket->next->previous = socket->previous;
    free(socket);
}

bool loop_socket_attach(struct loop_socket *socket, int descriptor)
{
    /* Edge-triggered, all events for good: whoever is busy needs no further system call to say so. */
    if (!loop_watch(socket->loop, descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, socket)) {
        int saved = errno;

        socket_close(descriptor, true);
        errno = saved;
        return false;
    }
    socket->descriptor = descriptor;
    socket->readable = socket->can_write = socket->hung_up = socket->in_error = socket->blocked = false;
    return true;
}

void loop_socket_mark(struct loop_socket *socket, uint32_t events)
{
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        socket->readable = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        socket->hung_up = true;
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
        socket->can_write = true;
    if ((events & EPOLLERR) != 0)
        socket->in_error = true;
    if (socket->blocked && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        socket->blocked = false;
        socket->turn_to_write = true;
    }
    loop_enqueue(socket);
}

/* The connection is broken, and reading can or may tell no more of it. */
static bool is_lost(const struct loop_socket *socket)
{
    const struct channel *channel = &socket->channel;

    if (channel_wants_read(channel))
        return channel->broken && !socket->readable;
    return socket->in_error || channel->broken;
}

void loop_socket_read_turn(struct loop_socket *socket)
{
    struct loop *loop = socket->loop;

    if (socket->connecting.endpoint != NULL)
        loop_connect_turn(socket);
    if (socket->descriptor < 0 || socket->connecting.endpoint != NULL)
        return;
    if (channel_wants_read(&socket->channel) && (socket->readable || socket->hung_up)) {
        struct socket_read got = socket_read(socket->descriptor, loop->read_buffer, LOOP_READ_OCTETS);

        switch (got.kind) {
        case SOCKET_READ_BYTES:
            socket->readable = socket->hung_up || got.size == LOOP_READ_OCTETS;
            channel_receive(&socket->channel, bytes_make(loop->read_buffer, got.size));
            return;
        case SOCKET_READ_LATER:
            socket->readable = false;
            socket->hung_up = false;
            break;
        case SOCKET_READ_END:
            socket->readable = false;
            channel_receive_end(&socket->channel);
            return;
        case SOCKET_READ_RESET:
            socket->readable = false;
            channel_receive_reset(&socket->channel);
            return;
        }
    }
    if (is_lost(socket)) {
        socket->in_error = false;
        channel_receive_reset(&socket->channel);
    }
}

void loop_socket_write_turn(struct loop_socket *socket)
{
    if (socket->descriptor >= 0 && socket->writes_now)
        channel_writable(&socket->channel);
    socket->writes_now = false;
}

bool loop_socket_is_still(const struct loop_socket *socket)
{
    return socket->descriptor < 0 ||
           (socket->connecting.endpoint == NULL && socket_has_arrived(socket->descriptor));
}

bool loop_socket_is_ready(const struct loop_socket *socket)
{
    if (socket->descriptor < 0 || socket->connecting.endpoint != NULL)
        return false;
    if (socket->turn_to_write)
        return true;
    if (channel_wants_read(&socket->channel))
        return socket->readable || socket->hung_up;
    return socket->in_error; /* RST that was there already when FIN was read */
}
