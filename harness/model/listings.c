/*
 * Listings and messages against what the session said before: STAT against LIST, LIST n against its row, octets
 * against RETR, TOP as a prefix of RETR, unique-ids (RFC 1939 sections 4, 5, 7 and 11).
 *
 * Where readings differ (which messages are marked), a whole listing removes the readings that it contradicts; a rule is broken
 * when none is left.
 */
#include "model/conversation_private.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* Messages whose unique-ids are compared with each other: each with each, so a larger maildrop would cost too much. */
enum { COMPARED_MAX = 4096 };

/* ---- numbers of messages ---- */

/* True when under READING the maildrop shows exactly COUNT messages. */
static bool count_fits(const struct conversation *conversation, const struct reading *reading, uint64_t count)
{
    const struct maildrop *maildrop = &conversation->maildrop;

    return !maildrop->count_known || maildrop->too_large ||
           (reading->marks.count <= maildrop->count && maildrop->count - reading->marks.count == count);
}

/* Keeps the readings for which FITS holds; with none left, keeps all and answers false. */
static bool keep_readings(struct conversation *conversation, const bool fits[READINGS_MAX])
{
    bool any = false;
    size_t kept = 0;

    for (size_t i = 0; i < conversation->reading_count; i++)
        any = any || fits[i];
    if (!any)
        return false;
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (fits[i])
            conversation->readings[kept++] = conversation->readings[i];
        else
            reading_release(&conversation->readings[i]);
    }
    conversation->reading_count = kept;
    return true;
}

/* Learns how many messages there are from COUNT shown ones, once marks are certain. */
static void learn_count(struct conversation *conversation, uint64_t shown)
{
    struct maildrop *maildrop = &conversation->maildrop;

    if (maildrop->count_known || conversation->reading_count != 1 || shown > MAILDROP_MESSAGES_MAX)
        return;
    maildrop->count = shown + conversation->readings[0].marks.count;
    maildrop->count_known = true;
}

/*
 * The sum of the sizes under READING; false when some size is not known, or may have changed since LIST told it. That
 * is a breach as well (RULE_LIST_STABLE), but not of STAT.
 */
static bool sum_of_sizes(const struct conversation *conversation, const struct reading *reading,
                         uint64_t *ret_sum)
{
    const struct maildrop *maildrop = &conversation->maildrop;
    uint64_t sum = 0;

    if (!maildrop->count_known || maildrop->too_large)
        return false;
    for (uint64_t number = 1; number <= maildrop->count; number++) {
        const struct message *message = maildrop_known(maildrop, number);

        if (marks_has(&reading->marks, number))
            continue;
        if (message == NULL || !message->size_known || !message->size_fresh ||
            sum > UINT64_MAX - message->size)
            return false;
        sum += message->size;
    }
    *ret_sum = sum;
    return true;
}

/* ---- STAT ---- */

static void stat_count(struct conversation *conversation, const struct reply_event *reply, uint64_t count,
                       time_us now_us)
{
    bool fits[READINGS_MAX];

    for (size_t i = 0; i < conversation->reading_count; i++)
        fits[i] = count_fits(conversation, &conversation->readings[i], count);
    if (keep_readings(conversation, fits)) {
        learn_count(conversation, count);
        return;
    }
    char expected[96];

    snprintf(expected, sizeof(expected), "the session's %llu messages less the %zu marked",
             (unsigned long long)conversation->maildrop.count, conversation->readings[0].marks.count);
    conversation_observe(conversation, RULE_STAT_COUNT, reply->offset, now_us, reply->wire, expected,
                         "%llu messages", (unsigned long long)count);
}

