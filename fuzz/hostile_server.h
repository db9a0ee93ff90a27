/*
 * A server that says what a fuzzer tells it to, whatever it is asked. Its octets leave as they stand, but for 0xFF, which
 * begins a control of two octets:
 *
 *   0xFF |             the rest waits until the client has spoken again
 *   0xFF ,             a segment ends here
 *   0xFF c, 0xFF x     the connection ends: in order, or by RST
 *   0xFF t             TLS begins
 *   0xFF ~             ten seconds pass before it goes on
 *   0xFF 0xFF          one octet 0xFF
 *
 * All connections read from the same octets, one after the other as they are spoken to; the end of them is silence. A
 * corpus of what servers said is thus one of hostile servers.
 */
#ifndef FUZZ_HOSTILE_SERVER_H
#define FUZZ_HOSTILE_SERVER_H

#include "base/buf.h"
#include "base/peer.h"

struct hostile_server {
    struct bytes rest;
};

extern const struct peer_ops hostile_peer_ops;

#endif
