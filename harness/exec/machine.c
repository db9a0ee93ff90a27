/*
 * The machine as an actor: what it asks for, what it is told, and how the case ends.
 */
#include "exec/machine_private.h"

#include "base/check.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASE_OCTETS_MAX = 64 * 1024 * 1024, /* what one case may keep in its arena */
    HOLE_TEXT_OCTETS_MAX = 64 * 1024,
    REASON_OCTETS_MAX = 4096,
    OUTCOME_OCTETS_MAX = 8192,
};

/* ---- life cycle ---- */

static void init_stored(struct machine *machine)
{
    for (size_t i = 0; i < machine->options.mailbox_count; i++)
        holes_add_stored(machine, machine->options.mailbox[i].fixture, machine->options.mailbox[i].octets);
}

struct machine *machine_new(const struct machine_options *options)
{
    struct machine *machine = memory_new(sizeof(*machine));

    machine->options = *options;
    machine->reply_timeout_us = options->reply_timeout_us;
    arena_init(&machine->arena, CASE_OCTETS_MAX);
    transcript_init(&machine->transcript);
    machine->transcript.listener = options->listener;
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        link_init(&machine->links[i], i + 1, options);
    for (size_t i = 0; i < HOLE_VALUES_MAX; i++)
        buf_init(&machine->hole_texts[i], HOLE_TEXT_OCTETS_MAX);
    buf_init(&machine->hole_why, REASON_OCTETS_MAX);
    buf_init(&machine->host_reason, REASON_OCTETS_MAX);
    buf_init(&machine->outcome.reason, OUTCOME_OCTETS_MAX);
    buf_init(&machine->outcome.expected, OUTCOME_OCTETS_MAX);
    buf_init(&machine->outcome.actual, OUTCOME_OCTETS_MAX);
    machine->resolver = (struct resolver){holes_resolve, holes_bind, machine};
    init_stored(machine);
    return machine;
}

void machine_free(struct machine *machine)
{
    if (machine == NULL)
        return;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        link_release(&machine->links[i], &machine->options);
    for (size_t i = 0; i < HOLE_VALUES_MAX; i++)
        buf_release(&machine->hole_texts[i]);
    buf_release(&machine->hole_why);
    buf_release(&machine->host_reason);
    buf_release(&machine->outcome.reason);
    buf_release(&machine->outcome.expected);
    buf_release(&machine->outcome.actual);
    transcript_release(&machine->transcript);
    arena_release(&machine->arena);
    free(machine->stored);
    free(machine);
}

const struct outcome *machine_outcome(const struct machine *machine)
{
    return &machine->outcome;
}

const struct transcript *machine_transcript(const struct machine *machine)
{
    return &machine->transcript;
}

const struct target_facts *machine_facts(const struct machine *machine)
{
    return &machine->options.facts;
}

/* ---- what all of exec/ uses ---- */

struct link *machine_link(struct machine *machine, int connection)
{
    CHECK(connection >= 1 && connection <= CONNECTIONS_MAX);
    return &machine->links[connection - 1];
}

void machine_ask(struct machine *machine, struct ask ask)
{
    CHECK(machine->ask_count < ASKS_MAX);
    machine->asks[(machine->ask_first + machine->ask_count++) % ASKS_MAX] = ask;
}

bool machine_ended(const struct machine *machine)
{
    return machine->outcome.kind != OUTCOME_RUNNING;
}

int64_t machine_scaled(const struct machine *machine, int64_t span_us)
{
    int64_t percent = machine->options.time_scale_percent;

    return percent <= 0 || percent == 100 || span_us > INT64_MAX / percent ? span_us
                                                                           : span_us * percent / 100;
}

static void close_all(struct machine *machine)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        settle_at_once(machine, &machine->links[i]);
}

bool session_was_dropped(const struct machine *machine)
{
    bool dropped = machine->session_dropped;

    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        const struct link *link = &machine->links[i];

        dropped = dropped || (link->conversation != NULL && !link_is_open(link) &&
                              conversation_state(link->conversation) == SESSION_TRANSACTION);
    }
    return dropped;
}

static void set_outcome(struct machine *machine, enum outcome_kind kind, const struct step *step,
                        int connection)
{
    machine->outcome.kind = kind;
    machine->outcome.step = step;
    machine->outcome.connection = connection;
    machine->outcome.ended_us = machine->now_us;
    close_all(machine);
    machine->outcome.left_session = session_was_dropped(machine);
}