static void stat_octets(struct conversation *conversation, const struct reply_event *reply, uint64_t octets,
                        time_us now_us)
{
    uint64_t sum = 0;
    bool known = false;

    if (conversation_has_utf8(conversation))
        return;
    for (size_t i = 0; i < conversation->reading_count; i++) {
        if (!sum_of_sizes(conversation, &conversation->readings[i], &sum) || sum == octets)
            return;
        known = true;
    }
    if (!known)
        return;
    char expected[96];

    snprintf(expected, sizeof(expected), "%llu octets, the sum of the sizes that LIST gave",
             (unsigned long long)sum);
    conversation_observe(conversation, RULE_STAT_OCTETS, reply->offset, now_us, reply->wire, expected,
                         "%llu octets", (unsigned long long)octets);
}

/* Marked messages are not in it, and may come back: what counts is the most that was said. */
static void learn_octets(struct maildrop *maildrop, uint64_t octets)
{
    if (!maildrop->octets_known || octets > maildrop->octets)
        maildrop->octets = octets;
    maildrop->octets_known = true;
}

static void status_of_stat(struct conversation *conversation, const struct conversation_event *event,
                           time_us now_us)
{
    struct drop_listing listing;
    const char *reason = drop_listing_parse(event->status.text, &listing);

    if (reason != NULL) {
        conversation_observe(conversation, RULE_DROP_LISTING, event->reply.offset, now_us, event->reply.wire,
                             "+OK, the count of messages and their octets, one space before each", "%s",
                             reason);
        return;
    }
    learn_octets(&conversation->maildrop, listing.octets);
    stat_count(conversation, &event->reply, listing.count, now_us);
    stat_octets(conversation, &event->reply, listing.octets, now_us);
}

/* ---- one row ---- */

static bool size_may_differ(const struct conversation *conversation, uint64_t number)
{
    const struct message_hint *hint = conversation_hint(conversation, number);

    return conversation_has_utf8(conversation) || hint == NULL || !hint->clean || !hint->final_newline;
}

static void learn_size(struct conversation *conversation, const struct reply_event *reply, uint64_t number,
                       uint64_t octets, time_us now_us)
{
    struct message *message = maildrop_message(&conversation->maildrop, number);

    if (message == NULL)
        return;
    if (message->size_known && message->size != octets && !conversation_has_utf8(conversation)) {
        char expected[96];

        snprintf(expected, sizeof(expected), "%llu octets for message %llu, as before in this session",
                 (unsigned long long)message->size, (unsigned long long)number);
        conversation_observe(conversation, RULE_LIST_STABLE, reply->offset, now_us, reply->wire, expected,
                             "%llu octets", (unsigned long long)octets);
    }
    message->size = octets;
    message->size_known = true;
    message->size_fresh = true;
}

/* RETR, TOP or UIDL has made the server look into message NUMBER, or into all: 0. */
static void look_into(struct conversation *conversation, uint64_t number)
{
    struct maildrop *maildrop = &conversation->maildrop;

    for (size_t i = 0; i < maildrop->capacity; i++)
        if (number == 0 || i + 1 == number)
            maildrop->messages[i].size_fresh = false;
}

/* True when two messages surely differ: then they may not share a unique-id (RFC 1939 section 7, last paragraph). */
static bool surely_differ(const struct conversation *conversation, uint64_t a, uint64_t b)
{
    const struct message *first = maildrop_known(&conversation->maildrop, a);
    const struct message *second = maildrop_known(&conversation->maildrop, b);
    const struct message_hint *hint_a = conversation_hint(conversation, a);
    const struct message_hint *hint_b = conversation_hint(conversation, b);

    if (hint_a != NULL && hint_b != NULL)
        return hint_a->same_as != hint_b->same_as || !hint_a->identical || !hint_b->identical;
    return first != NULL && second != NULL && first->size_known && second->size_known &&
           first->size != second->size;
}

