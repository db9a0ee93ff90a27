/*
 * Strands: steps in order. A strand takes a step, turns it into tasks, and carries them out one by one. `together`
 * gives each of its connections a strand of its own and waits for all.
 */
#include "exec/machine_private.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

void strand_start(struct machine *machine, struct strand *strand, const struct frame *frame,
                  struct strand *parent)
{
    machine->strand_turns++;
    *strand = (struct strand){.active = true, .parent = parent, .wake_us = TIME_NEVER};
    strand->frames[strand->frame_count++] = *frame;
}

/* True when the frame's strand is the one that carries out STEP. */
static bool frame_runs(const struct frame *frame, const struct step *step)
{
    return frame->only == 0 || step->connection == frame->only || (step->connection == 0 && frame->leads);
}

struct task *strand_push(struct strand *strand, enum task_kind kind, int connection, const struct step *step)
{
    CHECK(strand->task_count < TASKS_MAX);
    struct task *task = &strand->tasks[(strand->task_first + strand->task_count++) % TASKS_MAX];

    *task = (struct task){.kind = kind, .connection = connection, .step = step};
    return task;
}

void strand_clear_tasks(struct strand *strand)
{
    strand->task_first = strand->task_count = 0;
}

/* The next step that this frame will run; NULL at its end. */
static const struct step *frame_peek(struct frame *frame)
{
    while (frame->index < frame->count) {
        const struct step *step = &frame->steps[frame->index];

        if (frame_runs(frame, step))
            return step;
        frame->index++;
    }
    return NULL;
}

static const struct step *strand_take(struct strand *strand)
{
    while (strand->frame_count > 0) {
        struct frame *frame = &strand->frames[strand->frame_count - 1];
        const struct step *step = frame_peek(frame);

        if (step != NULL) {
            frame->index++;
            return step;
        }
        strand->frame_count--;
    }
    return NULL;
}

/* What the strand does next on CONNECTION, in the block it is in; NULL if nothing more. */
static const struct step *strand_next_on(const struct strand *strand, int connection)
{
    const struct frame *frame = &strand->frames[strand->frame_count - 1];

    for (size_t i = frame->index; i < frame->count; i++) {
        if (frame->steps[i].connection == connection)
            return &frame->steps[i];
    }
    return NULL;
}

/* True when what a line says is known before anything is received. */
static bool is_known_before(const struct template *text)
{
    for (size_t i = 0; i < text->count; i++) {
        const struct template_part *part = &text->parts[i];
        bool known =
            part->kind == PART_LITERAL || part->kind == PART_FILL ||
            (part->kind == PART_HOLE &&
             (part->hole.kind == HOLE_USER || part->hole.kind == HOLE_PASS || part->hole.kind == HOLE_TOKEN));

        if (!known)
            return false;
    }
    return true;
}

const struct step *strand_ahead(const struct strand *strand, int connection, size_t index)
{
    const struct frame *frame = &strand->frames[strand->frame_count - 1];

    for (size_t i = frame->index; i < frame->count; i++) {
        const struct step *step = &frame->steps[i];

        if (!frame_runs(frame, step))
            continue;
        if (step->connection != connection || (step->kind != STEP_SEND && step->kind != STEP_EXPECT))
            return NULL;
        if (step->kind == STEP_EXPECT)
            continue;
        if (!is_known_before(&step->bytes))
            return NULL;
        if (index-- == 0)
            return step;
    }
    return NULL;
}

/* The strand that meets a `when` carries out all of it: side by side, lint sees to it that no line is another's. */
static void enter_block(struct machine *machine, struct strand *strand, const struct step *step)
{
    if (strand->frame_count == FRAMES_MAX) {
        machine_end(machine, OUTCOME_ERROR, step, 0, "blocks stand more than %d deep in each other",
                    FRAMES_MAX);
        return;
    }
    strand->frames[strand->frame_count++] = (struct frame){.steps = step->inner, .count = step->inner_count};
}

static void enter_when(struct machine *machine, struct strand *strand, const struct step *step)
{
    const struct link *link = machine_link(machine, step->connection);
    bool met = step->when == ALTERNATIVE_CLOSED ? link_has_ended(link)
                                                : link->has_last_reply && link->last_reply == step->when;

    if (met)
        enter_block(machine, strand, step);
}

static struct strand *idle_strand(struct machine *machine)
{
    for (size_t i = 1; i < STRANDS_MAX; i++) {
        if (!machine->strands[i].active)
            return &machine->strands[i];
    }
    return NULL;
}

