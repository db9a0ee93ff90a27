/*
 * A server for tests that answers each line by a function: enough to play targets that are silent, rude, endless or dying.
 * The functions see the whole line without its end and append what is to be sent.
 */
#ifndef TESTS_RUN_LINE_SERVER_H
#define TESTS_RUN_LINE_SERVER_H

#include "base/buf.h"
#include "base/memory.h"
#include "base/peer.h"
#include "pop3/command.h"

struct line_server {
    /* Appends the greeting, the answer to LINE, or, with LINE.data NULL, more of an endless answer. */
    void (*answer)(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                   bool *close);
    bool endless;         /* asked for more whenever all was sent */
    uint64_t sessions;    /* opened so far */
    uint64_t dies_behind; /* sessions after which connections end at once; 0: never */
    bool logged_in;       /* scratch for `answer` */
};

struct line_session {
    struct line_server *server;
    struct command_reader reader;
    struct buf output;
    enum peer_wish wish;
};

static inline void line_session_say(struct line_session *session, struct bytes line, bool greeting)
{
    bool close = false;

    session->server->answer(session->server, line, greeting, &session->output, &close);
    if (close)
        session->wish = PEER_CLOSE;
}

static inline void *line_session_open(void *context, const struct peer_info *info, time_us now_us)
{
    struct line_server *server = (struct line_server *)context;
    struct line_session *session = (struct line_session *)memory_new(sizeof(*session));

    (void)info;
    (void)now_us;
    session->server = server;
    session->wish = PEER_READ;
    command_reader_init(&session->reader);
    buf_init(&session->output, BUF_UNBOUNDED);
    server->sessions++;
    if (server->dies_behind != 0 && server->sessions > server->dies_behind)
        session->wish = PEER_ABORT;
    else
        line_session_say(session, BYTES_EMPTY, true);
    return session;
}

static inline void line_session_input(void *peer, struct bytes octets, time_us now_us)
{
    struct line_session *session = (struct line_session *)peer;
    struct command_line line;

    (void)now_us;
    while (session->wish == PEER_READ && command_reader_next(&session->reader, &octets, &line))
        line_session_say(session, line.line, false);
}

static inline void line_session_end(void *peer, time_us now_us)
{
    (void)now_us;
    ((struct line_session *)peer)->wish = PEER_CLOSE;
}

static inline void line_session_reset(void *peer, time_us now_us)
{
    (void)peer;
    (void)now_us;
}

static inline struct bytes line_session_output(void *peer)
{
    return buf_bytes(&((const struct line_session *)peer)->output);
}

static inline void line_session_wrote(void *peer, size_t count, time_us now_us)
{
    struct line_session *session = (struct line_session *)peer;

    (void)now_us;
    buf_consume(&session->output, count);
    if (session->server->endless && session->output.size == 0 && session->wish == PEER_READ)
        line_session_say(session, BYTES_EMPTY, false);
}

static inline enum peer_wish line_session_wish(const void *peer)
{
    return ((const struct line_session *)peer)->wish;
}

static inline void line_session_tls_done(void *peer, bool ok, time_us now_us)
{
    (void)peer;
    (void)ok;
    (void)now_us;
}

static inline time_us line_session_deadline(const void *peer)
{
    (void)peer;
    return TIME_NEVER;
}

static inline void line_session_tick(void *peer, time_us now_us)
{
    (void)peer;
    (void)now_us;
}

static inline void line_session_close(void *peer, time_us now_us)
{
    struct line_session *session = (struct line_session *)peer;

    (void)now_us;
    buf_release(&session->output);
    free(session);
}

static const struct peer_ops line_server_ops = {
    .open = line_session_open,
    .input = line_session_input,
    .end = line_session_end,
    .reset = line_session_reset,
    .output = line_session_output,
    .wrote = line_session_wrote,
    .wish = line_session_wish,
    .tls_done = line_session_tls_done,
    .deadline = line_session_deadline,
    .tick = line_session_tick,
    .close = line_session_close,
};

#endif
