/*
 * A POP3 server in a process of its own that knows one message, prepared beforehand, and sends it as fast as loopback
 * takes it: whoever fetches it is the slower side.
 */
#ifndef BENCH_STREAM_SERVER_H
#define BENCH_STREAM_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stream_server {
    pid_t process;
    uint16_t port;
    uint16_t tls_port; /* implicit TLS, with a self-signed certificate */
};

/* Any name and password log in; message 1 has MESSAGE_OCTETS on the wire, rounded up to the octets of one write. */
bool stream_server_start(uint64_t message_octets, struct stream_server *ret_server);
void stream_server_stop(const struct stream_server *server);

#endif