void machine_end(struct machine *machine, enum outcome_kind kind, const struct step *step, int connection,
                 const char *format, ...)
{
    va_list arguments;

    if (machine_ended(machine))
        return;
    va_start(arguments, format);
    buf_append_format_list(&machine->outcome.reason, format, arguments);
    va_end(arguments);
    set_outcome(machine, kind, step, connection);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * True for scenarios about what RULE forbids: those are judged by it, not blocked. Advisories are judged by replies too many
 * and by a greeting that does not come, a fence and silence by replies too many.
 */
static bool is_about(const struct scenario *scenario, enum rule rule)
{
    bool unasked = rule == RULE_ONE_REPLY || rule == RULE_AFTER_QUIT;

    for (size_t i = 0; i < scenario->prove_count; i++) {
        if (strcmp(scenario->proves[i], rule_info(rule)->clause) == 0 ||
            ((unasked || rule == RULE_GREETING) && starts_with(scenario->proves[i], "advisory-")))
            return true;
    }
    for (size_t i = 0; unasked && i < scenario->step_count; i++) {
        if (scenario->steps[i].kind == STEP_FENCE || scenario->steps[i].kind == STEP_QUIET)
            return true;
    }
    return false;
}

/*
 * One habit of a server must not fail a thousand scenarios by a thousand clauses: where a rule was broken after which
 * replies cannot be told apart, the auditor's case tells of it, and what a scenario finds behind it is blocked.
 */
static bool follows_from_breach(struct machine *machine, int connection, enum rule *ret_rule)
{
    const struct conversation *conversation =
        connection > 0 ? machine_link(machine, connection)->conversation : NULL;

    return conversation != NULL && conversation_derailed(conversation, ret_rule) &&
           !is_about(machine->options.scenario, *ret_rule);
}

static bool has_point(const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].kind == STEP_POINT || steps[i].point_within ||
            has_point(steps[i].inner, steps[i].inner_count))
            return true;
    }
    return false;
}

/* What leads to the scenario's point was not met: that accuses of nothing that the scenario is about. */
static void block_on_the_way(struct machine *machine, const struct step *step, int connection,
                             struct bytes expected, struct bytes actual)
{
    machine_end(machine, OUTCOME_BLOCKED, step, connection,
                "on the way to the scenario's point: expected %.*s, actual %.*s",
                (int)(expected.size < 300 ? expected.size : 300), (const char *)expected.data,
                (int)(actual.size < 300 ? actual.size : 300), (const char *)actual.data);
}

void machine_fail(struct machine *machine, const struct step *step, int connection, struct bytes expected,
                  struct bytes actual)
{
    if (machine_ended(machine))
        return;
    enum rule rule;

    if (follows_from_breach(machine, connection, &rule)) {
        machine_end(machine, OUTCOME_BLOCKED, step, connection,
                    "audit/%s was broken before, and this may follow from it", rule_info(rule)->id);
        return;
    }
    if (machine->trouble_told) {
        machine_end(
            machine, OUTCOME_SKIPPED, step, connection,
            "the server said by SYS/TEMP that it was in trouble for the moment, and what followed may come "
            "of that");
        return;
    }
    if (machine->point_ahead) {
        block_on_the_way(machine, step, connection, expected, actual);
        return;
    }
    buf_append(&machine->outcome.expected, bytes_slice(expected, 0, OUTCOME_OCTETS_MAX));
    buf_append(&machine->outcome.actual, bytes_slice(actual, 0, OUTCOME_OCTETS_MAX));
    set_outcome(machine, OUTCOME_FAILED, step, connection);
}

void machine_observe(void *context, const struct observation *observation)
{
    struct machine *machine = (struct machine *)context;
    const struct observer *observer = &machine->options.observer;

    transcript_mark(&machine->transcript, (int)observation->rule, observation->connection,
                    observation->offset);
    if (observer->observe != NULL)
        observer->observe(observer->context, observation);
}

void machine_stop(struct machine *machine, const char *reason)
{
    machine_end(machine, OUTCOME_ERROR, NULL, 0, "%s", reason);
}

/* ---- running ---- */

static void begin(struct machine *machine)
{
    const struct scenario *scenario = machine->options.scenario;
    struct strand *main_strand = &machine->strands[0];

    machine->begun = true;
    machine->outcome.began_us = machine->now_us;
    machine->point_ahead = has_point(scenario->steps, scenario->step_count);
    strand_start(machine, main_strand,
                 &(struct frame){.steps = scenario->steps, .count = scenario->step_count}, NULL);
    if (scenario->start != START_CLOSED)
        bring_up(machine, main_strand, 1, scenario->start == START_TRANSACTION);
}

/* All steps are through: settle every connection, one behind the other. */
static void begin_settling(struct machine *machine)
{
    struct strand *strand = &machine->strands[0];

    machine->settling = true;
    strand_start(machine, strand, &(struct frame){0}, NULL);
    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++)
        strand_push(strand, TASK_SETTLE, connection, NULL);
}

static bool any_strand(const struct machine *machine)
{
    for (size_t i = 0; i < STRANDS_MAX; i++) {
        if (machine->strands[i].active)
            return true;
    }
    return false;
}

