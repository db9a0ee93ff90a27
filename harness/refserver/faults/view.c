/* Faults of what replies say of the maildrop: numbers, sizes, unique-ids, totals, and which part of a message is sent. */
#include "refserver/faults/hooks.h"
#include "refserver/server.h"

#include <inttypes.h>

enum {
    CUT_OCTETS = 1024,
    TLS_RECORD_OCTETS = 16384,
    CUT_LATE_OCTETS = 65536,
    UNIQUE_ID_TOO_LONG_OCTETS = 71,
    UNIQUE_ID_FIELD_OCTETS = 55, /* "X-UIDL: ", a unique-id, CRLF */
};

static const struct opened_message *message_at(const struct session *session, size_t index)
{
    return &session->maildrop.messages[index];
}

/* Shows a hidden row of VERB's listing. */
static bool show_row(const struct session *session, struct view_event *event, enum command_verb verb)
{
    if (event->part != VIEW_ROW || session->command.verb != verb || event->visible)
        return false;
    event->visible = true;
    return true;
}

/* Finds a message for VERB though it is marked. */
static bool find_marked(const struct session *session, struct view_event *event, enum command_verb verb)
{
    if (event->part != VIEW_FIND || session->command.verb != verb || event->visible || event->number == 0 ||
        event->number > session->maildrop.count)
        return false;
    event->visible = true;
    return true;
}

HOOK(LIST_SHOWS_DELETED, view)
{
    return show_row(session, event, COMMAND_LIST);
}

HOOK(UIDL_SHOWS_DELETED, view)
{
    return show_row(session, event, COMMAND_UIDL);
}

HOOK(LIST_ONE_SHOWS_DELETED, view)
{
    return find_marked(session, event, COMMAND_LIST);
}

HOOK(UIDL_ONE_SHOWS_DELETED, view)
{
    return find_marked(session, event, COMMAND_UIDL);
}

HOOK(RETR_SHOWS_DELETED, view)
{
    return find_marked(session, event, COMMAND_RETR);
}

HOOK(TOP_SHOWS_DELETED, view)
{
    return find_marked(session, event, COMMAND_TOP);
}

static uint64_t marked_octets(const struct session *session)
{
    uint64_t octets = 0;

    for (size_t i = 0; i < session->maildrop.count; i++)
        if (message_at(session, i)->marked)
            octets += message_at(session, i)->stored->facts.octets;
    return octets;
}

HOOK(STAT_COUNTS_DELETED, view)
{
    if (event->part != VIEW_TOTALS || event->count == session->maildrop.count)
        return false;
    event->count = session->maildrop.count;
    return true;
}

HOOK(STAT_OCTETS_COUNT_DELETED, view)
{
    uint64_t octets = event->part == VIEW_TOTALS ? marked_octets(session) : 0;

    event->octets += octets;
    return octets > 0;
}

HOOK(STAT_OCTETS_OFF, view)
{
    (void)session;
    if (event->part != VIEW_TOTALS || event->count == 0)
        return false;
    event->octets++;
    return true;
}

HOOK(STAT_COUNT_SHORT, view)
{
    (void)session;
    if (event->part != VIEW_TOTALS || event->count == 0)
        return false;
    event->count--;
    return true;
}

HOOK(SIZE_COUNTS_LF, view)
{
    if (event->part != VIEW_SIZE || message_at(session, event->index)->stored->facts.lines == 0)
        return false;
    event->octets -= message_at(session, event->index)->stored->facts.lines;
    return true;
}

HOOK(SIZE_COUNTS_STUFFING, view)
{
    if (event->part != VIEW_SIZE || message_at(session, event->index)->stored->facts.dotted_lines == 0)
        return false;
    event->octets += message_at(session, event->index)->stored->facts.dotted_lines;
    return true;
}

HOOK(SIZE_OFF, view)
{
    (void)session;
    if (event->part != VIEW_SIZE)
        return false;
    event->octets++;
    return true;
}

HOOK(SIZES_GROW_BEHIND_UIDL, view)
{
    if (event->part != VIEW_SIZE || !session->identified)
        return false;
    event->octets += UNIQUE_ID_FIELD_OCTETS;
    return true;
}

