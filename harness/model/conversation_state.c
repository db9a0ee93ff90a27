/*
 * How a conversation ends, and what can be asked of it at any time.
 */
#include "model/conversation_private.h"

/* ---- the end ---- */

bool conversation_in_body(const struct conversation *conversation)
{
    return conversation->in_reply && conversation->reply_reader.state == READING_BODY;
}

bool conversation_settle_body(struct conversation *conversation)
{
    bool settled = conversation->body_optional && conversation->in_reply;

    conversation->body_optional = false;
    conversation->in_reply = conversation->in_reply && !settled;
    return settled;
}

/* The first command that every reading is owed a reply to, and whose reply may not be replaced by a close. */
static const struct exchange *unanswered(const struct conversation *conversation)
{
    const struct exchange *head = NULL;

    /* Behind a challenge it is the client's turn. */
    if (conversation->challenged)
        return NULL;
    for (size_t i = 0; i < conversation->reading_count; i++) {
        const struct exchange *owed = conversation_owed_head(conversation, &conversation->readings[i]);

        if (owed == NULL || !owed->answerable || owed->optional)
            return NULL;
        head = owed;
    }
    return head;
}

bool conversation_reply_is_missing(const struct conversation *conversation)
{
    return unanswered(conversation) != NULL && !conversation->lost && !conversation->last_was_negative &&
           !conversation->greeting_due && !conversation_in_body(conversation);
}

/* The close makes a refusal a leave-taking, and a refusal too many a farewell. */
static void drop_deferred(struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->deferred_count; i++) {
        if (conversation->deferred[i].rule != RULE_ONE_REPLY)
            continue;
        conversation->saw_unasked = false;
        conversation->said_farewell = true;
    }
    conversation->deferred_count = 0;
}

void conversation_ended(struct conversation *conversation, bool reset, time_us now_us)
{
    const struct exchange *head = unanswered(conversation);
    uint64_t offset = conversation->reply_reader.offset;

    drop_deferred(conversation);
    (void)conversation_settle_body(conversation);
    if (conversation->lost || reset)
        return; /* by RST octets may be lost on the way: nothing can be concluded */
    if (conversation_in_body(conversation))
        conversation_observe(conversation, RULE_TERMINATOR, offset, now_us, BYTES_EMPTY,
                             "a line with a single dot at the end of the reply", "the connection's end");
    else if (conversation_reply_is_missing(conversation))
        conversation_observe(conversation, RULE_REPLY_OWED, offset, now_us, BYTES_EMPTY, "a reply",
                             "the connection's end instead of a reply to %s", head->text);
}

void conversation_truncated(struct conversation *conversation, time_us now_us)
{
    conversation_observe(conversation, RULE_TLS_CLOSE, conversation->reply_reader.offset, now_us, BYTES_EMPTY,
                         "a TLS close alert before the connection's end", "the connection's end without one");
}

void conversation_timed_out(struct conversation *conversation, time_us now_us)
{
    const struct exchange *head = unanswered(conversation);
    uint64_t offset = conversation->reply_reader.offset;

    conversation_report_deferred(conversation);
    if (conversation->lost || (conversation_settle_body(conversation) && head == NULL))
        return;
    if (conversation_in_body(conversation))
        conversation_observe(conversation, RULE_TERMINATOR, offset, now_us, BYTES_EMPTY,
                             "a line with a single dot at the end of the reply",
                             "silence before the reply was complete");
    else if (conversation->greeting_due && !conversation->options.accompanied)
        conversation_observe(conversation, RULE_GREETING, offset, now_us, BYTES_EMPTY, "a greeting",
                             "silence");
    else if (head != NULL)
        conversation_observe(conversation, RULE_REPLY_OWED, offset, now_us, BYTES_EMPTY, "a reply",
                             "silence after %s", head->text);
    else if (conversation_state(conversation) == SESSION_OVER && !conversation->refused)
        conversation_observe(conversation, RULE_AFTER_QUIT, offset, now_us, BYTES_EMPTY,
                             "the server closes the connection behind the reply to QUIT", "it stays open");
    conversation->silent = true;
}

void conversation_left(struct conversation *conversation, time_us now_us)
{
    size_t kept = 0;

    for (size_t i = 0; i < conversation->deferred_count; i++) {
        if (now_us >= time_after(conversation->deferred[i].at_us, CONVERSATION_FAREWELL_US))
            conversation->deferred[kept++] = conversation->deferred[i];
    }
    conversation->deferred_count = kept;
    conversation_report_deferred(conversation);
}

/* ---- questions ---- */

/* How many replies READING is owed; with SURELY, only those that may not be missing. */
static size_t owed_count(const struct conversation *conversation, const struct reading *reading, bool surely)
{
    size_t count = 0;

    for (size_t i = reading->cursor; i < conversation->exchange_count; i++) {
        const struct exchange *exchange = &conversation->exchanges[i];

        count += (exchange->modes & reading->modes) != 0 && !(surely && exchange->optional) ? 1 : 0;
    }
    return count;
}

