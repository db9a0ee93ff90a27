/*
 * Tasks: what a step comes down to. Each starts once, then waits for its link or the time, and ends done or with the
 * case's outcome.
 */
#include "exec/machine_private.h"

enum { SEND_OCTETS_MAX = 64 * 1024 * 1024 };

/* ---- connections ---- */

static enum task_state run_open(struct machine *machine, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        task->started = true;
        link_renew(machine, link);
        link->implicit_tls = task->implicit_tls;
        machine_ask(machine, (struct ask){.kind = ASK_OPEN,
                                          .connection = link->connection,
                                          .implicit_tls = task->implicit_tls});
        return TASK_WAITS;
    }
    if (link->state == LINK_FAILED) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "connecting: %s",
                    buf_text(&link->reason));
        return TASK_WAITS;
    }
    return link->state == LINK_OPENING ? TASK_WAITS : TASK_DONE;
}

static enum task_state end_of_handshake(struct machine *machine, struct link *link, const struct task *task)
{
    link->tls_excused = link->tls_failed && task->tls != TLS_OK;
    if (!link->tls_failed && task->tls != TLS_FAIL)
        return TASK_DONE;
    if (link->tls_failed && task->tls != TLS_OK)
        return TASK_DONE;
    /* No rule but that about versions forbids to speak old ones alone. */
    if (task->step == NULL || link->versions_refused)
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "the TLS handshake: %s",
                    buf_text(&link->reason));
    else if (link->tls_failed)
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("a TLS handshake that succeeds"),
                     buf_bytes(&link->reason));
    else
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("a TLS handshake that fails"),
                     BYTES_LITERAL("it succeeded"));
    return TASK_WAITS;
}

/* The handshake ended without the driver's telling: nothing more can be said on the connection. */
static enum task_state break_handshake(struct machine *machine, struct link *link, const struct task *task,
                                       const char *reason)
{
    link->tls_pending = false;
    link->tls_failed = true;
    link->state = LINK_FAILED;
    buf_append_text(&link->reason, reason);
    return end_of_handshake(machine, link, task);
}

static enum task_state run_tls(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        if (link_has_ended(link) && task->tls != TLS_OK) {
            link->tls_excused = true; /* a server that closes instead has not let the handshake succeed */
            return TASK_DONE;
        }
        if (!link_is_open(link)) {
            link_ended_early(machine, link, task->step, BYTES_LITERAL("a TLS handshake"));
            return TASK_WAITS;
        }
        task->started = true;
        task->deadline_us = time_after(machine->now_us, machine->reply_timeout_us);
        link_read(machine, link); /* what came in the clear is judged as such */
        link->looked_at_octets = conversation_read_octets(link->conversation);
        link->tls_version = task->tls_version;
        link_start_tls(machine, link);
    } else if (!link->tls_pending) {
        return end_of_handshake(machine, link, task);
    } else if (link_has_ended(link)) {
        return break_handshake(machine, link, task, "the server closed the connection during the handshake");
    } else if (machine->now_us >= task->deadline_us) {
        machine->outcome.in_vain = true;
        return break_handshake(machine, link, task, "it did not end in time");
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

static enum task_state run_half_close(struct machine *machine, const struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!link_is_open(link) || link->half_closed)
        return TASK_DONE;
    if (safety_wants_abort(machine, link)) {
        machine_end(machine, OUTCOME_REFUSED, task->step, task->connection,
                    "it would half-close behind RETR or TOP, which some servers take for QUIT");
        return TASK_WAITS;
    }
    link->half_closed = true;
    conversation_half_closed(link->conversation);
    link_half_close(machine, link);
    return TASK_DONE;
}

/* Both ways of closing; nothing is told of a closed link any more. */
static enum task_state run_close(struct machine *machine, const struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (link->conversation == NULL || link->state == LINK_CLOSED || link->state == LINK_FAILED) {
        link->state = link->state == LINK_FAILED ? LINK_CLOSED : link->state;
        return TASK_DONE;
    }
    bool abort = task->kind == TASK_ABORT || safety_wants_abort(machine, link);

    link_read_all(machine, link);
    conversation_left(link->conversation, machine->now_us);
    link->state = LINK_CLOSED;
    transcript_note(&machine->transcript, link->connection, machine->now_us, "%s",
                    abort ? "we abort the connection (RST)" : "we close the connection");
    machine_ask(machine, (struct ask){.kind = abort ? ASK_ABORT : ASK_CLOSE, .connection = link->connection});
    return TASK_DONE;
}

