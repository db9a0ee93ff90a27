/* Small readers that the loaders of a target share. Private to target/. */
#ifndef TARGET_TARGET_TEXT_H
#define TARGET_TARGET_TEXT_H

#include "base/buf.h"

/* False when TEXT holds CR or LF: as a name or password it would inject a command. */
bool target_text_is_sendable(const char *text);

/*
 * Splits "host", "host:port", "[::1]:port" or a bare IPv6 address; *ret_port is 0 when there is none. NULL, or what is
 * wrong.
 */
const char *target_split_port(struct bytes text, struct bytes *ret_host, uint16_t *ret_port);
/* NULL when HOST can be a host's name or address, else what is wrong. */
const char *target_check_host(struct bytes host);

/* Appends PATTERN with every {user} replaced by USER. */
void target_fill_user(const char *pattern, const char *user, struct buf *out);

/*
 * Appends what others said for use in an error: the lines of TEXT joined by blanks, other octets than visible ASCII as
 * question marks.
 */
void target_quote_plain(struct bytes text, struct buf *out);

/* "35s", "300ms", "2m": a number and its unit, at most a day. */
bool target_span_parse(struct bytes text, int64_t *ret_span_us);

#endif