size_t conversation_owed_max(const struct conversation *conversation)
{
    size_t most = conversation->greeting_due ? 1 : 0;

    for (size_t i = 0; i < conversation->reading_count; i++) {
        size_t count = owed_count(conversation, &conversation->readings[i], false);

        most = count > most ? count : most;
    }
    return most;
}

size_t conversation_owed_min(const struct conversation *conversation)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < conversation->reading_count; i++) {
        size_t count = owed_count(conversation, &conversation->readings[i], true);

        least = count < least ? count : least;
    }
    return least + (conversation->greeting_due ? 1 : 0);
}

enum session_state conversation_state(const struct conversation *conversation)
{
    for (size_t i = 1; i < conversation->reading_count; i++) {
        if (conversation->readings[i].state != conversation->readings[0].state)
            return SESSION_UNKNOWN;
    }
    return conversation->readings[0].state;
}

bool conversation_lost(const struct conversation *conversation)
{
    return conversation->lost;
}

bool conversation_close_is_legal(const struct conversation *conversation)
{
    return conversation->last_was_negative || conversation_state(conversation) == SESSION_OVER;
}

bool conversation_silence_is_legal(const struct conversation *conversation)
{
    return !conversation->greeting_due && conversation_owed_min(conversation) == 0 &&
           conversation_owed_max(conversation) > 0;
}

bool conversation_end_is_legal(const struct conversation *conversation)
{
    return !conversation->greeting_due && conversation_owed_max(conversation) > 0 &&
           unanswered(conversation) == NULL;
}

bool conversation_derailed(const struct conversation *conversation, enum rule *ret_rule)
{
    *ret_rule = conversation->derailed_by;
    return conversation->derailed;
}

bool conversation_undecided(const struct conversation *conversation)
{
    return conversation->deferred_count > 0 && !conversation->silent;
}

bool conversation_octets_at_most(const struct conversation *conversation, uint64_t *ret_octets)
{
    const struct exchange *current = &conversation->current;
    const struct message *message =
        current->has_number ? maildrop_known(&conversation->maildrop, current->number) : NULL;

    if (message != NULL && message->size_known)
        *ret_octets = message->size;
    else if (conversation->maildrop.octets_known)
        *ret_octets = conversation->maildrop.octets;
    else
        return false;
    return true;
}

bool conversation_may_be_farewell(const struct conversation *conversation)
{
    return conversation->may_be_farewell;
}

uint64_t conversation_read_octets(const struct conversation *conversation)
{
    return conversation->reply_reader.offset;
}

uint64_t conversation_partial_octets(const struct conversation *conversation)
{
    return conversation->in_reply ? conversation->reply_reader.size + conversation->reply_reader.line_octets
                                  : 0;
}

bool conversation_saw_unasked(const struct conversation *conversation)
{
    return conversation->saw_unasked;
}

bool conversation_said_farewell(const struct conversation *conversation)
{
    return conversation->said_farewell;
}

bool conversation_handshake_due(const struct conversation *conversation)
{
    return conversation->handshake_due;
}

void conversation_server_unproved(struct conversation *conversation, enum rule rule, time_us now_us,
                                  const char *actual)
{
    conversation_observe(conversation, rule, conversation_read_octets(conversation), now_us, BYTES_EMPTY,
                         "the server's proof that it knows the secret", "%s", actual);
}

void conversation_versions_refused(struct conversation *conversation, time_us now_us, const char *actual)
{
    conversation_observe(conversation, RULE_TLS_VERSION, conversation_read_octets(conversation), now_us,
                         BYTES_EMPTY, "TLS 1.2 or 1.3, which were offered", "%s", actual);
}

bool conversation_silent(const struct conversation *conversation)
{
    return conversation->silent || conversation->clear_spoken;
}

bool conversation_certain(const struct conversation *conversation)
{
    return !conversation_silent(conversation) && conversation->agreed;
}

bool conversation_challenged(const struct conversation *conversation)
{
    return conversation->challenged;
}

bool conversation_marked(const struct conversation *conversation, uint64_t number)
{
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (!marks_has(&conversation->readings[i].marks, number))
            return false;
    }
    return true;
}

bool conversation_maybe_marked(const struct conversation *conversation, uint64_t number)
{
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (marks_has(&conversation->readings[i].marks, number))
            return true;
    }
    return false;
}

bool conversation_any_mark(const struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (conversation->readings[i].marks.count > 0)
            return true;
    }
    return false;
}

void conversation_hint_messages(struct conversation *conversation, const struct message_hint *hints,
                                size_t hint_count)
{
    conversation->options.hints = hints;
    conversation->options.hint_count = hint_count;
}

const struct maildrop *conversation_maildrop(const struct conversation *conversation)
{
    return &conversation->maildrop;
}

struct bytes conversation_timestamp(const struct conversation *conversation)
{
    return conversation->timestamp_size > 0
               ? bytes_make(conversation->timestamp, conversation->timestamp_size)
               : BYTES_EMPTY;
}

const struct capability_set *conversation_capabilities(const struct conversation *conversation)
{
    return conversation->capabilities_known ? conversation->capabilities : NULL;
}