static enum task_state run_closed(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started)
        deadlines_begin(machine, link, task);
    link_read_all(machine, link);
    if (link_has_ended(link) || link->state == LINK_CLOSED) {
        bool wrong = (task->closed == CLOSED_FIN && link->state == LINK_RESET) ||
                     (task->closed == CLOSED_RESET && link->state == LINK_ENDED);

        if (!wrong)
            return TASK_DONE;
        machine_fail(machine, task->step, task->connection,
                     task->closed == CLOSED_FIN ? BYTES_LITERAL("the connection closed in order (FIN)")
                                                : BYTES_LITERAL("the connection closed by RST"),
                     link->state == LINK_RESET ? BYTES_LITERAL("closed by RST")
                                               : BYTES_LITERAL("closed in order"));
    } else if (machine->now_us >= task->deadline_us) {
        link_timed_out(machine, link);
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("the server closes the connection"),
                     BYTES_LITERAL("it stays open"));
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

static enum task_state run_quiet(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        task->started = true;
        task->deadline_us = time_after(machine->now_us, machine_scaled(machine, task->span_us));
    }
    if (link_has_unread(link) || conversation_saw_unasked(link->conversation)) {
        link_read_all(machine, link);
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("silence"),
                     BYTES_LITERAL("the server sent something"));
    } else if (link_has_ended(link)) {
        link_ended_early(machine, link, task->step, BYTES_LITERAL("silence, with the connection open"));
    } else if (machine->now_us >= task->deadline_us) {
        return TASK_DONE;
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

/* ---- sending ---- */

bool task_has_looked(const struct machine *machine, struct link *link, struct task *task)
{
    uint64_t octets = link->conversation != NULL ? conversation_read_octets(link->conversation) : 0;

    if (link->looked_at_octets == octets)
        return true;
    if (task->look_until_us == 0)
        task->look_until_us = time_after(machine->now_us, LOOK_US);
    if (machine->now_us < task->look_until_us)
        return false;
    link->looked_at_octets = octets;
    return true;
}

/* The octets of a step: its own, or those of all lines of a pipeline. */
static bool expand_step(struct machine *machine, const struct step *step, int connection, struct buf *out,
                        const char **ret_why)
{
    if (step->kind != STEP_PIPELINE)
        return template_expand(&step->bytes, connection, &machine->resolver, out, ret_why);
    for (size_t i = 0; i < step->inner_count; i++) {
        if (!template_expand(&step->inner[i].bytes, connection, &machine->resolver, out, ret_why))
            return false;
    }
    return true;
}

static struct bytes without_crlf(struct bytes octets)
{
    return bytes_end_with(octets, BYTES_LITERAL("\r\n")) ? bytes_slice(octets, 0, octets.size - 2) : octets;
}

/* True for commands behind which nothing may be sent before the reply: TLS, challenges and the end of the session. */
static bool ends_pipeline(struct bytes octets)
{
    size_t start = 0;

    for (size_t i = 0; i < octets.size; i++)
        start = octets.data[i] == '\n' ? i + 1 : start;
    struct command command = command_parse(bytes_from(octets, start), 0);

    return command.verb == COMMAND_UNKNOWN || command.verb == COMMAND_STLS || command.verb == COMMAND_AUTH ||
           command.verb == COMMAND_QUIT || (command.facts & ~(unsigned)COMMAND_FACT_LOWER_CASE) != 0;
}

/* Over the transport `pipelined`, the lines that may go ahead of the replies between them go in the same write. */
static void add_lines_ahead(struct machine *machine, const struct strand *strand, struct link *link,
                            struct buf *octets)
{
    const char *why = NULL;

    if (!machine->options.transport.pipelined || !machine->options.facts.pipelining ||
        conversation_state(link->conversation) != SESSION_TRANSACTION)
        return;
    while (!ends_pipeline(without_crlf(buf_bytes(octets)))) {
        const struct step *step = strand_ahead(strand, link->connection, link->sent_ahead);

        if (step == NULL ||
            !template_expand(&step->bytes, link->connection, &machine->resolver, octets, &why))
            return;
        link->sent_ahead++;
    }
}

static void start_send(struct machine *machine, const struct strand *strand, struct link *link,
                       const struct task *task)
{
    const char *why = NULL;
    struct buf octets;

    buf_init(&octets, SEND_OCTETS_MAX);
    if (expand_step(machine, task->step, task->connection, &octets, &why)) {
        if (task->step->kind == STEP_SEND)
            add_lines_ahead(machine, strand, link, &octets);
        link_send(machine, link, buf_bytes(&octets), task->step);
    } else if (why != NULL)
        machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection, "%s", why);
    else
        machine_end(machine, OUTCOME_ERROR, task->step, task->connection, "the line would pass %d octets",
                    SEND_OCTETS_MAX);
    buf_release(&octets);
}

