#include "net/socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024 };

static socklen_t socket_address_write(const struct address *address, uint16_t port,
                                      struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){0};
    if (address->is_ipv6) {
        struct sockaddr_in6 to = {
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = address->scope};

        memcpy(&to.sin6_addr, address->octets, sizeof(to.sin6_addr));
        memcpy(ret, &to, sizeof(to));
        return sizeof(to);
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

    memcpy(&to.sin_addr, address->octets, sizeof(to.sin_addr));
    memcpy(ret, &to, sizeof(to));
    return sizeof(to);
}

bool socket_address_read(const struct sockaddr *from, struct address *ret_address, uint16_t *ret_port)
{
    struct address address = {.is_ipv6 = from->sa_family == AF_INET6};
    uint16_t port = 0;

    if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 known;

        memcpy(&known, from, sizeof(known));
        memcpy(address.octets, &known.sin6_addr, 16);
        address.scope = known.sin6_scope_id;
        port = ntohs(known.sin6_port);
    } else if (from->sa_family == AF_INET) {
        struct sockaddr_in known;

        memcpy(&known, from, sizeof(known));
        memcpy(address.octets, &known.sin_addr, 4);
        port = ntohs(known.sin_port);
    } else {
        return false;
    }
    *ret_address = address;
    if (ret_port != NULL)
        *ret_port = port;
    return true;
}

static void set_flag(int descriptor, int level, int option)
{
    int on = 1;

    /* Options that cannot be set cost speed or exactness of cuts only; the connection serves without them. */
    (void)setsockopt(descriptor, level, option, &on, sizeof(on));
}

static int socket_new(const struct address *address)
{
    int family = address->is_ipv6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor >= 0)
        set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY);
    return descriptor;
}

static int close_keeping_errno(int descriptor)
{
    int saved = errno;

    close(descriptor);
    errno = saved;
    return -1;
}

int socket_connect(const struct address *address, uint16_t port, const struct address *from,
                   enum socket_progress *ret_progress)
{
    struct sockaddr_storage to;
    int descriptor = socket_new(address);

    *ret_progress = SOCKET_FAILED;
    if (descriptor < 0)
        return -1;
    if (from != NULL) {
        socklen_t from_size = socket_address_write(from, 0, &to);

        if (bind(descriptor, (const struct sockaddr *)&to, from_size) != 0)
            return close_keeping_errno(descriptor);
    }
    socklen_t size = socket_address_write(address, port, &to);

    if (connect(descriptor, (const struct sockaddr *)&to, size) == 0)
        *ret_progress = SOCKET_CONNECTED;
    else if (errno == EINPROGRESS || errno == EINTR)
        *ret_progress = SOCKET_CONNECTING;
    else
        return close_keeping_errno(descriptor);
    return descriptor;
}

int socket_connect_result(int descriptor)
{
    int result = 0;
    socklen_t size = sizeof(result);

    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &result, &size) == 0 ? result : errno;
}

int socket_listen(const struct address *address, uint16_t port, uint16_t *ret_port)
{
    struct sockaddr_storage at;
    struct address bound;
    int descriptor = socket_new(address);

    if (descriptor < 0)
        return -1;
    set_flag(descriptor, SOL_SOCKET, SO_REUSEADDR);
    if (address->is_ipv6)
        set_flag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
    socklen_t size = socket_address_write(address, port, &at);

    if (bind(descriptor, (const struct sockaddr *)&at, size) != 0 || listen(descriptor, LISTEN_BACKLOG) != 0)
        return close_keeping_errno(descriptor);
    size = sizeof(at);
    if (getsockname(descriptor, (struct sockaddr *)&at, &size) != 0 ||
        !socket_address_read((const struct sockaddr *)&at, &bound, ret_port))
        return close_keeping_errno(descriptor);
    return descriptor;
}

int socket_accept(int listener)
{
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (descriptor >= 0)
        set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY);
    return descriptor;
}

struct socket_read socket_read(int descriptor, uint8_t *buffer, size_t size)
{
    ssize_t count;

    do
        count = recv(descriptor, buffer, size, 0);
    while (count < 0 && errno == EINTR);
    if (count > 0)
        return (struct socket_read){.kind = SOCKET_READ_BYTES, .size = (size_t)count};
    if (count == 0)
        return (struct socket_read){.kind = SOCKET_READ_END};
    if (errno == EAGAIN)
        return (struct socket_read){.kind = SOCKET_READ_LATER};
    return (struct socket_read){.kind = SOCKET_READ_RESET};
}

ptrdiff_t socket_write(int descriptor, const uint8_t *data, size_t size)
{
    ssize_t count;

    do
        count = send(descriptor, data, size, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count >= 0)
        return count;
    return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
}

bool socket_has_arrived(int descriptor)
{
    int waiting_octets = 0;

    /* Otherwise an acknowledgement may be held back for 40 ms, in the hope of something to go with it. */
    set_flag(descriptor, IPPROTO_TCP, TCP_QUICKACK);
    return ioctl(descriptor, SIOCOUTQ, &waiting_octets) != 0 || waiting_octets == 0;
}

void socket_finish(int descriptor)
{
    (void)shutdown(descriptor, SHUT_WR);
}

void socket_close(int descriptor, bool reset)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (reset)
        (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(descriptor);
}

const char *socket_trouble(int error_number)
{
    switch (error_number) {
    case ECONNREFUSED:
        return "connection refused";
    case ETIMEDOUT:
        return "timed out";
    case ENETUNREACH:
        return "network unreachable";
    case EHOSTUNREACH:
        return "host unreachable";
    case ECONNRESET:
        return "connection reset";
    case EADDRNOTAVAIL:
        return "the address is not one of this machine's, or no port is free";
    case EADDRINUSE:
        return "the address is in use";
    case EACCES:
    case EPERM:
        return "not permitted";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case EAFNOSUPPORT:
        return "the source address is of another family, or this machine lacks the family";
    default:
        return strerrordesc_np(error_number) != NULL ? strerrordesc_np(error_number) : "unknown trouble";
    }
}
