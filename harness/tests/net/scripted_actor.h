/*
 * An actor that goes through a list of steps and writes down all that it is told, one line an event, with octets
 * that came in a row joined, so that what TCP cut differently reads the same.
 */
#ifndef TESTS_NET_SCRIPTED_ACTOR_H
#define TESTS_NET_SCRIPTED_ACTOR_H

#include "base/actor.h"
#include "base/buf.h"
#include "base/limits.h"

#include <stdio.h>

enum script_kind {
    DO_OPEN,
    DO_OPEN_IMPLICIT,
    DO_SEND,
    DO_TLS,
    DO_HALF_CLOSE,
    DO_CLOSE,
    DO_ABORT,
    DO_HOST,
    AWAIT_TEXT, /* until the octets since the last AWAIT_TEXT contain it */
    AWAIT_KIND, /* until this was told of the connection since the step before */
    AWAIT_TIME, /* until so much time has passed; other events are written down meanwhile */
    DO_NOTHING_MORE,
};

struct script_step {
    enum script_kind kind;
    int connection;
    const char *text;
    enum told_kind told;
    int64_t span_us;
    const size_t *cuts;
    size_t cut_count;
};

#define OPEN(number)          {.kind = DO_OPEN, .connection = (number)}, TOLD(number, TOLD_OPENED)
#define OPEN_IMPLICIT(number) {.kind = DO_OPEN_IMPLICIT, .connection = (number)}, TOLD(number, TOLD_OPENED)
#define OPEN_FAILS(number)    {.kind = DO_OPEN, .connection = (number)}, TOLD(number, TOLD_OPEN_FAILED)
#define START_TLS(number)     {.kind = DO_TLS, .connection = (number)}, TOLD(number, TOLD_TLS_DONE)
#define TLS_FAILS(number)     {.kind = DO_TLS, .connection = (number)}, TOLD(number, TOLD_TLS_FAILED)
#define SEND(number, octets)                                                                                 \
    {.kind = DO_SEND, .connection = (number), .text = (octets)}, TOLD(number, TOLD_SENT)
#define HALF_CLOSE(number)                                                                                   \
    {                                                                                                        \
        .kind = DO_HALF_CLOSE, .connection = (number)                                                        \
    }
#define CLOSE(number)                                                                                        \
    {                                                                                                        \
        .kind = DO_CLOSE, .connection = (number)                                                             \
    }
#define ABORT(number)                                                                                        \
    {                                                                                                        \
        .kind = DO_ABORT, .connection = (number)                                                             \
    }
#define TEXT(number, expected)                                                                               \
    {                                                                                                        \
        .kind = AWAIT_TEXT, .connection = (number), .text = (expected)                                       \
    }
#define TOLD(number, what)                                                                                   \
    {                                                                                                        \
        .kind = AWAIT_KIND, .connection = (number), .told = (what)                                           \
    }
/* As line_peer.h greets. */
#define GREETED OPEN(1), TEXT(1, "+OK ready\r\n")
#define PAUSE(span)                                                                                          \
    {                                                                                                        \
        .kind = AWAIT_TIME, .span_us = (span)                                                                \
    }
#define END_OF_SCRIPT                                                                                        \
    {                                                                                                        \
        .kind = DO_NOTHING_MORE                                                                              \
    }

struct scripted_actor {
    const struct script_step *step;
    bool begun; /* the current AWAIT step has been waited for */
    bool met;   /* what it waits for was told */
    time_us until_us;
    time_us give_up_us; /* the script's own deadline: a test that would hang fails instead */
    bool gave_up;
    int joined_connection; /* whose octets the last line of the log ends with, 0: none */
    uint64_t octets[CONNECTIONS_MAX + 1];
    uint64_t bytes_count[CONNECTIONS_MAX + 1]; /* of TOLD_BYTES */
    bool octets_unlogged;                      /* only count them, for floods */
    struct buf seen[CONNECTIONS_MAX + 1];      /* since the last AWAIT_TEXT that was met */
    struct buf log;
};

static inline void scripted_init(struct scripted_actor *actor, const struct script_step *steps)
{
    *actor = (struct scripted_actor){.step = steps, .give_up_us = 20 * US_PER_S};
    buf_init(&actor->log, 1024 * 1024);
    for (int i = 0; i <= CONNECTIONS_MAX; i++)
        buf_init(&actor->seen[i], 1024 * 1024);
}

static inline void scripted_release(struct scripted_actor *actor)
{
    buf_release(&actor->log);
    for (int i = 0; i <= CONNECTIONS_MAX; i++)
        buf_release(&actor->seen[i]);
}

static inline const char *scripted_log(const struct scripted_actor *actor)
{
    return buf_text(&actor->log);
}

static inline void scripted_advance(struct scripted_actor *actor)
{
    actor->step++;
    actor->begun = false;
    actor->met = false;
}

static inline bool scripted_text_seen(struct scripted_actor *actor)
{
    struct buf *seen = &actor->seen[actor->step->connection];
    struct bytes text = bytes_of(actor->step->text);
    size_t at = bytes_find(buf_bytes(seen), text);

    if (at == BYTES_NOT_FOUND)
        return false;
    buf_consume(seen, at + text.size);
    return true;
}