static void advance(struct machine *machine)
{
    if (machine_ended(machine))
        return;
    if (!machine->begun)
        begin(machine);
    size_t turns;

    /* Another round for those that others have begun, or waited for, in this one. */
    do {
        turns = machine->strand_turns;
        for (size_t i = STRANDS_MAX; i-- > 0;)
            strand_run(machine, &machine->strands[i]);
        if (machine_ended(machine) || any_strand(machine))
            continue;
        if (!machine->settling)
            begin_settling(machine);
        else
            set_outcome(machine, OUTCOME_PASSED, NULL, 0);
    } while (!machine_ended(machine) && machine->strand_turns != turns);
}

static time_us next_wake(const struct machine *machine)
{
    time_us wake = TIME_NEVER;

    for (size_t i = 0; i < STRANDS_MAX; i++) {
        if (machine->strands[i].active)
            wake = time_earlier(wake, machine->strands[i].wake_us);
    }
    return wake;
}

static void machine_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct machine *machine = actor;

    machine->now_us = now_us;
    if (machine->ask_count == 0)
        advance(machine);
    if (machine->ask_count > 0) {
        *ret_ask = machine->asks[machine->ask_first];
        machine->ask_first = (machine->ask_first + 1) % ASKS_MAX;
        machine->ask_count--;
        return;
    }
    if (machine_ended(machine) && !machine->host_busy)
        *ret_ask = (struct ask){.kind = ASK_DONE};
    else
        *ret_ask = (struct ask){.kind = ASK_WAIT,
                                .until_us = machine_ended(machine) ? TIME_NEVER : next_wake(machine)};
}

/* ---- being told ---- */

static void told_bytes(struct machine *machine, struct link *link, struct bytes octets)
{
    transcript_add(&machine->transcript, DIRECTION_SERVER, link->connection, machine->now_us, octets);
    link->fresh = octets;
    advance(machine);
    bool kept = link->state == LINK_CLOSED || buf_append(&link->unread, link->fresh);

    link->fresh = BYTES_EMPTY;
    if (kept)
        return;
    link_read_all(machine, link); /* so that the auditor hears what nobody asked for */
    machine_end(machine, OUTCOME_BLOCKED, NULL, link->connection,
                "more than %d octets came on this connection that no step reads", UNREAD_OCTETS_MAX);
}

static void told_of_link(struct machine *machine, struct link *link, const struct told *told)
{
    switch (told->kind) {
    case TOLD_OPENED:
        link->state = LINK_OPEN;
        machine->outcome.connected = true;
        transcript_note(&machine->transcript, link->connection, told->now_us, "connected");
        return;
    case TOLD_OPEN_FAILED:
        link->state = LINK_FAILED;
        buf_append_text(&link->reason, told->reason != NULL ? told->reason : "no reason given");
        return;
    case TOLD_BYTES:
        told_bytes(machine, link, told->bytes);
        return;
    case TOLD_SENT:
        link_was_sent(machine, link);
        return;
    case TOLD_END:
        link_told_end(machine, link, told->truncated);
        return;
    case TOLD_RESET:
        link_told_reset(machine, link);
        return;
    case TOLD_TLS_DONE:
        if (!link->tls_pending)
            return; /* it was given up */
        link_secured(machine, link);
        transcript_note(&machine->transcript, link->connection, told->now_us, "TLS: %s",
                        told->reason != NULL ? told->reason : "on");
        return;
    case TOLD_TLS_FAILED:
        link->tls_pending = false;
        link->tls_failed = true;
        link->state = LINK_FAILED;
        buf_append_text(&link->reason, told->reason != NULL ? told->reason : "no reason given");
        transcript_note(&machine->transcript, link->connection, told->now_us, "TLS handshake failed: %s",
                        buf_text(&link->reason));
        link->versions_refused = told->versions_refused;
        if (told->versions_refused)
            conversation_versions_refused(link->conversation, told->now_us, buf_text(&link->reason));
        return;
    case TOLD_HOST_DONE:
    case TOLD_HOST_FAILED:
    case TOLD_HOST_IMPOSSIBLE:
    case TOLD_TIME:
        return;
    }
}

static void told_of_host(struct machine *machine, const struct told *told)
{
    machine->host_busy = false;
    machine->host_failed = told->kind != TOLD_HOST_DONE;
    machine->host_impossible = told->kind == TOLD_HOST_IMPOSSIBLE;
    buf_clear(&machine->host_reason);
    buf_append_text(&machine->host_reason, told->reason != NULL ? told->reason : "");
}

static void machine_tell(void *actor, const struct told *told)
{
    struct machine *machine = actor;

    machine->now_us = told->now_us;
    if (told->kind == TOLD_HOST_DONE || told->kind == TOLD_HOST_FAILED || told->kind == TOLD_HOST_IMPOSSIBLE)
        told_of_host(machine, told);
    else if (told->connection >= 1 && told->connection <= CONNECTIONS_MAX) {
        struct link *link = machine_link(machine, told->connection);

        if (link->conversation != NULL && link->state != LINK_CLOSED)
            told_of_link(machine, link, told);
    }
    advance(machine);
}

const struct actor_ops machine_actor_ops = {machine_next, machine_tell};
