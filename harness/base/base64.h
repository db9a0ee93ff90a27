/*
 * Base 64 as SASL profiles use it (RFC 4648 section 4, RFC 5034 section 4): padding required, no white space, no
 * other alphabet, unused bits zero. Strictness is what the suite judges by, so it is ours rather than a library's.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends the encoding; false (nothing appended) when RET_TEXT would pass its maximum. */
bool base64_encode(struct bytes octets, struct buf *ret_text);
/* Appends the decoded octets; false (nothing appended) when TEXT is not strictly base 64 or does not fit. */
bool base64_decode(struct bytes text, struct buf *ret_octets);

#endif
