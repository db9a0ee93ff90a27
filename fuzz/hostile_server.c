#include "hostile_server.h"

#include "base/memory.h"
#include "inputs/controls.h"
#include "inputs/hostile_script.h"

#include <stdlib.h>

struct hostile_session {
    struct hostile_server *server;
    struct buf segment;
    uint64_t line; /* which one is being said */
    enum peer_wish wish;
    bool spoken_to;
    bool secured;
    time_us resumes_us; /* TIME_NEVER: it does not wait */
};

static void *hostile_open(void *server, const struct peer_info *info, time_us now_us)
{
    struct hostile_session *session = memory_new(sizeof(*session));

    (void)now_us;
    session->server = server;
    session->wish = PEER_READ;
    session->spoken_to = true;
    session->secured = info->implicit_tls;
    session->resumes_us = TIME_NEVER;
    buf_init(&session->segment, BUF_UNBOUNDED);
    return session;
}

static void hostile_input(void *peer, struct bytes octets, time_us now_us)
{
    struct hostile_session *session = peer;

    (void)now_us;
    session->spoken_to = session->spoken_to || octets.size > 0;
}

static void hostile_ignore(void *peer, time_us now_us)
{
    (void)peer;
    (void)now_us;
}

/* What CODE behind 0xFF does; false where it is no control but an octet. */
static bool control(struct hostile_session *session, uint8_t code)
{
    switch (code) {
    case HOSTILE_TURN:
        session->spoken_to = false;
        return true;
    case HOSTILE_SEGMENT_END:
        return true;
    case HOSTILE_CLOSE:
        session->wish = PEER_CLOSE;
        return true;
    case HOSTILE_RESET:
        session->wish = PEER_ABORT;
        return true;
    case HOSTILE_TLS:
        session->wish = session->secured ? PEER_READ : PEER_START_TLS;
        return true;
    case HOSTILE_PAUSE:
        session->resumes_us = 0;
        return true;
    default:
        return false;
    }
}

static bool may_speak(const struct hostile_session *session)
{
    return session->wish == PEER_READ && session->spoken_to && session->resumes_us == TIME_NEVER;
}

static void say(struct hostile_session *session, uint8_t octet)
{
    const struct hostile_server *server = session->server;

    buf_append_octet(&session->segment, server->spoil != NULL ? server->spoil(octet, session->line) : octet);
    session->line += octet == '\n' ? 1 : 0;
}

/* Takes octets up to the next control, and that, into the segment. */
static void speak(struct hostile_session *session)
{
    struct bytes *rest = &session->server->rest;

    while (rest->size > 0) {
        uint8_t octet = rest->data[0];

        if (octet == INPUT_CONTROL && rest->size > 1) {
            if (control(session, rest->data[1])) {
                *rest = bytes_from(*rest, 2);
                return;
            }
            if (rest->data[1] == INPUT_CONTROL)
                *rest = bytes_from(*rest, 1);
        }
        say(session, octet);
        *rest = bytes_from(*rest, 1);
    }
}

static struct bytes hostile_output(void *peer)
{
    struct hostile_session *session = peer;

    while (session->segment.size == 0 && may_speak(session) && session->server->rest.size > 0)
        speak(session);
    return buf_bytes(&session->segment);
}

static void hostile_wrote(void *peer, size_t count, time_us now_us)
{
    struct hostile_session *session = peer;
    struct bytes left = bytes_from(buf_bytes(&session->segment), count);
    struct buf rest;

    (void)now_us;
    buf_init(&rest, BUF_UNBOUNDED);
    buf_append(&rest, left);
    buf_release(&session->segment);
    session->segment = rest;
}

static enum peer_wish hostile_wish(const void *peer)
{
    return ((const struct hostile_session *)peer)->wish;
}

static void hostile_tls_done(void *peer, bool ok, time_us now_us)
{
    struct hostile_session *session = peer;

    (void)now_us;
    session->wish = ok ? PEER_READ : PEER_CLOSE;
    session->secured = ok;
}

static time_us hostile_deadline(const void *peer)
{
    return ((const struct hostile_session *)peer)->resumes_us;
}

/* The pause begins at the first tick behind its control, and ends at the next. */
static void hostile_tick(void *peer, time_us now_us)
{
    struct hostile_session *session = peer;

    if (session->resumes_us == 0)
        session->resumes_us = time_after(now_us, HOSTILE_PAUSE_S * US_PER_S);
    else if (session->resumes_us <= now_us)
        session->resumes_us = TIME_NEVER;
}

static void hostile_close(void *peer, time_us now_us)
{
    struct hostile_session *session = peer;

    (void)now_us;
    buf_release(&session->segment);
    free(session);
}

const struct peer_ops hostile_peer_ops = {
    .open = hostile_open,
    .input = hostile_input,
    .end = hostile_ignore,
    .reset = hostile_ignore,
    .output = hostile_output,
    .wrote = hostile_wrote,
    .wish = hostile_wish,
    .tls_done = hostile_tls_done,
    .deadline = hostile_deadline,
    .tick = hostile_tick,
    .close = hostile_close,
};
