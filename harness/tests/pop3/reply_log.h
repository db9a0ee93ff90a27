/*
 * A log of all that a reply reader answers, octets and fields alike, so that two runs can be compared whole; and the
 * session that feeds a reader in pieces and writes the log. Used by the tests and by the fuzz target.
 */
#ifndef TESTS_POP3_REPLY_LOG_H
#define TESTS_POP3_REPLY_LOG_H

#include "base/buf.h"
#include "base/check.h"
#include "pop3/reply.h"

#include <string.h>

/* Which replies are expected on a stream, in order. */
struct reply_plan {
    unsigned multi; /* bit i: reply i is a multi-line one; repeated after PLAN_BITS replies */
    unsigned count; /* so many; what stands behind the last stays unread */
};

enum { PLAN_BITS = 6 };

static inline bool reply_plan_is_multi(struct reply_plan plan, unsigned index)
{
    return (plan.multi >> index % PLAN_BITS & 1) != 0;
}

/* What is written for each event, followed by the octets of wire, of which the text is a part. */
struct reply_record {
    uint64_t offset;
    uint64_t line_octets;
    uint64_t wire_octets;
    uint64_t text_start;
    uint64_t text_octets;
    uint32_t kind;
    uint32_t facts;
    uint32_t first_piece;
    uint32_t last_piece;
};

static inline bool reply_view_is_in(struct bytes view, const uint8_t *data, size_t size)
{
    return view.size == 0 || (view.data >= data && view.data + view.size <= data + size);
}

/* Where the text stands in the octets of wire; nowhere, which no other reader says, where it is no part of them. */
static inline uint64_t reply_text_start(const struct reply_event *event)
{
    if (!reply_view_is_in(event->text, event->wire.data, event->wire.size))
        return UINT64_MAX;
    return event->text.size > 0 ? (uint64_t)(event->text.data - event->wire.data) : 0;
}

/* buf_append(), but inline where there is room: the fuzz target logs more than it reads, and a call is instrumented. */
static inline void reply_log_put(struct buf *log, struct bytes octets)
{
    if (octets.size >= log->capacity - log->size) {
        CHECK(buf_append(log, octets));
        return;
    }
    if (octets.size > 0)
        memcpy(log->data + log->size, octets.data, octets.size);
    log->size += octets.size;
    log->data[log->size] = '\0';
}

static inline void reply_log_add(struct buf *log, const struct reply_event *event)
{
    struct reply_record record = {
        .offset = event->offset,
        .line_octets = event->line_octets,
        .wire_octets = event->wire.size,
        .text_start = reply_text_start(event),
        .text_octets = event->text.size,
        .kind = event->kind,
        .facts = event->facts,
        .first_piece = event->first_piece,
        .last_piece = event->last_piece,
    };

    reply_log_put(log, bytes_make(&record, sizeof(record)));
    reply_log_put(log, event->wire);
}

static inline void reply_log_add_unread(struct buf *log, uint64_t octets)
{
    struct reply_event event = {.kind = REPLY_NONE, .line_octets = octets};

    reply_log_add(log, &event);
}

struct reply_session {
    struct reply_reader reader;
    struct reply_plan plan;
    unsigned replies; /* expected so far */
    uint64_t unread;  /* octets that came behind the last reply */
    uint64_t calls;   /* of reply_reader_next() */
    bool stalled;     /* the reader answered NONE with input left and a reply due */
    bool
        misplaced; /* an event pointed elsewhere than into the input or the reader, or its text out of its octets */
    bool passing; /* lines of bodies go the short way where they can */
    struct buf *log;
};

static inline void reply_session_expect(struct reply_session *session)
{
    if (session->replies < session->plan.count)
        reply_reader_expect(&session->reader, reply_plan_is_multi(session->plan, session->replies));
    session->replies++;
}

static inline void reply_session_init(struct reply_session *session, struct reply_plan plan, struct buf *log)
{
    session->plan = plan;
    session->replies = 0;
    session->unread = 0;
    session->calls = 0;
    session->stalled = false;
    session->misplaced = false;
    session->passing = false;
    session->log = log;
    reply_reader_init(&session->reader);
    reply_session_expect(session);
}

static inline bool reply_view_is_placed(const struct reply_session *session, struct bytes view,
                                        struct bytes input)
{
    return reply_view_is_in(view, input.data, input.size) ||
           reply_view_is_in(view, session->reader.storage, sizeof(session->reader.storage));
}

