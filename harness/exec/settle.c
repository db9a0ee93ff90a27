/*
 * The end of a case. A scenario that passed leaves in good manners: replies still due are read, then QUIT, so that the
 * maildrop's lock is free for the next case and a server that says too much is heard. QUIT is not said where it
 * would remove a message, nor where the scenario left a line or an exchange half done.
 */
#include "exec/machine_private.h"

enum settle_phase { SETTLE_DUE, SETTLE_QUIT, SETTLE_CLOSE };

static bool may_say_quit(const struct machine *machine, const struct link *link)
{
    enum session_state state = conversation_state(link->conversation);

    return (state == SESSION_AUTHORIZATION || state == SESSION_TRANSACTION) && !link->half_closed &&
           !link->line_open && !conversation_lost(link->conversation) &&
           !conversation_challenged(link->conversation) && !conversation_handshake_due(link->conversation) &&
           !conversation_any_mark(link->conversation) && !conversation_saw_unasked(link->conversation) &&
           !machine->options.facts.expire_zero && (machine->options.may_delete || !link->retrieved);
}

void settle_at_once(struct machine *machine, struct link *link)
{
    bool open = link->state == LINK_OPEN || link->state == LINK_OPENING || link->state == LINK_ENDED ||
                link->state == LINK_RESET;

    if (!open)
        return;
    if (link_has_ended(link))
        link_read_all(machine, link); /* an end that was told already is part of what is judged */
    if (link->conversation != NULL)
        conversation_left(link->conversation, machine->now_us);
    bool abort = safety_wants_abort(machine, link);

    link->state = LINK_CLOSED;
    machine_ask(machine, (struct ask){.kind = abort ? ASK_ABORT : ASK_CLOSE, .connection = link->connection});
}

static bool nothing_is_due(const struct link *link)
{
    bool all_read =
        conversation_owed_max(link->conversation) == 0 && !conversation_in_body(link->conversation);

    return all_read || conversation_lost(link->conversation) || conversation_challenged(link->conversation);
}

/* Slowness breaks no rule, but what nobody asked for, or no end of a line, is not waited for. */
static bool is_worth_waiting_for(const struct link *link)
{
    return !conversation_saw_unasked(link->conversation) &&
           (conversation_in_body(link->conversation) ||
            conversation_partial_octets(link->conversation) <= LINE_OCTETS_AWAITED);
}

/* True when nothing more is to be waited for in this phase. Where we say QUIT, its reply decides what is undecided. */
static bool phase_is_over(struct machine *machine, struct link *link, struct task *task)
{
    if (link_has_ended(link) || machine->now_us >= task->deadline_us)
        return true;
    if (task->phase != SETTLE_DUE || !nothing_is_due(link))
        return false;
    return may_say_quit(machine, link) ? task_has_looked(machine, link, task)
                                       : !awaits_farewell(machine, link, task);
}

static void begin_phase(struct machine *machine, struct link *link, struct task *task)
{
    deadlines_begin(machine, link, task);
    if (task->phase == SETTLE_QUIT && conversation_state(link->conversation) != SESSION_OVER)
        link_send(machine, link, BYTES_LITERAL("QUIT\r\n"), NULL);
}

/* A fence is broken by a line that nobody asked for, wherever it came. */
static void check_fence(struct machine *machine, const struct link *link)
{
    if (link->fence != NULL && conversation_saw_unasked(link->conversation))
        machine_fail(machine, link->fence, link->connection, BYTES_LITERAL("one reply, and no other pending"),
                     BYTES_LITERAL("a line more than there were commands"));
}

static bool next_phase(struct machine *machine, struct link *link, struct task *task)
{
    if (task->phase == SETTLE_DUE) {
        bool timed_out =
            !link_has_ended(link) && !conversation_challenged(link->conversation) &&
            (conversation_owed_min(link->conversation) > 0 || conversation_in_body(link->conversation));

        if (timed_out && deadlines_silent(machine, task))
            link_timed_out(machine, link);
        bool leave = link_has_ended(link) || timed_out ||
                     (conversation_state(link->conversation) != SESSION_OVER && !may_say_quit(machine, link));

        task->phase = leave ? SETTLE_CLOSE : SETTLE_QUIT;
    } else {
        if (!link_has_ended(link) && deadlines_silent(machine, task))
            link_timed_out(machine, link);
        task->phase = SETTLE_CLOSE;
    }
    if (task->phase == SETTLE_CLOSE) {
        check_fence(machine, link);
        settle_at_once(machine, link);
        return false;
    }
    begin_phase(machine, link, task);
    return true;
}

enum task_state task_run_settle(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (link->conversation == NULL || link->state == LINK_CLOSED || link->state == LINK_FAILED)
        return TASK_DONE;
    if (!task->started) {
        task->phase = SETTLE_DUE;
        begin_phase(machine, link, task);
    }
    for (;;) {
        link_read_all(machine, link);
        if (is_worth_waiting_for(link))
            deadlines_extend(machine, link, task);
        if (!phase_is_over(machine, link, task))
            break;
        if (!next_phase(machine, link, task))
            return TASK_DONE;
    }
    strand->wake_us = task->deadline_us;
    if (task->farewell_us > 0)
        strand->wake_us = time_earlier(strand->wake_us, task->farewell_us);
    if (task->look_until_us > machine->now_us)
        strand->wake_us = time_earlier(strand->wake_us, task->look_until_us);
    return TASK_WAITS;
}
