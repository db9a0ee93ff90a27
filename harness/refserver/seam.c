#include "refserver/seam.h"

#include "refserver/faults/faults.h"
#include "refserver/server.h"
#include "refserver/session.h"

static void record_passage(struct session *session, enum seam seam)
{
    struct refserver_record *record = &session->server->record;

    record->seams |= 1U << seam;
    record->verbs[seam] |= UINT32_C(1) << session->command.verb;
}

static void record_action(struct refserver *server, enum fault fault)
{
    server->record.acted[fault / 64] |= UINT64_C(1) << (fault % 64);
}

/* Empty octets for the next hook, other than those that the hook before may have put into the event. */
static struct buf *next_scratch(struct refserver *server)
{
    server->scratch_index ^= 1;
    buf_clear(&server->scratch[server->scratch_index]);
    return &server->scratch[server->scratch_index];
}

/*
 * One passage through a seam: the active faults of that seam change EVENT in turn. In a survey every fault of the seam
 * is asked with a copy, and the event stays as it is.
 */
#define PASS_SEAM(type, member, number)                                                                      \
    static void survey_##member(struct session *session, const type *event)                                  \
    {                                                                                                        \
        struct refserver *server = session->server;                                                          \
                                                                                                             \
        for (size_t i = 0; i < server->surveyed_count[(number)]; i++) {                                      \
            enum fault fault = server->surveyed[(number)][i];                                                \
            type copy = *event;                                                                              \
                                                                                                             \
            copy.scratch = next_scratch(server);                                                             \
            if (fault_hook(fault).member(session, &copy))                                                    \
                record_action(server, fault);                                                                \
        }                                                                                                    \
    }                                                                                                        \
                                                                                                             \
    void seam_##member(struct session *session, type *event)                                                 \
    {                                                                                                        \
        struct refserver *server = session->server;                                                          \
                                                                                                             \
        record_passage(session, (number));                                                                   \
        if (server->survey) {                                                                                \
            survey_##member(session, event);                                                                 \
            return;                                                                                          \
        }                                                                                                    \
        for (size_t i = 0; i < server->active_count; i++) {                                                  \
            enum fault fault = server->active[i];                                                            \
                                                                                                             \
            if (fault_info(fault)->seam != (number))                                                         \
                continue;                                                                                    \
            event->scratch = next_scratch(server);                                                           \
            if (fault_hook(fault).member(session, event))                                                    \
                record_action(server, fault);                                                                \
        }                                                                                                    \
    }

PASS_SEAM(struct command_event, command, SEAM_COMMAND)
PASS_SEAM(struct transition_event, transition, SEAM_TRANSITION)
PASS_SEAM(struct view_event, view, SEAM_VIEW)
PASS_SEAM(struct response_event, reply, SEAM_REPLY)
PASS_SEAM(struct wire_event, wire, SEAM_WIRE)