static bool names_connection(const struct step *step, int connection)
{
    for (size_t i = 0; i < step->inner_count; i++) {
        if (step->inner[i].connection == connection)
            return true;
    }
    return false;
}

static void add_child(struct machine *machine, struct strand *strand, const struct step *step,
                      const struct frame *frame)
{
    struct strand *child = idle_strand(machine);

    if (child == NULL) {
        machine_end(machine, OUTCOME_ERROR, step, 0, "more than %d lines run side by side", STRANDS_MAX - 1);
        return;
    }
    strand_start(machine, child, frame, strand);
    strand->children++;
}

/* Starts a strand for each connection that the block names; the first also does what is about no connection. */
static void fan_out(struct machine *machine, struct strand *strand, const struct step *step)
{
    struct frame frame = {.steps = step->inner, .count = step->inner_count, .leads = true};

    for (frame.only = 1; frame.only <= CONNECTIONS_MAX; frame.only++) {
        if (!names_connection(step, frame.only))
            continue;
        add_child(machine, strand, step, &frame);
        frame.leads = false;
    }
    if (frame.leads) /* the block names none */
        add_child(machine, strand, step, &frame);
    strand_push(strand, TASK_JOIN, 0, step);
}

/* True where a step needs the connection open, so that one not opened yet opens by itself. */
static bool needs_open(enum step_kind kind)
{
    return kind == STEP_SEND || kind == STEP_RAW || kind == STEP_EXPECT || kind == STEP_LOGIN ||
           kind == STEP_SASL || kind == STEP_FENCE || kind == STEP_QUIET || kind == STEP_CLOSED ||
           kind == STEP_HALF_CLOSE;
}

/*
 * A connection's first use opens it (scenarios/README.md, open). True when that was all there is to the step: a login, which
 * then has the patience of the driver's own, since a lock may outlast the session before it for a moment.
 */
static bool open_by_itself(struct machine *machine, struct strand *strand, const struct step *step)
{
    bool whole = step->kind == STEP_LOGIN && step->account == 1;

    if (!needs_open(step->kind) || machine_link(machine, step->connection)->conversation != NULL)
        return false;
    bring_up(machine, strand, step->connection, whole);
    return whole;
}

/* After `open`, the greeting is read by the driver unless a line of the scenario takes it, or leaves it unread. */
static void push_open(struct machine *machine, struct strand *strand, const struct step *step)
{
    const struct step *next = strand_next_on(strand, step->connection);

    bring_up_open(machine, strand, step->connection,
                  step->implicit_tls || machine->options.transport.implicit_tls, step);
    if (next != NULL && (next->kind == STEP_SEND || next->kind == STEP_RAW || next->kind == STEP_FENCE ||
                         next->kind == STEP_LOGIN || next->kind == STEP_SASL || next->kind == STEP_PIPELINE ||
                         next->kind == STEP_TLS || next->kind == STEP_QUIET))
        strand_push(strand, TASK_GREETING, step->connection, NULL);
}

static void push_fence(struct strand *strand, const struct step *step)
{
    strand_push(strand, TASK_SEND, step->connection, step);
    strand_push(strand, TASK_REPLY, step->connection, step);
}

static void push_host(struct strand *strand, const struct step *step, const char *verb)
{
    struct task *task = strand_push(strand, TASK_HOST, 0, step);

    task->name = verb;
    task->noun = step->name;
}

/* Steps that change how the driver goes on, at once. */
static void set_mode(struct machine *machine, const struct step *step)
{
    struct link *link = machine_link(machine, step->connection > 0 ? step->connection : 1);

    if (step->kind == STEP_SPLIT) {
        link->split = step->split;
        link->split_at = step->split_at;
    } else if (step->kind == STEP_SLOW)
        link->pause_us = step->span_us;
    else if (step->kind == STEP_TIMEOUT)
        machine->reply_timeout_us = machine_scaled(machine, step->span_us);
    else if (step->kind == STEP_REPLY)
        link->shape = step->shape == SHAPE_FORCE_MULTI    ? CONVERSATION_MULTI
                      : step->shape == SHAPE_FORCE_SINGLE ? CONVERSATION_SINGLE
                                                          : CONVERSATION_BY_COMMAND;
}

