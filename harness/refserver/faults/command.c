/* Faults of what is executed: lines cut, glued, lost or misread on their way in. */
#include "refserver/faults/command_hooks.h"

enum {
    SHORT_ARGUMENT_OCTETS = 32,
    SHORT_COMMAND_OCTETS = 200,
    LINE_BUFFER_OCTETS = 512,
};

/* The first piece takes the place of the line, the others are executed behind it. */
static bool execute_pieces(struct command_event *event, size_t piece_octets)
{
    struct bytes rest = bytes_from(event->line, piece_octets);

    if (event->response || event->line.size <= piece_octets)
        return false;
    while (rest.size > 0) {
        buf_append(event->scratch, bytes_slice(rest, 0, piece_octets));
        buf_append_octet(event->scratch, '\n');
        rest = bytes_from(rest, piece_octets);
    }
    event->line = bytes_slice(event->line, 0, piece_octets);
    event->facts = 0;
    event->verdict = LINE_EXECUTED;
    event->further = buf_bytes(event->scratch);
    return true;
}

HOOK(OVERLONG_TAIL_EXECUTED, command)
{
    (void)session;
    return execute_pieces(event, COMMAND_OCTETS_MAX);
}

HOOK(OVERLONG_TAIL_AT_512, command)
{
    (void)session;
    return execute_pieces(event, LINE_BUFFER_OCTETS);
}

HOOK(OVERLONG_MIDDLE_EXECUTED, command)
{
    (void)session;
    if (event->response || event->line.size <= COMMAND_OCTETS_MAX)
        return false;
    buf_append(event->scratch, bytes_slice(event->line, COMMAND_OCTETS_MAX, 2 * (size_t)COMMAND_OCTETS_MAX));
    return execute_scratch(event);
}

HOOK(OVERLONG_UNANSWERED, command)
{
    (void)session;
    if (event->response || (event->octets <= COMMAND_OCTETS_MAX && event->line.size <= COMMAND_OCTETS_MAX))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(NUL_CUTS_LINE, command)
{
    size_t nul = bytes_find_octet(event->line, '\0');

    (void)session;
    if (nul == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->line, 0, nul));
    return execute_scratch(event);
}

HOOK(PIPELINED_COMMAND_LOST, command)
{
    if (!event->pipelined || session->state != SESSION_TRANSACTION)
        return false;
    event->rest_dropped = true;
    return true;
}

HOOK(PIPELINED_LOGIN_LOST, command)
{
    if (!event->pipelined || !is(session, event, COMMAND_PASS))
        return false;
    event->rest_dropped = true;
    return true;
}

HOOK(PIPELINED_PASS_LOST, command)
{
    if (!event->pipelined || !is(session, event, COMMAND_USER))
        return false;
    event->rest_dropped = true;
    return true;
}

HOOK(LOWER_CASE_UNKNOWN, command)
{
    if (event->response || (session->command.facts & COMMAND_FACT_LOWER_CASE) == 0)
        return false;
    buf_append_text(event->scratch, "LOWER");
    return execute_scratch(event);
}

HOOK(LONG_KEYWORD_CUT, command)
{
    struct bytes keyword = session->command.keyword;

    if (event->response || keyword.size <= 4 ||
        command_verb_of(bytes_slice(keyword, 0, 4)) == COMMAND_UNKNOWN)
        return false;
    buf_append(event->scratch, bytes_slice(keyword, 0, 4));
    buf_append(event->scratch,
               bytes_from(event->line, (size_t)(keyword.data - event->line.data) + keyword.size));
    return execute_scratch(event);
}

HOOK(UNKNOWN_COMMAND_OK, command)
{
    if (event->verdict != LINE_EXECUTED || !is(session, event, COMMAND_UNKNOWN) ||
        session->state != SESSION_TRANSACTION || event->line.size == 0)
        return false;
    buf_append_text(event->scratch, "NOOP");
    return execute_scratch(event);
}

HOOK(EMPTY_LINE_UNANSWERED, command)
{
    (void)session;
    if (event->response || event->line.size > 0)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* A bare CR, controls, octets above 127, blanks where none belong, or a NUL at the front. */
HOOK(ODD_LINE_UNANSWERED, command)
{
    unsigned odd = COMMAND_FACT_BARE_CR | COMMAND_FACT_CONTROL | COMMAND_FACT_8BIT | COMMAND_FACT_TAB |
                   COMMAND_FACT_LEADING_SPACE | COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE;
    bool starts_with_nul = event->line.size > 0 && event->line.data[0] == '\0';

    if (event->response || is(session, event, COMMAND_PASS) ||
        ((session->command.facts & odd) == 0 && !starts_with_nul))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(BARE_LF_DROPS_ALL, command)
{
    if (event->response || is(session, event, COMMAND_STLS) || (event->facts & COMMAND_FACT_BARE_LF) == 0)
        return false;
    event->verdict = LINE_IGNORED;
    event->rest_dropped = true;
    return true;
}

HOOK(NOOP_IN_PIECES_REFUSED, command)
{
    if (!event->in_pieces || !is(session, event, COMMAND_NOOP))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(NOOP_LINE_END_CUT, command)
{
    if (!event->line_end_in_pieces || !is(session, event, COMMAND_NOOP))
        return false;
    event->further = BYTES_LITERAL("\n");
    return true;
}

HOOK(LONG_ARGUMENT_UNANSWERED, command)
{
    bool too_long = false;

    if (event->response || event->line.size > COMMAND_OCTETS_MAX)
        return false;
    for (size_t i = 0; i < session->command.argument_count && i < COMMAND_ARGUMENTS_MAX; i++)
        too_long = too_long || session->command.arguments[i].size > SHORT_ARGUMENT_OCTETS;
    if (too_long)
        event->verdict = LINE_IGNORED;
    return too_long;
}

HOOK(LONG_COMMAND_UNANSWERED, command)
{
    (void)session;
    if (event->response || event->octets <= SHORT_COMMAND_OCTETS)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}
