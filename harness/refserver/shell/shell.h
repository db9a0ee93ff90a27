/*
 * The reference server behind sockets: listeners on a loop (net/loop.h), TLS, and the digests that its sessions need.
 * `pop3spec serve` and the built-in target over TCP are made of it.
 */
#ifndef REFSERVER_SHELL_SHELL_H
#define REFSERVER_SHELL_SHELL_H

#include "base/attributes.h"
#include "net/loop.h"
#include "refserver/refserver.h"

struct refserver_shell_user {
    const char *name;
    const char *password;
    const char *maildir; /* folder; NULL: the maildrop is in memory */
    const char *token;   /* for XOAUTH2 and OAUTHBEARER; NULL: none */
};

/* Everything is borrowed for the call, but for the policy's own pointers (refserver_set_policy). */
struct refserver_shell_options {
    struct address address;       /* to listen on */
    uint16_t port;                /* 0: a free one */
    bool tls;                     /* STLS, and a second port for implicit TLS */
    uint16_t tls_port;            /* 0: a free one */
    const char *certificate_file; /* PEM; NULL: a self-signed pair for localhost is made */
    const char *key_file;         /* PEM; NULL: it is in certificate_file */
    uint64_t seed;                /* of timestamps and challenges */
    refserver_saslprep *saslprep; /* for names and passwords in UTF-8; NULL: there are none */
    const struct policy *policy;  /* NULL: the default */
    const enum variant *variants; /* applied to the policy in this order */
    size_t variant_count;
    const enum fault *faults; /* switched on */
    size_t fault_count;
    const struct refserver_shell_user *users;
    size_t user_count;
    const struct bytes *messages; /* delivered to each maildrop in memory */
    size_t message_count;
};

struct refserver_shell;

/*
 * Makes a server as OPTIONS say and listens on LOOP from now on. False, with ERROR filled in and nothing left behind
 * but listeners (they go with the loop, which then must not run), when a file, a Maildir or a port cannot be used.
 */
MUST_USE bool refserver_shell_start(struct loop *loop, const struct refserver_shell_options *options,
                                    struct error *error, struct refserver_shell **ret_shell);
/* After loop_free(), for the listeners refer to the server. NULL is allowed. */
void refserver_shell_free(struct refserver_shell *shell);

uint16_t refserver_shell_port(const struct refserver_shell *shell);
/* 0 without TLS. */
uint16_t refserver_shell_tls_port(const struct refserver_shell *shell);
struct refserver *refserver_shell_server(struct refserver_shell *shell);
/* Writes the server's certificate as PEM, to be a client's file of authorities. False without TLS too. */
MUST_USE bool refserver_shell_write_certificate(const struct refserver_shell *shell, const char *path,
                                                struct error *error);

/* MD5 and HMAC-MD5 of this host's library, or NULL where it refuses MD5. */
const struct refserver_digests *refserver_shell_digests(void);

#endif