/* Logs what reply_reader_plain_lines() takes from the front of *input as if reply_reader_next() had told of it. */
static inline void reply_session_pass(struct reply_session *session, struct bytes *input)
{
    enum { AT_ONCE = 8 };
    struct bytes whole = *input;
    uint64_t offset = session->reader.offset;
    struct bytes texts[AT_ONCE];
    size_t count;

    do {
        count = reply_reader_plain_lines(&session->reader, input, texts, AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            struct reply_event event = {
                .kind = REPLY_BODY,
                .wire = {texts[i].data, texts[i].size + 2},
                .text = texts[i],
                .first_piece = true,
                .last_piece = true,
                .offset = offset,
                .line_octets = texts[i].size + 2,
            };

            session->misplaced = session->misplaced || !reply_view_is_in(event.wire, whole.data, whole.size);
            reply_log_add(session->log, &event);
            offset += event.line_octets;
        }
    } while (count > 0);
}

static inline void reply_session_feed(struct reply_session *session, struct bytes input)
{
    struct bytes whole = input;
    struct reply_event event;

    for (;;) {
        session->calls++;
        if (session->passing)
            reply_session_pass(session, &input);
        reply_reader_next(&session->reader, &input, &event);
        if (event.kind == REPLY_NONE)
            break;
        reply_log_add(session->log, &event);
        if (!reply_view_is_placed(session, event.wire, whole) ||
            !reply_view_is_in(event.text, event.wire.data, event.wire.size))
            session->misplaced = true;
        if (event.kind == REPLY_END)
            reply_session_expect(session);
    }
    if (input.size > 0 && session->replies <= session->plan.count)
        session->stalled = true;
    session->unread += input.size;
}

static inline void reply_session_finish(struct reply_session *session)
{
    struct reply_event event;

    reply_reader_finish(&session->reader, &event);
    if (event.kind != REPLY_NONE)
        reply_log_add(session->log, &event);
    reply_log_add_unread(session->log, session->unread);
}

static inline struct bytes reply_log_take(struct bytes *log, uint64_t size)
{
    struct bytes taken = bytes_slice(*log, 0, (size_t)size);

    *log = bytes_from(*log, (size_t)size);
    return taken;
}

static inline void describe_octets(struct buf *out, struct bytes octets)
{
    enum { SHOWN = 40 };

    buf_append_octet(out, '"');
    for (size_t i = 0; i < octets.size && i < SHOWN; i++) {
        if (ascii_is_visible(octets.data[i]) || octets.data[i] == ' ')
            buf_append_octet(out, octets.data[i]);
        else
            buf_append_format(out, "\\%02X", octets.data[i]);
    }
    buf_append_octet(out, '"');
    if (octets.size > SHOWN)
        buf_append_format(out, " of %zu", octets.size);
}

static inline void describe_facts(struct buf *out, unsigned facts)
{
    static const char *const names[] = {"bare-lf", "bare-cr",       "nul",       "8bit", "long-first-line",
                                        "stuffed", "unstuffed-dot", "long-line", "cut"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((facts >> i & 1) != 0)
            buf_append_format(out, " %s", names[i]);
    }
}

/* Puts a log into words: `status "+OK"; body "a" bare-lf; end; unread 5`. */
static inline void reply_log_describe(struct bytes log, struct buf *out)
{
    struct reply_record record;

    while (log.size > 0) {
        memcpy(&record, reply_log_take(&log, sizeof(record)).data, sizeof(record));
        struct bytes wire = reply_log_take(&log, record.wire_octets);
        struct bytes text = bytes_slice(bytes_from(wire, record.text_start), 0, record.text_octets);

        if (out->size > 0)
            buf_append_text(out, "; ");
        if (record.kind == REPLY_NONE)
            buf_append_format(out, "unread %zu", (size_t)record.line_octets);
        if (record.kind == REPLY_STATUS)
            buf_append_text(out, "status ");
        if (record.kind == REPLY_BODY)
            buf_append_text(out, record.first_piece != 0 ? "body " : "more ");
        if (record.kind == REPLY_END)
            buf_append_text(out, "end");
        if (record.kind == REPLY_STATUS || record.kind == REPLY_BODY)
            describe_octets(out, text);
        describe_facts(out, record.facts);
        if (record.kind == REPLY_BODY && record.last_piece == 0)
            buf_append_text(out, " ...");
    }
}

#endif
