/*
 * Replies: waiting for one, however slowly it comes, and judging whether it is what the scenario's line demands.
 */
#include "exec/machine_private.h"

#include <stdio.h>

enum { DESCRIPTION_OCTETS_MAX = 2048 };

/* ---- expectations ---- */

void expectation_release(struct expectation *expectation)
{
    body_matcher_free(expectation->matcher);
    expectation->matcher = NULL;
    buf_release(&expectation->first_line);
    buf_release(&expectation->bad_line);
    buf_release(&expectation->demanded);
    buf_release(&expectation->line);
    rows_release(&expectation->rows);
}

void expectation_begin(struct link *link, const struct step *step)
{
    struct expectation *expectation = &link->expectation;

    body_matcher_free(expectation->matcher);
    buf_clear(&expectation->first_line);
    buf_clear(&expectation->bad_line);
    buf_clear(&expectation->demanded);
    buf_clear(&expectation->line);
    rows_clear(&expectation->rows);
    *expectation = (struct expectation){
        .active = true,
        .step = step,
        .alternative = -1,
        .bad_offset = PLACE_UNKNOWN,
        .first_line = expectation->first_line,
        .bad_line = expectation->bad_line,
        .demanded = expectation->demanded,
        .line = expectation->line,
        .rows = expectation->rows,
    };
}

/* What STEP demands, with its holes filled in. */
static void describe_demand(struct machine *machine, const struct link *link, const struct step *step,
                            struct buf *out)
{
    buf_init(out, DESCRIPTION_OCTETS_MAX);
    if (step == NULL)
        buf_append_text(out, "+OK");
    else if (step->kind == STEP_EXPECT || step->kind == STEP_SASL)
        reply_pattern_describe(&step->reply, link->connection, &machine->resolver, out);
    else
        buf_append_text(out, "one reply");
}

static void fail_with_demand(struct machine *machine, struct link *link, const struct step *step,
                             struct bytes actual)
{
    struct buf demand;

    describe_demand(machine, link, step, &demand);
    machine_fail(machine, step, link->connection, buf_bytes(&demand), actual);
    buf_release(&demand);
}

/* Marks the octet from which on what stands at OFFSET, ACTUAL, is not DEMANDED. */
static void mark_difference(struct machine *machine, const struct link *link, uint64_t offset,
                            struct bytes demanded, struct bytes actual)
{
    size_t at = 0;

    if (offset == PLACE_UNKNOWN || machine_ended(machine))
        return;
    while (at < demanded.size && at + 1 < actual.size && demanded.data[at] == actual.data[at])
        at++;
    transcript_mark(&machine->transcript, TRANSCRIPT_OWN_TOPIC, link->connection, offset + at);
}

/* What STEP demands word by word; empty where it leaves a choice, so that the line's first octet stands for all of it. */
static struct bytes plain_demand(const struct step *step, const struct buf *demand)
{
    bool plain = step != NULL && step->kind == STEP_EXPECT && step->reply.alternative_count == 1 &&
                 step->reply.alternatives[0].regex == NULL;

    return plain ? buf_bytes(demand) : BYTES_EMPTY;
}

static void mark_first_line(struct machine *machine, const struct link *link)
{
    const struct expectation *expectation = &link->expectation;
    struct buf demand;

    describe_demand(machine, link, expectation->step, &demand);
    mark_difference(machine, link, expectation->first_offset, plain_demand(expectation->step, &demand),
                    buf_bytes(&expectation->first_line));
    buf_release(&demand);
}

/* What is demanded of a body line is told behind the line's number. */
static void mark_bad_line(struct machine *machine, const struct link *link)
{
    const struct expectation *expectation = &link->expectation;
    struct bytes demanded = buf_bytes(&expectation->demanded);
    size_t number = bytes_find(demanded, BYTES_LITERAL(": "));

    mark_difference(machine, link, expectation->bad_offset,
                    number == BYTES_NOT_FOUND ? BYTES_EMPTY : bytes_from(demanded, number + 2),
                    buf_bytes(&expectation->bad_line));
}

static void fail_by_first_line(struct machine *machine, struct link *link)
{
    struct expectation *expectation = &link->expectation;
    struct buf actual;

    mark_first_line(machine, link);
    buf_init(&actual, DESCRIPTION_OCTETS_MAX * 2);
    buf_append(&actual, buf_bytes(&expectation->first_line));
    if (expectation->body_lines > 0)
        buf_append_format(&actual, " and %llu more lines", (unsigned long long)expectation->body_lines);
    fail_with_demand(machine, link, expectation->step, buf_bytes(&actual));
    buf_release(&actual);
}

static void fail_by_bad_line(struct machine *machine, const struct link *link)
{
    const struct expectation *expectation = &link->expectation;

    mark_bad_line(machine, link);
    machine_fail(machine, expectation->step, link->connection, buf_bytes(&expectation->demanded),
                 buf_bytes(&expectation->bad_line));
}

