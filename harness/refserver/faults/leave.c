/* Faults of how a session ends: what UPDATE removes, when it is entered, what becomes of locks, and when the timer runs out. */
#include "refserver/faults/hooks.h"
#include "refserver/server.h"

enum { SHORT_AUTOLOGOUT_AUTHORIZATION_S = 60, SHORT_AUTOLOGOUT_TRANSACTION_S = 598 };

/* True when leaving for CAUSE with a maildrop open. */
static bool leaves(const struct session *session, const struct transition_event *event,
                   enum leave_cause cause)
{
    return event->kind == TRANSITION_LEAVE && event->cause == cause && session->user != NULL;
}

static bool any_marked(const struct session *session)
{
    return opened_maildrop_marked(&session->maildrop) > 0;
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
