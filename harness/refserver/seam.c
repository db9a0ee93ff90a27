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

/* Empty octets for the next hook, other than those that a hook before may have put into the event. */
static struct buf *next_scratch(struct refserver *server)
{
    buf_clear(&server->scratch[server->scratch_index]);
    return &server->scratch[server->scratch_index];
}

static void keep_scratch(struct refserver *server)
{
    server->scratch_index ^= 1;
}

/*
 * One passage through a seam: the active faults of that seam change EVENT in turn. In a survey every fault of the seam
 * is asked, and the event stays as it is. A hook gets a copy, so that one which answers that it did nothing has done
 * nothing.
 */
#define PASS_SEAM(type, member, own)                                                                         \
    static bool asks_##member(struct session *session, enum fault fault, const type *event, type *ret_copy)  \
    {                                                                                                        \
        struct refserver *server = session->server;                                                          \
        struct fault_spot at = spot_of_##member(session, event);                                             \
                                                                                                             \
        if (!spot_is(fault_info(fault)->spot, fault_info(fault)->number, session, &at))                      \
            return false;                                                                                    \
        *ret_copy = *event;                                                                                  \
        ret_copy->scratch = next_scratch(server);                                                            \
        if (!fault_hook(fault).member(session, ret_copy))                                                    \
            return false;                                                                                    \
        record_action(server, fault);                                                                        \
        return true;                                                                                         \
    }                                                                                                        \
                                                                                                             \
    void seam_##member(struct session *session, type *event)                                                 \
    {                                                                                                        \
        struct refserver *server = session->server;                                                          \
        type copy;                                                                                           \
                                                                                                             \
        record_passage(session, (own));                                                                      \
        for (size_t i = 0; server->survey && i < server->surveyed_count[(own)]; i++)                         \
            (void)asks_##member(session, server->surveyed[(own)][i], event, &copy);                          \
        for (size_t i = 0; !server->survey && i < server->active_count; i++) {                               \
            if (fault_info(server->active[i])->seam != (own) ||                                              \
                !asks_##member(session, server->active[i], event, &copy))                                    \
                continue;                                                                                    \
            *event = copy;                                                                                   \
            keep_scratch(server);                                                                            \
        }                                                                                                    \
    }

PASS_SEAM(struct command_event, command, SEAM_COMMAND)
PASS_SEAM(struct transition_event, transition, SEAM_TRANSITION)
PASS_SEAM(struct view_event, view, SEAM_VIEW)
PASS_SEAM(struct response_event, reply, SEAM_REPLY)
PASS_SEAM(struct wire_event, wire, SEAM_WIRE)
