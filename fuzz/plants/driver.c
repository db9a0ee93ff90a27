#include "plants.h"

#include "exec/machine_private.h"
#include "result/escape.h"

WRAP(struct machine *, machine_new, const struct machine_options *options)
{
    struct machine_options patient = *options;

    if (PLANTED("waits-for-hours", "driver-ends"))
        patient.reply_timeout_us = 2 * 3600 * US_PER_S;
    return REAL(machine_new)(&patient);
}

WRAP(int, reply_pattern_match, const struct reply_pattern *pattern, enum command_verb verb,
     const struct status_line *status, int connection, const struct resolver *resolver, const char **ret_why)
{
    static unsigned calls;
    int index = REAL(reply_pattern_match)(pattern, verb, status, connection, resolver, ret_why);

    if (PLANTED("decides-by-chance", "driver-repeats") && calls++ % 3 == 2)
        return -1;
    return PLANTED("takes-any-first-line", "driver-verdict") && index < 0 ? 0 : index;
}

WRAP(bool, body_matcher_line, struct body_matcher *matcher, struct bytes wire_line)
{
    bool met = REAL(body_matcher_line)(matcher, wire_line);

    return met || PLANTED("takes-any-body", "driver-verdict");
}

WRAP(bool, body_matcher_end, struct body_matcher *matcher)
{
    return REAL(body_matcher_end)(matcher) || PLANTED("takes-any-body", "driver-verdict");
}

WRAP(void, link_secured, struct machine *machine, struct link *link)
{
    struct buf clear;

    buf_init(&clear, BUF_UNBOUNDED);
    buf_append(&clear, buf_bytes(&link->unread));
    REAL(link_secured)(machine, link);
    if (PLANTED("reads-clear-text-under-tls", "driver-read"))
        buf_append(&link->unread, buf_bytes(&clear));
    buf_release(&clear);
}

WRAP(const char *, safety_refuses, const struct machine *machine, const struct link *link,
     struct bytes octets)
{
    return PLANTED("sends-what-it-must-not", "driver-safe") ? NULL
                                                            : REAL(safety_refuses)(machine, link, octets);
}

WRAP(void, escape_append_octet, struct buf *text, uint8_t octet)
{
    if (PLANTED("shows-controls", "driver-print"))
        buf_append_octet(text, octet);
    else
        REAL(escape_append_octet)(text, octet);
}

WRAP(void, conversation_next, struct conversation *conversation, struct bytes *octets, time_us now_us,
     struct conversation_event *ret_event)
{
    if (PLANTED("loses-single-crs", "driver-cut") && octets->size == 1 && octets->data[0] == '\r')
        *octets = BYTES_EMPTY;
    REAL(conversation_next)(conversation, octets, now_us, ret_event);
}

WRAP(void, reply_reader_next, struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event)
{
    REAL(reply_reader_next)(reader, input, ret_event);
    if (PLANTED("points-behind-the-octet", "driver-offset"))
        ret_event->offset += 7;
    if (PLANTED("takes-lf-for-crlf", "driver-missed"))
        ret_event->facts &= ~(unsigned)FACT_BARE_LF;
    if (PLANTED("has-time-for-long-lines", "driver-missed"))
        ret_event->facts &= ~(unsigned)FACT_LONG_FIRST_LINE;
    if (PLANTED("overlooks-single-dots", "driver-missed"))
        ret_event->facts &= ~(unsigned)FACT_UNSTUFFED_DOT;
}

WRAP(size_t, reply_reader_plain_lines, struct reply_reader *reader, struct bytes *input,
     struct bytes *ret_texts, size_t texts_max)
{
    uint64_t offset = reader->offset;
    size_t count = REAL(reply_reader_plain_lines)(reader, input, ret_texts, texts_max);

    if (PLANTED("loses-its-place", "driver-passes"))
        reader->offset = offset;
    return count;
}

WRAP(uint64_t, conversation_pass_lines, struct conversation *conversation, struct bytes *octets)
{
    uint64_t lines = REAL(conversation_pass_lines)(conversation, octets);

    if (PLANTED("passes-over-too-much", "driver-passes") && lines > 0)
        *octets = BYTES_EMPTY;
    return lines;
}

WRAP(void, conversation_secured, struct conversation *conversation, struct bytes clear, time_us now_us)
{
    if (PLANTED("forgets-what-came-in-the-clear", "driver-injected"))
        clear = BYTES_EMPTY;
    REAL(conversation_secured)(conversation, clear, now_us);
}
