/*
 * A server that says what a list tells it to: for each line of the client the first entry that fits. It can be silent, slow,
 * endless, rude or gone at any point, which the reference server never is.
 */
#ifndef TESTS_EXEC_SCRIPT_PEER_H
#define TESTS_EXEC_SCRIPT_PEER_H

#include "playing.h"

#include "base/peer.h"
#include "pop3/command.h"

enum script_then {
    THEN_GO_ON,
    THEN_CLOSE,
    THEN_ABORT,
    THEN_TLS,
    THEN_DRIP,    /* it is said one octet a second, as all that follows */
    THEN_FOREVER, /* it is said again and again */
};

struct script_entry {
    const char
        *on; /* how the line begins, in any case; "" for the greeting, "*" for any line; NULL ends the list */
    const char *say; /* octets, CRLF included */
    enum script_then then;
    uint64_t until_session; /* it holds in so many first sessions; 0: in all */
    unsigned times;         /* it holds so many times in a session; 0: always */
};

enum { SCRIPT_ENTRIES_MAX = 32, SCRIPT_DRIP_US = 1000 * 1000, SCRIPT_CHUNK_OCTETS = 256 };

struct script_server {
    const struct script_entry *entries;
    uint64_t sessions; /* opened so far */
};

struct script_session {
    const struct script_entry *entries;
    uint64_t number;
    unsigned used[SCRIPT_ENTRIES_MAX];
    struct command_reader reader;
    struct buf output;
    const char *forever;
    bool drips;
    size_t dripped; /* octets of the output that may go */
    time_us deadline_us;
    enum peer_wish wish;
};

static inline void script_say(struct script_session *session, const struct script_entry *entry,
                              time_us now_us)
{
    buf_append_text(&session->output, entry->say);
    switch (entry->then) {
    case THEN_GO_ON:
        break;
    case THEN_CLOSE:
        session->wish = PEER_CLOSE;
        break;
    case THEN_ABORT:
        session->wish = PEER_ABORT;
        break;
    case THEN_TLS:
        session->wish = PEER_START_TLS;
        break;
    case THEN_DRIP:
        session->drips = true;
        session->deadline_us = time_after(now_us, SCRIPT_DRIP_US);
        break;
    case THEN_FOREVER:
        session->forever = entry->say;
        break;
    }
}

static inline bool script_fits(const struct script_session *session, const struct script_entry *entry,
                               unsigned used, struct bytes line, bool greeting)
{
    struct bytes on = bytes_of(entry->on);

    if ((entry->until_session > 0 && session->number > entry->until_session) ||
        (entry->times > 0 && used >= entry->times))
        return false;
    if (greeting || on.size == 0)
        return greeting && on.size == 0;
    return strcmp(entry->on, "*") == 0 || bytes_equal_nocase(bytes_slice(line, 0, on.size), on);
}

static inline void script_answer(struct script_session *session, struct bytes line, bool greeting,
                                 time_us now_us)
{
    for (size_t i = 0; session->entries[i].on != NULL; i++) {
        if (!script_fits(session, &session->entries[i], session->used[i], line, greeting))
            continue;
        session->used[i]++;
        script_say(session, &session->entries[i], now_us);
        return;
    }
}

static inline void *script_open(void *server, const struct peer_info *info, time_us now_us)
{
    struct script_server *script = server;
    struct script_session *session = memory_new(sizeof(*session));

    (void)info;
    session->entries = script->entries;
    session->number = ++script->sessions;
    session->wish = PEER_READ;
    session->deadline_us = TIME_NEVER;
    command_reader_init(&session->reader);
    buf_init(&session->output, BUF_UNBOUNDED);
    script_answer(session, BYTES_EMPTY, true, now_us);
    return session;
}

static inline void script_input(void *peer, struct bytes octets, time_us now_us)
{
    struct script_session *session = peer;
    struct command_line line;

    while (session->wish == PEER_READ && command_reader_next(&session->reader, &octets, &line))
        script_answer(session, line.line, false, now_us);
}

