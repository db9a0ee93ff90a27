/* Faults of the corners: empty passwords, failed removals, the tenth message, terminators that nobody needs. */
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/faults/transition_hooks.h"
#include "refserver/server.h"

enum { LISTING_COMMANDS_MAX = 4 };

/* ---- commands ---- */

HOOK(MIXED_CASE_UNKNOWN, command)
{
    bool upper = false;
    bool lower = false;

    for (size_t i = 0; i < session->command.keyword.size; i++) {
        upper = upper || (session->command.keyword.data[i] >= 'A' && session->command.keyword.data[i] <= 'Z');
        lower = lower || (session->command.keyword.data[i] >= 'a' && session->command.keyword.data[i] <= 'z');
    }
    if (event->response || !upper || !lower)
        return false;
    buf_append_text(event->scratch, "MIXED");
    return execute_scratch(event);
}

/* PASS and nothing behind its space; the right password comes in its place. */
HOOK(EMPTY_PASSWORD_TAKEN, command)
{
    const struct user *user = authorization_named(session);

    if (!is(session, event, COMMAND_PASS) || !session->named || user == NULL ||
        session->command.rest.size > 0 || (session->command.facts & COMMAND_FACT_TRAILING_SPACE) == 0)
        return false;
    buf_append_format(event->scratch, "PASS %s", user->password);
    return execute_scratch(event);
}

/* ---- states and ends ---- */

HOOK(UIDL_BEFORE_LOGIN, transition)
{
    return session->command.argument_count == 0 && open_gate(session, event, COMMAND_UIDL);
}

HOOK(FAILED_UPDATE_EMPTIES, transition)
{
    if (event->kind != TRANSITION_LEAVE || event->cause != LEAVE_QUIT || session->user == NULL ||
        !session->user->update_fails)
        return false;
    event->emptied = true;
    return true;
}

/* ---- what is said of the maildrop ---- */

HOOK(SIZE_OF_16_BITS, view)
{
    (void)session;
    if (event->part != VIEW_SIZE || event->octets <= UINT16_MAX)
        return false;
    event->octets &= UINT16_MAX;
    return true;
}

HOOK(STAT_OCTETS_OF_16_BITS, view)
{
    (void)session;
    if (event->part != VIEW_TOTALS || event->octets <= UINT16_MAX)
        return false;
    event->octets &= UINT16_MAX;
    return true;
}

HOOK(NUMBER_OF_ONE_DIGIT, view)
{
    if (event->part != VIEW_FIND || event->number <= 9 || !event->visible)
        return false;
    while (event->number > 9)
        event->number /= 10;
    event->index = (size_t)(event->number - 1);
    event->visible = !session->maildrop.messages[event->index].marked;
    return true;
}

/* ---- replies ---- */

HOOK(REFUSAL_WITH_TERMINATOR, response)
{
    enum command_verb verb = session->command.verb;

    if (!is_status(session, event, verb, false) || session->user == NULL ||
        (verb != COMMAND_RETR && verb != COMMAND_LIST && verb != COMMAND_UIDL && verb != COMMAND_TOP))
        return false;
    event->behind = BYTES_LITERAL(".\r\n");
    return true;
}

HOOK(DELE_WITH_TERMINATOR, response)
{
    if (!is_status(session, event, COMMAND_DELE, true))
        return false;
    event->behind = BYTES_LITERAL(".\r\n");
    return true;
}

HOOK(LISTINGS_REFUSED_LATER, response)
{
    bool listing = event->body == RESPONSE_BODY_LIST || event->body == RESPONSE_BODY_UIDL;

    return listing && session->commands >= LISTING_COMMANDS_MAX &&
           deny(session, event, session->command.verb);
}

HOOK(NO_DELE, response)
{
    return deny(session, event, COMMAND_DELE);
}

HOOK(NO_LIST, response)
{
    return deny(session, event, COMMAND_LIST);
}

/* The refusal quotes the line, however long it is. */
HOOK(REFUSAL_QUOTES_ALL, response)
{
    if (!is_status(session, event, COMMAND_UNKNOWN, false) || session->command.rest.size == 0)
        return false;
    buf_append_text(event->scratch, "what is ");
    while (event->scratch->size + session->command.rest.size <= 2 * REPLY_TEXT_OCTETS_MAX)
        buf_append(event->scratch, session->command.rest);
    return replace_text(event);
}

/* The highest number that was retrieved; what DELE marked alone does not count. */
HOOK(LAST_IGNORES_DELE, response)
{
    size_t last = 0;

    if (!is_status(session, event, COMMAND_LAST, true) || opened_maildrop_marked(&session->maildrop) == 0)
        return false;
    for (size_t i = 0; i < session->maildrop.count; i++)
        if (session->maildrop.messages[i].retrieved)
            last = i + 1;
    buf_append_format(event->scratch, "%zu", last);
    return last != session->maildrop.last && replace_text(event);
}

static bool takes_xtnd(const struct session *session, struct response_event *event)
{
    if (!is_status(session, event, COMMAND_XTND, false))
        return false;
    event->indicator = "+OK";
    return true;
}

HOOK(XTND_BEFORE_LOGIN, response)
{
    return session->user == NULL && takes_xtnd(session, event);
}

HOOK(XTND_OPENS_ANYTHING, response)
{
    return session->user != NULL && takes_xtnd(session, event);
}

/* ---- octets ---- */

HOOK(UIDL_BARE_LF, wire)
{
    (void)session;
    if (event->part != WIRE_LINE_END || event->body != RESPONSE_BODY_UIDL)
        return false;
    event->octets = BYTES_LITERAL("\n");
    return true;
}

HOOK(REFUSAL_BARE_LF, wire)
{
    if (event->part != WIRE_STATUS_END || session->positive || session->command.verb != COMMAND_RETR)
        return false;
    event->octets = BYTES_LITERAL("\n");
    return true;
}
