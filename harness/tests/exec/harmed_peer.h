/*
 * Any server, harmed on the way: its connections end when they have said so many octets, in order or by RST, one octet of
 * what they say is another one, or whole replies are others.
 */
#ifndef TESTS_EXEC_HARMED_PEER_H
#define TESTS_EXEC_HARMED_PEER_H

#include "base/buf.h"
#include "base/memory.h"
#include "base/peer.h"

#include <stdlib.h>

struct harmed_server {
    const struct peer_ops *ops;
    void *server;
    uint64_t after_octets; /* it ends behind so many; UINT64_MAX: never */
    bool abort;            /* by RST */
    uint64_t changed_at;   /* the offset of the octet that is another one; UINT64_MAX: none is */
    uint8_t changed_to;
    /*
     * Puts what is said instead of REPLY, which answers COMMAND (empty: it is the greeting; with its CRLF otherwise), into
     * RET_REPLY. NULL: what the server says is said. For clients that wait for each reply.
     */
    void (*rewrite)(void *context, struct bytes command, struct bytes reply, struct buf *ret_reply);
    void *context;
    uint64_t said_octets; /* by the last connection */
};

struct harmed_session {
    struct harmed_server *harm;
    void *peer;
    struct buf segment;
    struct buf command; /* the last */
    time_us now_us;
};

static inline bool harmed_is_over(const struct harmed_server *harm)
{
    return harm->said_octets >= harm->after_octets;
}

static inline void *harmed_open(void *server, const struct peer_info *info, time_us now_us)
{
    struct harmed_server *harm = server;
    struct harmed_session *session = memory_new(sizeof(*session));

    session->harm = harm;
    session->peer = harm->ops->open(harm->server, info, now_us);
    harm->said_octets = 0;
    session->now_us = now_us;
    buf_init(&session->segment, BUF_UNBOUNDED);
    buf_init(&session->command, BUF_UNBOUNDED);
    return session;
}

static inline void harmed_input(void *peer, struct bytes octets, time_us now_us)
{
    struct harmed_session *session = peer;

    session->now_us = now_us;
    buf_clear(&session->command);
    buf_append(&session->command, octets);
    if (!harmed_is_over(session->harm))
        session->harm->ops->input(session->peer, octets, now_us);
}

static inline void harmed_end(void *peer, time_us now_us)
{
    struct harmed_session *session = peer;

    session->harm->ops->end(session->peer, now_us);
}

static inline void harmed_reset(void *peer, time_us now_us)
{
    struct harmed_session *session = peer;

    session->harm->ops->reset(session->peer, now_us);
}

/* All that the server has to say; then what is said instead. */
static inline struct bytes harmed_rewrite(struct harmed_session *session)
{
    struct harmed_server *harm = session->harm;
    struct buf reply;

    if (session->segment.size > 0)
        return buf_bytes(&session->segment);
    buf_init(&reply, BUF_UNBOUNDED);
    for (struct bytes said; (said = harm->ops->output(session->peer)).size > 0;) {
        buf_append(&reply, said);
        harm->ops->wrote(session->peer, said.size, session->now_us);
    }
    if (reply.size > 0)
        harm->rewrite(harm->context, buf_bytes(&session->command), buf_bytes(&reply), &session->segment);
    buf_release(&reply);
    return buf_bytes(&session->segment);
}

static inline struct bytes harmed_output(void *peer)
{
    struct harmed_session *session = peer;
    struct harmed_server *harm = session->harm;

    if (harm->rewrite != NULL)
        return harmed_rewrite(session);
    buf_clear(&session->segment);
    if (harmed_is_over(harm))
        return BYTES_EMPTY;
    buf_append(&session->segment, bytes_slice(harm->ops->output(session->peer), 0,
                                              (size_t)(harm->after_octets - harm->said_octets)));
    if (harm->changed_at >= harm->said_octets && harm->changed_at - harm->said_octets < session->segment.size)
        session->segment.data[harm->changed_at - harm->said_octets] = harm->changed_to;
    return buf_bytes(&session->segment);
}

static inline void harmed_wrote(void *peer, size_t count, time_us now_us)
{
    struct harmed_session *session = peer;

    session->harm->said_octets += count;
    if (session->harm->rewrite != NULL)
        buf_consume(&session->segment, count);
    else
        session->harm->ops->wrote(session->peer, count, now_us);
}

static inline enum peer_wish harmed_wish(const void *peer)
{
    const struct harmed_session *session = peer;

    if (harmed_is_over(session->harm))
        return session->harm->abort ? PEER_ABORT : PEER_CLOSE;
    return session->harm->ops->wish(session->peer);
}

static inline void harmed_tls_done(void *peer, bool ok, time_us now_us)
{
    struct harmed_session *session = peer;

    session->harm->ops->tls_done(session->peer, ok, now_us);
}

static inline time_us harmed_deadline(const void *peer)
{
    const struct harmed_session *session = peer;

    return session->harm->ops->deadline(session->peer);
}

static inline void harmed_tick(void *peer, time_us now_us)
{
    struct harmed_session *session = peer;

    session->now_us = now_us;
    session->harm->ops->tick(session->peer, now_us);
}

static inline void harmed_close(void *peer, time_us now_us)
{
    struct harmed_session *session = peer;

    session->harm->ops->close(session->peer, now_us);
    buf_release(&session->segment);
    buf_release(&session->command);
    free(session);
}

static const struct peer_ops harmed_peer_ops = {
    .open = harmed_open,
    .input = harmed_input,
    .end = harmed_end,
    .reset = harmed_reset,
    .output = harmed_output,
    .wrote = harmed_wrote,
    .wish = harmed_wish,
    .tls_done = harmed_tls_done,
    .deadline = harmed_deadline,
    .tick = harmed_tick,
    .close = harmed_close,
};

#endif