/* True when the current step has nothing more to wait for. */
static inline bool scripted_is_met(struct scripted_actor *actor, time_us now_us)
{
    if (actor->step->kind == AWAIT_TEXT)
        return scripted_text_seen(actor);
    if (actor->step->kind == AWAIT_KIND)
        return actor->met;
    if (!actor->begun)
        actor->until_us = time_after(now_us, actor->step->span_us);
    actor->begun = true;
    return now_us >= actor->until_us;
}

static inline void scripted_fill_ask(const struct script_step *step, struct ask *ret_ask)
{
    static const enum ask_kind kinds[] = {
        [DO_OPEN] = ASK_OPEN,
        [DO_OPEN_IMPLICIT] = ASK_OPEN,
        [DO_SEND] = ASK_SEND,
        [DO_TLS] = ASK_START_TLS,
        [DO_HALF_CLOSE] = ASK_HALF_CLOSE,
        [DO_CLOSE] = ASK_CLOSE,
        [DO_ABORT] = ASK_ABORT,
        [DO_HOST] = ASK_HOST,
    };

    *ret_ask = (struct ask){
        .kind = kinds[step->kind],
        .connection = step->connection,
        .bytes = step->text != NULL ? bytes_of(step->text) : BYTES_EMPTY,
        .cuts = step->cuts,
        .cut_count = step->cut_count,
        .cut_pause_us = step->span_us,
        .until_us = TIME_NEVER,
        .implicit_tls = step->kind == DO_OPEN_IMPLICIT,
        .host_verb = "deliver",
        .host_noun = step->text,
    };
}

static inline void scripted_next(void *context, time_us now_us, struct ask *ret_ask)
{
    struct scripted_actor *actor = context;

    while (actor->step->kind >= AWAIT_TEXT && actor->step->kind <= AWAIT_TIME &&
           scripted_is_met(actor, now_us))
        scripted_advance(actor);
    if (now_us >= actor->give_up_us && actor->step->kind != DO_NOTHING_MORE) {
        actor->gave_up = true;
        buf_append_text(&actor->log, "gave up\n");
    }
    if (actor->gave_up || actor->step->kind == DO_NOTHING_MORE) {
        *ret_ask = (struct ask){.kind = ASK_DONE};
    } else if (actor->step->kind >= AWAIT_TEXT) {
        time_us until_us = actor->step->kind == AWAIT_TIME ? actor->until_us : TIME_NEVER;

        *ret_ask = (struct ask){.kind = ASK_WAIT, .until_us = time_earlier(until_us, actor->give_up_us)};
    } else {
        scripted_fill_ask(actor->step, ret_ask);
        scripted_advance(actor);
    }
}

static inline const char *scripted_kind_name(enum told_kind kind)
{
    static const char *const names[] = {
        [TOLD_OPENED] = "opened",
        [TOLD_OPEN_FAILED] = "open-failed",
        [TOLD_BYTES] = "bytes",
        [TOLD_SENT] = "sent",
        [TOLD_END] = "end",
        [TOLD_RESET] = "reset",
        [TOLD_TLS_DONE] = "tls-done",
        [TOLD_TLS_FAILED] = "tls-failed",
        [TOLD_HOST_DONE] = "host-done",
        [TOLD_HOST_FAILED] = "host-failed",
        [TOLD_HOST_IMPOSSIBLE] = "host-impossible",
        [TOLD_TIME] = "time",
    };

    return names[kind];
}

static inline void scripted_log_octets(struct scripted_actor *actor, const struct told *told)
{
    actor->octets[told->connection] += told->bytes.size;
    actor->bytes_count[told->connection]++;
    if (actor->octets_unlogged)
        return;
    buf_append(&actor->seen[told->connection], told->bytes);
    if (actor->joined_connection != told->connection)
        buf_append_format(&actor->log, "%d bytes\n", told->connection);
    actor->joined_connection = told->connection;
    buf_append(&actor->log, told->bytes);
}

static inline void scripted_tell(void *context, const struct told *told)
{
    struct scripted_actor *actor = context;

    if (actor->step->kind == AWAIT_KIND && actor->step->told == told->kind &&
        actor->step->connection == told->connection)
        actor->met = true;
    if (told->kind == TOLD_BYTES) {
        scripted_log_octets(actor, told);
        return;
    }
    actor->joined_connection = 0;
    if (told->kind == TOLD_TIME)
        return;
    buf_append_format(&actor->log, "%d %s%s", told->connection, scripted_kind_name(told->kind),
                      told->truncated ? " truncated" : "");
    /* What TLS agreed on differs between the null twin and the real one. */
    if (told->reason != NULL && told->kind != TOLD_TLS_DONE)
        buf_append_format(&actor->log, ": %s", told->reason);
    buf_append_text(&actor->log, "\n");
}

static const struct actor_ops scripted_actor_ops = {.next = scripted_next, .tell = scripted_tell};

#endif
