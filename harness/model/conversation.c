/*
 * The wire in both directions: lines we sent become exchanges, replies are matched to them under every reading.
 */
#include "model/conversation_private.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/memory.h"
#include "pop3/greeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSED_AT_ONCE = 64 };

/* ---- life cycle ---- */

struct conversation *conversation_new(const struct conversation_options *options)
{
    struct conversation *conversation = memory_new(sizeof(*conversation));

    conversation->options = *options;
    command_reader_init(&conversation->command_reader);
    reply_reader_init(&conversation->reply_reader);
    maildrop_init(&conversation->maildrop);
    conversation->readings[0] =
        (struct reading){.modes = LINE_MODE_LF | LINE_MODE_CRLF, .state = SESSION_GREETING};
    conversation->reading_count = 1;
    conversation->greeting_due = true;
    return conversation;
}

void conversation_free(struct conversation *conversation)
{
    if (conversation == NULL)
        return;
    for (size_t i = 0; i < conversation->reading_count; i++)
        reading_release(&conversation->readings[i]);
    line_chain_release(&conversation->chain);
    maildrop_release(&conversation->maildrop);
    free(conversation->exchanges);
    free(conversation->capabilities);
    free(conversation->before_login);
    free(conversation->rows);
    free(conversation);
}

/* ---- what is known of the server ---- */

bool conversation_has_codes(const struct conversation *conversation)
{
    return conversation->options.resp_codes || conversation->announced_codes;
}

bool conversation_has_utf8(const struct conversation *conversation)
{
    return conversation->options.utf8 || conversation->announced_utf8 || conversation->proven[COMMAND_UTF8];
}

bool conversation_may_be_surrogate(const struct conversation *conversation, uint64_t number)
{
    const struct message_hint *hint = conversation_hint(conversation, number);

    return conversation_has_utf8(conversation) && (hint == NULL || hint->eight_bit);
}

const struct message_hint *conversation_hint(const struct conversation *conversation, uint64_t number)
{
    return number > 0 && number <= conversation->options.hint_count ? &conversation->options.hints[number - 1]
                                                                    : NULL;
}

/* ---- readings ---- */

void conversation_add_reading(struct conversation *conversation, struct reading reading)
{
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (reading_same(&conversation->readings[i], &reading)) {
            reading_release(&reading);
            return;
        }
    }
    if (conversation->reading_count == READINGS_MAX) {
        reading_release(&reading);
        conversation->silent = true;
        return;
    }
    conversation->readings[conversation->reading_count++] = reading;
}

const struct exchange *conversation_owed_head(const struct conversation *conversation,
                                              const struct reading *reading)
{
    for (size_t i = reading->cursor; i < conversation->exchange_count; i++) {
        if ((conversation->exchanges[i].modes & reading->modes) != 0)
            return &conversation->exchanges[i];
    }
    return NULL;
}

/* ---- replies ---- */

/* What a reply to EXCHANGE looks like when it is positive. */
enum body_expectation { BODY_NO, BODY_YES, BODY_EITHER };

/* True where servers may find other arguments in EXCHANGE's line than we do, or none. */
static bool has_arguable_arguments(const struct exchange *exchange)
{
    return (exchange->facts & (COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE | COMMAND_FACT_TAB |
                               COMMAND_FACT_NUL | COMMAND_FACT_CUT)) != 0;
}

static enum body_expectation body_expectation_of(const struct exchange *exchange)
{
    enum reply_shape shape = command_info(exchange->verb)->shape;

    if (exchange->shape == CONVERSATION_SINGLE)
        return BODY_NO;
    if (exchange->shape == CONVERSATION_MULTI)
        return BODY_YES;
    if (exchange->verb == COMMAND_UNKNOWN || exchange->verb == COMMAND_XTND)
        return BODY_EITHER;
    switch (shape) {
    case SHAPE_SINGLE:
        return BODY_NO;
    case SHAPE_MULTI:
        return BODY_YES;
    case SHAPE_MULTI_BARE:
        if (has_arguable_arguments(exchange))
            return BODY_EITHER;
        return exchange->argument_count == 0 ? BODY_YES : BODY_NO;
    case SHAPE_CHALLENGE:
        return exchange->argument_count == 0 || has_arguable_arguments(exchange) ? BODY_EITHER : BODY_NO;
    }
    return BODY_EITHER;
}

static struct breach judge_reply(const struct conversation *conversation, const struct reading *reading,
                                 const struct exchange *exchange, const struct status_line *status)
{
    struct breach breach = reading_judge(reading, exchange, status, &conversation->maildrop,
                                         conversation->proven[exchange->verb]);
    bool excused =
        ((breach.rule == RULE_MESSAGE_FOUND || breach.rule == RULE_MESSAGE_REFUSED) &&
         conversation_may_be_surrogate(conversation, exchange->number)) ||
        (breach.rule == RULE_AFTER_QUIT && conversation->refused); /* the greeting said so, not QUIT */

    if (excused)
        breach.expected = NULL;
    return breach;
}

