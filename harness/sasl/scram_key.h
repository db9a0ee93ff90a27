/* The key that SCRAM's client derives from the password (RFC 5802 section 3, SaltedPassword). Private to sasl/. */
#ifndef SASL_SCRAM_KEY_H
#define SASL_SCRAM_KEY_H

#include "base/attributes.h"
#include "base/buf.h"

enum scram_key_result {
    SCRAM_KEY_DERIVED,
    SCRAM_KEY_NONE,     /* the message is out of form, or the password cannot be prepared */
    SCRAM_KEY_TOO_DEAR, /* it asks for more iterations than anybody should wait for */
};

/*
 * Appends the key to RET_HEX in lower-case hexadecimal, for the salt and the iterations that SERVER_FIRST, the server's first
 * message, asks for. SHA_256: by SHA-256, otherwise by SHA-1.
 */
MUST_USE enum scram_key_result scram_key_derive(bool sha_256, const char *password, struct bytes server_first,
                                                struct buf *ret_hex);

#endif
