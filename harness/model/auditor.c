/*
 * The auditor: the rules about the wire that hold in every scenario (RFC 1939 section 3, RFC 2449 sections 3 to 8). Of
 * line ends only what ends a line is judged: nothing forbids a CR inside one, as in a refusal that echoes what it refuses.
 */
#include "model/conversation_private.h"

static bool body_is_message(const struct conversation *conversation)
{
    return conversation->current.verb == COMMAND_RETR || conversation->current.verb == COMMAND_TOP;
}

/*
 * RFC 1939 leaves open what becomes of a message with bare CR or LF: only a clean one is judged (judging.md, Sizes). What
 * readings take for the answers to different commands may be such a message.
 */
static bool line_ends_count(const struct conversation *conversation)
{
    if (!conversation->agreed)
        return false;
    if (!body_is_message(conversation))
        return true;
    const struct message_hint *hint = conversation_hint(conversation, conversation->current.number);

    return hint != NULL && hint->clean;
}

/* True while readings cut what was sent into different lines: what is due then differs, too. */
static bool lines_are_open(const struct conversation *conversation)
{
    for (size_t i = 1; i < conversation->reading_count; i++)
        if (conversation->readings[i].modes != conversation->readings[0].modes)
            return true;
    return false;
}

/* Where what follows the indicator begins: a plus sign and OK, or a minus sign and ERR. */
static size_t indicator_octets(struct bytes line)
{
    return line.size > 0 && line.data[0] == '-' ? sizeof("-ERR") - 1 : sizeof("+OK") - 1;
}

static size_t lower_case_at(struct bytes line)
{
    size_t at = 0;

    while (at < line.size && ascii_upper(line.data[at]) == line.data[at])
        at++;
    return at;
}

/* Some servers take a tab for a blank, and pass over blanks in front: what is no command to us may be AUTH to them. */
static bool may_be_auth(const struct exchange *exchange)
{
    return exchange->verb == COMMAND_UNKNOWN &&
           (exchange->facts & (COMMAND_FACT_TAB | COMMAND_FACT_LEADING_SPACE)) != 0;
}

static void audit_indicator(struct conversation *conversation, const struct conversation_event *event,
                            time_us now_us)
{
    const struct reply_event *reply = &event->reply;
    enum rule rule = event->greeting ? RULE_GREETING : RULE_STATUS_INDICATOR;
    bool challenge_due = conversation->current.verb == COMMAND_AUTH && !event->greeting;

    if (event->status.indicator == STATUS_NONE && conversation->first_line_in_lf) {
        /* The rest of a text in which an LF stands, of which the line before has told. */
        conversation_derail(conversation, RULE_CRLF);
        conversation->silent = conversation->lost = true;
    } else if (event->status.indicator == STATUS_NONE) {
        conversation_observe(conversation, rule, reply->offset, now_us, reply->wire,
                             "a line that begins with +OK or -ERR", "the line begins with neither");
        /* Whatever follows cannot be matched to a command any more. */
        conversation->silent = true;
    } else if (event->status.indicator == STATUS_CONTINUE && !challenge_due && !event->greeting &&
               (!conversation->current.answerable || conversation->current.optional ||
                may_be_auth(&conversation->current) || lines_are_open(conversation))) {
        /* It answers a line that servers read differently, or what may be AUTH's. What follows is theirs. */
        conversation->silent = conversation->lost = true;
    } else if (event->status.indicator == STATUS_CONTINUE && !challenge_due) {
        conversation_observe(conversation, rule, reply->offset, now_us, reply->wire,
                             "a line that begins with +OK or -ERR",
                             "a challenge, though no AUTH exchange is going on");
    } else if ((event->status.facts & (STATUS_FACT_GLUED | STATUS_FACT_OTHER_BLANK)) != 0 &&
               event->status.indicator != STATUS_CONTINUE) {
        conversation_observe(conversation, rule, reply->offset + indicator_octets(reply->wire), now_us,
                             reply->wire, "the status indicator, then CRLF or one space and text",
                             "something else follows the indicator at once");
    }
    if (event->status.indicator == STATUS_CONTINUE && reply->wire.size > 1 && reply->wire.data[1] != ' ')
        conversation_observe(conversation, RULE_CHALLENGE_SPACE, reply->offset + 1, now_us, reply->wire,
                             "a plus sign and a space", "no space follows the plus sign");
    if ((event->status.facts & STATUS_FACT_LOWER_CASE) != 0 && event->status.indicator != STATUS_NONE)
        conversation_observe(conversation, RULE_UPPER_CASE, reply->offset + lower_case_at(reply->wire),
                             now_us, reply->wire, "+OK or -ERR in upper case",
                             "the indicator has a lower-case letter");
}

