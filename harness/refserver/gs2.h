/* The header of GS2 (RFC 5801 section 4), with which messages of SCRAM and OAUTHBEARER begin. Pure. */
#ifndef REFSERVER_GS2_H
#define REFSERVER_GS2_H

#include "base/attributes.h"
#include "base/buf.h"

/*
 * Takes "n" or "y", a comma, perhaps "a=" and a name, and a comma off the front of REST; appends the name, decoded. False when REST
 * begins otherwise, or asks for channel binding, which is not offered.
 */
MUST_USE bool gs2_take_header(struct bytes *rest, struct buf *ret_identity);

/* Appends the name that TEXT stands for: a comma is =2C, an equals sign =3D. False for an empty one and for any other =. */
MUST_USE bool gs2_decode_name(struct bytes text, struct buf *ret_name);

#endif
