/* SASLprep (RFC 4013) by GNU SASL. */
#ifndef SASL_SASLPREP_H
#define SASL_SASLPREP_H

#include "base/buf.h"

/*
 * Appends TEXT, UTF-8, as it is compared: as a stored string, or as a query, in which code points may stand that are not
 * assigned (RFC 3454 section 7). False, with nothing appended, when it is malformed or prohibited, or does not fit.
 */
bool saslprep(struct bytes text, bool stored, struct buf *ret_prepared);

#endif
