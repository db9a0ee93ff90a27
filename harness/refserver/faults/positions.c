/*
 * Faults that show in one place only: the second message or the last, behind RSET, where everything is marked, in an empty
 * maildrop, at the end of one kind of session. A suite that looks at the first message of a fresh session misses them.
 */
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/server.h"

enum { CUT_AT_OCTETS = 65536, LISTING_COMMANDS_MAX = 4 };

static size_t marked_count(const struct session *session)
{
    size_t count = 0;

    for (size_t i = 0; i < session->maildrop.count; i++)
        count += session->maildrop.messages[i].marked ? 1 : 0;
    return count;
}

static bool all_are_marked(const struct session *session)
{
    return session->maildrop.count > 0 && marked_count(session) == session->maildrop.count;
}

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

static bool opens_gate(const struct session *session, struct transition_event *event, enum command_verb verb)
{
    if (event->kind != TRANSITION_GATE || session->command.verb != verb || event->allowed ||
        session->state != SESSION_AUTHORIZATION)
        return false;
    event->allowed = true;
    return true;
}

HOOK(UIDL_BEFORE_LOGIN, transition)
{
    return session->command.argument_count == 0 && opens_gate(session, event, COMMAND_UIDL);
}

HOOK(STAT_BEHIND_USER, transition)
{
    return session->name[0] != '\0' && session->failed_logins == 0 &&
           opens_gate(session, event, COMMAND_STAT);
}

HOOK(LIST_BEHIND_FAILED_LOGIN, transition)
{
    return session->failed_logins > 0 && opens_gate(session, event, COMMAND_LIST);
}

static bool stays_open(struct transition_event *event)
{
    if (event->kind != TRANSITION_LEAVE || event->cause != LEAVE_QUIT)
        return false;
    event->close = false;
    return true;
}

HOOK(QUIT_BEFORE_LOGIN_STAYS_OPEN, transition)
{
    return session->user == NULL && stays_open(event);
}

HOOK(QUIT_WITH_MARKS_STAYS_OPEN, transition)
{
    return session->user != NULL && !session->user->update_fails && marked_count(session) > 0 &&
           stays_open(event);
}

HOOK(FAILED_QUIT_STAYS_OPEN, transition)
{
    return session->user != NULL && session->user->update_fails && stays_open(event);
}

HOOK(FAILED_UPDATE_EMPTIES, transition)
{
    if (event->kind != TRANSITION_LEAVE || event->cause != LEAVE_QUIT || session->user == NULL ||
        !session->user->update_fails)
        return false;
    event->emptied = true;
    return true;
}

HOOK(QUIT_KEEPS_LAST, transition)
{
    if (event->kind != TRANSITION_REMOVE || !event->allowed || event->index + 1 != session->maildrop.count)
        return false;
    event->allowed = false;
    return true;
}

HOOK(RSET_WITH_ALL_MARKED_IGNORED, transition)
{
    if (event->kind != TRANSITION_UNMARK || !all_are_marked(session))
        return false;
    event->allowed = false;
    return true;
}

/* ---- what is said of the maildrop ---- */

HOOK(STAT_SHORT_BEHIND_RSET, view)
{
    if (event->part != VIEW_TOTALS || !session->rset_seen || event->count == 0)
        return false;
    event->count--;
    return true;
}

HOOK(STAT_WITH_ALL_MARKED, view)
{
    if (event->part != VIEW_TOTALS || !all_are_marked(session))
        return false;
    event->count = session->maildrop.count;
    return true;
}

/* Hides the first row of VERB's listing behind RSET. */
static bool hides_first(const struct session *session, struct view_event *event, enum command_verb verb)
{
    if (event->part != VIEW_ROW || session->command.verb != verb || !session->rset_seen || event->index > 0 ||
        !event->visible)
        return false;
    event->visible = false;
    return true;
}

HOOK(LIST_SHORT_BEHIND_RSET, view)
{
    return hides_first(session, event, COMMAND_LIST);
}

HOOK(UIDL_SHORT_BEHIND_RSET, view)
{
    return hides_first(session, event, COMMAND_UIDL);
}

HOOK(UNIQUE_ID_CHANGES_BEHIND_RETR, view)
{
    if (event->part != VIEW_UNIQUE_ID || !session->maildrop.messages[event->index].retrieved)
        return false;
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 60));
    buf_append_text(event->scratch, ":2,S");
    event->unique_id = buf_bytes(event->scratch);
    return true;
}

HOOK(SECOND_UNIQUE_ID_EIGHT_BIT, view)
{
    (void)session;
    if (event->part != VIEW_UNIQUE_ID || event->index != 1)
        return false;
    buf_append(event->scratch, bytes_slice(event->unique_id, 0, 60));
    buf_append_octet(event->scratch, 0xE9);
    event->unique_id = buf_bytes(event->scratch);
    return true;
}

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

HOOK(TOP_OF_FIRST, view)
{
    (void)session;
    if (event->part != VIEW_CONTENT || event->whole || event->index == 0)
        return false;
    event->index = 0;
    return true;
}

HOOK(RETR_CUT_AT_64K, view)
{
    if (event->part != VIEW_CONTENT || !event->whole ||
        session->maildrop.messages[event->index].stored->facts.octets <= CUT_AT_OCTETS)
        return false;
    event->octets_max = CUT_AT_OCTETS;
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

HOOK(STAT_OF_NOTHING_IN_WORDS, response)
{
    if (!is_status(session, event, COMMAND_STAT, true) || session->maildrop.count > 0)
        return false;
    buf_append_text(event->scratch, "nothing has come");
    return replace_text(event);
}

HOOK(LIST_REFUSED_WITH_ALL_MARKED, response)
{
    return all_are_marked(session) && deny(session, event, COMMAND_LIST);
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

    if (!is_status(session, event, COMMAND_LAST, true) || marked_count(session) == 0)
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

HOOK(SECOND_MESSAGE_UNSTUFFED, wire)
{
    if (event->part != WIRE_LINE_START || event->body != RESPONSE_BODY_MESSAGE || session->subject != 1 ||
        event->octets.size == 0)
        return false;
    event->octets = BYTES_EMPTY;
    return true;
}

HOOK(EMPTY_LIST_UNTERMINATED, wire)
{
    if (event->part != WIRE_TERMINATOR || event->body != RESPONSE_BODY_LIST ||
        marked_count(session) < session->maildrop.count)
        return false;
    event->octets = BYTES_EMPTY;
    return true;
}

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
