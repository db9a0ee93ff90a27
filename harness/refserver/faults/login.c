/* Faults of the commands that log in: names, passwords, and the octets of a SASL exchange. */
#include "base/base64.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/server.h"

enum { LONG_RESPONSE_OCTETS = 1000 };

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

/* RPOP asks for no password, so that it is as good as AUTH with the right one. */
HOOK(RPOP_TRUSTS_ANYBODY, command)
{
    const struct user *user = authorization_find(session, session->command.arguments[0]);
    struct buf message;

    if (!is(session, event, COMMAND_RPOP) || session->state != SESSION_AUTHORIZATION || user == NULL)
        return false;
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

static bool is_base64_octet(uint8_t octet)
{
    return ascii_is_letter(octet) || ascii_is_digit(octet) || octet == '+' || octet == '/' || octet == '=';
}

static void append_base64_octets(struct buf *out, struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++)
        if (is_base64_octet(octets.data[i]))
            buf_append_octet(out, octets.data[i]);
}

HOOK(BASE64_JUNK_IGNORED, command)
{
    (void)session;
    if (!event->response || bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    append_base64_octets(event->scratch, event->line);
    if (event->scratch->size == event->line.size)
        return false;
    return execute_scratch(event);
}

static bool has_initial_response(const struct session *session, const struct command_event *event,
                                 const char *mechanism)
{
    return is(session, event, COMMAND_AUTH) && session->command.argument_count == 2 &&
           bytes_equal_nocase(session->command.arguments[0], bytes_of(mechanism));
}

HOOK(BASE64_JUNK_IN_INITIAL_IGNORED, command)
{
    if (!has_initial_response(session, event, "PLAIN"))
        return false;
    buf_append_text(event->scratch, "AUTH PLAIN ");
    append_base64_octets(event->scratch, session->command.arguments[1]);
    if (event->scratch->size == event->line.size)
        return false;
    return execute_scratch(event);
}

/* AUTH as if nothing stood behind the mechanism. */
static bool execute_without_initial_response(struct command_event *event, const char *mechanism)
{
    buf_append_format(event->scratch, "AUTH %s", mechanism);
    return execute_scratch(event);
}

HOOK(INITIAL_RESPONSE_IGNORED, command)
{
    return has_initial_response(session, event, "PLAIN") && execute_without_initial_response(event, "PLAIN");
}

HOOK(CRAM_MD5_INITIAL_IGNORED, command)
{
    return has_initial_response(session, event, "CRAM-MD5") &&
           execute_without_initial_response(event, "CRAM-MD5");
}

HOOK(INITIAL_RESPONSE_REFUSED, command)
{
    if (!has_initial_response(session, event, "PLAIN"))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(UNKNOWN_MECHANISM_IS_PLAIN, command)
{
    const struct command *command = &session->command;

    if (!is(session, event, COMMAND_AUTH) || command->argument_count != 1 ||
        sasl_knows(command->arguments[0]))
        return false;
    return execute_without_initial_response(event, "PLAIN");
}

HOOK(MECHANISM_IN_LOWER_CASE_UNKNOWN, command)
{
    bool lower = false;

    if (!is(session, event, COMMAND_AUTH) || session->command.argument_count == 0)
        return false;
    for (size_t i = 0; i < session->command.arguments[0].size; i++)
        lower = lower ||
                ascii_upper(session->command.arguments[0].data[i]) != session->command.arguments[0].data[i];
    return lower && execute_without_initial_response(event, "LOWER");
}

HOOK(LONG_RESPONSE_UNANSWERED, command)
{
    (void)session;
    if (!event->response || event->line.size <= LONG_RESPONSE_OCTETS)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* A message of PLAIN that has one NUL only is taken for one whose first part is left out. */
HOOK(PLAIN_WITHOUT_FIRST_NUL, command)
{
    struct buf message;
    bool acts = false;

    buf_init(&message, COMMAND_READER_OCTETS);
    buf_append_octet(&message, '\0');
    if (event->response && session->mechanism == SASL_PLAIN && base64_decode(event->line, &message) &&
        message.size > 1 && message.data[1] != '\0') {
        struct bytes rest = bytes_from(buf_bytes(&message), 1);
        size_t nul = bytes_find_octet(rest, '\0');

        acts = nul != BYTES_NOT_FOUND && bytes_find_octet(bytes_from(rest, nul + 1), '\0') == BYTES_NOT_FOUND;
    }
    if (acts)
        base64_encode(buf_bytes(&message), event->scratch);
    buf_release(&message);
    return acts && execute_scratch(event);
}

HOOK(CANCEL_UNANSWERED, command)
{
    (void)session;
    if (!event->response || !bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}
