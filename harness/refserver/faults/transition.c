/* Faults of state: what is valid when, what a command does to marks, locks and the maildrop, how sessions end. */
#include "refserver/faults/transition_hooks.h"
#include "refserver/server.h"

enum { SHORT_AUTOLOGOUT_AUTHORIZATION_S = 60, SHORT_AUTOLOGOUT_TRANSACTION_S = 598 };

#define LATE_US (1 * US_PER_S)

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

HOOK(STLS_REFUSED_BEHIND_FAILED_LOGIN, transition)
{
    return session->failed_logins > 0 && close_gate(session, event, COMMAND_STLS);
}

HOOK(STLS_REFUSED_BEHIND_CAPA, transition)
{
    return session->capas > 0 && close_gate(session, event, COMMAND_STLS);
}

HOOK(USER_REFUSED_BEHIND_FAILED_LOGIN, transition)
{
    return session->failed_logins > 0 && close_gate(session, event, COMMAND_USER);
}

HOOK(AUTH_REFUSED_BEHIND_FAILED_LOGIN, transition)
{
    return session->failed_logins > 0 && close_gate(session, event, COMMAND_AUTH);
}

HOOK(AUTH_REFUSED_BEHIND_FAILED_AUTH, transition)
{
    return session->failed_auths > 0 && close_gate(session, event, COMMAND_AUTH);
}

HOOK(USER_REFUSED_BEHIND_FAILED_AUTH, transition)
{
    return session->failed_auths > 0 && close_gate(session, event, COMMAND_USER);
}

HOOK(STAT_BEHIND_FAILED_AUTH, transition)
{
    return session->failed_auths > 0 && open_gate(session, event, COMMAND_STAT);
}

