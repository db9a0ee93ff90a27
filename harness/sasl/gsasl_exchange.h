/* A client's exchange by GNU SASL; gsasl_exchange.c is the only file that knows that library. Private to sasl/. */
#ifndef SASL_GSASL_EXCHANGE_H
#define SASL_GSASL_EXCHANGE_H

#include "sasl/client.h"

struct gsasl_exchange;

/* NULL when the library does not have MECHANISM. Freed by gsasl_exchange_free(), which takes NULL. */
struct gsasl_exchange *gsasl_exchange_new(const char *mechanism, const struct sasl_identity *identity);
void gsasl_exchange_free(struct gsasl_exchange *exchange);
/* Spares the library deriving SCRAM's key from the password: HEX is it, in hexadecimal. False when it has no room. */
MUST_USE bool gsasl_exchange_set_key(struct gsasl_exchange *exchange, const char *hex);
/* As sasl_client_step(); STUCK for whatever the library does not take, a false signature too. */
MUST_USE enum sasl_progress gsasl_exchange_step(struct gsasl_exchange *exchange, struct bytes challenge,
                                                struct buf *ret_message);

#endif
