/*
 * The server's side of DIGEST-MD5 (RFC 2831) for qop "auth": messages in, messages out, before base 64. The digest and the nonce are
 * handed in, so that the RFCs' examples come out word for word.
 */
#ifndef REFSERVER_DIGEST_MD5_H
#define REFSERVER_DIGEST_MD5_H

#include "base/attributes.h"
#include "base/buf.h"
#include "refserver/refserver.h"

/* The directives of a client's answer that the server looks at (section 2.1.2). */
enum digest_md5_directive {
    DIGEST_MD5_USERNAME,
    DIGEST_MD5_REALM,
    DIGEST_MD5_NONCE,
    DIGEST_MD5_CNONCE,
    DIGEST_MD5_NC,
    DIGEST_MD5_QOP,
    DIGEST_MD5_DIGEST_URI,
    DIGEST_MD5_RESPONSE,
    DIGEST_MD5_CHARSET,
    DIGEST_MD5_AUTHZID,
    DIGEST_MD5_DIRECTIVE_COUNT
};

/* A client's answer: what stands behind each directive, without the quotes. */
struct digest_md5_answer {
    struct buf values[DIGEST_MD5_DIRECTIVE_COUNT];
    bool given[DIGEST_MD5_DIRECTIVE_COUNT];
};

/* What the server said, and who it is. */
struct digest_md5_terms {
    struct bytes realm;
    struct bytes nonce;
    struct bytes service; /* "pop" (RFC 5034 section 4) */
};

enum { DIGEST_MD5_VALUE_OCTETS = 2 * REFSERVER_DIGEST_OCTETS };

void digest_md5_answer_init(struct digest_md5_answer *answer);
void digest_md5_answer_release(struct digest_md5_answer *answer);
struct bytes digest_md5_value(const struct digest_md5_answer *answer, enum digest_md5_directive directive);

/* Appends the challenge: a realm, a nonce, and what the server can do (section 2.1.1). */
void digest_md5_make_challenge(const struct digest_md5_terms *terms, struct buf *ret_message);
/* Reads the client's answer, of any content; false when it is not of the form. */
MUST_USE bool digest_md5_take_answer(struct digest_md5_answer *answer, struct bytes message);
/* Appends the proof that ANSWER should have as its response, of somebody who knows PASSWORD (section 2.1.2.1). */
void digest_md5_make_proof(const struct digest_md5_answer *answer, const struct refserver_digests *digests,
                           struct bytes password, struct buf *ret_proof);
/* True when ANSWER answers these TERMS by somebody who knows PASSWORD. */
MUST_USE bool digest_md5_is_right(const struct digest_md5_answer *answer,
                                  const struct digest_md5_terms *terms,
                                  const struct refserver_digests *digests, struct bytes password);
/* Appends what proves to the client that the server knows PASSWORD too (section 2.1.3). */
void digest_md5_make_final(const struct digest_md5_answer *answer, const struct refserver_digests *digests,
                           struct bytes password, struct buf *ret_message);

#endif