static bool is_as_demanded(const struct expectation *expectation)
{
    return expectation->why_not == NULL && expectation->alternative >= 0 && !expectation->mismatched;
}

static bool accepts_refusals(const struct step *step)
{
    for (size_t i = 0; i < step->reply.alternative_count; i++) {
        if (step->reply.alternatives[i].kind == ALTERNATIVE_ERR)
            return true;
    }
    return false;
}

/* True until the close that would make a refusal a farewell has had its time. */
static bool awaits_close(const struct machine *machine, struct task *task)
{
    if (task->farewell_us == 0)
        task->farewell_us = time_after(machine->now_us, CONVERSATION_FAREWELL_US);
    return machine->now_us < task->farewell_us;
}

/*
 * In a pipeline a farewell behind a refusal stands where the next command's reply would. True while the close is waited for,
 * and, with the case ended as skipped, when it came.
 */
static bool was_farewell(struct machine *machine, const struct link *link, struct task *task)
{
    if (!conversation_may_be_farewell(link->conversation))
        return false;
    if (link_has_ended(link)) {
        machine_end(
            machine, OUTCOME_SKIPPED, task->step, task->connection,
            "the server said farewell behind -ERR and closed the connection, which it may; what follows "
            "could not be tried");
        return true;
    }
    return awaits_close(machine, task);
}

/* A scenario's own login met the lock of an earlier case. USER is refused for a lock by few, and for other reasons by many. */
static bool is_locked_out(const struct machine *machine, const struct link *link)
{
    return link->expectation.verb != COMMAND_USER && earlier_lock_may_stay(machine, link);
}

/* The awaited reply is complete: was it as demanded? */
static enum task_state judge_reply(struct machine *machine, struct strand *strand, struct link *link,
                                   struct task *task)
{
    struct expectation *expectation = &link->expectation;
    const struct step *step = task->step;

    /* Where its first line is met, a point between that and the body is reached. */
    if (expectation->why_not == NULL && expectation->alternative >= 0)
        machine->point_ahead = machine->point_ahead && !step->point_within;
    if (step->kind == STEP_FENCE || is_as_demanded(expectation)) {
        expectation->active = false;
        machine->trouble_told = machine->trouble_told || expectation->busy;
        machine->outcome.two_readings = machine->outcome.two_readings || expectation->alternative > 0;
        return TASK_DONE;
    }
    if (awaits_farewell(machine, link, task) || was_farewell(machine, link, task)) {
        strand->wake_us = task->farewell_us;
        return TASK_WAITS;
    }
    expectation->active = false;
    if (expectation->why_not != NULL)
        machine_end(machine, OUTCOME_SKIPPED, step, task->connection, "%s", expectation->why_not);
    else if (expectation->busy && !accepts_refusals(step))
        machine_end(machine, OUTCOME_SKIPPED, step, task->connection,
                    "the server says by SYS/TEMP that it is in trouble for the moment: %s",
                    buf_text(&expectation->first_line));
    else if (expectation->alternative < 0 && is_locked_out(machine, link))
        end_for_lock(machine, task);
    else if (expectation->alternative < 0)
        fail_by_first_line(machine, link);
    else
        fail_by_bad_line(machine, link);
    return TASK_WAITS;
}

/* `S: closed` alone demands an end without a word; where a reply was due as well, what else was said is another matter. */
static bool closed_with_words(const struct link *link, const struct step *step)
{
    return step->kind == STEP_EXPECT && step->reply.alternative_count == 1 &&
           reply_pattern_closed(&step->reply) == 0 &&
           (conversation_saw_unasked(link->conversation) || conversation_said_farewell(link->conversation));
}

/* The link ended while a reply was awaited. */
static enum task_state judge_end(struct machine *machine, struct link *link, const struct task *task)
{
    struct expectation *expectation = &link->expectation;
    struct buf demand;
    int closed = task->step->kind != STEP_FENCE ? reply_pattern_closed(&task->step->reply) : -1;

    if (closed_with_words(link, task->step)) {
        fail_with_demand(machine, link, task->step,
                         BYTES_LITERAL("a line that nobody asked for, and then the close"));
        return TASK_WAITS;
    }
    if (closed >= 0 && expectation->first_line.size == 0) {
        expectation->active = false;
        link->has_last_reply = true;
        link->last_reply = ALTERNATIVE_CLOSED;
        machine->outcome.two_readings = machine->outcome.two_readings || closed > 0;
        return TASK_DONE;
    }
    describe_demand(machine, link, task->step, &demand);
    if (expectation->first_line.size > 0 && link->state == LINK_RESET)
        machine_end(
            machine, OUTCOME_SKIPPED, task->step, task->connection,
            "the connection ended by RST within the reply, which can destroy the rest of it on the way; "
            "nothing can be concluded");
    else if (expectation->first_line.size > 0)
        machine_fail(machine, task->step, task->connection,
                     BYTES_LITERAL("the whole reply, to its terminator"),
                     BYTES_LITERAL("the server closed the connection within the reply"));
    else
        link_ended_early(machine, link, task->step, buf_bytes(&demand));
    buf_release(&demand);
    return TASK_WAITS;
}

