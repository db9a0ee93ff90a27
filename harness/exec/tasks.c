/*
 * Tasks: what a step comes down to. Each starts once, then waits for its link or the time, and ends done or with the
 * case's outcome.
 */
#include "exec/machine_private.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEND_OCTETS_MAX = 64 * 1024 * 1024, DESCRIPTION_OCTETS_MAX = 2048, DIGEST_OCTETS_MAX = 64 };

/* ---- expectations ---- */

void expectation_release(struct expectation *expectation)
{
    body_matcher_free(expectation->matcher);
    expectation->matcher = NULL;
    buf_release(&expectation->first_line);
    buf_release(&expectation->bad_line);
    buf_release(&expectation->demanded);
    buf_release(&expectation->line);
}

void expectation_begin(struct machine *machine, struct link *link, const struct step *step)
{
    struct expectation *expectation = &link->expectation;

    (void)machine;
    body_matcher_free(expectation->matcher);
    buf_clear(&expectation->first_line);
    buf_clear(&expectation->bad_line);
    buf_clear(&expectation->demanded);
    buf_clear(&expectation->line);
    *expectation = (struct expectation){
        .active = true,
        .step = step,
        .alternative = -1,
        .first_line = expectation->first_line,
        .bad_line = expectation->bad_line,
        .demanded = expectation->demanded,
        .line = expectation->line,
    };
}

/* What STEP demands, with its holes filled in. */
static void describe_demand(struct machine *machine, const struct link *link, const struct step *step,
                            struct buf *out)
{
    buf_init(out, DESCRIPTION_OCTETS_MAX);
    if (step == NULL)
        buf_append_text(out, "+OK");
    else if (step->kind == STEP_EXPECT)
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

static void fail_by_first_line(struct machine *machine, struct link *link)
{
    struct expectation *expectation = &link->expectation;
    struct buf actual;

    buf_init(&actual, DESCRIPTION_OCTETS_MAX * 2);
    buf_append(&actual, buf_bytes(&expectation->first_line));
    if (expectation->body_lines > 0)
        buf_append_format(&actual, " and %llu more lines", (unsigned long long)expectation->body_lines);
    fail_with_demand(machine, link, expectation->step, buf_bytes(&actual));
    buf_release(&actual);
}

/* The awaited reply is complete: was it as demanded? */
static enum task_state judge_reply(struct machine *machine, struct link *link, const struct task *task)
{
    struct expectation *expectation = &link->expectation;
    const struct step *step = task->step;

    expectation->active = false;
    if (step->kind == STEP_FENCE)
        return TASK_DONE;
    if (expectation->why_not != NULL) {
        machine_end(machine, OUTCOME_SKIPPED, step, task->connection, "%s", expectation->why_not);
    } else if (expectation->alternative < 0) {
        fail_by_first_line(machine, link);
    } else if (expectation->mismatched) {
        machine->point_ahead = machine->point_ahead && !step->point_within;
        machine_fail(machine, step, task->connection, buf_bytes(&expectation->demanded),
                     buf_bytes(&expectation->bad_line));
    } else {
        machine->outcome.two_readings = machine->outcome.two_readings || expectation->alternative > 0;
        machine->point_ahead = machine->point_ahead && !step->point_within;
        return TASK_DONE;
    }
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
    int closed = task->step->kind == STEP_EXPECT ? reply_pattern_closed(&task->step->reply) : -1;