static inline void script_end(void *peer, time_us now_us)
{
    (void)now_us;
    ((struct script_session *)peer)->wish = PEER_CLOSE;
}

static inline void script_reset(void *peer, time_us now_us)
{
    (void)peer;
    (void)now_us;
}

static inline struct bytes script_output(void *peer)
{
    struct script_session *session = peer;

    while (session->forever != NULL && session->output.size < SCRIPT_CHUNK_OCTETS)
        buf_append_text(&session->output, session->forever);
    return session->drips ? bytes_slice(buf_bytes(&session->output), 0, session->dripped)
                          : buf_bytes(&session->output);
}

static inline void script_wrote(void *peer, size_t count, time_us now_us)
{
    struct script_session *session = peer;

    (void)now_us;
    buf_consume(&session->output, count);
    session->dripped -= session->drips ? count : 0;
}

static inline enum peer_wish script_wish(const void *peer)
{
    const struct script_session *session = peer;

    return session->drips && session->output.size > 0 ? PEER_READ : session->wish;
}

static inline void script_tls_done(void *peer, bool ok, time_us now_us)
{
    (void)ok;
    (void)now_us;
    ((struct script_session *)peer)->wish = PEER_READ;
}

static inline time_us script_deadline(const void *peer)
{
    return ((const struct script_session *)peer)->deadline_us;
}

static inline void script_tick(void *peer, time_us now_us)
{
    struct script_session *session = peer;

    if (now_us < session->deadline_us)
        return;
    session->deadline_us = time_after(now_us, SCRIPT_DRIP_US);
    session->dripped += session->dripped < session->output.size ? 1 : 0;
}

static inline void script_close(void *peer, time_us now_us)
{
    struct script_session *session = peer;

    (void)now_us;
    buf_release(&session->output);
    free(session);
}

static const struct peer_ops script_peer_ops = {
    .open = script_open,
    .input = script_input,
    .end = script_end,
    .reset = script_reset,
    .output = script_output,
    .wrote = script_wrote,
    .wish = script_wish,
    .tls_done = script_tls_done,
    .deadline = script_deadline,
    .tick = script_tick,
    .close = script_close,
};

/* ---- playing against it ---- */

/* Entries for the end of a list: the way to TRANSACTION, and QUIT. */
#define SCRIPT_GREETS                                                                                        \
    {                                                                                                        \
        "", "+OK ready\r\n", THEN_GO_ON, 0, 0                                                                \
    }
#define SCRIPT_ADMITS                                                                                        \
    {"USER", "+OK\r\n", THEN_GO_ON, 0, 0},                                                                   \
    {                                                                                                        \
        "PASS", "+OK\r\n", THEN_GO_ON, 0, 0                                                                  \
    }
#define SCRIPT_ENDS                                                                                          \
    {"QUIT", "+OK bye\r\n", THEN_CLOSE, 0, 0},                                                               \
    {                                                                                                        \
        NULL, NULL, THEN_GO_ON, 0, 0                                                                         \
    }
#define WAY_THERE SCRIPT_GREETS, SCRIPT_ADMITS, SCRIPT_ENDS

/* Plays DIALOG against a server that says what ENTRIES tell it to; PLAY says the rest. */
static inline struct played play_with_script(const struct play *play, const struct script_entry *entries,
                                             const char *dialog, uint64_t *ret_sessions)
{
    struct script_server server = {.entries = entries};
    struct play scripted = *play;

    scripted.ops = &script_peer_ops;
    scripted.server = &server;
    struct played played = play_dialog(&scripted, dialog);

    *ret_sessions = server.sessions;
    return played;
}

static inline struct played play_script(const struct script_entry *entries, const char *head,
                                        const char *dialog)
{
    uint64_t sessions;

    return play_with_script(&(struct play){.head = head, .may_delete = true}, entries, dialog, &sessions);
}

#endif