HOOK(USER_REFUSED_WHEN_LATE, transition)
{
    return session->now_us >= time_after(session->opened_us, LATE_US) &&
           close_gate(session, event, COMMAND_USER);
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

HOOK(STAT_UNDER_TLS_BEFORE_LOGIN, transition)
{
    return session->tls && open_gate(session, event, COMMAND_STAT);
}

HOOK(STAT_UNDER_IMPLICIT_TLS, transition)
{
    return session->info.implicit_tls && open_gate(session, event, COMMAND_STAT);
}

HOOK(STLS_WITHOUT_TLS, transition)
{
    (void)session;
    if (event->kind != TRANSITION_START_TLS)
        return false;
    event->begins = false;
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

HOOK(RSET_FORGETS_ONE, transition)
{
    (void)session;
    if (event->kind != TRANSITION_UNMARK || event->index != 1)
        return false;
    event->allowed = false;
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

/* True when leaving for CAUSE with a maildrop open. */
static bool leaves(const struct session *session, const struct transition_event *event,
                   enum leave_cause cause)
{
    return event->kind == TRANSITION_LEAVE && event->cause == cause && session->user != NULL;
}

static bool any_marked(const struct session *session)
{
    for (size_t i = 0; i < session->maildrop.count; i++)
        if (session->maildrop.messages[i].marked)
            return true;
    return false;
}

static bool commit_for(const struct session *session, struct transition_event *event, enum leave_cause cause)
{
    if (!leaves(session, event, cause) || !any_marked(session))
        return false;
    event->commit = true;
    return true;
}

HOOK(END_COMMITS, transition)
{
    return commit_for(session, event, LEAVE_END);
}

HOOK(END_UNDER_TLS_COMMITS, transition)
{
    return session->tls && !session->info.implicit_tls && commit_for(session, event, LEAVE_END);
}

HOOK(END_UNDER_IMPLICIT_TLS_COMMITS, transition)
{
    return session->info.implicit_tls && commit_for(session, event, LEAVE_END);
}

HOOK(RESET_COMMITS, transition)
{
    return commit_for(session, event, LEAVE_RESET);
}

HOOK(AUTOLOGOUT_COMMITS, transition)
{
    return commit_for(session, event, LEAVE_AUTOLOGOUT);
}

/* Two events: the session enters UPDATE though it only ended, and there what was retrieved counts as marked. */
HOOK(END_REMOVES_RETRIEVED, transition)
{
    bool removes = event->kind == TRANSITION_REMOVE && session->command.verb != COMMAND_QUIT;

    if ((leaves(session, event, LEAVE_END) || leaves(session, event, LEAVE_RESET)) && session->retrieved > 0)
        return event->commit = true;
    if (removes)
        event->allowed = session->maildrop.messages[event->index].retrieved;
    return removes;
}

HOOK(AUTOLOGOUT_EARLY_AUTHORIZATION, transition)
{
    if (event->kind != TRANSITION_TIMER || session->state != SESSION_AUTHORIZATION)
        return false;
    event->span_us = SHORT_AUTOLOGOUT_AUTHORIZATION_S * US_PER_S;
    return true;
}

HOOK(AUTOLOGOUT_EARLY_TRANSACTION, transition)
{
    if (event->kind != TRANSITION_TIMER || session->state != SESSION_TRANSACTION)
        return false;
    event->span_us = SHORT_AUTOLOGOUT_TRANSACTION_S * US_PER_S;
    return true;
}

HOOK(AUTOLOGOUT_GOES_ON, transition)
{
    if (event->kind != TRANSITION_TIMER || session->command.verb != COMMAND_NOOP)
        return false;
    event->allowed = false;
    return true;
}

HOOK(LOCK_KEPT_BEHIND_END, transition)
{
    if (!leaves(session, event, LEAVE_END) && !leaves(session, event, LEAVE_RESET))
        return false;
    event->release = false;
    return true;
}

/* Behind every QUIT, it would keep the suite out before a scenario could notice. */
HOOK(LOCK_KEPT_BEHIND_QUIT, transition)
{
    if (!leaves(session, event, LEAVE_QUIT) || !session->user->update_fails || !any_marked(session))
        return false;
    event->release = false;
    return true;
}

/* USER, PASS and QUIT are all that was said. */
HOOK(LOCK_KEPT_BEHIND_SHORT_SESSION, transition)
{
    if (!leaves(session, event, LEAVE_QUIT) || session->commands != 2)
        return false;
    event->release = false;
    return true;
}

HOOK(LOCK_DISTURBED, transition)
{
    (void)session;
    if (event->kind != TRANSITION_LOCK)
        return false;
    event->exclusive = false;
    event->allowed = true;
    event->live = true;
    return true;
}

/* Another user's session holds the one lock that there is. */
HOOK(ONE_LOCK_FOR_ALL, transition)
{
    bool held = false;

    for (size_t i = 0; i < session->server->user_count; i++)
        held = held || session->server->users[i]->lock_owner != 0;
    if (event->kind != TRANSITION_LOCK || !event->allowed || !held)
        return false;
    event->allowed = false;
    return true;
}

HOOK(MARKS_ABANDONED_AND_FOUND, transition)
{
    const struct user *user = authorization_named(session);

    if (event->kind != TRANSITION_LOCK || user == NULL || user->abandoned_marks == 0)
        return false;
    event->marked = user->abandoned_marks;
    return true;
}

HOOK(NEW_MAIL_APPEARS, transition)
{
    (void)session;
    if (event->kind != TRANSITION_LOCK)
        return false;
    event->live = true;
    return true;
}

HOOK(QUIT_REMOVES_NOTHING, transition)
{
    (void)session;
    if (event->kind != TRANSITION_REMOVE || !event->allowed)
        return false;
    event->allowed = false;
    return true;
}

HOOK(QUIT_KEEPS_ONE, transition)
{
    (void)session;
    if (event->kind != TRANSITION_REMOVE || !event->allowed || event->index != 0)
        return false;
    event->allowed = false;
    return true;
}

HOOK(QUIT_REMOVES_ONE_MORE, transition)
{
    if (event->kind != TRANSITION_REMOVE || event->allowed || event->index == 0 ||
        !session->maildrop.messages[event->index - 1].marked)
        return false;
    event->allowed = true;
    return true;
}

HOOK(QUIT_WITHOUT_MARKS_REMOVES, transition)
{
    if (event->kind != TRANSITION_REMOVE || event->index != 1 || event->allowed || any_marked(session))
        return false;
    event->allowed = true;
    return true;
}

HOOK(QUIT_LOSES_NEW_MAIL, transition)
{
    if (!leaves(session, event, LEAVE_QUIT))
        return false;
    event->arrivals_lost = true;
    return true;
}

HOOK(QUIT_BEFORE_LOGIN_REMOVES, transition)
{
    if (event->kind != TRANSITION_LEAVE || event->cause != LEAVE_QUIT || session->user != NULL ||
        session->name[0] == '\0')
        return false;
    event->emptied = true;
    return true;
}

HOOK(QUIT_REMOVES_RETRIEVED, transition)
{
    if (event->kind != TRANSITION_REMOVE || event->allowed ||
        !session->maildrop.messages[event->index].retrieved)
        return false;
    event->allowed = true;
    return true;
}

HOOK(FAILED_UPDATE_OK, transition)
{
    (void)session;
    if (event->kind != TRANSITION_UPDATE)
        return false;
    event->allowed = false;
    event->succeeded = true;
    return true;
}

HOOK(QUIT_STAYS_OPEN, transition)
{
    (void)session;
    if (event->kind != TRANSITION_LEAVE || event->cause != LEAVE_QUIT)
        return false;
    event->close = false;
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

HOOK(LOGIN_UNDER_TLS_REFUSED, transition)
{
    return session->tls && refuse_credentials(session, event, COMMAND_PASS);
}

HOOK(LOGIN_UNDER_IMPLICIT_TLS_REFUSED, transition)
{
    return session->info.implicit_tls && refuse_credentials(session, event, COMMAND_PASS);
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

HOOK(FAILED_LOGIN_STICKS, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || !event->allowed || session->failed_logins == 0)
        return false;
    event->allowed = false;
    return true;
}

HOOK(TLS_CLOSE_UNNOTIFIED, transition)
{
    if (event->kind != TRANSITION_LEAVE || !session->tls || event->cause == LEAVE_RESET)
        return false;
    event->unnotified = true;
    return true;
}