/* A command of ours that holds a NUL may be quoted. What a challenge holds is RFC 5034's affair. */
static void audit_nul(struct conversation *conversation, const struct conversation_event *event,
                      time_us now_us)
{
    const struct reply_event *reply = &event->reply;
    bool quoted =
        !event->greeting && (!conversation->agreed || (conversation->current.facts & COMMAND_FACT_NUL) != 0);
    size_t at = 0;

    if ((reply->facts & FACT_NUL) == 0 || !conversation->options.capa || quoted ||
        event->status.indicator == STATUS_CONTINUE)
        return;
    while (at < reply->wire.size && reply->wire.data[at] != '\0')
        at++;
    conversation_observe(conversation, RULE_FIRST_LINE_NUL, reply->offset + at, now_us, reply->wire,
                         "text without NUL", "a NUL stands in it");
}

void audit_status(struct conversation *conversation, const struct conversation_event *event, time_us now_us)
{
    const struct reply_event *reply = &event->reply;

    audit_indicator(conversation, event, now_us);
    audit_nul(conversation, event, now_us);
    if ((reply->facts & FACT_BARE_LF) != 0)
        conversation_observe(conversation, RULE_CRLF, reply->offset + reply->line_octets - 1, now_us,
                             reply->wire, "a first line that ends in CRLF", "it ends in LF without CR");
    conversation->first_line_in_lf = (reply->facts & FACT_BARE_LF) != 0;
    /* A challenge is not bound by the 512 octets (RFC 5034 section 4). */
    if ((reply->facts & FACT_LONG_FIRST_LINE) != 0 && event->status.indicator != STATUS_CONTINUE)
        conversation_observe(conversation, RULE_FIRST_LINE_LENGTH,
                             reply->offset + REPLY_FIRST_LINE_OCTETS_MAX, now_us, reply->wire,
                             "at most 512 octets with CRLF", "%llu octets",
                             (unsigned long long)reply->line_octets);
}

OUT_OF_LINE static void audit_body_facts(struct conversation *conversation, const struct reply_event *event,
                                         time_us now_us)
{
    if (event->first_piece && (event->facts & FACT_UNSTUFFED_DOT) != 0 && !conversation->after_bare_lf)
        conversation_observe(conversation, RULE_BYTE_STUFFING, event->offset, now_us, event->wire,
                             "a second dot in front of a line that begins with one",
                             "the line begins with a single dot");
    if (!event->last_piece)
        return;
    if ((event->facts & FACT_BARE_LF) != 0 && line_ends_count(conversation))
        conversation_observe(conversation, RULE_CRLF, event->offset + event->wire.size - 1, now_us,
                             event->wire, "a line that ends in CRLF", "it ends in LF without CR");
}

void audit_body(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    if (event->facts != 0)
        audit_body_facts(conversation, event, now_us);
    if (!event->last_piece)
        return;
    conversation->after_bare_lf = (event->facts & FACT_BARE_LF) != 0;
    conversation->first_line_in_lf = false;
    if (conversation->agreed && conversation->current.verb == COMMAND_CAPA)
        capabilities_line(conversation, event, now_us);
}

void audit_end(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    if ((event->facts & FACT_BARE_LF) != 0)
        conversation_observe(conversation, RULE_CRLF, event->offset + event->wire.size - 1, now_us,
                             event->wire, "a terminator that ends in CRLF", "it ends in LF without CR");
}
