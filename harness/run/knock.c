#include "run/knock.h"

#include <stdio.h>

void knock_init(struct knock *knock, bool implicit_tls, int64_t patience_us)
{
    *knock = (struct knock){.implicit_tls = implicit_tls, .patience_us = patience_us};
}

static void ask_wait(const struct knock *knock, struct ask *ret_ask)
{
    *ret_ask = (struct ask){.kind = ASK_WAIT, .until_us = knock->until_us};
}

static void next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct knock *knock = (struct knock *)actor;

    switch (knock->state) {
    case KNOCK_OUTSIDE:
        knock->state = KNOCK_OPENING;
        knock->tries++;
        knock->until_us = TIME_NEVER;
        *ret_ask = (struct ask){.kind = ASK_OPEN, .connection = 1, .implicit_tls = knock->implicit_tls};
        return;
    case KNOCK_OPENING:
    case KNOCK_LISTENING:
    case KNOCK_APART:
        ask_wait(knock, ret_ask);
        return;
    case KNOCK_CLOSING:
        knock->state = knock->answered || knock->tries == KNOCK_TRIES ? KNOCK_OVER : KNOCK_APART;
        knock->until_us = time_after(now_us, KNOCK_APART_US);
        *ret_ask = (struct ask){.kind = ASK_ABORT, .connection = 1};
        return;
    case KNOCK_OVER:
        break;
    }
    *ret_ask = (struct ask){.kind = ASK_DONE};
}

static void not_answered(struct knock *knock, const char *reason)
{
    snprintf(knock->reason, sizeof(knock->reason), "%s", reason == NULL ? "the connection ended" : reason);
    knock->state = KNOCK_CLOSING;
}

static void open_failed(struct knock *knock, const struct told *told)
{
    not_answered(knock, told->reason);
    knock->state = knock->tries == KNOCK_TRIES ? KNOCK_OVER : KNOCK_APART;
    knock->until_us = time_after(told->now_us, KNOCK_APART_US);
}

static void tell(void *actor, const struct told *told)
{
    struct knock *knock = (struct knock *)actor;

    switch (told->kind) {
    case TOLD_OPENED:
        knock->answered = knock->implicit_tls;
        knock->state = knock->implicit_tls ? KNOCK_CLOSING : KNOCK_LISTENING;
        knock->until_us = time_after(told->now_us, knock->patience_us);
        return;
    case TOLD_OPEN_FAILED:
        open_failed(knock, told);
        return;
    case TOLD_BYTES:
        knock->answered = true;
        knock->state = KNOCK_CLOSING;
        return;
    case TOLD_END:
    case TOLD_RESET:
        if (knock->state == KNOCK_LISTENING)
            not_answered(knock, "it closes the connection without a greeting");
        return;
    case TOLD_TIME:
        if (knock->state == KNOCK_APART)
            knock->state = KNOCK_OUTSIDE;
        else if (knock->state == KNOCK_LISTENING)
            not_answered(knock, "it accepts the connection and says nothing");
        return;
    case TOLD_SENT:
    case TOLD_TLS_DONE:
    case TOLD_TLS_FAILED:
    case TOLD_HOST_DONE:
    case TOLD_HOST_FAILED:
    case TOLD_HOST_IMPOSSIBLE:
        return;
    }
}

const struct actor_ops knock_actor_ops = {.next = next, .tell = tell};
