/*
 * The printable form of single octets, private to result/: printable.c shows octets with it, redactor.c needs it to
 * find a secret that was already made printable.
 */
#ifndef RESULT_ESCAPE_H
#define RESULT_ESCAPE_H

#include "base/buf.h"

/* Appends OCTET as it is if it is printable ASCII other than a backslash, else as \r, \n, \0, \\ or \xHH. */
void escape_append_octet(struct buf *text, uint8_t octet);

#endif
