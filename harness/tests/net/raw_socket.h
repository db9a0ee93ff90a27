/* Sockets of a test's own, for ends that do not behave. */
#ifndef TESTS_NET_RAW_SOCKET_H
#define TESTS_NET_RAW_SOCKET_H

#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* A socket of the test's own, for servers that do not behave; bound to a free port of 127.0.0.1. */
static inline int raw_socket(uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&at, &size), 0);
    *ret_port = ntohs(at.sin_port);
    return descriptor;
}

static inline int raw_connect(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(descriptor >= 0);
    (void)connect(descriptor, (const struct sockaddr *)&to, sizeof(to));
    return descriptor;
}

#endif
