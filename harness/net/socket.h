/*
 * TCP sockets, non-blocking, as the loop needs them: every system call on a descriptor is in socket.c. For use within
 * net/ only. Failing functions leave errno set; socket_trouble() makes words of it.
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/address.h"

#include <sys/socket.h>

enum socket_progress {
    SOCKET_CONNECTED,
    SOCKET_CONNECTING, /* will become writable, then socket_connect_result() tells */
    SOCKET_FAILED,
};

enum socket_read_kind {
    SOCKET_READ_BYTES,
    SOCKET_READ_LATER, /* nothing there now */
    SOCKET_READ_END,
    SOCKET_READ_RESET,
};

struct socket_read {
    enum socket_read_kind kind;
    size_t size; /* octets, of SOCKET_READ_BYTES */
};

/* False for families other than IPv4 and IPv6; RET_PORT may be NULL. */
bool socket_address_read(const struct sockaddr *from, struct address *ret_address, uint16_t *ret_port);

/* Begins to connect FROM (NULL: any) to ADDRESS. A descriptor that the caller closes, or -1 with SOCKET_FAILED. */
int socket_connect(const struct address *address, uint16_t port, const struct address *from,
                   enum socket_progress *ret_progress);
/* 0 when the connection that was begun stands, or the errno that ended it. */
int socket_connect_result(int descriptor);

/* A listening descriptor, or -1; PORT 0 takes a free one. */
int socket_listen(const struct address *address, uint16_t port, uint16_t *ret_port);
/* The next connection, or -1 (errno is EAGAIN when there is none). */
int socket_accept(int listener);

struct socket_read socket_read(int descriptor, uint8_t *buffer, size_t size);
/* Octets taken, 0 when none fits now, -1 when the connection is broken. One call is one send(). */
ptrdiff_t socket_write(int descriptor, const uint8_t *data, size_t size);
/* True when the other end has acknowledged all that was sent, FIN too. What came from there is acknowledged at once. */
bool socket_has_arrived(int descriptor);
void socket_finish(int descriptor);
/* Closes; with RESET by RST, and what was not sent yet is lost. */
void socket_close(int descriptor, bool reset);

/* "connection refused" and the like, in lower case. */
const char *socket_trouble(int error_number);

#endif
