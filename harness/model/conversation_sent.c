/*
 * What we send, as the conversation sees it: lines become exchanges, each owed a reply under some readings.
 */
#include "model/conversation_private.h"

#include "base/memory.h"

#include <string.h>

/* From the first bare LF on, a server that ends lines there and one that does not are told apart. */
static void fork_line_modes(struct conversation *conversation)
{
    size_t count = conversation->reading_count;

    for (size_t i = 0; i < count; i++) {
        struct reading *reading = &conversation->readings[i];

        if (reading->modes != (LINE_MODE_LF | LINE_MODE_CRLF))
            continue;
        struct reading other = reading_copy(reading);

        reading->modes = LINE_MODE_LF;
        other.modes = LINE_MODE_CRLF;
        conversation_add_reading(conversation, other);
    }
}

/* True while something is in flight, or was answered, behind which the server may drop what it has received. */
static bool may_be_dropped(const struct conversation *conversation)
{
    bool pipelining = conversation->options.pipelining || conversation->announced_pipelining;

    if (conversation->greeting_due || conversation->handshake_due)
        return true;
    /* RFC 1939 section 6: what crosses the close behind QUIT's reply is owed nothing. */
    if (conversation_state(conversation) == SESSION_OVER)
        return true;
    /* RFC 2449 section 6.6: without PIPELINING a client waits for each reply. */
    if (!pipelining && conversation_owed_max(conversation) > 0)
        return true;
    for (size_t i = conversation->readings[0].cursor; i < conversation->exchange_count; i++) {
        enum command_verb verb = conversation->exchanges[i].verb;

        if (verb == COMMAND_STLS || verb == COMMAND_QUIT || verb == COMMAND_AUTH)
            return true;
    }
    return false;
}

/* Drops the exchanges that every reading has behind it. */
static void compact_exchanges(struct conversation *conversation)
{
    size_t done = conversation->exchange_count;

    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (conversation->readings[i].cursor < done)
            done = conversation->readings[i].cursor;
    }
    if (done == 0 || (done < conversation->exchange_count && done < 64))
        return;
    memmove(conversation->exchanges, conversation->exchanges + done,
            (conversation->exchange_count - done) * sizeof(struct exchange));
    conversation->exchange_count -= done;
    for (size_t i = 0; i < conversation->reading_count; i++)
        conversation->readings[i].cursor -= done;
}

/* Facts that take a line out of the form that both RFCs define. */
static const unsigned ODD_FACTS = COMMAND_FACT_BARE_LF | COMMAND_FACT_BARE_CR | COMMAND_FACT_NUL |
                                  COMMAND_FACT_CONTROL | COMMAND_FACT_8BIT | COMMAND_FACT_TAB |
                                  COMMAND_FACT_LEADING_SPACE | COMMAND_FACT_TRAILING_SPACE |
                                  COMMAND_FACT_DOUBLE_SPACE | COMMAND_FACT_OVERLONG | COMMAND_FACT_CUT |
                                  COMMAND_FACT_EMPTY | COMMAND_FACT_TOO_FEW | COMMAND_FACT_TOO_MANY;

/* Of those: for these a line is still one that every server must take in and answer (RFC 1939 section 3). */
static const unsigned ANSWERABLE_FACTS = COMMAND_FACT_TAB | COMMAND_FACT_LEADING_SPACE |
                                         COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE |
                                         COMMAND_FACT_TOO_FEW | COMMAND_FACT_TOO_MANY;

static bool names_message(enum command_verb verb)
{
    return verb == COMMAND_LIST || verb == COMMAND_RETR || verb == COMMAND_DELE || verb == COMMAND_TOP ||
           verb == COMMAND_UIDL;
}

/* The digits that NUMBER begins with, for servers that read so far, or take a plus sign: 0 where there are none. */
static uint64_t leading_digits(struct bytes number)
{
    size_t size = 0;
    uint64_t value = 0;

    if (bytes_start_with(number, BYTES_LITERAL("+")))
        number = bytes_from(number, 1);
    while (size < number.size && ascii_is_digit(number.data[size]))
        size++;
    return bytes_to_u64(bytes_slice(number, 0, size), &value) ? value : 0;
}