/* ---- waiting for replies ---- */

void deadlines_begin(const struct machine *machine, const struct link *link, struct task *task)
{
    task->deadline_us = time_after(machine->now_us, machine->reply_timeout_us);
    task->hard_deadline_us = time_after(machine->now_us, machine->reply_timeout_us * BODY_TIMEOUTS_MAX);
    task->progress_us = machine->now_us;
    task->octets_read = link != NULL ? conversation_read_octets(link->conversation) : 0;
    task->started = true;
}

void deadlines_extend(const struct machine *machine, const struct link *link, struct task *task)
{
    uint64_t octets = conversation_read_octets(link->conversation);

    if (octets == task->octets_read)
        return;
    task->octets_read = octets;
    task->progress_us = machine->now_us;
    task->deadline_us =
        time_earlier(time_after(machine->now_us, machine->reply_timeout_us), task->hard_deadline_us);
}

bool deadlines_silent(const struct machine *machine, const struct task *task)
{
    return machine->now_us >= time_after(task->progress_us, machine->reply_timeout_us);
}

bool awaits_farewell(const struct machine *machine, const struct link *link, struct task *task)
{
    return link_is_open(link) && conversation_undecided(link->conversation) && awaits_close(machine, task);
}

/* More than the mailbox can hold: a body that goes on for ever need not be waited for. */
static bool body_is_endless(const struct machine *machine, const struct link *link)
{
    uint64_t most = BODY_OCTETS_OVER;

    if (!machine->options.scenario->mailbox_given)
        return false;
    for (size_t i = 0; i < machine->stored_count; i++)
        most += 4 * (uint64_t)machine->stored[i].octets.size;
    return link->expectation.octets > most;
}

static bool line_is_endless(const struct link *link)
{
    return link->expectation.first_line.size == 0 &&
           conversation_partial_octets(link->conversation) > LINE_OCTETS_AWAITED;
}

static void time_out_reply(struct machine *machine, struct link *link, const struct task *task)
{
    char actual[160];

    if (conversation_silence_is_legal(link->conversation) &&
        conversation_partial_octets(link->conversation) == 0) {
        machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection,
                    "no reply came to what need not be answered; what follows could not be tried");
        return;
    }
    link_timed_out(machine, link);
    if (link->expectation.first_line.size > 0)
        snprintf(actual, sizeof(actual), "the reply did not end: %llu lines came, and no terminator in time",
                 (unsigned long long)link->expectation.body_lines);
    else
        snprintf(actual, sizeof(actual), "no reply within %lld ms",
                 (long long)(machine->reply_timeout_us / US_PER_MS));
    fail_with_demand(machine, link, task->step, bytes_of(actual));
}

static void end_endless_line(struct machine *machine, struct link *link, const struct task *task)
{
    char actual[80];

    snprintf(actual, sizeof(actual), "a line without end: %llu octets",
             (unsigned long long)conversation_partial_octets(link->conversation));
    conversation_timed_out(link->conversation, machine->now_us);
    fail_with_demand(machine, link, task->step, bytes_of(actual));
}

/* What is awaited is not complete: is it still worth to wait for? */
static void judge_wait(struct machine *machine, struct link *link, struct task *task)
{
    deadlines_extend(machine, link, task);
    if (conversation_lost(link->conversation))
        machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection,
                    "the shape of a reply before it is not defined; this one could not be found");
    else if (body_is_endless(machine, link))
        fail_with_demand(machine, link, task->step, BYTES_LITERAL("a body without end"));
    else if (line_is_endless(link))
        end_endless_line(machine, link, task);
    else if (link->expectation.octets > link->expectation.octets_awaited)
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "the reply is longer than %llu octets",
                    (unsigned long long)link->expectation.octets_awaited);
    else if (machine->now_us >= task->deadline_us && deadlines_silent(machine, task))
        time_out_reply(machine, link, task);
    else if (machine->now_us >= task->deadline_us)
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "the reply was still coming after %lld ms, and was waited for no longer",
                    (long long)(machine->reply_timeout_us * BODY_TIMEOUTS_MAX / US_PER_MS));
}

enum task_state reply_await(struct machine *machine, struct strand *strand, struct link *link,
                            struct task *task)
{
    if (link_has_ended(link) || machine->now_us >= task->deadline_us)
        link_settle_body(link);
    if (link->expectation.complete)
        return judge_reply(machine, strand, link, task);
    if (link_has_ended(link) || link->state == LINK_CLOSED)
        return judge_end(machine, link, task);
    judge_wait(machine, link, task);
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

enum task_state task_run_reply(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        deadlines_begin(machine, link, task);
        expectation_begin(link, task->step);
        if (task->step->kind == STEP_FENCE)
            link->fence = task->step;
    }
    link_read(machine, link);
    return reply_await(machine, strand, link, task);
}
