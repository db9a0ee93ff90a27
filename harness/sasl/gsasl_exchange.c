#include "sasl/gsasl_exchange.h"

#include "base/memory.h"

#include <gsasl.h>
#include <stdlib.h>

struct gsasl_exchange {
    Gsasl *library;
    Gsasl_session *session;
};

static bool set_identity(Gsasl_session *session, const struct sasl_identity *identity)
{
    return gsasl_property_set(session, GSASL_AUTHID, identity->user) == GSASL_OK &&
           gsasl_property_set(session, GSASL_PASSWORD, identity->pass) == GSASL_OK &&
           gsasl_property_set(session, GSASL_SERVICE, "pop") == GSASL_OK &&
           gsasl_property_set(session, GSASL_HOSTNAME, identity->host) == GSASL_OK;
}

struct gsasl_exchange *gsasl_exchange_new(const char *mechanism, const struct sasl_identity *identity)
{
    struct gsasl_exchange *exchange = (struct gsasl_exchange *)memory_new(sizeof(*exchange));

    if (gsasl_init(&exchange->library) == GSASL_OK &&
        gsasl_client_start(exchange->library, mechanism, &exchange->session) == GSASL_OK &&
        set_identity(exchange->session, identity))
        return exchange;
    gsasl_exchange_free(exchange);
    return NULL;
}

void gsasl_exchange_free(struct gsasl_exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (exchange->session != NULL)
        gsasl_finish(exchange->session);
    if (exchange->library != NULL)
        gsasl_done(exchange->library);
    free(exchange);
}

bool gsasl_exchange_set_key(struct gsasl_exchange *exchange, const char *hex)
{
    return gsasl_property_set(exchange->session, GSASL_SCRAM_SALTED_PASSWORD, hex) == GSASL_OK;
}

enum sasl_progress gsasl_exchange_step(struct gsasl_exchange *exchange, struct bytes challenge,
                                       struct buf *ret_message)
{
    char *answer = NULL;
    size_t answer_octets = 0;
    int status = gsasl_step(exchange->session, challenge.size > 0 ? (const char *)challenge.data : "",
                            challenge.size, &answer, &answer_octets);
    bool fits = true;

    if (status != GSASL_OK && status != GSASL_NEEDS_MORE)
        return SASL_STUCK;
    if (answer_octets > 0)
        fits = buf_append(ret_message, bytes_make(answer, answer_octets));
    gsasl_free(answer);
    if (!fits)
        return SASL_STUCK;
    return status == GSASL_OK ? SASL_COMPLETE : SASL_GOES_ON;
}
