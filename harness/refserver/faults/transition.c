/* Faults of state: what is valid when, what a command does to marks, and who gets in. */
#include "refserver/faults/transition_hooks.h"
#include "refserver/server.h"

HOOK(STLS_INJECTION, transition)
{
    if (event->kind != TRANSITION_START_TLS || session->input.size == session->input_read)
        return false;
    event->rest_dropped = false;
    return true;
}

/* Behind CAPA alone: it would lead every scenario under TLS astray. */
HOOK(GREETING_UNDER_STLS, transition)
{
    if (event->kind != TRANSITION_START_TLS || session->capas == 0)
        return false;
    event->greets = true;
    return true;
}

HOOK(STLS_INJECTION_LATE, transition)
{
    (void)session;
    if (event->kind != TRANSITION_START_TLS)
        return false;
    event->late = true;
    event->rest_dropped = false;
    return true;
}

HOOK(STLS_INJECTION_BARE_LF, transition)
{
    struct bytes rest = bytes_from(buf_bytes(&session->input), session->input_read);

    if (event->kind != TRANSITION_START_TLS || !bytes_end_with(rest, BYTES_LITERAL("\n")) ||
        bytes_end_with(rest, BYTES_LITERAL("\r\n")))
        return false;
    event->rest_dropped = false;
    event->bare_lf_accepted = true;
    return true;
}

HOOK(STLS_AFTER_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_STLS);
}

HOOK(NOOP_BEFORE_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_NOOP);
}

HOOK(RSET_BEFORE_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_RSET);
}

HOOK(STAT_BEFORE_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_STAT);
}

HOOK(LIST_BEFORE_LOGIN, transition)
{
    return session->command.argument_count == 0 && open_gate(session, event, COMMAND_LIST);
}

HOOK(USER_AFTER_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_USER);
}

HOOK(AUTH_AFTER_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_AUTH);
}

HOOK(TOP_LISTED_AND_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_TOP);
}

HOOK(UIDL_LISTED_AND_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_UIDL);
}

HOOK(STLS_LISTED_AND_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_STLS);
}

HOOK(USER_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_USER);
}

HOOK(AUTH_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_AUTH);
}

HOOK(USER_LOGS_OUT, transition)
{
    if (!is_gate(session, event, COMMAND_USER) || session->state != SESSION_TRANSACTION)
        return false;
    event->logs_out = true;
    return true;
}

HOOK(LAST_BEFORE_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_LAST);
}

HOOK(STLS_WITHOUT_TLS, transition)
{
    (void)session;
    if (event->kind != TRANSITION_START_TLS)
        return false;
    event->begins = false;
    return true;
}

HOOK(TLS_1_1_AT_MOST, transition)
{
    (void)session;
    if (event->kind != TRANSITION_START_TLS && event->kind != TRANSITION_IMPLICIT_TLS)
        return false;
    event->handshake = PEER_HANDSHAKE_OLD;
    return true;
}

HOOK(IMPLICIT_PORT_WITHOUT_TLS, transition)
{
    (void)session;
    if (event->kind != TRANSITION_IMPLICIT_TLS)
        return false;
    event->handshake = PEER_HANDSHAKE_NONE;
    return true;
}

HOOK(DELE_OF_UNREAD_REFUSED, transition)
{
    if (event->kind != TRANSITION_MARK || event->again || session->maildrop.messages[event->index].retrieved)
        return false;
    event->allowed = false;
    return true;
}

HOOK(DELE_TWICE, transition)
{
    (void)session;
    if (event->kind != TRANSITION_MARK || !event->again)
        return false;
    event->allowed = true;
    return true;
}

HOOK(DELE_AT_ONCE, transition)
{
    (void)session;
    if (event->kind != TRANSITION_MARK || event->again)
        return false;
    event->at_once = true;
    return true;
}

HOOK(DELE_MARKS_NEXT, transition)
{
    if (event->kind != TRANSITION_MARK || event->again || event->index + 1 >= session->maildrop.count)
        return false;
    event->index++;
    return true;
}

HOOK(RSET_UNMARKS_NOTHING, transition)
{
    (void)session;
    if (event->kind != TRANSITION_UNMARK)
        return false;
    event->allowed = false;
    return true;
}

