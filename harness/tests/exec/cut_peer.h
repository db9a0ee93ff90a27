/* Any server, whose connections end when they have said so many octets: in order, or by RST. */
#ifndef TESTS_EXEC_CUT_PEER_H
#define TESTS_EXEC_CUT_PEER_H

#include "base/memory.h"
#include "base/peer.h"

#include <stdlib.h>

struct cut_server {
    const struct peer_ops *ops;
    void *server;
    uint64_t after_octets;
    bool abort;
    uint64_t said_octets; /* by the last connection */
};

struct cut_session {
    struct cut_server *cut;
    void *peer;
};

static inline bool cut_is_due(const struct cut_server *cut)
{
    return cut->said_octets >= cut->after_octets;
}

static inline void *cut_open(void *server, const struct peer_info *info, time_us now_us)
{
    struct cut_server *cut = server;
    struct cut_session *session = memory_new(sizeof(*session));

    session->cut = cut;
    session->peer = cut->ops->open(cut->server, info, now_us);
    cut->said_octets = 0;
    return session;
}

static inline void cut_input(void *peer, struct bytes octets, time_us now_us)
{
    struct cut_session *session = peer;

    if (!cut_is_due(session->cut))
        session->cut->ops->input(session->peer, octets, now_us);
}

static inline void cut_end(void *peer, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->ops->end(session->peer, now_us);
}

static inline void cut_reset(void *peer, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->ops->reset(session->peer, now_us);
}

static inline struct bytes cut_output(void *peer)
{
    struct cut_session *session = peer;
    struct cut_server *cut = session->cut;

    return cut_is_due(cut) ? BYTES_EMPTY
                           : bytes_slice(cut->ops->output(session->peer), 0,
                                         (size_t)(cut->after_octets - cut->said_octets));
}

static inline void cut_wrote(void *peer, size_t count, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->said_octets += count;
    session->cut->ops->wrote(session->peer, count, now_us);
}

static inline enum peer_wish cut_wish(const void *peer)
{
    const struct cut_session *session = peer;

    if (cut_is_due(session->cut))
        return session->cut->abort ? PEER_ABORT : PEER_CLOSE;
    return session->cut->ops->wish(session->peer);
}

static inline void cut_tls_done(void *peer, bool ok, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->ops->tls_done(session->peer, ok, now_us);
}

static inline time_us cut_deadline(const void *peer)
{
    const struct cut_session *session = peer;

    return session->cut->ops->deadline(session->peer);
}

static inline void cut_tick(void *peer, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->ops->tick(session->peer, now_us);
}

static inline void cut_close(void *peer, time_us now_us)
{
    struct cut_session *session = peer;

    session->cut->ops->close(session->peer, now_us);
    free(session);
}

static const struct peer_ops cut_peer_ops = {
    .open = cut_open,
    .input = cut_input,
    .end = cut_end,
    .reset = cut_reset,
    .output = cut_output,
    .wrote = cut_wrote,
    .wish = cut_wish,
    .tls_done = cut_tls_done,
    .deadline = cut_deadline,
    .tick = cut_tick,
    .close = cut_close,
};

#endif
