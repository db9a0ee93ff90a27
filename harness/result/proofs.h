/* Proofs of passwords in logins, private to result/. */
#ifndef RESULT_PROOFS_H
#define RESULT_PROOFS_H

#include "base/bytes.h"

/*
 * Sets MASK[i] for each octet i of OCTETS that belongs to what proves that somebody knows a password: whoever reads it can
 * try passwords against it at leisure. APOP's digest; and in base 64 CRAM-MD5's answer, DIGEST-MD5's, SCRAM's last messages.
 */
void proofs_mask(struct bytes octets, bool *mask);

#endif
