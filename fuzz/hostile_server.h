/* A server that says what a fuzzer tells it to (inputs/hostile_script.h), whatever it is asked. */
#ifndef FUZZ_HOSTILE_SERVER_H
#define FUZZ_HOSTILE_SERVER_H

#include "base/buf.h"
#include "base/peer.h"

struct hostile_server {
    struct bytes rest;
};

extern const struct peer_ops hostile_peer_ops;

#endif
