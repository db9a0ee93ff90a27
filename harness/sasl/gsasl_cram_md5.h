/* CRAM-MD5 by GNU SASL, the only file that knows that library. Private to sasl/. */
#ifndef SASL_GSASL_CRAM_MD5_H
#define SASL_GSASL_CRAM_MD5_H

#include "base/attributes.h"
#include "base/buf.h"

/* Appends the answer to CHALLENGE (RFC 2195 section 2); false when the library refuses it, as it does an empty one. */
MUST_USE bool gsasl_cram_md5_answer(const char *user, const char *pass, struct bytes challenge,
                                    struct buf *ret_text);

#endif
