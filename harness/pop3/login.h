/*
 * The ways to log in: USER and PASS, APOP, and AUTH with each mechanism of mechanisms.def.
 */
#ifndef POP3_LOGIN_H
#define POP3_LOGIN_H

#include "base/bytes.h"

enum login_method {
    LOGIN_USER_PASS,
    LOGIN_APOP,
#define MECHANISM(name, mechanism, keyword, client_first, secret) LOGIN_AUTH_##name,
#include "pop3/mechanisms.def"
#undef MECHANISM
    LOGIN_METHOD_COUNT
};

/* What a step of a client's mechanism comes to. */
enum sasl_progress {
    SASL_GOES_ON,      /* a message was made; the server has still to say something before the outcome */
    SASL_COMPLETE,     /* a message was made; nothing is left but the outcome */
    SASL_SERVER_FALSE, /* the server did not prove what the mechanism demands of it */
    SASL_STUCK,        /* no answer can be made */
};

/* "user-pass", "scram-sha-256": what a target file calls METHOD. */
const char *login_keyword(enum login_method method);
/* "SCRAM-SHA-256"; NULL for the methods that are not AUTH. */
const char *login_mechanism(enum login_method method);
/* True for AUTH with a mechanism in which the client speaks first, so that there is an initial response. */
bool login_client_first(enum login_method method);
/* True where the client shows a token instead of a password. */
bool login_wants_token(enum login_method method);
/* The method that is AUTH with MECHANISM, in any letter case; false if the suite doesn't speak it. */
bool login_of_mechanism(struct bytes mechanism, enum login_method *ret_method);

#endif
