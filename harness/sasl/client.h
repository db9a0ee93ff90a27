/*
 * What a client says to prove who it is: the APOP digest (RFC 1939 section 7), and SASL's mechanisms as exchanges (RFC
 * 5034) in messages before base 64. CRAM-MD5, SCRAM and DIGEST-MD5 are GNU SASL's, the others plain text.
 */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H

#include "base/attributes.h"
#include "base/buf.h"
#include "pop3/login.h"

/* Appends the digest of TIMESTAMP and SECRET in lower-case hexadecimal; false when the host refuses MD5. */
MUST_USE bool sasl_apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text);

/* Who logs in, and where. The texts must outlive the client. */
struct sasl_identity {
    const char *user;
    const char *pass;
    const char *token; /* for XOAUTH2 and OAUTHBEARER; NULL if there is none */
    const char *host;  /* of the server, which DIGEST-MD5 and OAUTHBEARER name */
    uint16_t port;
};

/* One exchange. */
struct sasl_client;

/* NULL when METHOD is not AUTH, or IDENTITY lacks the secret for it. Freed by sasl_client_free(). */
struct sasl_client *sasl_client_new(enum login_method method, const struct sasl_identity *identity);
void sasl_client_free(struct sasl_client *client);

/*
 * Answers CHALLENGE, the server's last message, decoded; the empty one, or none, where the client speaks first. Appends
 * the client's next message, which may be empty, under GOES_ON and COMPLETE. SERVER_FALSE says that the server's
 * proof is not that of somebody who knows the secret (RFC 5802 section 5, RFC 2831 section 2.1.3): a client must take
 * the exchange for failed. STUCK also when RET_MESSAGE is too small.
 */
MUST_USE enum sasl_progress sasl_client_step(struct sasl_client *client, struct bytes challenge,
                                             struct buf *ret_message);

#endif
