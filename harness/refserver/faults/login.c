/* Faults of the commands that log in: names and passwords. */
#include "base/base64.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/server.h"

#include <string.h>

HOOK(PASS_CUT_AT_SPACE, command)
{
    size_t space = bytes_find_octet(session->command.rest, ' ');

    if (!is(session, event, COMMAND_PASS) || space == BYTES_NOT_FOUND)
        return false;
    buf_append_text(event->scratch, "PASS ");
    buf_append(event->scratch, bytes_slice(session->command.rest, 0, space));
    return execute_scratch(event);
}

HOOK(PASS_IN_PIECES_REFUSED, command)
{
    if (!event->in_pieces || !is(session, event, COMMAND_PASS))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(SECOND_USER_UNANSWERED, command)
{
    if (!is(session, event, COMMAND_USER) || !session->named)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(PASS_BEHIND_SECOND_USER_REFUSED, command)
{
    if (!is(session, event, COMMAND_PASS) || !session->named || !session->named_twice)
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(PASS_UNANSWERED_BEHIND_CAPA, command)
{
    if (!is(session, event, COMMAND_PASS) || !session->named || session->capas == 0)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(STLS_UNDER_TLS_UNANSWERED, command)
{
    if (!is(session, event, COMMAND_STLS) || !session->tls)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(PASS_UNANSWERED_BEHIND_STLS, command)
{
    if (!is(session, event, COMMAND_PASS) || session->named || !session->tls)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(USER_BEHIND_UNKNOWN_REFUSED, command)
{
    if (!is(session, event, COMMAND_USER) || session->named || session->name[0] == '\0' ||
        authorization_named(session) != NULL)
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(UNKNOWN_NAME_IS_FIRST, command)
{
    const struct command *command = &session->command;

    if (event->verdict != LINE_EXECUTED || command->argument_count == 0 ||
        (!is(session, event, COMMAND_USER) && !is(session, event, COMMAND_APOP)) ||
        authorization_find(session, command->arguments[0]) != NULL)
        return false;
    buf_append(event->scratch, command->keyword);
    buf_append_format(event->scratch, " %s", session->server->users[0]->name);
    for (size_t i = 1; i < command->argument_count && i < COMMAND_ARGUMENTS_MAX; i++) {
        buf_append_octet(event->scratch, ' ');
        buf_append(event->scratch, command->arguments[i]);
    }
    return execute_scratch(event);
}

/* Opens USER's mailbox whatever the client has proved: as good as AUTH with the right password. */
static bool log_in_as(const struct user *user, struct command_event *event)
{
    struct buf message;

    buf_init(&message, COMMAND_OCTETS_MAX);
    buf_append_octet(&message, '\0');
    buf_append_text(&message, user->name);
    buf_append_octet(&message, '\0');
    buf_append_text(&message, user->password);
    buf_append_text(event->scratch, "AUTH PLAIN ");
    base64_encode(buf_bytes(&message), event->scratch);
    buf_release(&message);
    return execute_scratch(event);
}

HOOK(RPOP_TRUSTS_ANYBODY, command)
{
    const struct user *user = authorization_find(session, session->command.arguments[0]);

    return is(session, event, COMMAND_RPOP) && session->state == SESSION_AUTHORIZATION && user != NULL &&
           log_in_as(user, event);
}

/* The name becomes part of a query or a path that finds somebody, whatever the password. */
HOOK(QUOTED_NAME_OPENS, command)
{
    return is(session, event, COMMAND_PASS) && session->named && strpbrk(session->name, "'*/") != NULL &&
           log_in_as(session->server->users[0], event);
}

/* What AUTH PLAIN's message has of CR and LF is left out. */
HOOK(LINE_ENDS_DROPPED_FROM_NAMES, command)
{
    struct buf message;
    struct buf kept;
    bool dropped = false;

    if (!event->response || session->mechanism != SASL_PLAIN)
        return false;
    buf_init(&message, COMMAND_OCTETS_MAX);
    buf_init(&kept, COMMAND_OCTETS_MAX);
    if (base64_decode(event->line, &message))
        for (size_t i = 0; i < message.size; i++) {
            bool line_end = message.data[i] == '\r' || message.data[i] == '\n';

            dropped = dropped || line_end;
            if (!line_end)
                buf_append_octet(&kept, message.data[i]);
        }
    if (dropped) {
        base64_encode(buf_bytes(&kept), event->scratch);
        event->line = buf_bytes(event->scratch);
    }
    buf_release(&message);
    buf_release(&kept);
    return dropped;
}

HOOK(APOP_OPENS_NEXT, command)
{
    const struct refserver *server = session->server;

    if (!is(session, event, COMMAND_APOP) || session->state != SESSION_AUTHORIZATION ||
        session->command.argument_count != 2)
        return false;
    for (size_t i = 0; i + 1 < server->user_count; i++)
        if (server->users[i] == authorization_find(session, session->command.arguments[0]))
            return log_in_as(server->users[i + 1], event);
    return false;
}

HOOK(APOP_REFUSED_BEHIND_FAILED_LOGIN, command)
{
    if (!is(session, event, COMMAND_APOP) || session->failed_logins == 0)
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(APOP_UNANSWERED_BEHIND_USER, command)
{
    if (!is(session, event, COMMAND_APOP) || !session->named)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}