/* A server that may do what BREACH is about is not shown to mean something else by it (rfc1939-5-retr-refused). */
static bool breach_is_fault(const struct breach *breach)
{
    return breach->expected != NULL && breach->rule != RULE_MESSAGE_REFUSED;
}

/* What the status line in EVENT is to the command that was taken for its own breaks BREACH's rule. */
static void report_breach(struct conversation *conversation, const struct breach *breach,
                          const struct conversation_event *event, time_us now_us)
{
    char actual[200];

    snprintf(actual, sizeof(actual), "%s to %s", event->status.indicator == STATUS_OK ? "+OK" : "-ERR",
             conversation->current.text);
    if (breach->negative)
        conversation_defer(conversation, breach->rule, event->reply.offset, now_us, event->reply.wire,
                           breach->expected, actual);
    else if (breach->expected != NULL)
        conversation_observe(conversation, breach->rule, event->reply.offset, now_us, event->reply.wire,
                             breach->expected, "%s", actual);
}

/*
 * Removes the readings that STATUS contradicts, and reports a breach where none is without one. Readings to which
 * no reply is owed go first.
 */
static void filter_readings(struct conversation *conversation, const struct conversation_event *event,
                            time_us now_us)
{
    struct breach told = {RULE_COUNT, NULL, false};
    bool keep[READINGS_MAX];
    bool any_owed = false;
    bool any_legal = false;
    bool any_clean = false;

    for (size_t i = 0; i < conversation->reading_count; i++) {
        const struct exchange *head = conversation_owed_head(conversation, &conversation->readings[i]);

        keep[i] = false;
        if (head == NULL)
            continue;
        if (!any_owed)
            conversation->current = *head;
        any_owed = true;
        struct breach breach = judge_reply(conversation, &conversation->readings[i], head, &event->status);

        keep[i] = !breach_is_fault(&breach);
        if (keep[i] && !any_legal)
            conversation->current = *head;
        any_legal = any_legal || keep[i];
        any_clean = any_clean || breach.expected == NULL;
        if (told.expected == NULL || (keep[i] && breach_is_fault(&told)))
            told = breach;
    }
    if (!any_clean)
        report_breach(conversation, &told, event, now_us);
    size_t kept = 0;
    const struct exchange *common = NULL;

    conversation->agreed = true;
    for (size_t i = 0; i < conversation->reading_count; i++) {
        const struct exchange *head = conversation_owed_head(conversation, &conversation->readings[i]);

        if (head == NULL || (any_legal && !keep[i]))
            continue;
        conversation->agreed = conversation->agreed && (common == NULL || common == head);
        common = head;
    }
    for (size_t i = 0; i < conversation->reading_count; i++) {
        bool owed = conversation_owed_head(conversation, &conversation->readings[i]) != NULL;

        if (any_legal ? keep[i] : owed)
            conversation->readings[kept++] = conversation->readings[i];
        else
            reading_release(&conversation->readings[i]);
    }
    conversation->reading_count = kept;
}

/* A challenge leaves the exchange open; any other reply is carried out under every reading that is left. */
static void apply_status(struct conversation *conversation, enum status_indicator indicator)
{
    size_t count = conversation->reading_count;

    for (size_t i = 0; i < count; i++) {
        struct reading *reading = &conversation->readings[i];
        const struct exchange *head = conversation_owed_head(conversation, reading);
        struct reading fork;

        if (head == NULL)
            continue;
        bool forked = reading_apply(reading, head, indicator, &conversation->maildrop, &fork);

        reading->cursor = (size_t)(head - conversation->exchanges) + 1;
        if (forked) {
            fork.cursor = reading->cursor;
            conversation_add_reading(conversation, fork);
        }
    }
}

static void status_of_greeting(struct conversation *conversation, const struct conversation_event *event)
{
    struct bytes timestamp = greeting_timestamp(event->status.text);

    conversation->greeting_due = false;
    conversation->refused = event->status.indicator != STATUS_OK;
    for (size_t i = 0; i < conversation->reading_count; i++)
        conversation->readings[i].state = conversation->refused ? SESSION_OVER : SESSION_AUTHORIZATION;
    if (timestamp.size > 0 && timestamp.size <= sizeof(conversation->timestamp)) {
        memcpy(conversation->timestamp, timestamp.data, timestamp.size);
        conversation->timestamp_size = timestamp.size;
    }
}

