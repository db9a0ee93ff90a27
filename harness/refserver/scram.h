/*
 * The server's side of SCRAM (RFC 5802, RFC 7677) without channel binding: messages in, messages out, before base 64. The
 * digests, the nonce and the salt are handed in, so that the RFCs' examples come out word for word.
 */
#ifndef REFSERVER_SCRAM_H
#define REFSERVER_SCRAM_H

#include "base/attributes.h"
#include "base/buf.h"
#include "refserver/refserver.h"

enum {
    SCRAM_ITERATIONS = 4096, /* RFC 5802 section 5.1 and RFC 7677 section 4: at least so many */
    SCRAM_SALT_OCTETS = 12,
};

/* What a server keeps instead of the password (RFC 5802 section 3). */
struct scram_secret {
    uint8_t stored_key[REFSERVER_SCRAM_OCTETS_MAX];
    uint8_t server_key[REFSERVER_SCRAM_OCTETS_MAX];
};

void scram_secret_make(const struct refserver_scram_digest *digest, struct bytes password, struct bytes salt,
                       uint32_t iterations, struct scram_secret *ret_secret);

/* One exchange. */
struct scram {
    struct buf name;     /* of the user, decoded */
    struct buf identity; /* whom to act for, decoded; empty: the user */
    struct buf header;   /* GS2's, which comes again in the last message */
    struct buf nonce;    /* the client's, later with the server's behind it */
    struct buf messages; /* what is signed: AuthMessage */
};

void scram_init(struct scram *scram);
void scram_release(struct scram *scram);
/* Makes SCRAM ready for another exchange. */
void scram_clear(struct scram *scram);

/* Reads the client's first message; false when it is not of the form, or asks for channel binding. */
MUST_USE bool scram_take_first(struct scram *scram, struct bytes message);
/* Appends the server's first message, with NONCE behind the client's. */
void scram_make_first(struct scram *scram, struct bytes nonce, struct bytes salt, uint32_t iterations,
                      struct buf *ret_message);
/* True when MESSAGE, the client's last, proves that it knows the password behind SECRET. */
MUST_USE bool scram_take_final(struct scram *scram, const struct refserver_scram_digest *digest,
                               const struct scram_secret *secret, struct bytes message);
/* Appends the server's last message: its signature. Behind scram_take_final(). */
void scram_make_final(const struct scram *scram, const struct refserver_scram_digest *digest,
                      const struct scram_secret *secret, struct buf *ret_message);

#endif
