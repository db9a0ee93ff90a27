#include "refserver/reply.h"

#include "base/utf8.h"
#include "refserver/server.h"
#include "refserver/wire.h"

#include <inttypes.h>

struct words {
    const char *own;
    const char *rfc;
};

static const struct words texts[REPLY_TEXT_COUNT] = {
#define TEXT(name, own, rfc) [REPLY_TEXT_##name] = {own, rfc},
#include "refserver/texts.def"
#undef TEXT
};

/*
 * What comes from the client: what could break a line is shown as a question mark, and so is what isn't ASCII unless
 * texts may be UTF-8 (RFC 6856 section 2.1).
 */
static void append_given(const struct session *session, struct bytes given, struct buf *out)
{
    bool utf8 = language_speaks_utf8(session) && utf8_is_well_formed(given);

    /* A text that begins with a bracket is a response code to clients (RFC 2449 section 6.4). */
    if (out->size == 0 && bytes_start_with(given, BYTES_LITERAL("[")))
        buf_append_octet(out, '?');
    for (size_t i = 0; i < given.size; i++)
        buf_append_octet(
            out, ascii_is_visible(given.data[i]) || (utf8 && given.data[i] > 0x7F) ? given.data[i] : '?');
}

static void append_range(const struct session *session, bool upper, struct buf *out)
{
    size_t start = out->size;

    append_given(session, session->command.arguments[0], out);
    for (size_t i = start; upper && i < out->size; i++)
        out->data[i] = ascii_upper(out->data[i]);
}

static void append_messages(struct buf *out, uint64_t count)
{
    buf_append_format(out, "%" PRIu64 " message%s", count, count == 1 ? "" : "s");
}

/* The maildrop as it is, without the view seam: nobody may judge by free text, so faults have no business in it. */
static void total(const struct opened_maildrop *maildrop, uint64_t *ret_count, uint64_t *ret_octets)
{
    *ret_count = 0;
    *ret_octets = 0;
    for (size_t i = 0; i < maildrop->count; i++)
        if (!maildrop->messages[i].marked) {
            *ret_count += 1;
            *ret_octets += maildrop->messages[i].stored->facts.octets;
        }
}

static void append_subject_size(const struct session *session, struct buf *out)
{
    if (session->subject < session->maildrop.count)
        buf_append_format(out, "%" PRIu64, session->maildrop.messages[session->subject].stored->facts.octets);
}

static void append_hole(const struct session *session, struct bytes hole, struct buf *out)
{
    uint64_t count;
    uint64_t octets;

    total(&session->maildrop, &count, &octets);
    if (bytes_equal(hole, BYTES_LITERAL("host")))
        buf_append_text(out, session->server->policy.host);
    else if (bytes_equal(hole, BYTES_LITERAL("name")))
        append_given(session, bytes_of(session->name), out);
    else if (bytes_equal(hole, BYTES_LITERAL("range")))
        append_range(session, false, out);
    else if (bytes_equal(hole, BYTES_LITERAL("RANGE")))
        append_range(session, true, out);
    else if (bytes_equal(hole, BYTES_LITERAL("number")))
        buf_append_format(out, "%" PRIu64, session->number);
    else if (bytes_equal(hole, BYTES_LITERAL("messages")))
        append_messages(out, count);
    else if (bytes_equal(hole, BYTES_LITERAL("octets")))
        buf_append_format(out, "%" PRIu64, octets);
    else if (bytes_equal(hole, BYTES_LITERAL("all")))
        append_messages(out, session->maildrop.count);
    else if (bytes_equal(hole, BYTES_LITERAL("remaining")))
        append_messages(out, session->remaining);
    else if (bytes_equal(hole, BYTES_LITERAL("size")))
        append_subject_size(session, out);
}

static const char *words_of(const struct session *session, enum reply_text text)
{
    const char *sentence = language_sentence(session, text);

    if (sentence != NULL)
        return sentence;
    return session->server->policy.text == TEXT_RFC ? texts[text].rfc : texts[text].own;
}

static void append_words(const struct session *session, enum reply_text text, struct buf *out)
{
    struct bytes rest = bytes_of(words_of(session, text));
    struct bytes piece;

    while (bytes_split(&rest, '{', &piece)) {
        buf_append(out, piece);
        if (rest.data != NULL && bytes_split(&rest, '}', &piece))
            append_hole(session, piece, out);
    }
}

static void fill_up(struct buf *out, const char *indicator)
{
    size_t size = REPLY_TEXT_OCTETS_MAX + strlen("+OK") - strlen(indicator);

    while (out->size < size)
        buf_append_octet(out, out->size % 8 == 0 ? ' ' : '-');
}

/* Response code, words, and what the policy makes of them. */
static void append_text(const struct session *session, const char *indicator, const char *code,
                        enum reply_text text, struct buf *out)
{
    const struct policy *policy = &session->server->policy;
    bool words = policy->text != TEXT_NONE && policy->text != TEXT_BLANK;

    if (policy->text == TEXT_UNKNOWN_CODE && policy->response_codes && code == NULL)
        code = "[X-POP3SPEC/DETAIL]";
    if (policy->response_codes && code != NULL)
        buf_append_format(out, "%s%s", code, words ? " " : "");
    if (words)
        append_words(session, text, out);
    if (policy->text == TEXT_LONGEST)
        fill_up(out, indicator);
}

static void emit_behind(struct session *session)
{
    encode_octets(session, session->reply_behind);
    session->reply_behind = BYTES_EMPTY;
}