HOOK(LIST_ONE_SIZE_DIFFERS, view)
{
    if (event->part != VIEW_SIZE || session->command.verb != COMMAND_LIST || session->number == 0)
        return false;
    event->octets += 2;
    return true;
}

static bool hide_row(const struct session *session, struct view_event *event, enum command_verb verb)
{
    if (event->part != VIEW_ROW || session->command.verb != verb || !event->visible)
        return false;
    event->visible = false;
    return true;
}

HOOK(LIST_ROW_LOST, view)
{
    return hide_row(session, event, COMMAND_LIST);
}

HOOK(UIDL_ROW_LOST, view)
{
    return hide_row(session, event, COMMAND_UIDL);
}

/* Gives the unique-id that was put into scratch. */
static bool replace_unique_id(struct view_event *event)
{
    event->unique_id = buf_bytes(event->scratch);
    return true;
}

HOOK(UNIQUE_IDS_CHANGE, view)
{
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append_format(event->scratch, "session-%" PRIu64 "-%zu", session->serial, event->index);
    return replace_unique_id(event);
}

HOOK(UNIQUE_IDS_CHANGE_WITHIN, view)
{
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append_format(event->scratch, "command-%" PRIu64 "-%zu", session->commands, event->index);
    return replace_unique_id(event);
}

HOOK(UNIQUE_IDS_LOST_WITHOUT_UPDATE, view)
{
    if (event->part != VIEW_UNIQUE_ID || session->user->broken_count == 0)
        return false;
    buf_append_format(event->scratch, "try-%u-%zu", session->user->broken_count, event->index);
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_SHARED, view)
{
    if (event->part != VIEW_UNIQUE_ID || event->index != 1)
        return false;
    buf_append_text(event->scratch, message_at(session, 0)->stored->unique_id);
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_REUSED, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID || event->index != 0)
        return false;
    buf_append_text(event->scratch, "first");
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_TOO_LONG, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append(event->scratch, event->unique_id);
    while (event->scratch->size < UNIQUE_ID_TOO_LONG_OCTETS)
        buf_append_octet(event->scratch, 'x');
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_EMPTY, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID || event->index != 0)
        return false;
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_WITH_SPACE, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append_text(event->scratch, "id ");
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 32));
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_IS_NUMBER, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append_format(event->scratch, "%" PRIu64, event->number);
    return replace_unique_id(event);
}

HOOK(UIDL_ONE_DIFFERS, view)
{
    if (event->part != VIEW_UNIQUE_ID || session->number == 0)
        return false;
    buf_append_text(event->scratch, "one-");
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 64));
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_WITH_FLAGS, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 60));
    buf_append_text(event->scratch, ":2,S");
    return replace_unique_id(event);
}

HOOK(UNIQUE_ID_EIGHT_BIT, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID)
        return false;
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 60));
    buf_append_octet(event->scratch, 0xE9);
    return replace_unique_id(event);
}

/* How many messages up to INDEX, itself included, are not marked. */
static uint64_t unmarked_up_to(const struct session *session, size_t index)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= index; i++)
        count += message_at(session, i)->marked ? 0 : 1;
    return count;
}

HOOK(NUMBERS_CLOSE_UP, view)
{
    uint64_t number = event->number;

    if (event->part == VIEW_ROW && event->visible)
        event->number = unmarked_up_to(session, event->index);
    if (event->part != VIEW_FIND || number == 0)
        return event->number != number;
    for (size_t i = 0; i < session->maildrop.count; i++)
        if (!message_at(session, i)->marked && unmarked_up_to(session, i) == number) {
            bool moved = event->index != i || !event->visible;

            event->index = i;
            event->visible = true;
            return moved;
        }
    bool was_visible = event->visible;

    event->visible = false;
    return was_visible;
}

HOOK(NUMBERS_SHIFT_BEHIND_256_MARKS, view)
{
    if (event->part != VIEW_FIND || !event->visible || event->index + 1 >= session->maildrop.count ||
        opened_maildrop_marked(&session->maildrop) < 256 || message_at(session, event->index + 1)->marked)
        return false;
    event->index++;
    return true;
}

