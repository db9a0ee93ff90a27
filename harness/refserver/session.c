/* The life of a session: octets in, octets out, the timer. What the octets mean is dispatch.c's business. */
#include "refserver/session.h"

#include "base/memory.h"
#include "refserver/languages.h"
#include "refserver/reply.h"
#include "refserver/server.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    /* Commands wait here while replies wait to be written; who sends on without ever reading is cut off. */
    INPUT_OCTETS_MAX = 1024 * 1024,
    /* So much may wait to be written before the next command is looked at. */
    OUTPUT_WAITING_MAX = 64 * 1024,
};

void session_timestamp(struct session *session, char *out, size_t size)
{
    struct refserver *server = session->server;

    server->timestamp_count++;
    snprintf(out, size, "<%" PRIu64 ".%" PRIu64 "@%.*s>", server->timestamp_count, rng_next(&server->rng),
             TIMESTAMP_OCTETS_MAX - 64, server->policy.host);
}

/* RFC 1939 section 7: a timestamp announces APOP, and must be different each time. */
static void make_greeting_timestamp(struct session *session)
{
    const struct refserver *server = session->server;
    struct transition_event event = {.kind = TRANSITION_GREETING, .fresh = server->policy.timestamp == NULL};

    if (!server->policy.apop || server->digests == NULL)
        return;
    seam_transition(session, &event);
    if (event.fresh)
        session_timestamp(session, session->timestamp, sizeof(session->timestamp));
    else
        snprintf(session->timestamp, sizeof(session->timestamp), "%s",
                 server->policy.timestamp != NULL ? server->policy.timestamp : "<1.1@pop.example>");
}

/* RFC 1939 section 3: the autologout timer runs at least ten minutes, and starts again with each command. */
void session_touch(struct session *session)
{
    struct transition_event event = {
        .kind = TRANSITION_TIMER,
        .allowed = true,
        .span_us = session->server->policy.autologout_s * US_PER_S,
    };

    if (session->stls_late)
        return;
    seam_transition(session, &event);
    if (event.allowed)
        session->deadline_us = event.span_us > 0 ? time_after(session->now_us, event.span_us) : TIME_NEVER;
}

void session_wait(struct session *session, int64_t span_us)
{
    session->deadline_us = time_after(session->now_us, span_us);
}

void session_make_room(struct session *session)
{
    session->server->served_count -= session->served ? 1 : 0;
    session->served = false;
}

void session_close(struct session *session)
{
    session->closing = true;
    session->state = SESSION_OVER;
}

void session_abort(struct session *session)
{
    session->aborting = true;
    session->state = SESSION_OVER;
}

/* A client that must wait for its greeting is looked after so often. */
#define WAITING_LOOK_US (US_PER_S / 10)

static void greet(struct session *session)
{
    session->served = true;
    session->server->served_count++;
    session_touch(session);
    make_greeting_timestamp(session);
    reply_greeting(session);
    session->greeted = true;
    refserver_forget_connections(session->server);
}

/* No text says how many clients a server serves at the same time; RFC 1939 section 10 shows one behind the other. */
static void greet_or_not(struct session *session)
{
    const struct policy *policy = &session->server->policy;

    if (policy->connections_max == 0 || session->server->served_count < policy->connections_max) {
        greet(session);
    } else if (policy->connections_wait) {
        session->deadline_us = time_after(session->now_us, WAITING_LOOK_US);
    } else {
        session_touch(session);
        reply_error(session, "[SYS/TEMP]", REPLY_TEXT_TOO_MANY_CONNECTIONS);
        session->greeted = true;
        session_leave(session, LEAVE_REFUSAL);
    }
}

static void *session_open(void *context, const struct peer_info *info, time_us now_us)
{
    struct refserver *server = context;
    struct session *session = memory_new(sizeof(struct session));

    session->server = server;
    session->serial = ++server->session_count;
    session->info = *info;
    session->language = LANGUAGE_COUNT;
    session->tls = info->implicit_tls;
    session->now_us = session->opened_us = now_us;
    server->open_count++;
    server->record.sessions++;
    command_reader_init(&session->reader);
    buf_init(&session->input, INPUT_OCTETS_MAX);
    buf_init(&session->carried, COMMAND_READER_OCTETS);
    buf_init(&session->spaced, BUF_UNBOUNDED);
    buf_init(&session->output, BUF_UNBOUNDED);
    buf_init(&session->unique_id, UNIQUE_ID_OCTETS_MAX);
    buf_init(&session->lines, BUF_UNBOUNDED);
    buf_init(&session->challenge, BUF_UNBOUNDED);
    buf_init(&session->claimed, COMMAND_READER_OCTETS);
    scram_init(&session->scram);
    greet_or_not(session);
    return session;
}

/*
 * The next line of the input, with what is known of the pieces it came in. `input` is taken piece by piece (see
 * session_input), so that one line in two pieces shows as such whatever waited before it.
 */
static bool next_line(struct session *session, struct command_line *ret_line)
{
    struct bytes rest = buf_bytes(&session->input);
    bool complete = command_reader_next(&session->reader, &rest, ret_line);

    /* The line may point into the input, which stays where it is until the line is done. */
    session->input_read = session->input.size - rest.size;
    return complete;
}

static void forget_read_input(struct session *session)
{
    buf_consume(&session->input, session->input_read);
    session->input_read = 0;
}