static void check_unique(struct conversation *conversation, const struct reply_event *reply, uint64_t number,
                         struct bytes unique_id, time_us now_us)
{
    for (uint64_t other = 1; other <= conversation->maildrop.capacity && other <= COMPARED_MAX; other++) {
        const struct message *message = maildrop_known(&conversation->maildrop, other);

        if (other == number || !message->unique_id_known || !bytes_equal(message->unique_id, unique_id) ||
            !surely_differ(conversation, number, other))
            continue;
        conversation_observe(conversation, RULE_UIDL_UNIQUE, reply->offset, now_us, reply->wire,
                             "a unique-id that no other message has", "message %llu has the same one",
                             (unsigned long long)other);
        return;
    }
}

static void learn_unique_id(struct conversation *conversation, const struct reply_event *reply,
                            uint64_t number, struct bytes unique_id, time_us now_us)
{
    struct message *message = maildrop_message(&conversation->maildrop, number);

    if (message == NULL || arena_full(&conversation->maildrop.arena))
        return;
    if (message->unique_id_known) {
        if (!bytes_equal(message->unique_id, unique_id))
            conversation_observe(conversation, RULE_UIDL_STABLE, reply->offset, now_us, reply->wire,
                                 "the unique-id that the message had before in this session",
                                 "another one for message %llu", (unsigned long long)number);
        return;
    }
    check_unique(conversation, reply, number, unique_id, now_us);
    message->unique_id = arena_copy(&conversation->maildrop.arena, unique_id);
    message->unique_id_known = true;
}

/* LIST n and UIDL n: the row of that message and no other. */
static void check_one(struct conversation *conversation, enum rule rule, const struct reply_event *reply,
                      uint64_t number, time_us now_us)
{
    char expected[64];

    if (!conversation->current.canonical || number == conversation->current.number)
        return;
    snprintf(expected, sizeof(expected), "a listing of message %llu",
             (unsigned long long)conversation->current.number);
    conversation_observe(conversation, rule, reply->offset, now_us, reply->wire, expected,
                         "one of message %llu", (unsigned long long)number);
}

static void status_of_list_one(struct conversation *conversation, const struct conversation_event *event,
                               time_us now_us)
{
    struct scan_listing listing;
    const char *reason = scan_listing_parse(event->status.text, &listing);

    if (reason != NULL) {
        conversation_observe(conversation, RULE_SCAN_LISTING, event->reply.offset, now_us, event->reply.wire,
                             "+OK, the message-number and its octets, one space before each", "%s", reason);
        return;
    }
    check_one(conversation, RULE_LIST_ONE, &event->reply, listing.number, now_us);
    if (listing.number == conversation->current.number)
        learn_size(conversation, &event->reply, listing.number, listing.octets, now_us);
}

static void status_of_uidl_one(struct conversation *conversation, const struct conversation_event *event,
                               time_us now_us)
{
    struct unique_id_listing listing;
    const char *reason = unique_id_listing_parse(event->status.text, &listing);

    if (reason != NULL) {
        conversation_observe(
            conversation, RULE_UNIQUE_ID_LISTING, event->reply.offset, now_us, event->reply.wire,
            "+OK, the message-number and its unique-id, one space before each", "%s", reason);
        return;
    }
    look_into(conversation, 0);
    check_one(conversation, RULE_UIDL_ONE, &event->reply, listing.number, now_us);
    if (listing.number == conversation->current.number)
        learn_unique_id(conversation, &event->reply, listing.number, listing.unique_id, now_us);
}

void listings_status(struct conversation *conversation, const struct conversation_event *event,
                     time_us now_us)
{
    conversation->row_count = 0;
    conversation->rows_bad = false;
    conversation->chain = (struct line_chain){0};
    conversation->feed = (struct line_feed){0};
    conversation->body_offset = event->reply.offset + event->reply.wire.size;
    conversation->body_odd = false;
    conversation->after_bare_lf = false;
    if (conversation_state(conversation) != SESSION_TRANSACTION || !conversation->agreed)
        return;
    if (conversation->current.verb == COMMAND_STAT)
        status_of_stat(conversation, event, now_us);
    else if (conversation->current.verb == COMMAND_LIST && !event->body_follows)
        status_of_list_one(conversation, event, now_us);
    else if (conversation->current.verb == COMMAND_UIDL && !event->body_follows)
        status_of_uidl_one(conversation, event, now_us);
}

