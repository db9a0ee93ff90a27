/* Faults of the encoding: byte-stuffing, line ends, the terminator, octets on their way out. */
#include "base/limits.h"
#include "refserver/faults/hooks.h"

enum { CHANGED_OFFSET = 4100, FOLDED_OCTETS = 1024, NUL_SEARCH_OCTETS = 2048 };

static bool is_content(const struct wire_event *event, enum wire_part part)
{
    return event->part == part && event->body == RESPONSE_BODY_MESSAGE;
}

/* Leaves out the dot of byte-stuffing, if there is one. */
static bool unstuff(struct wire_event *event)
{
    if (!is_content(event, WIRE_LINE_START) || event->octets.size == 0)
        return false;
    event->octets = BYTES_EMPTY;
    return true;
}

static bool is_retr(const struct session *session)
{
    return session->command.verb == COMMAND_RETR;
}

HOOK(RETR_UNSTUFFED, wire)
{
    return is_retr(session) && unstuff(event);
}

HOOK(TOP_UNSTUFFED, wire)
{
    return session->command.verb == COMMAND_TOP && unstuff(event);
}

HOOK(BLANK_LINE_STUFFED, wire)
{
    (void)session;
    if (!is_content(event, WIRE_LINE_START) || event->next != -1)
        return false;
    event->octets = BYTES_LITERAL(".");
    return true;
}

/* Gives the octets that were put into scratch, if they are others. */
static bool replace(struct wire_event *event)
{
    bool same = bytes_equal(event->octets, buf_bytes(event->scratch));

    event->octets = buf_bytes(event->scratch);
    return !same;
}

HOOK(DOTS_DOUBLED_INSIDE, wire)
{
    (void)session;
    if (!is_content(event, WIRE_OCTETS))
        return false;
    for (size_t i = 0; i < event->octets.size; i++) {
        if (event->octets.data[i] == '.' && event->column + i > 0)
            buf_append_octet(event->scratch, '.');
        buf_append_octet(event->scratch, event->octets.data[i]);
    }
    return replace(event);
}

static bool end_in(struct wire_event *event, struct bytes line_end)
{
    event->octets = line_end;
    return true;
}

HOOK(STATUS_BARE_LF, wire)
{
    return event->part == WIRE_STATUS_END && session->command.verb == COMMAND_NOOP &&
           end_in(event, BYTES_LITERAL("\n"));
}

HOOK(GREETING_BARE_LF, wire)
{
    return event->part == WIRE_STATUS_END && !session->greeted && end_in(event, BYTES_LITERAL("\n"));
}

/* A string that is sent with its whole storage. */
HOOK(NUL_BEHIND_REFUSAL, wire)
{
    return event->part == WIRE_STATUS_END && !session->positive && session->command.verb == COMMAND_RETR &&
           end_in(event, BYTES_LITERAL("\0\r\n"));
}

HOOK(NUL_BEHIND_GREETING, wire)
{
    return event->part == WIRE_STATUS_END && !session->greeted && end_in(event, BYTES_LITERAL("\0\r\n"));
}

HOOK(LISTING_BARE_LF, wire)
{
    (void)session;
    return event->part == WIRE_LINE_END && event->body == RESPONSE_BODY_LIST &&
           end_in(event, BYTES_LITERAL("\n"));
}

HOOK(CAPA_BARE_LF, wire)
{
    return event->part == WIRE_LINE_END && session->command.verb == COMMAND_CAPA &&
           end_in(event, BYTES_LITERAL("\n"));
}

HOOK(CONTENT_BARE_LF, wire)
{
    (void)session;
    return is_content(event, WIRE_LINE_END) && end_in(event, BYTES_LITERAL("\n"));
}

HOOK(TERMINATOR_BARE_LF, wire)
{
    (void)session;
    return event->part == WIRE_TERMINATOR && event->body == RESPONSE_BODY_LIST &&
           end_in(event, BYTES_LITERAL(".\n"));
}

HOOK(CR_DOUBLED, wire)
{
    (void)session;
    return is_content(event, WIRE_LINE_END) && end_in(event, BYTES_LITERAL("\r\r\n"));
}

HOOK(LOWER_CASE_OK, wire)
{
    return event->part == WIRE_INDICATOR && session->command.verb == COMMAND_NOOP &&
           bytes_equal(event->octets, BYTES_LITERAL("+OK")) && end_in(event, BYTES_LITERAL("+ok"));
}

HOOK(LOWER_CASE_ERR, wire)
{
    return event->part == WIRE_INDICATOR && session->greeted && session->command.verb == COMMAND_UNKNOWN &&
           bytes_equal(event->octets, BYTES_LITERAL("-ERR")) && end_in(event, BYTES_LITERAL("-err"));
}

HOOK(FIRST_LINE_TOO_LONG, wire)
{
    size_t text_octets = REPLY_FIRST_LINE_OCTETS_MAX + 1 - strlen("+OK") - strlen("\r\n");

    if (event->part != WIRE_TEXT || session->command.verb != COMMAND_NOOP)
        return false;
    buf_append(event->scratch, event->octets);
    while (event->scratch->size < text_octets)
        buf_append_octet(event->scratch, '!');
    return replace(event);
}

/* The lines that names and numbers make long, filled up behind a space. */
HOOK(WELCOMES_TOO_LONG, wire)
{
    enum command_verb verb = session->command.verb;
    size_t text_octets = REPLY_FIRST_LINE_OCTETS_MAX + 1 - strlen("+OK") - strlen("\r\n");

    if (event->part != WIRE_TEXT || (session->greeted && verb != COMMAND_USER && verb != COMMAND_PASS &&
                                     verb != COMMAND_STAT && verb != COMMAND_QUIT))
        return false;
    buf_append(event->scratch, event->octets);
    buf_append_octet(event->scratch, ' ');
    while (event->scratch->size < text_octets)
        buf_append_octet(event->scratch, '!');
    return replace(event);
}

