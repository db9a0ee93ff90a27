/* What hooks of the seam `transition` share: transition.c, and utf8.c and lang.c. */
#ifndef REFSERVER_FAULTS_TRANSITION_HOOKS_H
#define REFSERVER_FAULTS_TRANSITION_HOOKS_H

#include "refserver/faults/hooks.h"

static inline bool is_gate(const struct session *session, const struct transition_event *event,
                           enum command_verb verb)
{
    return event->kind == TRANSITION_GATE && session->command.verb == verb;
}

/* Opens the gate for VERB where it is closed. */
static inline bool open_gate(const struct session *session, struct transition_event *event,
                             enum command_verb verb)
{
    if (!is_gate(session, event, verb) || event->allowed)
        return false;
    event->allowed = true;
    return true;
}

/* Closes the gate for VERB where it is open. */
static inline bool close_gate(const struct session *session, struct transition_event *event,
                              enum command_verb verb)
{
    if (!is_gate(session, event, verb) || !event->allowed)
        return false;
    event->allowed = false;
    return true;
}

#endif