HOOK(ZERO_IS_FIRST, view)
{
    if (event->part != VIEW_FIND || session->maildrop.count == 0 ||
        !bytes_equal(session->command.arguments[0], BYTES_LITERAL("0")))
        return false;
    event->index = 0;
    event->visible = true;
    return true;
}

HOOK(BEYOND_IS_LAST, view)
{
    if (event->part != VIEW_FIND || session->maildrop.count == 0 || event->number <= session->maildrop.count)
        return false;
    event->index = session->maildrop.count - 1;
    event->visible = true;
    return true;
}

HOOK(NUMBER_NOT_FOUND, view)
{
    (void)session;
    if (event->part != VIEW_FIND || !event->visible)
        return false;
    event->visible = false;
    return true;
}

static bool is_top(const struct view_event *event)
{
    return event->part == VIEW_CONTENT && !event->whole;
}

static bool send_whole(struct view_event *event)
{
    event->whole = true;
    return true;
}

HOOK(TOP_ZERO_SENDS_ALL, view)
{
    (void)session;
    return is_top(event) && event->body_lines == 0 && send_whole(event);
}

HOOK(TOP_SENDS_ALL, view)
{
    (void)session;
    return is_top(event) && event->body_lines > 0 && send_whole(event);
}

HOOK(TOP_ONE_LINE_MORE, view)
{
    (void)session;
    if (!is_top(event) || event->body_lines == UINT64_MAX)
        return false;
    event->body_lines++;
    return true;
}

HOOK(TOP_ONE_LINE_LESS, view)
{
    (void)session;
    if (!is_top(event) || event->body_lines == 0)
        return false;
    event->body_lines--;
    return true;
}

HOOK(TOP_WITHOUT_BLANK_LINE, view)
{
    (void)session;
    if (!is_top(event))
        return false;
    event->blank_line = false;
    return true;
}

HOOK(TOP_COUNT_WRAPS, view)
{
    (void)session;
    if (!is_top(event) || event->body_lines <= UINT16_MAX)
        return false;
    event->body_lines = (event->body_lines + 1) & UINT16_MAX;
    return true;
}

static bool cut_at(const struct session *session, struct view_event *event, uint64_t octets)
{
    if (event->part != VIEW_CONTENT || !event->whole ||
        message_at(session, event->index)->stored->facts.octets <= octets)
        return false;
    event->octets_max = octets;
    return true;
}

HOOK(RETR_CUT, view)
{
    return cut_at(session, event, CUT_OCTETS);
}

HOOK(RETR_CUT_AT_16K, view)
{
    return cut_at(session, event, TLS_RECORD_OCTETS);
}

HOOK(RETR_CUT_AT_64K, view)
{
    return cut_at(session, event, CUT_LATE_OCTETS);
}

HOOK(RETR_LAST_LINE_LOST, view)
{
    uint64_t body_lines =
        event->part == VIEW_CONTENT ? message_at(session, event->index)->stored->facts.body_lines : 0;

    if (!event->whole || body_lines == 0)
        return false;
    event->whole = false;
    event->body_lines = body_lines - 1;
    return true;
}

/* True when the last two line ends of STORED stand side by side: it ends in a blank line. */
static bool ends_in_blank_line(const struct stored_message *stored)
{
    uint8_t end[4];
    size_t size = 0;

    return stored->facts.octets >= sizeof(end) &&
           stored->ops->read(stored, stored->facts.octets - sizeof(end), end, sizeof(end), &size) &&
           bytes_equal(bytes_make(end, size), BYTES_LITERAL("\r\n\r\n"));
}

HOOK(LAST_BLANK_LINE_LOST, view)
{
    if (event->part != VIEW_CONTENT || !event->whole ||
        !ends_in_blank_line(message_at(session, event->index)->stored))
        return false;
    event->octets_max = message_at(session, event->index)->stored->facts.octets - 2;
    return true;
}

static bool send_first(struct view_event *event, bool whole)
{
    if (event->part != VIEW_CONTENT || event->whole != whole || event->index == 0)
        return false;
    event->index = 0;
    return true;
}

HOOK(RETR_OF_FIRST, view)
{
    (void)session;
    return send_first(event, true);
}

HOOK(TOP_OF_FIRST, view)
{
    (void)session;
    return send_first(event, false);
}
