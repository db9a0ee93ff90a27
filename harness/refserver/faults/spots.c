#include "refserver/faults/spots.h"

#include "refserver/languages.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <inttypes.h>

/* ---- what an event is about ---- */

struct fault_spot spot_of_command(const struct session *session, const struct command_event *event)
{
    (void)session;
    (void)event;
    return (struct fault_spot){0};
}

struct fault_spot spot_of_transition(const struct session *session, const struct transition_event *event)
{
    bool message = event->kind == TRANSITION_MARK || event->kind == TRANSITION_UNMARK ||
                   event->kind == TRANSITION_REMOVE;

    (void)session;
    return (struct fault_spot){.message = message ? event->index + 1 : 0};
}

struct fault_spot spot_of_view(const struct session *session, const struct view_event *event)
{
    (void)session;
    if (event->part == VIEW_TOTALS)
        return (struct fault_spot){0};
    return (struct fault_spot){.message = event->part == VIEW_FIND ? event->number : event->index + 1};
}

struct fault_spot spot_of_reply(const struct session *session, const struct response_event *event)
{
    bool listing = event->body == RESPONSE_BODY_LIST || event->body == RESPONSE_BODY_UIDL;

    if (event->part == RESPONSE_ROW)
        return (struct fault_spot){.row = listing ? event->row + 1 : 0};
    return (struct fault_spot){.message = event->part == RESPONSE_STATUS ? session->number : 0};
}

struct fault_spot spot_of_wire(const struct session *session, const struct wire_event *event)
{
    if (event->body == RESPONSE_BODY_MESSAGE)
        return (struct fault_spot){
            .message = session->subject + 1, .line = event->line + 1, .offset = event->offset};
    if (event->body == RESPONSE_BODY_LIST || event->body == RESPONSE_BODY_UIDL)
        return (struct fault_spot){.row = event->line + 1};
    return (struct fault_spot){0};
}

/* ---- where that is ---- */

static const struct opened_message *message_of(const struct session *session, const struct fault_spot *at)
{
    return at->message > 0 && at->message <= session->maildrop.count
               ? &session->maildrop.messages[at->message - 1]
               : NULL;
}

static bool spot_is_of_retrieved(const struct session *session, const struct fault_spot *at)
{
    const struct opened_message *message = message_of(session, at);

    return message != NULL && message->retrieved;
}

static uint64_t spot_octets(const struct session *session, const struct fault_spot *at)
{
    const struct opened_message *message = message_of(session, at);

    return message != NULL ? message->stored->facts.octets : 0;
}

bool spot_is(enum spot_kind kind, uint64_t n, const struct session *session, const struct fault_spot *at)
{
    switch (kind) {
#define SPOT(name, words, test)                                                                              \
    case SPOT_##name:                                                                                        \
        return test;
#include "refserver/faults/spots.def"
#undef SPOT
    case SPOT_COUNT:
        break;
    }
    return false;
}

bool spot_is_of_server(enum spot_kind kind)
{
    return kind >= SPOT_BEHIND_SILENCE;
}

void spot_append_words(enum spot_kind kind, uint64_t n, struct buf *out)
{
    static const char *const words[SPOT_COUNT] = {
#define SPOT(name, words, test) [SPOT_##name] = words,
#include "refserver/faults/spots.def"
#undef SPOT
    };

    for (const char *c = words[kind]; *c != '\0'; c++) {
        if (*c == '#')
            buf_append_format(out, "%" PRIu64, n);
        else
            buf_append_octet(out, (uint8_t)*c);
    }
}
