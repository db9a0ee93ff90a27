/*
 * Byte-stuffing (RFC 1939 section 3) for whole messages, for tests, fixtures and comparison. The reply reader
 * un-stuffs as it goes and does not need these; the reference server writes its replies with code of its own.
 */
#ifndef POP3_STUFFING_H
#define POP3_STUFFING_H

#include "base/buf.h"

/* Appends MESSAGE with a dot put before every line that begins with one. A line begins at the start and behind CRLF. */
bool stuff_append(struct bytes message, struct buf *ret_wire);
/* Appends WIRE with the first dot of every line that begins with one taken away. */
bool unstuff_append(struct bytes wire, struct buf *ret_message);

#endif
