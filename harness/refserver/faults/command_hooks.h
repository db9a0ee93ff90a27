/* What hooks of the seam `command` share: command.c, arguments.c, login.c, sasl.c, utf8.c and lang.c. */
#ifndef REFSERVER_FAULTS_COMMAND_HOOKS_H
#define REFSERVER_FAULTS_COMMAND_HOOKS_H

#include "base/limits.h"
#include "refserver/faults/hooks.h"

/* Lets the line in scratch be executed in place of the one that was read. */
static inline bool execute_scratch(struct command_event *event)
{
    event->line = buf_bytes(event->scratch);
    event->facts = 0;
    event->verdict = LINE_EXECUTED;
    return true;
}

static inline bool is(const struct session *session, const struct command_event *event,
                      enum command_verb verb)
{
    return !event->response && session->command.verb == verb;
}

#endif