/* Several survivors may expect different shapes: then the wire cannot be followed behind this line. */
static bool body_follows(struct conversation *conversation)
{
    bool yes = false;
    bool no = false;

    for (size_t i = 0; i < conversation->reading_count; i++) {
        const struct exchange *head = conversation_owed_head(conversation, &conversation->readings[i]);

        if (head == NULL)
            continue;
        enum body_expectation expectation = body_expectation_of(head);

        yes = yes || expectation != BODY_NO;
        no = no || expectation != BODY_YES;
    }
    if (yes && no)
        conversation->lost = conversation->silent = true;
    return yes && !no;
}

/*
 * A challenge waits for its answer, unless the line behind AUTH was sent with it: then that is the answer, and no
 * command. Which line that is cannot be said where readings take the challenge for one of different commands.
 */
static void take_challenge(struct conversation *conversation)
{
    const struct exchange *head = conversation_owed_head(conversation, &conversation->readings[0]);

    CHECK(head != NULL); /* a reply was just matched to it */
    if (!conversation->agreed) {
        conversation->silent = conversation->lost = true;
        return;
    }
    size_t auth = (size_t)(head - conversation->exchanges);

    conversation->exchanges[auth].challenged = true;
    for (size_t i = auth + 1; i < conversation->exchange_count; i++) {
        if ((conversation->exchanges[i].modes & conversation->readings[0].modes) != 0) {
            /* One that ends in a bare LF may not have ended yet. */
            if ((conversation->exchanges[i].facts & COMMAND_FACT_BARE_LF) != 0)
                conversation->silent = conversation->lost = true;
            conversation->exchanges[i].modes = 0;
            return;
        }
    }
    conversation->challenged = true;
}

static void begin_capabilities(struct conversation *conversation)
{
    if (conversation->capabilities == NULL)
        conversation->capabilities = memory_new(sizeof(*conversation->capabilities));
    capability_set_init(conversation->capabilities);
    conversation->capabilities_known = false;
}

static void status_of_exchange(struct conversation *conversation, struct conversation_event *event,
                               time_us now_us)
{
    filter_readings(conversation, event, now_us);
    event->verb = conversation->current.verb;
    audit_status(conversation, event, now_us);
    response_codes_status(conversation, event, now_us);
    if (event->status.indicator == STATUS_CONTINUE && event->verb == COMMAND_AUTH) {
        challenges_status(conversation, event, now_us);
        take_challenge(conversation);
        return;
    }
    conversation->challenged = false;
    if (event->status.indicator == STATUS_OK) {
        event->body_follows = body_follows(conversation);
        conversation->body_optional = event->body_follows && event->verb == COMMAND_LANG;
        conversation->proven[event->verb] = true;
        conversation->handshake_due = conversation->handshake_due || event->verb == COMMAND_STLS;
        if (event->verb == COMMAND_CAPA)
            begin_capabilities(conversation);
        if (!conversation->lost)
            listings_status(conversation, event, now_us);
    }
    apply_status(conversation, event->status.indicator);
}

static void status_unasked(struct conversation *conversation, struct conversation_event *event,
                           time_us now_us)
{
    bool over = conversation_state(conversation) == SESSION_OVER && !conversation->refused;
    enum rule rule = over ? RULE_AFTER_QUIT : RULE_ONE_REPLY;
    const char *expected = over ? "the connection's end behind the reply to QUIT" : NOTHING_DUE;

    event->unasked = true;
    conversation->saw_unasked = true;
    /* A refusal followed at once by the close is a farewell, which some servers send on too many bad commands. */
    if (event->status.indicator == STATUS_ERR && !over)
        conversation_defer(conversation, rule, event->reply.offset, now_us, event->reply.wire, expected,
                           ONE_LINE_MORE);
    else
        conversation_observe(conversation, rule, event->reply.offset, now_us, event->reply.wire, expected,
                             ONE_LINE_MORE);
    if (event->status.indicator != STATUS_ERR)
        conversation->silent = true; /* what follows cannot be matched to a command any more */
}

/* A reply to a line that is too long for any server, before it has ended. */
static bool answers_endless_line(const struct conversation *conversation)
{
    return conversation->command_reader.line_octets > COMMAND_OCTETS_MAX && !conversation->line_answered;
}

static void status_of_endless_line(struct conversation *conversation, struct conversation_event *event,
                                   time_us now_us)
{
    conversation->current = (struct exchange){0};
    conversation->line_answered = true;
    audit_status(conversation, event, now_us);
}

/* A server that says farewell behind a refusal does not know yet which commands are on their way to it. */
static void note_refusal(struct conversation *conversation, const struct conversation_event *event)
{
    bool refused = event->status.indicator == STATUS_ERR;

    conversation->last_was_negative = refused;
    conversation->may_be_farewell = refused && !event->unasked && conversation->current.order > 0 &&
                                    conversation->current.order <= conversation->sent_when_refused;
    conversation->sent_when_refused = refused ? conversation->sent_count : 0;
}

