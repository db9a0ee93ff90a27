#include "plants.h"

#include "exec/machine.h"
#include "model/conversation_private.h"
#include "net/memory.h"
#include "result/escape.h"

struct link;

WRAP(enum memory_result, memory_driver_run, struct memory_driver *driver, uint64_t steps_max)
{
    if (PLANTED("does-not-come-to-an-end", "driver-ends"))
        steps_max = 3;
    return REAL(memory_driver_run)(driver, steps_max);
}

WRAP(const struct outcome *, machine_outcome, const struct machine *machine)
{
    static struct outcome changed;
    static unsigned calls;

    if (!PLANTED("is-never-the-same", "driver-repeats"))
        return REAL(machine_outcome)(machine);
    changed = *REAL(machine_outcome)(machine);
    changed.kind = calls++ / 2 % 2 == 0 ? OUTCOME_FAILED : OUTCOME_BLOCKED;
    return &changed;
}

WRAP(const char *, safety_refuses, const struct machine *machine, const struct link *link,
     struct bytes octets)
{
    return PLANTED("sends-what-it-must-not", "driver-safe") ? NULL
                                                            : REAL(safety_refuses)(machine, link, octets);
}

WRAP(void, escape_append_octet, struct buf *text, uint8_t octet)
{
    if (PLANTED("shows-controls", "driver-print"))
        buf_append_octet(text, octet);
    else
        REAL(escape_append_octet)(text, octet);
}

WRAP(void, conversation_next, struct conversation *conversation, struct bytes *octets, time_us now_us,
     struct conversation_event *ret_event)
{
    if (PLANTED("loses-single-crs", "driver-cut") && octets->size == 1 && octets->data[0] == '\r')
        *octets = BYTES_EMPTY;
    REAL(conversation_next)(conversation, octets, now_us, ret_event);
}

WRAP(uint64_t, conversation_pass_lines, struct conversation *conversation, struct bytes *octets)
{
    uint64_t lines = REAL(conversation_pass_lines)(conversation, octets);

    if (PLANTED("passes-over-too-much", "driver-passes") && lines > 0)
        *octets = BYTES_EMPTY;
    return lines;
}

WRAP(void, conversation_secured, struct conversation *conversation, struct bytes clear, time_us now_us)
{
    if (PLANTED("forgets-what-came-in-the-clear", "driver-injected"))
        conversation->handshake_due = false;
    REAL(conversation_secured)(conversation, clear, now_us);
}
