/* OAUTHBEARER (RFC 7628) and XOAUTH2 over AUTH; bearer.c reads the messages. */
#include "refserver/bearer.h"
#include "refserver/sasl.h"
#include "refserver/server.h"

/* Whose TOKEN is, or NULL. */
static const struct user *owner_of(const struct session *session, struct bytes token)
{
    const struct refserver *server = session->server;

    for (size_t i = 0; i < server->user_count; i++)
        if (server->users[i]->token != NULL && bytes_equal(bytes_of(server->users[i]->token), token))
            return server->users[i];
    return NULL;
}

/* RFC 7628 section 3.2.2: the reason comes as a challenge. A server may abort instead (RFC 4422 section 3.5). */
static void refuse(struct session *session, struct bytes name, struct bytes reason)
{
    if (session->server->policy.token_error_untold)
        sasl_finish(session, name, false);
    else
        sasl_refuse_by(session, name, reason);
}

/* Nobody may act for somebody else here: who is named must own the token. */
static void take(struct session *session, const struct bearer *bearer, bool taken, struct bytes reason)
{
    struct bytes name = buf_bytes(&bearer->name);
    bool nameless = name.size == 0 && session->server->policy.token_needs_name;
    const struct user *owner = taken && !nameless ? owner_of(session, bearer->token) : NULL;

    if (owner == NULL || (name.size > 0 && authorization_find(session, name) != owner))
        refuse(session, name, reason);
    else
        sasl_finish(session, bytes_of(owner->name), true);
}

void sasl_step_oauthbearer(struct session *session, struct bytes message)
{
    struct bearer bearer;

    bearer_init(&bearer);
    take(session, &bearer, bearer_take_oauthbearer(&bearer, message),
         BYTES_LITERAL("{\"status\":\"invalid_token\",\"scope\":\"mail\"}"));
    bearer_release(&bearer);
}

void sasl_step_xoauth2(struct session *session, struct bytes message)
{
    struct bearer bearer;

    bearer_init(&bearer);
    take(session, &bearer, bearer_take_xoauth2(&bearer, message),
         BYTES_LITERAL("{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}"));
    bearer_release(&bearer);
}