OUT_OF_LINE static void on_status(struct conversation *conversation, struct conversation_event *event,
                                  time_us now_us)
{
    event->status = status_line_parse(event->reply.text);
    conversation_report_deferred(conversation);
    /*
     * RFC 2595 says nothing of a client that goes on in the clear. Some servers throw away what they have received, fail at the
     * handshake, say so, and go on as well: which line answers which cannot be told.
     */
    if (conversation->handshake_due && conversation_owed_max(conversation) > 0)
        conversation->clear_spoken = true;
    if (conversation->greeting_due) {
        event->greeting = true;
        conversation->current = (struct exchange){0};
        audit_status(conversation, event, now_us);
        status_of_greeting(conversation, event);
    } else if (conversation_owed_max(conversation) == 0 && answers_endless_line(conversation)) {
        status_of_endless_line(conversation, event, now_us);
    } else if (conversation_owed_max(conversation) == 0) {
        status_unasked(conversation, event, now_us);
    } else {
        status_of_exchange(conversation, event, now_us);
    }
    note_refusal(conversation, event);
    if (!event->body_follows) {
        conversation->end_due = true;
    }
}

static void on_end(struct conversation *conversation, const struct reply_event *reply, time_us now_us)
{
    audit_end(conversation, reply, now_us);
    listings_end(conversation, now_us);
    conversation->in_reply = false;
}

/* Swallows what cannot be followed any more. */
static void skip_input(struct bytes *input, struct conversation_event *ret_event)
{
    *input = bytes_from(*input, input->size);
    ret_event->reply.kind = REPLY_NONE;
}

bool conversation_begins_record(struct bytes octets)
{
    enum { RECORD_ALERT = 0x15, RECORD_HANDSHAKE = 0x16 };

    return octets.size > 0 && (octets.data[0] == RECORD_ALERT || octets.data[0] == RECORD_HANDSHAKE);
}

/* No language tag begins with the octets that every status indicator begins with (RFC 5646 section 2.1). */
static bool begins_reply(struct bytes input)
{
    return input.data[0] == '+' || input.data[0] == '-';
}

/* Each line of a message is an event: what only a status line has is left alone, and set when there is one. */
static void begin_event(struct conversation_event *event)
{
    event->reply.kind = REPLY_NONE;
    event->verb = COMMAND_UNKNOWN;
    event->greeting = event->unasked = event->body_follows = event->bodiless = false;
}

void conversation_next(struct conversation *conversation, struct bytes *input, time_us now_us,
                       struct conversation_event *ret_event)
{
    begin_event(ret_event);
    if (conversation->end_due) {
        conversation->end_due = false;
        conversation->in_reply = false;
        ret_event->reply = (struct reply_event){.kind = REPLY_END};
        ret_event->verb = conversation->current.verb;
        return;
    }
    if (conversation->lost) {
        skip_input(input, ret_event);
        return;
    }
    if (conversation->body_optional && input->size > 0) {
        if (begins_reply(*input) && conversation_settle_body(conversation)) {
            ret_event->reply = (struct reply_event){.kind = REPLY_END};
            ret_event->verb = conversation->current.verb;
            ret_event->bodiless = true;
            return;
        }
        conversation->body_optional = false;
    }
    if (!conversation->in_reply) {
        if (input->size == 0)
            return;
        /* It takes the +OK to STLS at its word, and what we sent since for TLS. */
        if (conversation->handshake_due && conversation_begins_record(*input)) {
            conversation->lost = true;
            skip_input(input, ret_event);
            return;
        }
        reply_reader_expect(&conversation->reply_reader, true);
        conversation->in_reply = true;
    }
    reply_reader_next(&conversation->reply_reader, input, &ret_event->reply);
    ret_event->verb = conversation->current.verb;
    switch (ret_event->reply.kind) {
    case REPLY_NONE:
        return;
    case REPLY_STATUS:
        on_status(conversation, ret_event, now_us);
        return;
    case REPLY_BODY:
        audit_body(conversation, &ret_event->reply, now_us);
        listings_body(conversation, &ret_event->reply, now_us);
        return;
    case REPLY_END:
        on_end(conversation, &ret_event->reply, now_us);
        return;
    }
}

uint64_t conversation_pass_lines(struct conversation *conversation, struct bytes *input)
{
    bool message = conversation->current.verb == COMMAND_RETR || conversation->current.verb == COMMAND_TOP;
    struct bytes texts[PASSED_AT_ONCE];
    uint64_t lines = 0;
    size_t count;

    if (!message || !conversation->in_reply || conversation->end_due || conversation->lost)
        return 0;
    do {
        count = reply_reader_plain_lines(&conversation->reply_reader, input, texts, PASSED_AT_ONCE);
        listings_message_lines(conversation, texts, count);
        lines += count;
    } while (count > 0);
    if (lines > 0)
        conversation->after_bare_lf = false;
    return lines;
}