static void read_numbers(const struct command *command, struct exchange *exchange)
{
    bool leading_zero = false;

    if (!names_message(command->verb) || command->argument_count == 0)
        return;
    exchange->has_number = true;
    if (!command_number(command->arguments[0], &exchange->number, &leading_zero)) {
        bool digits = command->arguments[0].size > 0;

        for (size_t i = 0; i < command->arguments[0].size; i++)
            digits = digits && ascii_is_digit(command->arguments[0].data[i]);
        exchange->number = digits ? UINT64_MAX : leading_digits(command->arguments[0]);
        exchange->canonical = exchange->canonical && digits;
    }
    exchange->odd_number = leading_zero;
    if (command->verb == COMMAND_TOP && command->argument_count > 1 &&
        !command_number(command->arguments[1], &exchange->lines, &leading_zero))
        exchange->canonical = false;
}

static void excerpt(struct bytes line, char *text, size_t text_size)
{
    size_t used = 0;

    for (size_t i = 0; i < line.size && used + 1 < text_size; i++)
        text[used++] = line.data[i] >= 0x20 && line.data[i] < 0x7F ? (char)line.data[i] : '?';
    text[used] = '\0';
}

static void add_exchange(struct conversation *conversation, const struct command_line *line, unsigned modes,
                         bool joined, enum conversation_shape shape)
{
    struct command command = command_parse(line->line, line->facts);
    unsigned odd = ODD_FACTS | (conversation->options.capa ? 0u : (unsigned)COMMAND_FACT_LONG_ARGUMENT);
    struct exchange exchange = {
        .verb = joined ? COMMAND_UNKNOWN : command.verb,
        .facts = command.facts,
        .modes = modes,
        .answerable = !joined && (command.facts & odd & ~ANSWERABLE_FACTS) == 0,
        .canonical = !joined && (command.facts & odd) == 0,
        .argument_count = command.argument_count,
        .optional = may_be_dropped(conversation),
        .order = ++conversation->sent_count,
        .shape = shape,
    };

    read_numbers(&command, &exchange);
    excerpt(line->line, exchange.text, sizeof(exchange.text));
    if (conversation->exchange_count == OWED_MAX) {
        conversation->silent = conversation->lost = true;
        return;
    }
    if (conversation->exchange_count == conversation->exchange_capacity) {
        conversation->exchange_capacity =
            conversation->exchange_capacity > 0 ? conversation->exchange_capacity * 2 : 16;
        conversation->exchanges = memory_resize_array(
            conversation->exchanges, conversation->exchange_capacity, sizeof(struct exchange));
    }
    conversation->exchanges[conversation->exchange_count++] = exchange;
}

/* What was sent makes a close as good as a reply to the VERB in flight. */
static void excuse_in_flight(struct conversation *conversation, enum command_verb verb)
{
    for (size_t i = conversation->readings[0].cursor; i < conversation->exchange_count; i++) {
        if (conversation->exchanges[i].verb == verb)
            conversation->exchanges[i].answerable = false;
    }
}

/* The line got its reply before it ended: another may come for the rest of it, or none. */
static void add_answered_line(struct conversation *conversation, const struct command_line *line)
{
    size_t index = conversation->exchange_count;
    size_t count = conversation->reading_count;

    conversation->line_answered = false;
    add_exchange(conversation, line, LINE_MODE_LF | LINE_MODE_CRLF, true, CONVERSATION_SINGLE);
    if (conversation->exchange_count == index)
        return;
    conversation->exchanges[index].optional = true;
    for (size_t i = 0; i < count; i++) {
        struct reading without = reading_copy(&conversation->readings[i]);

        without.cursor = index + 1;
        conversation_add_reading(conversation, without);
    }
}

