/* What the makers of filters share: the base of a filter and its operations. Within net/tls*.c only. */
#ifndef NET_TLS_FILTER_H
#define NET_TLS_FILTER_H

#include "base/buf.h"
#include "net/tls.h"

#include <openssl/ssl.h>

struct tls_filter_ops {
    void (*feed)(struct tls_filter *filter, struct bytes cipher);
    size_t (*read)(struct tls_filter *filter, uint8_t *buffer, size_t size);
    void (*write)(struct tls_filter *filter, struct bytes plain);
    void (*close)(struct tls_filter *filter);
    void (*free)(struct tls_filter *filter);
};

/* The first member of both kinds of filter. */
struct tls_filter {
    const struct tls_filter_ops *ops;
    bool server;
    bool heard; /* something came from the wire */
    bool close_said;
    bool versions_refused;
    enum tls_state state;
    struct buf output; /* to the wire */
    struct buf reason;
};

struct tls_context {
    SSL_CTX *openssl;
    bool verified;  /* client: certificates and host names are checked */
    bool described; /* client: the reason tells of the server's certificate */
};

void tls_filter_init(struct tls_filter *filter, const struct tls_filter_ops *ops, bool server);
/* "the server" or "the client": whom FILTER talks to. */
const char *tls_other_side(const struct tls_filter *filter);
/* FAILED, with a sentence as the reason. */
void tls_fail(struct tls_filter *filter, const char *format, ...) PRINTF_LIKE(2, 3);

/* tls_reason.c: the sentence for what OpenSSL's queue of errors and the verification say; empties the queue. */
void tls_fail_from_openssl(struct tls_filter *filter, SSL *connection);
/* The newest entry of the queue as text, for errors about files; empties the queue. */
const char *tls_openssl_text(void);

/* tls_describe.c: appends ", certificate of SUBJECT, by ISSUER, valid until DATE", or that there is none. */
void tls_describe_certificate(SSL *connection, struct buf *text);

/* tls_certificate.c: puts a fresh self-signed pair for localhost into CONTEXT. */
MUST_USE bool tls_certificate_make(SSL_CTX *context, bool expired);

/* OpenSSL's number of VERSION; 0 for ANY. */
int tls_protocol_number(enum tls_version version);

#endif