static int64_t pauses_us(const struct machine *machine, const struct link *link)
{
    int64_t pause_us = machine_scaled(machine, link->pause_us);

    return pause_us > 0 && link->cut_count > (uint64_t)(INT64_MAX / pause_us)
               ? INT64_MAX
               : pause_us * (int64_t)link->cut_count;
}

static enum task_state run_send(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        link_read(machine, link); /* lines that nobody asked for are judged before we go on */
        if (!link_is_open(link) || link->half_closed || link->tls_excused) {
            link_ended_early(machine, link, task->step, BYTES_LITERAL("the connection open"));
            return TASK_WAITS;
        }
        if (conversation_lost(link->conversation)) {
            machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection,
                        "the shape of the last reply is not defined; what follows could not be judged");
            return TASK_WAITS;
        }
        deadlines_begin(machine, link, task);
        start_send(machine, strand, link, task);
        /* The pauses between segments are ours, not the server's. */
        task->hard_deadline_us = time_after(task->hard_deadline_us, pauses_us(machine, link));
    } else if (!link->sending) {
        return TASK_DONE;
    } else if (link_has_ended(link)) {
        link->sending = false; /* the reply's task will say what that means */
        return TASK_DONE;
    } else if (machine->now_us >= task->hard_deadline_us) {
        machine->outcome.in_vain = true;
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("the server reads what we send"),
                     BYTES_LITERAL("it does not read"));
    }
    strand->wake_us = task->hard_deadline_us;
    return TASK_WAITS;
}

/* ---- others ---- */

static enum task_state run_host(struct machine *machine, struct task *task)
{
    if (!task->started) {
        if (machine->host_busy)
            return TASK_WAITS;
        task->started = true;
        machine->host_busy = true;
        machine->host_failed = false;
        machine_ask(machine,
                    (struct ask){.kind = ASK_HOST, .host_verb = task->name, .host_noun = task->noun});
        return TASK_WAITS;
    }
    if (machine->host_busy)
        return TASK_WAITS;
    if (machine->host_failed) {
        machine_end(machine, machine->host_impossible ? OUTCOME_SKIPPED : OUTCOME_ERROR, task->step, 0,
                    "%s %s: %s", task->name, task->noun, buf_text(&machine->host_reason));
        return TASK_WAITS;
    }
    return TASK_DONE;
}

static enum task_state run_pause(struct machine *machine, struct strand *strand, struct task *task)
{
    if (!task->started) {
        task->started = true;
        task->deadline_us = time_after(machine->now_us, task->span_us);
    }
    strand->wake_us = task->deadline_us;
    return machine->now_us >= task->deadline_us ? TASK_DONE : TASK_WAITS;
}

enum task_state task_run(struct machine *machine, struct strand *strand, struct task *task)
{
    switch (task->kind) {
    case TASK_OPEN:
        return run_open(machine, task);
    case TASK_TLS:
        return run_tls(machine, strand, task);
    case TASK_GREETING:
        return task_run_greeting(machine, strand, task);
    case TASK_COMMAND:
        return task_run_command(machine, strand, task);
    case TASK_SASL:
        return task_run_sasl(machine, strand, task);
    case TASK_SEND:
        return run_send(machine, strand, task);
    case TASK_REPLY:
        return task_run_reply(machine, strand, task);
    case TASK_CLOSED:
        return run_closed(machine, strand, task);
    case TASK_QUIET:
        return run_quiet(machine, strand, task);
    case TASK_CLOSE:
    case TASK_ABORT:
        return run_close(machine, task);
    case TASK_HALF_CLOSE:
        return run_half_close(machine, task);
    case TASK_HOST:
        return run_host(machine, task);
    case TASK_JOIN:
        return strand->children == 0 ? TASK_DONE : TASK_WAITS;
    case TASK_PAUSE:
        return run_pause(machine, strand, task);
    case TASK_SETTLE:
        return task_run_settle(machine, strand, task);
    }
    return TASK_DONE;
}
