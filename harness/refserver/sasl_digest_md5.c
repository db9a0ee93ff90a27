/* DIGEST-MD5 over AUTH (RFC 2831); digest_md5.c makes and reads the messages. */
#include "refserver/digest_md5.h"
#include "refserver/sasl.h"
#include "refserver/server.h"

static struct digest_md5_terms terms_of(const struct session *session)
{
    const struct policy *policy = &session->server->policy;

    return (struct digest_md5_terms){
        .realm = bytes_of(policy->digest_realm != NULL ? policy->digest_realm : policy->host),
        .nonce = bytes_of(policy->digest_nonce != NULL ? policy->digest_nonce : session->nonce),
        .service = BYTES_LITERAL("pop"),
    };
}

void sasl_begin_digest_md5(struct session *session)
{
    snprintf(session->nonce, sizeof(session->nonce), "%016llx",
             (unsigned long long)rng_next(&session->server->rng));
    struct digest_md5_terms terms = terms_of(session);

    buf_clear(&session->challenge);
    digest_md5_make_challenge(&terms, &session->challenge);
    sasl_challenge(session);
}

static bool is_for_himself(const struct digest_md5_answer *answer)
{
    return !answer->given[DIGEST_MD5_AUTHZID] || bytes_equal(digest_md5_value(answer, DIGEST_MD5_AUTHZID),
                                                             digest_md5_value(answer, DIGEST_MD5_USERNAME));
}

/* The proof cannot go with +OK (RFC 5034 section 4): it is a challenge, answered by nothing. */
static void check(struct session *session, const struct digest_md5_answer *answer, bool taken)
{
    struct bytes name = digest_md5_value(answer, DIGEST_MD5_USERNAME);
    const struct refserver_digests *digests = session->server->digests;
    const struct user *user = authorization_find(session, name);
    struct digest_md5_terms terms = terms_of(session);

    if (!taken || user == NULL || !is_for_himself(answer) ||
        !digest_md5_is_right(answer, &terms, digests, bytes_of(user->password))) {
        sasl_finish(session, name, false);
        return;
    }
    buf_clear(&session->claimed);
    buf_append(&session->claimed, name);
    buf_clear(&session->challenge);
    digest_md5_make_final(answer, digests, bytes_of(user->password), &session->challenge);
    sasl_challenge(session);
}

void sasl_step_digest_md5(struct session *session, struct bytes message)
{
    struct digest_md5_answer answer;

    if (session->round > 1) {
        sasl_finish(session, buf_bytes(&session->claimed),
                    message.size == 0 || session->server->policy.last_answer_unread);
        return;
    }
    digest_md5_answer_init(&answer);
    check(session, &answer, digest_md5_take_answer(&answer, message));
    digest_md5_answer_release(&answer);
}
