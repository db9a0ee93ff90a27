/*
 * Delivery by LMTP (RFC 2033) or SMTP (RFC 5321): an errand that hands one message over to the target's mail server. Private
 * to target/.
 */
#ifndef TARGET_MAIL_DELIVERY_H
#define TARGET_MAIL_DELIVERY_H

#include "base/buf.h"
#include "target/errand.h"
#include "target/target.h"

/* RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, with its brackets. */
enum { MAIL_RECIPIENT_OCTETS_MAX = 254 };

/* Appends PATTERN with {user} replaced. False with ERROR when that is no address that can stand in RCPT TO:<>. */
bool mail_recipient(const char *pattern, const char *user, struct buf *ret_recipient, struct error *error);

/* Borrows all of them until it is freed. */
struct errand mail_delivery_new(const struct target *target, const char *user, struct bytes message);

#endif
