/* A server that says what a fuzzer tells it to (inputs/hostile_script.h), whatever it is asked. */
#ifndef FUZZ_HOSTILE_SERVER_H
#define FUZZ_HOSTILE_SERVER_H

#include "base/buf.h"
#include "base/peer.h"

struct hostile_server {
    struct bytes rest;
    /* What is said instead of OCTET, on the line of its connection with that number, from 0. NULL: OCTET itself. */
    uint8_t (*spoil)(uint8_t octet, uint64_t line);
};

extern const struct peer_ops hostile_peer_ops;

#endif
