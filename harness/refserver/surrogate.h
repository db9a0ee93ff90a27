/*
 * What is sent outside UTF-8 mode in the place of a header that needs it (RFC 6856 section 2.1): each field that isn't ASCII
 * keeps its name, and has its text as encoded-words (RFC 2047). A field of addresses becomes an empty group of that name
 * (RFC 6854), as RFC 6858 does it, for nothing in ASCII stands for an address that isn't. All else is left as it is.
 */
#ifndef REFSERVER_SURROGATE_H
#define REFSERVER_SURROGATE_H

#include "base/buf.h"
#include "refserver/store.h"

enum { SURROGATE_HEADER_OCTETS_MAX = 256 * 1024 };

/*
 * Appends the header of STORED as it is sent outside UTF-8 mode: canonical, and all ASCII; with the blank line behind it, unless the
 * message is to end with its header (BODILESS). False when it cannot be read any more, or has more than SURROGATE_HEADER_OCTETS_MAX octets.
 */
bool surrogate_header(const struct stored_message *stored, bool bodiless, struct buf *ret_header);

#endif
