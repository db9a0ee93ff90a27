/*
 * What a client says to prove who it is: the APOP digest (RFC 1939 section 7) and the messages of SASL mechanisms
 * (RFC 5034), before base 64. No state between steps, so a mechanism that needs a nonce of ours is not among them.
 */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H

#include "base/attributes.h"
#include "base/buf.h"

/* Appends the digest of TIMESTAMP and SECRET in lower-case hexadecimal; false when the host refuses MD5. */
MUST_USE bool sasl_apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text);

/*
 * Appends the client's message number STEP (from 0) of MECHANISM: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), XOAUTH2
 * (PASS is the token). CHALLENGE is the server's last, decoded; empty when the client speaks first. False, with nothing
 * appended, for an unknown mechanism and for a step that it does not have.
 */
MUST_USE bool sasl_client_step(const char *mechanism, int step, const char *user, const char *pass,
                               struct bytes challenge, struct buf *ret_text);

/* True when MECHANISM's client speaks first, so that an initial response can be sent (RFC 5034 section 4). */
bool sasl_client_first(const char *mechanism);

#endif
