/*
 * Cheap stand-ins for what a server is handed of cryptography, so that a fuzzer finds the way in, and nothing links OpenSSL:
 * a digest is the parity of its octets, so that every second proof of the right size is right.
 */
#ifndef FUZZ_STAND_INS_H
#define FUZZ_STAND_INS_H

#include "refserver/refserver.h"

enum { STAND_IN_OCTETS = 20 };

extern const struct refserver_digests stand_in_digests;

#endif