HOOK(APOP_TIMESTAMP_REPEATED, transition)
{
    (void)session;
    if (event->kind != TRANSITION_GREETING)
        return false;
    event->fresh = false;
    return true;
}

static bool take_credentials(const struct session *session, struct transition_event *event,
                             enum command_verb verb)
{
    if (event->kind != TRANSITION_CREDENTIALS || event->allowed || session->command.verb != verb)
        return false;
    event->allowed = true;
    return true;
}

HOOK(PASS_UNCHECKED, transition)
{
    return take_credentials(session, event, COMMAND_PASS);
}

HOOK(APOP_UNCHECKED, transition)
{
    return take_credentials(session, event, COMMAND_APOP);
}

HOOK(AUTH_UNCHECKED, transition)
{
    return take_credentials(session, event, COMMAND_AUTH);
}

HOOK(LOGIN_UNCHECKED, transition)
{
    return session->mechanism == SASL_LOGIN && take_credentials(session, event, COMMAND_AUTH);
}

HOOK(SCRAM_SHA_256_UNCHECKED, transition)
{
    return session->mechanism == SASL_SCRAM_SHA_256 && take_credentials(session, event, COMMAND_AUTH);
}

HOOK(SCRAM_SHA_1_UNCHECKED, transition)
{
    return session->mechanism == SASL_SCRAM_SHA_1 && take_credentials(session, event, COMMAND_AUTH);
}

/* Refuses what VERB gave, though it is right. */
static bool refuse_credentials(const struct session *session, struct transition_event *event,
                               enum command_verb verb)
{
    if (event->kind != TRANSITION_CREDENTIALS || !event->allowed || session->command.verb != verb)
        return false;
    event->allowed = false;
    return true;
}

/* The first login to a maildrop that was emptied or filled anew. */
static bool is_first_login(const struct session *session)
{
    const struct user *user = authorization_named(session);

    return user != NULL && user->login_count == 1;
}

HOOK(FIRST_USER_REFUSED, transition)
{
    const struct user *user = authorization_named(session);

    if (event->kind != TRANSITION_NAME || user == NULL || user->named_count != 1)
        return false;
    event->allowed = false;
    return true;
}

HOOK(FIRST_PASS_REFUSED, transition)
{
    return is_first_login(session) && refuse_credentials(session, event, COMMAND_PASS);
}

HOOK(FIRST_APOP_REFUSED, transition)
{
    return is_first_login(session) && refuse_credentials(session, event, COMMAND_APOP);
}

HOOK(FIRST_AUTH_REFUSED, transition)
{
    return is_first_login(session) && refuse_credentials(session, event, COMMAND_AUTH);
}

HOOK(PASS_REFUSED, transition)
{
    return refuse_credentials(session, event, COMMAND_PASS);
}

HOOK(LOGIN_REFUSED, transition)
{
    return refuse_credentials(session, event, session->command.verb);
}

/* Says +OK to the right credentials, and nothing comes of it. */
static bool open_nothing(const struct session *session, struct transition_event *event,
                         enum command_verb verb)
{
    if (event->kind != TRANSITION_CREDENTIALS || !event->allowed || session->command.verb != verb)
        return false;
    event->opens = false;
    return true;
}

HOOK(PASS_OPENS_NOTHING, transition)
{
    return open_nothing(session, event, COMMAND_PASS);
}

HOOK(APOP_OPENS_NOTHING, transition)
{
    return open_nothing(session, event, COMMAND_APOP);
}

HOOK(AUTH_OPENS_NOTHING, transition)
{
    return open_nothing(session, event, COMMAND_AUTH);
}

HOOK(LOGIN_DELAY_NOT_ENFORCED, transition)
{
    (void)session;
    if (event->kind != TRANSITION_LOGIN_DELAY || event->allowed)
        return false;
    event->allowed = true;
    return true;
}

HOOK(TLS_CLOSE_UNNOTIFIED, transition)
{
    if (event->kind != TRANSITION_LEAVE || !session->tls || event->cause == LEAVE_RESET)
        return false;
    event->unnotified = true;
    return true;
}