HOOK(FINAL_NEWLINE_MISSING, wire)
{
    (void)session;
    return is_content(event, WIRE_LINE_END) && event->newline_missing && end_in(event, BYTES_EMPTY);
}

HOOK(EXTRA_LINE_BEFORE_TERMINATOR, wire)
{
    return is_content(event, WIRE_TERMINATOR) && is_retr(session) &&
           end_in(event, BYTES_LITERAL("\r\n.\r\n"));
}

HOOK(TERMINATOR_MISSING, wire)
{
    return is_content(event, WIRE_TERMINATOR) && is_retr(session) && end_in(event, BYTES_EMPTY);
}

/* More lines were asked for than there are. */
HOOK(TOP_TERMINATOR_MISSING, wire)
{
    return is_content(event, WIRE_TERMINATOR) && session->command.verb == COMMAND_TOP &&
           session->body.lines_left > 0 && end_in(event, BYTES_EMPTY);
}

HOOK(UIDL_TERMINATOR_MISSING, wire)
{
    (void)session;
    return event->part == WIRE_TERMINATOR && event->body == RESPONSE_BODY_UIDL && end_in(event, BYTES_EMPTY);
}

HOOK(LIST_TERMINATOR_MISSING, wire)
{
    (void)session;
    return event->part == WIRE_TERMINATOR && event->body == RESPONSE_BODY_LIST && end_in(event, BYTES_EMPTY);
}

HOOK(CAPA_UNTERMINATED, wire)
{
    return event->part == WIRE_TERMINATOR && session->command.verb == COMMAND_CAPA &&
           end_in(event, BYTES_EMPTY);
}

HOOK(TERMINATOR_TWICE, wire)
{
    return is_content(event, WIRE_TERMINATOR) && is_retr(session) &&
           end_in(event, BYTES_LITERAL(".\r\n.\r\n"));
}

/* True when a NUL stands in the first octets of what is being sent. */
static bool holds_nul(const struct session *session)
{
    const struct stored_message *stored = session->body.stored;
    uint8_t head[NUL_SEARCH_OCTETS];
    size_t size;

    return stored->ops->read(stored, 0, head, sizeof(head), &size) &&
           bytes_find_octet(bytes_make(head, size), '\0') != BYTES_NOT_FOUND;
}

HOOK(NUL_LOSES_TERMINATOR, wire)
{
    return is_content(event, WIRE_TERMINATOR) && is_retr(session) && holds_nul(session) &&
           end_in(event, BYTES_EMPTY);
}

HOOK(FROM_QUOTED_TWICE, wire)
{
    (void)session;
    if (!is_content(event, WIRE_OCTETS) || event->column > 0 ||
        !bytes_start_with(event->octets, BYTES_LITERAL("From ")))
        return false;
    buf_append_text(event->scratch, ">>");
    buf_append(event->scratch, event->octets);
    return replace(event);
}

HOOK(DOT_BEHIND_BLANK_DOUBLED, wire)
{
    (void)session;
    if (!is_content(event, WIRE_OCTETS) || event->column > 0 ||
        !bytes_start_with(event->octets, BYTES_LITERAL(" .")))
        return false;
    buf_append_text(event->scratch, " .");
    buf_append(event->scratch, bytes_from(event->octets, 1));
    return replace(event);
}

/* Not where a dot would come to stand at the beginning: that would be another fault. */
HOOK(LEADING_BLANK_LOST, wire)
{
    if (!is_content(event, WIRE_OCTETS) || !is_retr(session) || event->column > 0 ||
        event->octets.data[0] != ' ' || bytes_start_with(event->octets, BYTES_LITERAL(" .")))
        return false;
    event->octets = bytes_from(event->octets, 1);
    return true;
}

HOOK(OCTET_CHANGED, wire)
{
    if (!is_content(event, WIRE_OCTETS) || !is_retr(session) || event->offset > CHANGED_OFFSET ||
        event->offset + event->octets.size <= CHANGED_OFFSET)
        return false;
    size_t place = (size_t)(CHANGED_OFFSET - event->offset);

    buf_append(event->scratch, event->octets);
    event->scratch->data[place] = event->octets.data[place] == '#' ? '*' : '#';
    return replace(event);
}

HOOK(EIGHT_BIT_STRIPPED, wire)
{
    (void)session;
    if (!is_content(event, WIRE_OCTETS))
        return false;
    for (size_t i = 0; i < event->octets.size; i++)
        buf_append_octet(event->scratch, event->octets.data[i] & 0x7F);
    return replace(event);
}

HOOK(TRAILING_SPACES_TRIMMED, wire)
{
    struct bytes octets = event->octets;

    (void)session;
    if (!is_content(event, WIRE_OCTETS))
        return false;
    while (octets.size > 0 && octets.data[octets.size - 1] == ' ')
        octets.size--;
    bool trimmed = octets.size < event->octets.size;

    event->octets = octets;
    return trimmed;
}

HOOK(LONG_LINE_FOLDED, wire)
{
    (void)session;
    if (!is_content(event, WIRE_OCTETS) || event->column == 0 || event->column % FOLDED_OCTETS != 0)
        return false;
    buf_append_text(event->scratch, "\r\n ");
    buf_append(event->scratch, event->octets);
    return replace(event);
}
