#include "run/pause.h"

static void pause_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    const struct pause *pause = (const struct pause *)actor;

    *ret_ask =
        (struct ask){.kind = now_us >= pause->until_us ? ASK_DONE : ASK_WAIT, .until_us = pause->until_us};
}

static void pause_tell(void *actor, const struct told *told)
{
    (void)actor;
    (void)told;
}

const struct actor_ops pause_actor_ops = {.next = pause_next, .tell = pause_tell};