/* ---- bodies ---- */

static void add_row(struct conversation *conversation, struct row row)
{
    if (conversation->row_count == ROWS_MAX) {
        conversation->rows_bad = true;
        return;
    }
    if (conversation->row_count == conversation->row_capacity) {
        conversation->row_capacity = conversation->row_capacity > 0 ? conversation->row_capacity * 2 : 16;
        conversation->rows =
            memory_resize_array(conversation->rows, conversation->row_capacity, sizeof(struct row));
    }
    conversation->rows[conversation->row_count++] = row;
}

static void body_of_list(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    struct scan_listing listing;
    const char *reason = scan_listing_parse(event->text, &listing);

    if (reason != NULL) {
        conversation->rows_bad = true;
        conversation_observe(conversation, RULE_SCAN_LISTING, event->offset, now_us, event->wire,
                             "the message-number and its octets, one space between", "%s", reason);
        return;
    }
    add_row(conversation, (struct row){.number = listing.number, .octets = listing.octets});
    learn_size(conversation, event, listing.number, listing.octets, now_us);
}

static void body_of_uidl(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    struct unique_id_listing listing;
    const char *reason = unique_id_listing_parse(event->text, &listing);

    if (reason != NULL) {
        conversation->rows_bad = true;
        conversation_observe(conversation, RULE_UNIQUE_ID_LISTING, event->offset, now_us, event->wire,
                             "the message-number and its unique-id, one space between", "%s", reason);
        return;
    }
    add_row(conversation, (struct row){.number = listing.number});
    learn_unique_id(conversation, event, listing.number, listing.unique_id, now_us);
}

OUT_OF_LINE static void body_of_listing(struct conversation *conversation, const struct reply_event *event,
                                        time_us now_us)
{
    enum command_verb verb = conversation->current.verb;

    if (!event->last_piece || !event->first_piece) {
        conversation->rows_bad = true; /* no listing is so long that it comes in pieces */
        return;
    }
    if (verb == COMMAND_CAPA)
        capability_set_add(conversation->capabilities, event->text);
    else if (conversation_state(conversation) == SESSION_TRANSACTION && verb == COMMAND_LIST)
        body_of_list(conversation, event, now_us);
    else if (conversation_state(conversation) == SESSION_TRANSACTION && verb == COMMAND_UIDL)
        body_of_uidl(conversation, event, now_us);
}

void listings_body(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    enum command_verb verb = conversation->current.verb;

    if (!conversation->agreed)
        return;
    if (verb != COMMAND_RETR && verb != COMMAND_TOP) {
        body_of_listing(conversation, event, now_us);
        return;
    }
    if ((event->facts & (FACT_BARE_LF | FACT_BARE_CR | FACT_NUL)) != 0)
        conversation->body_odd = true;
    line_chain_piece(&conversation->chain, &conversation->feed, event->text, event->last_piece);
}

void listings_message_lines(struct conversation *conversation, const struct bytes *texts, size_t count)
{
    for (size_t i = 0; conversation->agreed && i < count; i++)
        line_chain_piece(&conversation->chain, &conversation->feed, texts[i], true);
}

/* ---- whole listings ---- */

/*
 * How many messages there are under READING: as said before, or as many as the rows show and marks hide (RFC 1939
 * section 4 numbers the messages without a gap).
 */
static uint64_t count_under(const struct conversation *conversation, const struct reading *reading)
{
    const struct maildrop *maildrop = &conversation->maildrop;

    return maildrop->count_known ? maildrop->count : conversation->row_count + reading->marks.count;
}

