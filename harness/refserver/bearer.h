/*
 * What a client of OAUTHBEARER (RFC 7628 section 3.1) or XOAUTH2 (Google's, which has no standard) says: a name, and the token that shows
 * who may use it. Pure: octets in, facts out.
 */
#ifndef REFSERVER_BEARER_H
#define REFSERVER_BEARER_H

#include "base/attributes.h"
#include "base/buf.h"

struct bearer {
    struct buf name;    /* decoded; empty: not given */
    struct bytes token; /* a view into the message */
};

void bearer_init(struct bearer *bearer);
void bearer_release(struct bearer *bearer);

/* Reads MESSAGE, which must outlive BEARER's token. False when it is not of the form, or brings no bearer token. */
MUST_USE bool bearer_take_oauthbearer(struct bearer *bearer, struct bytes message);
MUST_USE bool bearer_take_xoauth2(struct bearer *bearer, struct bytes message);

#endif
