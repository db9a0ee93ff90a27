#include "refserver/faults/faults.h"

#include <string.h>

/* Each hook is declared with the type of its seam; its body stands in the seam's file. */
#define EVENT_COMMAND    struct command_event
#define EVENT_TRANSITION struct transition_event
#define EVENT_VIEW       struct view_event
#define EVENT_REPLY      struct response_event
#define EVENT_WIRE       struct wire_event

#define FAULT(name, id, clause, seam, what, also)                                                            \
    bool fault_hook_##name(const struct session *session, EVENT_##seam *event);
#include "refserver/faults/faults.def"
#undef FAULT
#define POSITION(name, id, base, seam, spot, number, clause, what, also)                                     \
    bool fault_hook_##base(const struct session *session, EVENT_##seam *event);
#include "refserver/faults/positions.def"
#undef POSITION

#define MEMBER_COMMAND    command
#define MEMBER_TRANSITION transition
#define MEMBER_VIEW       view
#define MEMBER_REPLY      reply
#define MEMBER_WIRE       wire

struct fault_row {
    struct fault_info info;
    union fault_hook hook;
};

static const struct fault_row faults[FAULT_COUNT] = {
#define FAULT(name, id, clause, seam, what, also)                                                            \
    [FAULT_##name] = {{id, clause, SEAM_##seam, what, also, SPOT_EVERYWHERE, 0},                             \
                      {.MEMBER_##seam = fault_hook_##name}},
#include "refserver/faults/faults.def"
#undef FAULT
#define POSITION(name, id, base, seam, spot, number, clause, what, also)                                     \
    [FAULT_##name] = {{id, clause, SEAM_##seam, what, also, SPOT_##spot, number},                            \
                      {.MEMBER_##seam = fault_hook_##base}},
#include "refserver/faults/positions.def"
#undef POSITION
};

const struct fault_info *fault_info(enum fault fault)
{
    return &faults[fault].info;
}

union fault_hook fault_hook(enum fault fault)
{
    return faults[fault].hook;
}

static bool same_hook(enum seam seam, union fault_hook a, union fault_hook b)
{
    switch (seam) {
    case SEAM_COMMAND:
        return a.command == b.command;
    case SEAM_TRANSITION:
        return a.transition == b.transition;
    case SEAM_VIEW:
        return a.view == b.view;
    case SEAM_REPLY:
        return a.reply == b.reply;
    case SEAM_WIRE:
        return a.wire == b.wire;
    case SEAM_COUNT:
        break;
    }
    return false;
}

enum fault fault_base(enum fault fault)
{
    const struct fault_row *row = &faults[fault];

    for (enum fault base = 0; row->info.spot != SPOT_EVERYWHERE && base < FAULT_COUNT; base++)
        if (faults[base].info.spot == SPOT_EVERYWHERE && faults[base].info.seam == row->info.seam &&
            same_hook(row->info.seam, faults[base].hook, row->hook))
            return base;
    return FAULT_COUNT;
}

const char *fault_history(enum fault fault)
{
    static const char *const histories[FAULT_COUNT] = {
#define HISTORY(name, text) [FAULT_##name] = text,
#include "refserver/faults/history.def"
#undef HISTORY
    };

    return histories[fault];
}

bool fault_of_id(const char *id, enum fault *ret_fault)
{
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++)
        if (strcmp(faults[fault].info.id, id) == 0) {
            *ret_fault = fault;
            return true;
        }
    return false;
}
