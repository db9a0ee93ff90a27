/* The encoding of replies: status lines, lines of bodies, byte-stuffing, the terminator (RFC 1939 section 3). */
#ifndef REFSERVER_WIRE_H
#define REFSERVER_WIRE_H

#include "refserver/session.h"

/* A status line. With BLANK a space follows the indicator even where TEXT is empty. */
void encode_status(struct session *session, const char *indicator, bool blank, struct bytes text);
/* Octets that need no encoding. */
void encode_octets(struct session *session, struct bytes octets);

void encode_body_begin(struct session *session, bool newline_missing);
/* Octets of a body in any cut, every line ended by CRLF. */
void encode_body(struct session *session, struct bytes piece);
/* The terminator. */
void encode_body_end(struct session *session);

#endif
