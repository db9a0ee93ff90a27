/*
 * Octets that nobody can guess, for nonces and timestamps of a server or client that faces others. What must repeat
 * by a seed comes from base/rng.h instead.
 */
#ifndef DIGEST_RANDOM_H
#define DIGEST_RANDOM_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills OUT with SIZE octets; false (OUT must not be used) when the host has no randomness to give. */
MUST_USE bool random_octets(uint8_t *out, size_t size);

#endif