    if (closed_with_words(link, task->step)) {
        fail_with_demand(machine, link, task->step,
                         BYTES_LITERAL("a line that nobody asked for, and then the close"));
        return TASK_WAITS;
    }
    if (closed >= 0 && expectation->first_line.size == 0) {
        expectation->active = false;
        machine->outcome.two_readings = machine->outcome.two_readings || closed > 0;
        return TASK_DONE;
    }
    describe_demand(machine, link, task->step, &demand);
    if (expectation->first_line.size > 0)
        machine_fail(machine, task->step, task->connection,
                     BYTES_LITERAL("the whole reply, to its terminator"),
                     BYTES_LITERAL("the server closed the connection within the reply"));
    else
        link_ended_early(machine, link, task->step, buf_bytes(&demand));
    buf_release(&demand);
    return TASK_WAITS;
}

/* ---- waiting for replies ---- */

static void set_deadlines(struct machine *machine, struct task *task)
{
    task->deadline_us = time_after(machine->now_us, machine->reply_timeout_us);
    task->hard_deadline_us = time_after(machine->now_us, machine->reply_timeout_us * BODY_TIMEOUTS_MAX);
    task->started = true;
}

/* A body that goes on coming may take longer than one reply timeout, a first line may not. */
static void extend_deadline(struct machine *machine, const struct link *link, struct task *task)
{
    if (link->expectation.octets == task->octets_seen)
        return;
    task->octets_seen = link->expectation.octets;
    task->deadline_us =
        time_earlier(time_after(machine->now_us, machine->reply_timeout_us), task->hard_deadline_us);
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

static void time_out_reply(struct machine *machine, struct link *link, const struct task *task)
{
    char actual[160];
    uint64_t partial = conversation_partial_octets(link->conversation);

    conversation_timed_out(link->conversation, machine->now_us);
    if (link->expectation.first_line.size > 0)
        snprintf(actual, sizeof(actual), "the reply did not end: %llu lines came, and no terminator in time",
                 (unsigned long long)link->expectation.body_lines);
    else if (partial > 0)
        snprintf(actual, sizeof(actual), "a line without end: %llu octets", (unsigned long long)partial);
    else
        snprintf(actual, sizeof(actual), "no reply within %lld ms",
                 (long long)(machine->reply_timeout_us / US_PER_MS));
    fail_with_demand(machine, link, task->step, bytes_of(actual));
}

static enum task_state run_reply(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        set_deadlines(machine, task);
        expectation_begin(machine, link, task->step);
        if (task->step->kind == STEP_FENCE)
            link->fence = task->step;
    }
    link_read(machine, link);
    if (link->expectation.complete)
        return judge_reply(machine, link, task);
    if (link_has_ended(link) || link->state == LINK_CLOSED)
        return judge_end(machine, link, task);
    extend_deadline(machine, link, task);
    if (body_is_endless(machine, link))
        fail_with_demand(machine, link, task->step, BYTES_LITERAL("a body without end"));
    else if (machine->now_us >= task->deadline_us)
        time_out_reply(machine, link, task);
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

/* The greeting, and the driver's own commands: +OK, or the way there is blocked. */
static enum task_state run_own_reply(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    link_read(machine, link);
    if (link->expectation.complete) {
        link->expectation.active = false;
        if (link->expectation.indicator == STATUS_OK)
            return TASK_DONE;
        if (task->step != NULL)
            machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "%s was refused: %s",
                        task->purpose, buf_text(&link->expectation.first_line));
        else
            bring_up_refused(machine, strand, task, buf_bytes(&link->expectation.first_line));
        return TASK_WAITS;
    }
    if (link_has_ended(link)) {
        /* Some servers refuse by closing: the lock, or too many connections. */
        if (task->step == NULL && strand->retry_login && machine->now_us < strand->retry_until_us)
            bring_up_refused(machine, strand, task, BYTES_LITERAL("the server closed the connection"));
        else
            machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                        "%s: the server closed the connection", task->purpose);
    } else if (machine->now_us >= task->deadline_us || link->flooded) {
        conversation_timed_out(link->conversation, machine->now_us);
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "%s: %s", task->purpose,
                    link->flooded ? "a line without end" : "no reply in time");
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

static enum task_state run_greeting(struct machine *machine, struct strand *strand, struct task *task)
{
    if (!task->started) {
        set_deadlines(machine, task);
        task->purpose = "the greeting";
        expectation_begin(machine, machine_link(machine, task->connection), NULL);
    }
    return run_own_reply(machine, strand, task);
}

/* APOP's line can only be made once the greeting is there. */
static bool make_apop_line(struct machine *machine, const struct link *link, struct task *task)
{
    const struct account *account = &machine->options.accounts[task->account - 1];
    struct bytes timestamp = conversation_timestamp(link->conversation);
    struct buf digest;
    bool made;

    buf_init(&digest, DIGEST_OCTETS_MAX);
    made = timestamp.size > 0 && account->apop_secret != NULL &&
           machine->options.credentials.apop_digest(timestamp, bytes_of(account->apop_secret), &digest);
    if (made)
        task->line = arena_format(&machine->arena, "APOP %s %s\r\n", account->user, buf_text(&digest));
    buf_release(&digest);
    return made;
}

static enum task_state run_command(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (task->started)
        return run_own_reply(machine, strand, task);
    set_deadlines(machine, task);
    if (!link_is_open(link)) {
        link_ended_early(machine, link, task->step, BYTES_LITERAL("the connection open"));
        return TASK_WAITS;
    }
    if (task->account > 0 && !make_apop_line(machine, link, task)) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "logging in with APOP: the greeting has no timestamp");
        return TASK_WAITS;
    }
    expectation_begin(machine, link, NULL);
    if (link_send(machine, link, bytes_of(task->line), task->step))
        strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

