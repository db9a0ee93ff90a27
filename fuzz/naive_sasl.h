/*
 * What the reference server ought to make of a SASL exchange, said a second time: the whole exchange is looked at when it is
 * over. There is one user, "u", whose password is "p" and whose token is "t"; digests are stand_ins.h's.
 */
#ifndef FUZZ_NAIVE_SASL_H
#define FUZZ_NAIVE_SASL_H

#include "base/buf.h"
#include "pop3/login.h"

enum { NAIVE_SASL_MESSAGES_MAX = 8 };

/* An exchange: the client's messages, and the server's challenges behind the first, all decoded. */
struct naive_exchange {
    enum login_method method;
    struct bytes messages[NAIVE_SASL_MESSAGES_MAX];
    size_t message_count;
    struct bytes challenges[NAIVE_SASL_MESSAGES_MAX]; /* challenge I came before message I */
};

/* True when it must end in +OK. */
bool naive_sasl_logs_in(const struct naive_exchange *exchange);

#endif
