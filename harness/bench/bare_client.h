/*
 * The least that a client can do: a blocking socket, with OpenSSL on it or not, and a look at where a reply ends. What
 * pop3spec's own path costs is said beside this.
 */
#ifndef BENCH_BARE_CLIENT_H
#define BENCH_BARE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

struct bare_client {
    int descriptor;
    SSL_CTX *context; /* NULL: plain */
    SSL *tls;
    uint64_t octets; /* received so far */
};

/* Connects to 127.0.0.1 and reads the greeting. False when anything goes wrong; bare_close() is due all the same. */
bool bare_open(struct bare_client *client, uint16_t port, bool tls);
/* Sends LINE (its CRLF included), and reads until the last octets are a line end. */
bool bare_exchange(struct bare_client *client, const char *line);
/* The same for a reply of many lines: until the last octets are its terminator. */
bool bare_exchange_multi(struct bare_client *client, const char *line);
/* Reads until the server closes. */
bool bare_await_end(struct bare_client *client);
void bare_close(struct bare_client *client);

#endif