/* ---- connections ---- */

static enum task_state run_open(struct machine *machine, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        task->started = true;
        link_renew(machine, link);
        machine->outcome.connected = true;
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
    if (task->step == NULL)
        machine_end(machine, OUTCOME_BLOCKED, NULL, task->connection, "the TLS handshake: %s",
                    buf_text(&link->reason));
    else if (link->tls_failed)
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("a TLS handshake that succeeds"),
                     buf_bytes(&link->reason));
    else
        machine_fail(machine, task->step, task->connection, BYTES_LITERAL("a TLS handshake that fails"),
                     BYTES_LITERAL("it succeeded"));
    return TASK_WAITS;
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
        link->tls_pending = true;
        machine_ask(machine, (struct ask){.kind = ASK_START_TLS, .connection = link->connection});
    } else if (!link->tls_pending) {
        return end_of_handshake(machine, link, task);
    } else if (link_has_ended(link)) {
        link->tls_pending = false;
        link->tls_failed = true;
        buf_append_text(&link->reason, "the server closed the connection during the handshake");
        return end_of_handshake(machine, link, task);
    } else if (machine->now_us >= task->deadline_us) {
        link->tls_pending = false;
        link->tls_failed = true;
        buf_append_text(&link->reason, "it did not end in time");
        return end_of_handshake(machine, link, task);
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

/* Both ways of closing, and half of one; nothing is told of a closed link any more. */
static enum task_state run_close(struct machine *machine, const struct task *task)
{
    struct link *link = machine_link(machine, task->connection);
    enum ask_kind kind = task->kind == TASK_CLOSE   ? ASK_CLOSE
                         : task->kind == TASK_ABORT ? ASK_ABORT
                                                    : ASK_HALF_CLOSE;

    if (link->conversation == NULL || link->state == LINK_CLOSED || link->state == LINK_FAILED) {
        link->state = link->state == LINK_FAILED ? LINK_CLOSED : link->state;
        return TASK_DONE;
    }
    if (kind == ASK_HALF_CLOSE) {
        link->half_closed = true;
        if (!link_is_open(link))
            return TASK_DONE;
    } else {
        link_read_all(machine, link);
        conversation_left(link->conversation, machine->now_us);
        link->state = LINK_CLOSED;
        transcript_note(&machine->transcript, link->connection, machine->now_us, "%s",
                        kind == ASK_ABORT ? "we abort the connection (RST)" : "we close the connection");
    }
    machine_ask(machine, (struct ask){.kind = kind, .connection = link->connection});
    return TASK_DONE;
}

static enum task_state run_closed(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started)
        set_deadlines(machine, task);
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
        conversation_timed_out(link->conversation, machine->now_us);
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
        set_deadlines(machine, task);
        start_send(machine, strand, link, task);
    } else if (!link->sending) {
        return TASK_DONE;
    } else if (link_has_ended(link)) {
        link->sending = false; /* the reply's task will say what that means */
        return TASK_DONE;
    } else if (machine->now_us >= task->hard_deadline_us) {
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
        machine_end(machine, OUTCOME_ERROR, task->step, 0, "%s %s: %s", task->name, task->noun,
                    buf_text(&machine->host_reason));
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
        return run_greeting(machine, strand, task);
    case TASK_COMMAND:
        return run_command(machine, strand, task);
    case TASK_SASL:
        return task_run_sasl(machine, strand, task);
    case TASK_SEND:
        return run_send(machine, strand, task);
    case TASK_REPLY:
        return run_reply(machine, strand, task);
    case TASK_CLOSED:
        return run_closed(machine, strand, task);
    case TASK_QUIET:
        return run_quiet(machine, strand, task);
    case TASK_CLOSE:
    case TASK_ABORT:
    case TASK_HALF_CLOSE:
        return run_close(machine, task);
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
