/*
 * The greeting (RFC 1939 section 4) and the timestamp that announces APOP in it (section 7; RFC 2449 section 3 lets it
 * stand anywhere): the first "<" ... ">" that has the form of a msg-id.
 */
#ifndef POP3_GREETING_H
#define POP3_GREETING_H

#include "base/bytes.h"

/*
 * Finds the timestamp in a greeting's text and answers it with its angle brackets; data NULL if there is none. Only
 * visible ASCII between the brackets, with one "@" and something on both sides, counts (the APOP attack of
 * CVE-2007-1558 needs more). Reads each octet at most twice.
 */
struct bytes greeting_timestamp(struct bytes text);

#endif