static void sent_line(struct conversation *conversation, const struct command_line *line,
                      enum conversation_shape shape)
{
    if (conversation->line_answered) {
        add_answered_line(conversation, line);
        return;
    }
    /* It may be the answer to a challenge, also to one that is still under way. */
    if ((line->facts & (ODD_FACTS & ~(unsigned)COMMAND_FACT_EMPTY)) != 0)
        excuse_in_flight(conversation, COMMAND_AUTH);
    if (conversation->challenged) {
        conversation->challenged = false; /* the answer to a challenge, not a command */
        /* Whether it has ended is open: some wait for CRLF, and take what comes next for its rest. */
        if ((line->facts & COMMAND_FACT_BARE_LF) != 0)
            conversation->silent = conversation->lost = true;
        return;
    }
    if ((line->facts & COMMAND_FACT_BARE_LF) != 0) {
        fork_line_modes(conversation);
        add_exchange(conversation, line, LINE_MODE_LF, false, shape);
        conversation->joined = true;
        return;
    }
    if (conversation->joined) {
        add_exchange(conversation, line, LINE_MODE_LF, false, shape);
        add_exchange(conversation, line, LINE_MODE_CRLF, true, shape);
        conversation->joined = false;
        return;
    }
    add_exchange(conversation, line, LINE_MODE_LF | LINE_MODE_CRLF, false, shape);
}

void conversation_sent(struct conversation *conversation, struct bytes octets, enum conversation_shape shape)
{
    struct command_line line;

    compact_exchanges(conversation);
    /* With octets behind STLS in the clear, a server may well close (no sentence of RFC 2595 forbids it). */
    if (octets.size > 0)
        excuse_in_flight(conversation, COMMAND_STLS);
    while (command_reader_next(&conversation->command_reader, &octets, &line)) {
        sent_line(conversation, &line, shape);
        shape = CONVERSATION_BY_COMMAND;
        if (octets.size > 0)
            excuse_in_flight(conversation, COMMAND_STLS);
    }
}

void conversation_half_closed(struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->exchange_count; i++)
        conversation->exchanges[i].optional = true;
}

/*
 * RFC 2595 section 4: TLS begins immediately behind the CRLF of the +OK to STLS. What stands between them in the clear is
 * one line too many, and no less so for not having ended.
 */
static void judge_clear_text(struct conversation *conversation, struct bytes clear, time_us now_us)
{
    const struct reply_reader *reader = &conversation->reply_reader;
    struct conversation_event event;

    if (!conversation->in_reply && conversation_begins_record(clear))
        return;
    do
        conversation_next(conversation, &clear, now_us, &event);
    while (event.reply.kind != REPLY_NONE);
    struct bytes head = bytes_make(reader->storage, reader->size);

    if (!conversation->in_reply || reader->state != READING_FIRST_LINE || head.size == 0)
        return;
    conversation->saw_unasked = true;
    conversation_observe(conversation, RULE_ONE_REPLY,
                         reader->offset - (reader->line_octets > 0 ? reader->line_octets : reader->size),
                         now_us, head, NOTHING_DUE, ONE_LINE_MORE);
}

void conversation_secured(struct conversation *conversation, struct bytes clear, time_us now_us)
{
    for (size_t i = 0; i < conversation->reading_count; i++) {
        conversation->readings[i].user_given = false;
        /* What was sent in the clear behind STLS may not be answered any more (advisories, not RFC 2595). */
        conversation->readings[i].cursor = conversation->exchange_count;
    }
    if (conversation->handshake_due) {
        judge_clear_text(conversation, clear, now_us);
        /* Who goes on with TLS has not taken its leave by a refusal in the clear. */
        conversation_end_clear_speech(conversation);
        conversation_report_deferred(conversation);
    }
    conversation->in_reply = conversation->end_due = conversation->handshake_due = false;
    conversation->body_optional = false;
    conversation->lost = false; /* whatever shape the last reply in the clear had: nothing of it is left */
    conversation->capabilities_known = conversation->line_answered = false;
    conversation->before_login_known = false; /* others may be listed under TLS (RFC 2595 section 4) */
    command_reader_init(&conversation->command_reader);
}