static void pass_status(struct session *session, struct response_event *event)
{
    seam_reply(session, event);
    encode_octets(session, event->before);
    if (!event->silent)
        encode_status(session, event->indicator, event->blank, event->text);
    session->reply_behind = event->behind;
    if (event->body == RESPONSE_BODY_NONE) {
        body_release(&session->body);
        emit_behind(session);
        return;
    }
    if (session->body.kind != event->body)
        body_begin_rows(session, event->body);
    encode_body_begin(session, session->body.kind == RESPONSE_BODY_MESSAGE &&
                                   session->body.stored->facts.newline_missing);
}

static void send_status(struct session *session, bool positive, struct buf *text, enum response_body body)
{
    struct response_event event = {
        .part = RESPONSE_STATUS,
        .positive = positive,
        .indicator = positive ? "+OK" : "-ERR",
        .blank = session->server->policy.text == TEXT_BLANK,
        .text = buf_bytes(text),
        .body = body,
    };

    session->positive = positive;
    pass_status(session, &event);
    buf_release(text);
}

static void send_positive(struct session *session, enum reply_text text, enum response_body body)
{
    struct buf words;

    buf_init(&words, REPLY_TEXT_OCTETS_MAX);
    append_text(session, "+OK", NULL, text, &words);
    send_status(session, true, &words, body);
}

void reply_ok(struct session *session, enum reply_text text)
{
    send_positive(session, text, RESPONSE_BODY_NONE);
}

void reply_ok_format(struct session *session, const char *format, ...)
{
    struct buf text;
    va_list arguments;

    buf_init(&text, REPLY_TEXT_OCTETS_MAX);
    va_start(arguments, format);
    buf_append_format_list(&text, format, arguments);
    va_end(arguments);
    send_status(session, true, &text, RESPONSE_BODY_NONE);
}

void reply_ok_language(struct session *session, const char *tag)
{
    enum policy_text words = session->server->policy.text;
    struct buf text;

    buf_init(&text, REPLY_TEXT_OCTETS_MAX);
    buf_append_format(&text, "%s ", tag);
    if (words != TEXT_NONE && words != TEXT_BLANK)
        append_words(session, REPLY_TEXT_LANGUAGE, &text);
    if (words == TEXT_LONGEST)
        fill_up(&text, "+OK");
    send_status(session, true, &text, RESPONSE_BODY_NONE);
}

void reply_ok_rows(struct session *session, enum reply_text text, enum response_body kind)
{
    send_positive(session, text, kind);
}

void reply_ok_message(struct session *session, enum reply_text text, size_t index, bool whole,
                      uint64_t body_lines)
{
    session->subject = index;
    switch (body_begin_message(session, index, whole, body_lines)) {
    case BODY_BEGUN:
        send_positive(session, text, RESPONSE_BODY_MESSAGE);
        return;
    case BODY_UNREADABLE:
        reply_error(session, session->server->policy.damaged_refused ? NULL : "[SYS/TEMP]",
                    REPLY_TEXT_UNREADABLE_MESSAGE);
        return;
    case BODY_NEEDS_UTF8:
        reply_error(session, "[UTF8]", REPLY_TEXT_NEEDS_UTF8);
        return;
    }
}

void reply_error(struct session *session, const char *code, enum reply_text text)
{
    struct buf words;

    buf_init(&words, REPLY_TEXT_OCTETS_MAX - 1);
    append_text(session, "-ERR", code, text, &words);
    send_status(session, false, &words, RESPONSE_BODY_NONE);
}

void reply_challenge(struct session *session, struct bytes encoded)
{
    struct response_event event = {
        .part = RESPONSE_CHALLENGE, .indicator = "+", .blank = true, .text = encoded};

    session->positive = true;
    pass_status(session, &event);
}

void reply_greeting(struct session *session)
{
    const struct policy *policy = &session->server->policy;
    struct buf text;

    buf_init(&text, REPLY_TEXT_OCTETS_MAX);
    if (session->timestamp[0] != '\0' && policy->timestamp_in_the_middle)
        buf_append_format(&text, "%s ", session->timestamp);
    size_t start = text.size;

    if (policy->text == TEXT_LONGEST)
        append_words(session, REPLY_TEXT_GREETING, &text);
    else
        append_text(session, "+OK", NULL, REPLY_TEXT_GREETING, &text);
    if (policy->greeting_names_implementation)
        buf_append_format(&text, "%sby pop3spec-refserver", text.size > start ? " " : "");
    if (session->timestamp[0] != '\0' && !policy->timestamp_in_the_middle)
        buf_append_format(&text, "%s%s", text.size > start ? " " : "", session->timestamp);
    if (policy->greeting_note != NULL)
        buf_append_format(&text, "%s%s", text.size > start ? " " : "", policy->greeting_note);
    if (policy->text == TEXT_LONGEST)
        fill_up(&text, "+OK");
    struct response_event event = {
        .part = RESPONSE_GREETING, .positive = true, .indicator = "+OK", .text = buf_bytes(&text)};

    pass_status(session, &event);
    buf_release(&text);
}

void reply_farewell(struct session *session, enum reply_text text)
{
    struct buf words;

    buf_init(&words, REPLY_TEXT_OCTETS_MAX - 1);
    append_text(session, "-ERR", NULL, text, &words);
    struct response_event event = {.part = RESPONSE_FAREWELL, .indicator = "-ERR", .text = buf_bytes(&words)};

    pass_status(session, &event);
    buf_release(&words);
}

void reply_row(struct session *session, struct bytes row)
{
    struct response_event event = {
        .part = RESPONSE_ROW,
        .indicator = "",
        .text = row,
        .body = session->body.kind,
        .row = session->body.row,
    };

    seam_reply(session, &event);
    encode_body(session, event.before);
    if (!event.silent) {
        encode_body(session, event.text);
        encode_body(session, BYTES_LITERAL("\r\n"));
    }
    encode_body(session, event.behind);
    session->body.row++;
}