/*
 * What is wrong with the rows under READING, as a sentence in TEXT; false when nothing is. The rows may come in any
 * order: RFC 1939 fixes none.
 */
static bool rows_fault(const struct conversation *conversation, const struct reading *reading, char *text,
                       size_t text_size)
{
    uint64_t count = count_under(conversation, reading);
    struct marks seen = {0};
    bool fault = true;

    for (size_t i = 0; i < conversation->row_count; i++) {
        unsigned long long number = conversation->rows[i].number;

        if (number == 0 || number > count)
            snprintf(text, text_size, "a row for message %llu, which does not exist", number);
        else if (marks_has(&seen, number))
            snprintf(text, text_size, "two rows for message %llu", number);
        else if (marks_has(&reading->marks, number))
            snprintf(text, text_size, "a row for message %llu, which is marked as deleted", number);
        else {
            marks_add(&seen, number);
            continue;
        }
        goto out;
    }
    if (seen.count + reading->marks.count != count) {
        snprintf(text, text_size, "%zu rows", conversation->row_count);
        goto out;
    }
    fault = false;
out:
    reading_release(&(struct reading){.marks = seen});
    return fault;
}

static void settle_rows(struct conversation *conversation, enum rule rule, time_us now_us)
{
    bool fits[READINGS_MAX];
    char actual[120] = "";
    char expected[120];

    if (conversation->rows_bad || conversation->maildrop.too_large ||
        conversation_state(conversation) != SESSION_TRANSACTION)
        return;
    for (size_t i = 0; i < conversation->reading_count; i++)
        fits[i] = !rows_fault(conversation, &conversation->readings[i], actual, sizeof(actual));
    if (keep_readings(conversation, fits)) {
        learn_count(conversation, conversation->row_count);
        return;
    }
    snprintf(expected, sizeof(expected), "one row for each of the %llu messages, but those marked",
             (unsigned long long)count_under(conversation, &conversation->readings[0]));
    conversation_observe(conversation, rule, conversation->body_offset, now_us, BYTES_EMPTY, expected, "%s",
                         actual);
}

/* ---- whole messages ---- */

static bool is_odd_message(const struct conversation *conversation, uint64_t number)
{
    const struct message_hint *hint = conversation_hint(conversation, number);

    return conversation->body_odd || conversation->chain.overflowed || (hint != NULL && !hint->clean);
}

/*
 * LIST's octets against what RETR sent (RFC 1939 section 11); two fewer where the final line end may not be stored. Where
 * CAPA lists UTF8, RFC 6856 section 2.1 asks for it less strictly.
 */
static void check_size(struct conversation *conversation, uint64_t number, time_us now_us)
{
    const struct message *message = maildrop_known(&conversation->maildrop, number);
    uint64_t sent = conversation->chain.octets;

    if (message == NULL || !message->size_known || !message->size_fresh || message->size == sent)
        return;
    if (size_may_differ(conversation, number) && message->size + 2 == sent)
        return;
    char expected[80];

    snprintf(expected, sizeof(expected), "%llu octets, the size that LIST gave",
             (unsigned long long)message->size);
    enum rule rule = conversation_has_utf8(conversation) ? RULE_SIZE_LISTED : RULE_SIZE_EXACT;

    conversation_observe(conversation, rule, conversation->body_offset, now_us, BYTES_EMPTY, expected,
                         "%llu octets of message %llu", (unsigned long long)sent, (unsigned long long)number);
}

/*
 * TOP n k against RETR n: its lines are RETR's first ones, and so many that k lines of body are there, or all. A message
 * without a blank line may get one (RFC 1939 section 7: "the blank line separating the headers from the body").
 */
static bool top_is_prefix(const struct line_chain *top, uint64_t lines, const struct line_chain *whole)
{
    if (whole->header_lines == 0)
        return line_chain_agree(top, whole, whole->count) &&
               (top->count == whole->count ||
                (top->count == whole->count + 1 && top->header_lines == top->count));
    uint64_t body = whole->count - whole->header_lines;
    uint64_t expected = whole->header_lines + (lines < body ? lines : body);

    return top->count == expected && line_chain_agree(top, whole, top->count);
}

