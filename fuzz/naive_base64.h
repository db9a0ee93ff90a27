/*
 * A second decoder of base 64, for comparison with the one of base/.
 */
#ifndef FUZZ_NAIVE_BASE64_H
#define FUZZ_NAIVE_BASE64_H

#include "base/buf.h"

/* Appends what TEXT, strictly base 64, stands for; false when it is not. */
bool naive_base64(struct bytes text, struct buf *ret_octets);

#endif
