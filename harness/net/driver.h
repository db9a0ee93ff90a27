/*
 * What both drivers, net/loop.h and net/memory.h, promise to actors beyond base/actor.h:
 *
 * - An ask is only begun when it is asked; whatever comes of it is told after the actor answered ASK_WAIT. next() is
 *   called again after every single tell().
 * - TOLD_BYTES come as they were read: over TCP the kernel may have joined or cut what the server wrote; in memory each
 *   write of the server is one TOLD_BYTES (under TLS at most 16384 octets).
 * - TOLD_END comes behind all octets; sending may go on after it. TOLD_RESET comes behind what could still be read,
 *   at most once, and may follow TOLD_END. A SEND that is under way then is never answered by TOLD_SENT.
 * - ASK_SEND on a connection that was reset is answered by TOLD_RESET again; ASK_START_TLS on one that has ended by
 *   TOLD_TLS_FAILED.
 * - TOLD_TLS_FAILED can come after TOLD_TLS_DONE: a damaged record, plain text among records, or a fatal alert (under
 *   TLS 1.3 a server refuses a client's certificate only then). Nothing but ASK_CLOSE or ASK_ABORT makes sense after it.
 * - ASK_CLOSE drops what an unfinished SEND has not handed over yet. The rest of the closing, close_notify, FIN and the
 *   wait for the other side's, goes on in the background; the connection's number is free at once.
 * - ASK_OPEN takes a number that is free, or whose connection has ended or broken (it is then closed first).
 * - Segments: every part between cuts is handed over by a write of its own (TCP_NODELAY; a TLS record of its own), each
 *   after the others had their turn, so that what reads in the same loop sees it alone.
 * - TOLD_TIME comes once for each ASK_WAIT whose until_us has come, never in the same moment as the ask, and only after
 *   one more look at the wire: what had come by then is told first, even if this process was kept from running.
 * - Between ASK_HOST and its answer the actor answers ASK_WAIT only; an actor that is done is told nothing more.
 *
 * And to peers, beyond base/peer.h:
 *
 * - Each input() is what one read gave (one TLS record at most); output() is drained after each, up to a bound, and
 *   goes on when the client has taken it. While much output waits, input is left on the wire.
 * - A peer on the implicit TLS port is opened when the handshake is done, and never if it fails.
 * - After tls_done(false) the carrier closes the connection itself: only close() follows.
 * - While the wish is PEER_CLOSE and output still waits, tick() goes on, so that a peer can give up and wish PEER_ABORT.
 */
#ifndef NET_DRIVER_H
#define NET_DRIVER_H

#include "base/actor.h"
#include "base/buf.h"

enum tap_direction { TAP_SENT, TAP_RECEIVED };

/* What came of ASK_HOST. */
enum host_result {
    HOST_DONE,
    HOST_FAILED,     /* a sentence was appended to RET_REASON */
    HOST_IMPOSSIBLE, /* it cannot be done here, and nobody is to blame; a sentence as above */
    HOST_UNDER_WAY,  /* driver_host_finish() says later what came of it */
};

/* One ASK_HOST that waits for its answer; it lasts until then, or until the driver is freed. */
struct host_call;

/* Every function may be NULL. */
struct driver_hooks {
    void *context;
    /* ACTOR answered ASK_DONE. It is not touched any more and may be freed; further actors may be added. */
    void (*done)(void *context, void *actor);
    /*
     * Carries out ASK_HOST, or begins to: what takes its time is finished later by driver_host_finish(CALL), so that the
     * other actors go on meanwhile. Without this hook every ASK_HOST fails.
     */
    enum host_result (*host)(void *context, void *actor, const char *verb, const char *noun,
                             struct host_call *call, struct buf *ret_reason);
    /* Plain octets as they are handed to the transport, or told. */
    void (*tap)(void *context, void *actor, int connection, enum tap_direction direction, struct bytes plain,
                time_us now_us);
};

/*
 * Answers a call for which the hook said HOST_UNDER_WAY, once, in the driver's thread and after the hook has returned, such
 * as from another actor's hook. REASON, borrowed for the call, is the sentence; NULL when it is done.
 */
void driver_host_finish(struct host_call *call, enum host_result result, const char *reason);

#endif
