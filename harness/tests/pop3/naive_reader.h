/*
 * A second reply reader, for comparison: it has the whole stream before it, looks at one octet at a time, and keeps no
 * state, so that it is plain to see that it is right. It shares nothing with the real one but the types of its answer.
 */
#ifndef TESTS_POP3_NAIVE_READER_H
#define TESTS_POP3_NAIVE_READER_H

#include "pop3/reply_log.h"

/* A line of the stream from START up to END; without line end where the stream ended first. */
struct naive_line {
    size_t start;
    size_t end;
    bool ended;
};

static inline struct naive_line naive_line_at(struct bytes stream, size_t start)
{
    struct naive_line line = {start, start, false};

    while (line.end < stream.size && !line.ended)
        line.ended = stream.data[line.end++] == '\n';
    return line;
}

static inline bool naive_has_crlf(struct bytes stream, struct naive_line line)
{
    return line.ended && line.end - line.start >= 2 && stream.data[line.end - 2] == '\r';
}

static inline size_t naive_content_end(struct bytes stream, struct naive_line line)
{
    if (!line.ended)
        return line.end;
    return line.end - (naive_has_crlf(stream, line) ? 2 : 1);
}

/* Facts of the octets from LINE.start up to END. A CR is judged by the octet behind it, wherever END is. */
static inline unsigned naive_facts(struct bytes stream, struct naive_line line, size_t end)
{
    unsigned facts = 0;

    for (size_t i = line.start; i < end; i++) {
        if (stream.data[i] == 0)
            facts |= FACT_NUL;
        if (stream.data[i] > 127)
            facts |= FACT_8BIT;
        if (stream.data[i] == '\r' && i + 1 < line.end && stream.data[i + 1] != '\n')
            facts |= FACT_BARE_CR;
    }
    if (end == line.end && line.ended && !naive_has_crlf(stream, line))
        facts |= FACT_BARE_LF;
    if (end == line.end && !line.ended)
        facts |= FACT_CUT;
    return facts;
}

/* Where the piece that begins at START ends. */
static inline size_t naive_piece_end(struct bytes stream, struct naive_line line, size_t start)
{
    size_t end = start + READER_LINE_OCTETS;

    if (end > line.end || (end == line.end && line.ended))
        return line.end;
    return stream.data[end - 1] == '\r' ? end - 1 : end;
}

static inline bool naive_is_word(const uint8_t *octets, size_t size, const char *word)
{
    for (size_t i = 0; word[i] != '\0'; i++) {
        if (i >= size || (octets[i] != word[i] && octets[i] != (word[i] | 0x20)))
            return false;
    }
    return true;
}

static inline size_t naive_status(struct bytes stream, size_t start, struct buf *log, bool *ret_ok)
{
    struct naive_line line = naive_line_at(stream, start);
    const uint8_t *octets = stream.data + start;
    size_t size = naive_content_end(stream, line) - start;
    struct reply_event event = {.kind = REPLY_STATUS, .offset = start, .line_octets = line.end - start};

    event.facts = naive_facts(stream, line, line.end);
    bool challenge = size >= 1 && octets[0] == '+' && (size == 1 || octets[1] == ' ');

    if (event.line_octets > 512 && !challenge)
        event.facts |= FACT_LONG_FIRST_LINE;
    event.wire = bytes_make(octets, naive_piece_end(stream, line, start) - start);
    event.text = event.wire;
    if (event.wire.size == event.line_octets)
        event.text.size = size;
    reply_log_add(log, &event);
    *ret_ok = line.ended && naive_is_word(octets, size, "+OK");
    if (line.ended && !*ret_ok) {
        event = (struct reply_event){.kind = REPLY_END, .offset = line.end};
        reply_log_add(log, &event);
    }
    return line.end;
}

/* The dot that is taken away from the front of a line: 1 or 0. */
static inline size_t naive_dot(struct bytes stream, struct naive_line line, unsigned *facts)
{
    const uint8_t *octets = stream.data + line.start;
    size_t size = line.end - line.start;

    if (size == 0 || octets[0] != '.')
        return 0;
    if (!line.ended && (size == 1 || (size == 2 && octets[1] == '\r')))
        return 0;
    *facts |= octets[1] == '.' ? FACT_STUFFED : FACT_UNSTUFFED_DOT;
    return 1;
}

static inline void naive_body_line(struct bytes stream, struct naive_line line, struct buf *log)
{
    unsigned dot_facts = 0;
    size_t dot = naive_dot(stream, line, &dot_facts);
    size_t start = line.start;
    bool last = false;

    while (!last) {
        size_t end = naive_piece_end(stream, line, start);

        last = end == line.end && (line.ended || end - start < READER_LINE_OCTETS);
        unsigned facts = naive_facts(stream, line, end) | dot_facts;
        size_t text_start = start == line.start ? start + dot : start;
        size_t text_end = last ? naive_content_end(stream, line) : end;

        if (!last)
            facts &= ~(unsigned)FACT_CUT;
        if (text_end - line.start - dot > 998)
            facts |= FACT_LONG_LINE;
        struct reply_event event = {
            .kind = REPLY_BODY,
            .wire = bytes_make(stream.data + start, end - start),
            .text = bytes_make(stream.data + text_start, text_end - text_start),
            .facts = facts,
            .first_piece = start == line.start,
            .last_piece = last,
            .offset = start,
            .line_octets = last ? line.end - line.start : 0,
        };

        reply_log_add(log, &event);
        start = end;
    }
}

/* Up to and with the terminator, or the end of the stream. */
static inline size_t naive_body(struct bytes stream, size_t start, struct buf *log, bool *ret_ended)
{
    *ret_ended = false;
    while (start < stream.size) {
        struct naive_line line = naive_line_at(stream, start);

        start = line.end;
        if (line.ended && naive_content_end(stream, line) == line.start + 1 &&
            stream.data[line.start] == '.') {
            struct reply_event event = {
                .kind = REPLY_END,
                .wire = bytes_make(stream.data + line.start, line.end - line.start),
                .facts = naive_has_crlf(stream, line) ? 0 : FACT_BARE_LF,
                .offset = line.start,
                .line_octets = line.end - line.start,
            };

            reply_log_add(log, &event);
            *ret_ended = true;
            return start;
        }
        naive_body_line(stream, line, log);
    }
    return start;
}

/* The whole log of STREAM, the count of unread octets included. */
static inline void naive_replies(struct bytes stream, struct reply_plan plan, struct buf *log)
{
    size_t at = 0;
    bool complete = true;

    for (unsigned i = 0; i < plan.count && at < stream.size && complete; i++) {
        bool ok;

        at = naive_status(stream, at, log, &ok);
        if (!ok)
            continue;
        if (reply_plan_is_multi(plan, i)) {
            at = naive_body(stream, at, log, &complete);
        } else {
            struct reply_event event = {.kind = REPLY_END, .offset = at};

            reply_log_add(log, &event);
        }
    }
    reply_log_add_unread(log, stream.size - at);
}

#endif