static void push_step(struct machine *machine, struct strand *strand, const struct step *step)
{
    int connection = step->connection;
    struct task *task;

    if (open_by_itself(machine, strand, step))
        return;
    switch (step->kind) {
    case STEP_SEND:
    case STEP_RAW:
    case STEP_PIPELINE:
        if (step->kind == STEP_PIPELINE && step->inner_count > 0) {
            connection = step->inner[0].connection;
            if (machine_link(machine, connection)->conversation == NULL)
                bring_up(machine, strand, connection, false);
        }
        if (machine_link(machine, connection)->sent_ahead > 0)
            machine_link(machine, connection)->sent_ahead--;
        else
            strand_push(strand, TASK_SEND, connection, step);
        return;
    case STEP_EXPECT:
        strand_push(strand, TASK_REPLY, connection, step);
        return;
    case STEP_OPEN:
        push_open(machine, strand, step);
        return;
    case STEP_RECONNECT:
        bring_up(machine, strand, connection, machine->options.scenario->start == START_TRANSACTION);
        return;
    case STEP_TLS:
        task = strand_push(strand, TASK_TLS, connection, step);
        task->tls = step->tls;
        task->tls_version = step->tls_version;
        return;
    case STEP_LOGIN:
        bring_up_login(machine, strand, connection, step->account, step);
        return;
    case STEP_SASL:
        task = strand_push(strand, TASK_SASL, connection, step);
        task->name = step->name;
        task->account = step->account;
        task->purpose = "the AUTH exchange";
        return;
    case STEP_CLOSE:
        strand_push(strand, TASK_CLOSE, connection, step);
        return;
    case STEP_ABORT:
        strand_push(strand, TASK_ABORT, connection, step);
        return;
    case STEP_HALF_CLOSE:
        strand_push(strand, TASK_HALF_CLOSE, connection, step);
        return;
    case STEP_CLOSED:
        task = strand_push(strand, TASK_CLOSED, connection, step);
        task->closed = step->closed;
        return;
    case STEP_FENCE:
        push_fence(strand, step);
        return;
    case STEP_QUIET:
        task = strand_push(strand, TASK_QUIET, connection, step);
        task->span_us = step->span_us;
        return;
    case STEP_SPLIT:
    case STEP_SLOW:
    case STEP_REPLY:
    case STEP_TIMEOUT:
        set_mode(machine, step);
        return;
    case STEP_DELIVER:
        push_host(strand, step, "deliver");
        return;
    case STEP_PROVOKE:
        push_host(strand, step, "provoke");
        return;
    case STEP_TOGETHER:
        fan_out(machine, strand, step);
        return;
    case STEP_WHEN:
        enter_when(machine, strand, step);
        return;
    case STEP_POINT:
        machine->point_ahead = false;
        return;
    case STEP_KIND_COUNT:
        CHECK(false);
    }
}

static void strand_finish(struct machine *machine, struct strand *strand)
{
    machine->strand_turns++;
    strand->active = false;
    if (strand->parent != NULL)
        strand->parent->children--;
}

static bool begins_to_send(const struct task *task)
{
    return !task->started &&
           (task->kind == TASK_SEND || task->kind == TASK_COMMAND || task->kind == TASK_SASL);
}

/* True while TASK must not go on for what may come, or has come, of its connection. */
static bool waits_for_link(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = task->connection > 0 ? machine_link(machine, task->connection) : NULL;

    if (link == NULL || link_is_pending(machine, link, &strand->wake_us))
        return link != NULL;
    if (!begins_to_send(task) || task_has_looked(machine, link, task))
        return false;
    strand->wake_us = task->look_until_us;
    return true;
}

void strand_run(struct machine *machine, struct strand *strand)
{
    while (strand->active && !machine_ended(machine)) {
        if (strand->task_count > 0) {
            struct task *task = &strand->tasks[strand->task_first];

            strand->wake_us = TIME_NEVER;
            if (waits_for_link(machine, strand, task))
                return;
            strand->replaced = false;
            enum task_state state = task_run(machine, strand, task);

            if (strand->replaced)
                continue; /* it tries again: others stand in its place */
            if (state == TASK_WAITS)
                return;
            strand->task_first = (strand->task_first + 1) % TASKS_MAX;
            strand->task_count--;
            continue;
        }
        strand->retry_until_us = 0; /* whatever is brought up next has its own patience */
        const struct step *step = strand_take(strand);

        if (step == NULL) {
            strand_finish(machine, strand);
            return;
        }
        push_step(machine, strand, step);
    }
}
