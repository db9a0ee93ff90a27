/* SCRAM-SHA-1 and SCRAM-SHA-256 over AUTH (RFC 5802, RFC 7677); scram.c makes and reads the messages. */
#include "refserver/sasl.h"
#include "refserver/server.h"

#include <string.h>

const struct refserver_scram_digest *sasl_scram_digest(const struct session *session,
                                                       enum sasl_mechanism mechanism)
{
    const struct refserver_digests *digests = session->server->digests;

    if (digests == NULL)
        return NULL;
    const struct refserver_scram_digest *digest =
        mechanism == SASL_SCRAM_SHA_1 ? &digests->scram_sha_1 : &digests->scram_sha_256;

    return digest->octets > 0 ? digest : NULL;
}

/* Each name has its salt, those that are nobody's too: who asks learns nothing of who there is. */
static void make_salt(const struct refserver_scram_digest *digest, struct bytes name,
                      uint8_t ret_salt[SCRAM_SALT_OCTETS])
{
    uint8_t octets[REFSERVER_SCRAM_OCTETS_MAX];

    digest->hmac(BYTES_LITERAL("the salt of"), name, octets);
    memcpy(ret_salt, octets, SCRAM_SALT_OCTETS);
}

static void begin_scram(struct session *session, const struct refserver_scram_digest *digest)
{
    uint8_t salt[SCRAM_SALT_OCTETS];
    char nonce[40];

    make_salt(digest, buf_bytes(&session->scram.name), salt);
    snprintf(nonce, sizeof(nonce), "%016llx", (unsigned long long)rng_next(&session->server->rng));
    buf_clear(&session->challenge);
    scram_make_first(&session->scram, bytes_of(nonce), bytes_make(salt, sizeof(salt)),
                     session->server->policy.scram_iterations, &session->challenge);
    sasl_challenge(session);
}

static bool is_for_himself(const struct scram *scram)
{
    return scram->identity.size == 0 || bytes_equal(buf_bytes(&scram->identity), buf_bytes(&scram->name));
}

/* RFC 5802 section 7: the reason as the last challenge, before AUTH is refused. */
static void refuse_for(struct session *session, struct bytes name, struct bytes reason)
{
    if (session->server->policy.scram_says_error)
        sasl_refuse_by(session, name, reason);
    else
        sasl_finish(session, name, false);
}

/* The signature cannot go with +OK (RFC 5034 section 4): it is a challenge, answered by nothing. */
static void prove_scram(struct session *session, const struct refserver_scram_digest *digest,
                        struct bytes message)
{
    struct bytes name = buf_bytes(&session->scram.name);
    const struct user *user = authorization_find(session, name);
    uint8_t salt[SCRAM_SALT_OCTETS];
    struct scram_secret secret;

    make_salt(digest, name, salt);
    scram_secret_make(digest, user != NULL ? bytes_of(user->password) : name, bytes_make(salt, sizeof(salt)),
                      session->server->policy.scram_iterations, &secret);
    if (!scram_take_final(&session->scram, digest, &secret, message) || user == NULL ||
        !is_for_himself(&session->scram)) {
        refuse_for(session, name, BYTES_LITERAL("e=invalid-proof"));
        return;
    }
    buf_clear(&session->challenge);
    scram_make_final(&session->scram, digest, &secret, &session->challenge);
    sasl_challenge(session);
}

void sasl_step_scram(struct session *session, struct bytes message)
{
    const struct refserver_scram_digest *digest = sasl_scram_digest(session, session->mechanism);

    if (session->round == 1) {
        scram_clear(&session->scram);
        if (scram_take_first(&session->scram, message))
            begin_scram(session, digest);
        else
            refuse_for(session, BYTES_EMPTY, BYTES_LITERAL("e=other-error"));
    } else if (session->round == 2) {
        prove_scram(session, digest, message);
    } else {
        sasl_finish(session, buf_bytes(&session->scram.name),
                    message.size == 0 || session->server->policy.last_answer_unread);
    }
}
