/* What hooks of the seam `reply` share: reply.c, capa.c for the reply to CAPA, codes.c for response codes. */
#ifndef REFSERVER_FAULTS_REPLY_HOOKS_H
#define REFSERVER_FAULTS_REPLY_HOOKS_H

#include "refserver/faults/hooks.h"

static inline bool is_status(const struct session *session, const struct response_event *event,
                             enum command_verb verb, bool positive)
{
    return event->part == RESPONSE_STATUS && session->command.verb == verb && event->positive == positive;
}

/* Turns a positive reply of VERB into -ERR, without what would follow it. */
static inline bool deny(const struct session *session, struct response_event *event, enum command_verb verb)
{
    if (!is_status(session, event, verb, true))
        return false;
    event->indicator = "-ERR";
    event->body = RESPONSE_BODY_NONE;
    return true;
}

/* Replaces the text by what was put into scratch. */
static inline bool replace_text(struct response_event *event)
{
    event->text = buf_bytes(event->scratch);
    return true;
}

/* A row of a reply that has BODY. */
static inline bool is_row(const struct response_event *event, enum response_body body)
{
    return event->part == RESPONSE_ROW && event->body == body;
}

#endif