static void check_top(struct conversation *conversation, const struct message *message, time_us now_us)
{
    const struct line_chain *top = &message->top;
    const struct line_chain *whole = &message->retrieved;

    if (!whole->whole || !top->whole || top->overflowed || whole->overflowed ||
        top_is_prefix(top, message->top_lines, whole))
        return;
    uint64_t body = whole->header_lines > 0 ? whole->count - whole->header_lines : 0;
    char expected[160];

    snprintf(
        expected, sizeof(expected),
        "the first %llu lines of what RETR sends: the header, the blank line and %llu lines of body",
        (unsigned long long)(whole->header_lines + (message->top_lines < body ? message->top_lines : body)),
        (unsigned long long)(message->top_lines < body ? message->top_lines : body));
    conversation_observe(conversation, RULE_TOP_PREFIX, conversation->body_offset, now_us, BYTES_EMPTY,
                         expected, "%zu lines%s", top->count,
                         line_chain_agree(top, whole, top->count < whole->count ? top->count : whole->count)
                             ? ""
                             : ", not the same ones");
}

static void end_of_retr(struct conversation *conversation, time_us now_us)
{
    uint64_t number = conversation->current.number;
    struct message *message = maildrop_message(&conversation->maildrop, number);

    if (message == NULL || is_odd_message(conversation, number))
        return;
    check_size(conversation, number, now_us);
    if (conversation_may_be_surrogate(conversation, number))
        return;
    if (message->retrieved.whole) {
        if (message->retrieved.count != conversation->chain.count ||
            !line_chain_agree(&message->retrieved, &conversation->chain, conversation->chain.count))
            conversation_observe(conversation, RULE_RETR_STABLE, conversation->body_offset, now_us,
                                 BYTES_EMPTY, "the same message as before in this session",
                                 "message %llu has changed", (unsigned long long)number);
        return;
    }
    if (maildrop_keep(&conversation->maildrop, &message->retrieved, &conversation->chain))
        check_top(conversation, message, now_us);
}

static void end_of_top(struct conversation *conversation, time_us now_us)
{
    uint64_t number = conversation->current.number;
    struct message *message = maildrop_message(&conversation->maildrop, number);

    if (message == NULL || is_odd_message(conversation, number) ||
        conversation_may_be_surrogate(conversation, number))
        return;
    message->top_lines = conversation->current.lines;
    if (maildrop_keep(&conversation->maildrop, &message->top, &conversation->chain))
        check_top(conversation, message, now_us);
}

void listings_end(struct conversation *conversation, time_us now_us)
{
    bool judged = conversation->current.canonical && conversation_state(conversation) == SESSION_TRANSACTION;

    if (!conversation->agreed)
        return;
    if (conversation->current.verb == COMMAND_LIST)
        settle_rows(conversation, RULE_LIST_MESSAGES, now_us);
    else if (conversation->current.verb == COMMAND_UIDL)
        settle_rows(conversation, RULE_UIDL_MESSAGES, now_us);
    else if (conversation->current.verb == COMMAND_RETR && judged)
        end_of_retr(conversation, now_us);
    else if (conversation->current.verb == COMMAND_TOP && judged)
        end_of_top(conversation, now_us);
    else if (conversation->current.verb == COMMAND_CAPA)
        capabilities_end(conversation, now_us);
    if (conversation->current.verb == COMMAND_UIDL)
        look_into(conversation, 0);
    else if (conversation->current.verb == COMMAND_RETR || conversation->current.verb == COMMAND_TOP)
        look_into(conversation, conversation->current.canonical ? conversation->current.number : 0);
    line_chain_release(&conversation->chain);
    conversation->feed = (struct line_feed){0};
}
