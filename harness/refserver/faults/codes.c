/* Faults of response codes: which is given, behind what, to what, and what it looks like. */
#include "refserver/faults/reply_hooks.h"

/* Puts CODE before the text, in place of the one that is there. */
static bool put_code(struct response_event *event, const char *code)
{
    size_t end = bytes_start_with(event->text, BYTES_LITERAL("[")) ? bytes_find_octet(event->text, ']')
                                                                   : BYTES_NOT_FOUND;
    struct bytes words = end == BYTES_NOT_FOUND ? event->text : bytes_from(event->text, end + 1);

    buf_append_text(event->scratch, code);
    if (code[0] != '\0' && words.size > 0 && words.data[0] != ' ')
        buf_append_octet(event->scratch, ' ');
    buf_append(event->scratch, words);
    return replace_text(event);
}

static bool is_refusal(const struct session *session, const struct response_event *event,
                       enum session_state state)
{
    return event->part == RESPONSE_STATUS && !event->positive && session->state == state;
}

static bool is_login(enum command_verb verb)
{
    return verb == COMMAND_USER || verb == COMMAND_PASS || verb == COMMAND_APOP || verb == COMMAND_AUTH;
}

/* A refusal that the credentials are to blame for. */
static bool is_failed_login(const struct session *session, const struct response_event *event)
{
    return is_refusal(session, event, SESSION_AUTHORIZATION) &&
           bytes_start_with(event->text, BYTES_LITERAL("[AUTH]"));
}

static bool is_failed(const struct session *session, const struct response_event *event,
                      enum command_verb verb)
{
    return is_failed_login(session, event) && session->command.verb == verb;
}

/* ---- AUTH ---- */

HOOK(AUTH_CODE_BEFORE_LOGIN, response)
{
    return is_refusal(session, event, SESSION_AUTHORIZATION) && !is_login(session->command.verb) &&
           put_code(event, "[AUTH]");
}

HOOK(AUTH_CODE_BEHIND_LOGIN, response)
{
    return is_refusal(session, event, SESSION_TRANSACTION) && session->command.verb != COMMAND_QUIT &&
           !is_login(session->command.verb) && put_code(event, "[AUTH]");
}

HOOK(AUTH_CODE_FOR_FAILED_UPDATE, response)
{
    return is_status(session, event, COMMAND_QUIT, false) && put_code(event, "[AUTH]");
}

HOOK(AUTH_CODE_BEHIND_OK, response)
{
    return (is_status(session, event, COMMAND_PASS, true) || is_status(session, event, COMMAND_USER, true)) &&
           put_code(event, "[AUTH]");
}

HOOK(AUTH_CODE_TO_USER, response)
{
    return is_status(session, event, COMMAND_USER, false) && session->state == SESSION_AUTHORIZATION &&
           put_code(event, "[AUTH]");
}

HOOK(AUTH_CODE_MISSING, response)
{
    return is_failed_login(session, event) && put_code(event, "");
}

HOOK(AUTH_CODE_MISSING_FOR_UNKNOWN, response)
{
    return is_failed(session, event, COMMAND_PASS) && authorization_named(session) == NULL &&
           put_code(event, "");
}

HOOK(AUTH_CODE_MISSING_FOR_APOP, response)
{
    return is_failed(session, event, COMMAND_APOP) && put_code(event, "");
}

HOOK(AUTH_CODE_MISSING_FOR_AUTH, response)
{
    return is_failed(session, event, COMMAND_AUTH) && put_code(event, "");
}

/* ---- SYS ---- */

HOOK(SYSTEM_CODE_BEHIND_OK, response)
{
    enum command_verb verb = session->command.verb;
    bool free_text = verb == COMMAND_LIST || verb == COMMAND_NOOP || verb == COMMAND_RSET ||
                     verb == COMMAND_CAPA || verb == COMMAND_QUIT;

    return event->part == RESPONSE_STATUS && event->positive && session->user != NULL && free_text &&
           !(verb == COMMAND_LIST && event->body == RESPONSE_BODY_NONE) && put_code(event, "[SYS/TEMP]");
}

HOOK(SYSTEM_CODE_BEHIND_LOGIN, response)
{
    return is_status(session, event, COMMAND_PASS, true) && put_code(event, "[SYS/PERM]");
}

HOOK(SYSTEM_CODE_FOR_WRONG_PASSWORD, response)
{
    return is_failed_login(session, event) && put_code(event, "[SYS/PERM]");
}

/* ---- IN-USE and LOGIN-DELAY ---- */

HOOK(IN_USE_FOR_WRONG_PASSWORD, response)
{
    return is_failed_login(session, event) && put_code(event, "[IN-USE]");
}

HOOK(IN_USE_BEHIND_OK, response)
{
    return is_status(session, event, COMMAND_PASS, true) && put_code(event, "[IN-USE]");
}

HOOK(IN_USE_BEHIND_LOGIN, response)
{
    return is_refusal(session, event, SESSION_TRANSACTION) && put_code(event, "[IN-USE]");
}

HOOK(LOGIN_DELAY_BEHIND_OK, response)
{
    return is_status(session, event, COMMAND_PASS, true) && put_code(event, "[LOGIN-DELAY]");
}

HOOK(LOGIN_DELAY_FOR_UNKNOWN, response)
{
    return is_status(session, event, COMMAND_UNKNOWN, false) && put_code(event, "[LOGIN-DELAY]");
}

HOOK(LOGIN_DELAY_BEHIND_LOGIN, response)
{
    return is_refusal(session, event, SESSION_TRANSACTION) && put_code(event, "[LOGIN-DELAY]");
}

/* ---- form ---- */

HOOK(RESPONSE_CODE_UNCLOSED, response)
{
    return is_failed_login(session, event) && put_code(event, "[AUTH");
}

HOOK(RESPONSE_CODE_WITH_EMPTY_LEVEL, response)
{
    return is_failed_login(session, event) && put_code(event, "[AUTH/]");
}
