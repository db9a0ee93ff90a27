/*
 * TLS as a filter without sockets: it is fed what came from the wire and gives plain octets, is given plain octets and
 * gives what goes to the wire. struct tls_filter has two makers: OpenSSL over memory BIOs, and the null twin for
 * memory, which keeps TLS's steps (hello, records, close_notify) and enciphers nothing.
 *
 * A filter serves one connection; a struct tls_context serves all connections of a target, from any thread, and
 * outlives their filters.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/tls_version.h"

enum tls_state {
    TLS_HANDSHAKE,
    TLS_OPEN,
    TLS_CLOSED,    /* the other side said close_notify; we may still write */
    TLS_TRUNCATED, /* the wire ended without close_notify */
    TLS_FAILED,    /* tls_reason() says why; nothing more comes of it but an alert to be sent */
};

/* Plain octets that fit one record (RFC 8446 section 5.1); tls_write takes no more at once. */
enum { TLS_RECORD_OCTETS_MAX = 16384 };

struct tls_filter;
struct tls_context;

/* ---- contexts ---- */

struct tls_client_settings {
    const char *ca_file;          /* PEM; NULL: the system's store */
    bool unverified;              /* any certificate will do; whoever sets it says so aloud */
    bool described;               /* tls_reason() of an open filter tells of the server's certificate too */
    const char *certificate_file; /* PEM, with the chain; NULL: no client certificate */
    const char *key_file;         /* PEM; NULL: it is in certificate_file */
    enum tls_version version_min; /* ANY: 1.2, as RFC 8314 section 4.1 demands */
    enum tls_version version_max;
};

struct tls_server_settings {
    const char *certificate_file; /* PEM, with the chain; NULL: a self-signed pair for localhost is made */
    const char *key_file;         /* PEM; NULL: it is in certificate_file */
    bool expired;                 /* the self-signed pair ran out yesterday, for tests */
    enum tls_version version_min;
    enum tls_version version_max;
};

/* NULL, with ERROR filled in, when a file cannot be read or does not fit. The caller frees with tls_context_free. */
MUST_USE struct tls_context *tls_context_client(const struct tls_client_settings *settings,
                                                struct error *error);
MUST_USE struct tls_context *tls_context_server(const struct tls_server_settings *settings,
                                                struct error *error);
/* NULL is allowed. */
void tls_context_free(struct tls_context *context);

/* Writes a server context's own certificate as PEM, so that the file can be a client's ca_file. */
MUST_USE bool tls_context_write_certificate(const struct tls_context *context, const char *path,
                                            struct error *error);

/* ---- makers of filters; each is freed with tls_free ---- */

/*
 * HOST is the name or numeric address that the certificate is checked against; names are sent as SNI too. VERSION alone is
 * offered, or what CONTEXT says (ANY).
 */
struct tls_filter *tls_client_new(const struct tls_context *context, const char *host,
                                  enum tls_version version);
/* VERSION_MAX is the highest that is spoken, or what CONTEXT says (ANY). Below 1.2, whatever was forbidden since is allowed. */
struct tls_filter *tls_server_new(const struct tls_context *context, enum tls_version version_max);
/* VERSION alone is offered; ANY: 1.2 and 1.3. */
struct tls_filter *tls_null_client_new(enum tls_version version);
/* VERSION_MAX is the highest that is spoken, below 1.2 with all that came before; ANY: 1.2 and 1.3. */
struct tls_filter *tls_null_server_new(enum tls_version version_max);
/* NULL is allowed. */
void tls_free(struct tls_filter *filter);

/* ---- the filter ---- */

enum tls_state tls_state(const struct tls_filter *filter);
/*
 * True for a client's filter that FAILED since the server speaks neither TLS 1.2 nor 1.3, both of which were offered: its
 * alert says so, or its hello names an older one. Whatever else may be wrong, with the client or between the two, is none of it.
 */
bool tls_versions_refused(const struct tls_filter *filter);
/* FAILED: a sentence that says why. Otherwise version and cipher once they are known, or "". Lives as long as FILTER. */
const char *tls_reason(const struct tls_filter *filter);

/* Octets that came from the wire; drain tls_read() and tls_output() after it. */
void tls_feed(struct tls_filter *filter, struct bytes cipher);
/* The wire ended (FIN), or, with RESET, broke. Call after the last tls_read(). */
void tls_feed_end(struct tls_filter *filter, bool reset);
/* Plain octets into BUFFER, at most SIZE; 0 when there are none now. */
size_t tls_read(struct tls_filter *filter, uint8_t *buffer, size_t size);

/* Enciphers PLAIN, at most TLS_RECORD_OCTETS_MAX, as one record; nothing in HANDSHAKE, FAILED or after tls_close. */
void tls_write(struct tls_filter *filter, struct bytes plain);
/* Says close_notify, once; nothing in HANDSHAKE or FAILED. Reading goes on. */
void tls_close(struct tls_filter *filter);

/* What is to go to the wire; valid until the next call of any other function here. */
struct bytes tls_output(const struct tls_filter *filter);
/* The first COUNT octets of tls_output() have left. */
void tls_sent(struct tls_filter *filter, size_t count);

#endif