static bool may_execute(const struct session *session)
{
    return session->greeted && session->state != SESSION_OVER && !session->tls_wanted &&
           !session->stls_late && session->body.kind == RESPONSE_BODY_NONE &&
           session->output.size < OUTPUT_WAITING_MAX;
}

/* Executes what was received, as far as it goes: up to a reply that is still being sent, STLS, or the end. */
static void run(struct session *session)
{
    struct command_line line;

    body_fill(session);
    while (may_execute(session) && session->input.size > 0) {
        bool in_pieces = command_reader_pending(&session->reader);

        if (next_line(session, &line)) {
            session_line(session, &line, in_pieces, in_pieces && session->input_read == 1);
            session_touch(session);
        }
        forget_read_input(session);
        body_fill(session);
    }
    if (!session->ended || !may_execute(session) || session->input.size > 0)
        return;
    session_leave(session, LEAVE_END);
    session_close(session);
}

static void session_input(void *peer, struct bytes bytes, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    /* What is still on its way behind STLS belongs to nobody, see authorization_stls(). */
    if (session->state == SESSION_OVER || (session->tls_wanted && session->rest_dropped))
        return;
    if (!buf_append(&session->input, bytes)) {
        session_leave(session, LEAVE_RESET);
        session_abort(session);
        return;
    }
    run(session);
}

static void session_end(void *peer, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    session->ended = true;
    if (session->tls_wanted)
        session_leave(session, LEAVE_END);
    run(session);
}

static void session_reset(void *peer, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    session_leave(session, LEAVE_RESET);
    session->state = SESSION_OVER;
}

static struct bytes session_output(void *peer)
{
    struct session *session = peer;

    body_fill(session);
    if (session->aborting)
        return BYTES_EMPTY;
    bool at_first = session->octets_sent < SMALL_SEGMENTS_OCTETS;

    return bytes_slice(buf_bytes(&session->output), 0,
                       at_first ? session->server->policy.segment_octets_max : SEGMENT_OCTETS_MAX);
}

/* Somebody reads: that is no silence, so the timer starts again. */
static void session_wrote(void *peer, size_t count, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    buf_consume(&session->output, count);
    session->octets_sent += count;
    if (session->body.kind != RESPONSE_BODY_NONE)
        session_touch(session);
    run(session);
}

static enum peer_wish session_wish(const void *peer)
{
    const struct session *session = peer;

    if (session->aborting)
        return PEER_ABORT;
    if (session->closing)
        return session->unnotified ? PEER_CLOSE_UNNOTIFIED : PEER_CLOSE;
    return session->tls_wanted && session->output.size == 0 ? PEER_START_TLS : PEER_READ;
}

static void session_tls_done(void *peer, bool ok, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    session->tls_wanted = false;
    if (!ok) {
        session_leave(session, LEAVE_REFUSAL);
        return;
    }
    session->tls = true;
    session_touch(session);
    if (session->stls_greets)
        reply_greeting(session);
    run(session);
}

/* On the port for implicit TLS no session has begun yet: the seam gets one that says what is known of the connection. */
static enum peer_handshake handshake_of_port(struct refserver *server, time_us now_us)
{
    struct transition_event event = {.kind = TRANSITION_IMPLICIT_TLS};
    struct session *session = memory_new(sizeof(struct session));

    session->server = server;
    session->info = (struct peer_info){.implicit_tls = true, .tls_ready = true};
    session->tls = true;
    session->language = LANGUAGE_COUNT;
    session->now_us = session->opened_us = now_us;
    seam_transition(session, &event);
    free(session);
    return event.handshake;
}

static enum peer_handshake session_handshake(void *context, const void *peer, time_us now_us)
{
    const struct session *session = peer;

    return session != NULL ? session->handshake : handshake_of_port(context, now_us);
}

static time_us session_deadline(const void *peer)
{
    const struct session *session = peer;

    return session->aborting ? TIME_NEVER : session->deadline_us;
}

static void session_tick(void *peer, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    if (now_us < session_deadline(session))
        return;
    if (!session->greeted && !session->closing) {
        greet_or_not(session);
        run(session);
        return;
    }
    if (session->stls_late) {
        authorization_stls_answer(session);
        session_touch(session);
        return;
    }
    /* Who doesn't even take the last reply is not waited for. */
    if (session->closing || session->left)
        session_abort(session);
    else
        session_leave(session, LEAVE_AUTOLOGOUT);
}

static void session_free(void *peer, time_us now_us)
{
    struct session *session = peer;

    session->now_us = now_us;
    session_leave(session, LEAVE_RESET);
    session->server->open_count--;
    session_make_room(session);
    body_release(&session->body);
    opened_maildrop_close(&session->maildrop);
    buf_release(&session->input);
    buf_release(&session->carried);
    buf_release(&session->spaced);
    buf_release(&session->output);
    buf_release(&session->unique_id);
    buf_release(&session->lines);
    buf_release(&session->challenge);
    buf_release(&session->claimed);
    scram_release(&session->scram);
    free(session);
}

const struct peer_ops refserver_peer_ops = {
    .open = session_open,
    .input = session_input,
    .end = session_end,
    .reset = session_reset,
    .output = session_output,
    .wrote = session_wrote,
    .wish = session_wish,
    .tls_done = session_tls_done,
    .handshake = session_handshake,
    .deadline = session_deadline,
    .tick = session_tick,
    .close = session_free,
};
