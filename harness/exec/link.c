/*
 * One connection of a scenario: what is sent on it and whether that is safe, what came in and who reads it.
 */
#include "exec/machine_private.h"

#include "base/base64.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTGOING_OCTETS_MAX = 64 * 1024 * 1024 };

void link_init(struct link *link, int connection, const struct machine_options *options)
{
    *link = (struct link){.connection = connection, .split = options->transport.split};
    buf_init(&link->unread, UNREAD_OCTETS_MAX);
    buf_init(&link->reason, REPORT_OCTETS_MAX);
    buf_init(&link->outgoing, OUTGOING_OCTETS_MAX);
    buf_init(&link->waiting, OUTGOING_OCTETS_MAX);
    buf_init(&link->challenge, EXCHANGE_OCTETS_MAX);
    exchange_init(&link->exchange);
    buf_init(&link->expectation.first_line, REPORT_OCTETS_MAX);
    buf_init(&link->expectation.bad_line, REPORT_OCTETS_MAX);
    buf_init(&link->expectation.demanded, REPORT_OCTETS_MAX);
    buf_init(&link->expectation.line, BODY_LINE_KEPT_MAX);
    rows_init(&link->expectation.rows);
}

void link_release(struct link *link, const struct machine_options *options)
{
    exchange_release(options, &link->exchange);
    conversation_free(link->conversation);
    expectation_release(&link->expectation);
    buf_release(&link->unread);
    buf_release(&link->reason);
    buf_release(&link->outgoing);
    buf_release(&link->waiting);
    buf_release(&link->challenge);
    free(link->cuts);
    free(link->snapshot.stored);
}

static bool another_is_open(struct machine *machine, const struct link *link)
{
    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++) {
        const struct link *other = machine_link(machine, connection);

        if (other != link && other->state == LINK_OPEN)
            return true;
    }
    return false;
}

void link_renew(struct machine *machine, struct link *link)
{
    struct conversation_options options = {
        .connection = link->connection,
        .capa = machine->options.facts.capa,
        .resp_codes = machine->options.facts.resp_codes,
        .auth_resp_code = machine->options.facts.auth_resp_code,
        .pipelining = machine->options.facts.pipelining,
        .accompanied = another_is_open(machine, link),
        .utf8 = machine->options.facts.utf8,
        .observer = {.observe = machine_observe, .context = machine},
    };

    if (link->conversation != NULL) {
        holes_keep_unique_ids(machine, link);
        machine->session_dropped =
            machine->session_dropped || conversation_state(link->conversation) == SESSION_TRANSACTION;
    }
    conversation_free(link->conversation);
    link->conversation = conversation_new(&options);
    transcript_restart(&machine->transcript, link->connection);
    exchange_end(&machine->options, &link->exchange);
    buf_clear(&link->unread);
    buf_clear(&link->reason);
    buf_clear(&link->waiting);
    link->sending = link->tls_waits = link->half_close_waits = false;
    link->fresh = BYTES_EMPTY;
    link->state = LINK_OPENING;
    link->secured = link->tls_pending = link->tls_failed = link->truncated = false;
    link->end_noted = false;
    link->ending_until_us = 0;
    link->looked_at_octets = 0;
    link->tls_excused = link->versions_refused = false;
    link->sent_ahead = 0;
    link->half_closed = link->retrieved = link->line_open = link->other_account = false;
    link->tail = (struct tail){{0}};
    link->snapshot.taken = false;
    link->has_last_reply = false;
    link->fence = NULL;
}

bool link_is_open(const struct link *link)
{
    return link->state == LINK_OPEN;
}

bool link_has_ended(const struct link *link)
{
    return link->state == LINK_ENDED || link->state == LINK_RESET || link->state == LINK_FAILED;
}

bool link_has_unread(const struct link *link)
{
    return link->unread.size > 0 || link->fresh.size > 0;
}

/* ---- sending ---- */

static bool is_cut(const struct link *link, struct bytes octets, size_t offset)
{
    switch (link->split) {
    case SPLIT_NONE:
        return false;
    case SPLIT_OCTETS:
        return true;
    case SPLIT_CRLF:
        return octets.data[offset - 1] == '\r' && octets.data[offset] == '\n';
    case SPLIT_LINES:
        return octets.data[offset - 1] == '\n';
    case SPLIT_AT:
        return offset == link->split_at;
    }
    return false;
}

static void make_cuts(struct link *link, struct bytes octets)
{
    link->cut_count = 0;
    if (link->split == SPLIT_NONE)
        return;
    link->cuts = memory_resize_array(link->cuts, octets.size + 1, sizeof(size_t));
    for (size_t i = 1; i < octets.size; i++) {
        if (is_cut(link, octets, i))
            link->cuts[link->cut_count++] = i;
    }
}

/* OUTGOING leaves now. */
static void ask_to_send(struct machine *machine, struct link *link)
{
    make_cuts(link, buf_bytes(&link->outgoing));
    link->sending = true;
    machine_ask(machine, (struct ask){
                             .kind = ASK_SEND,
                             .connection = link->connection,
                             .bytes = buf_bytes(&link->outgoing),
                             .cuts = link->cut_count > 0 ? link->cuts : NULL,
                             .cut_count = link->cut_count,
                             .cut_pause_us = machine_scaled(machine, link->pause_us),
                         });
}

/* Asks for nothing while a send is under way: a server may answer a command before it has left whole. */
static void put_out(struct machine *machine, struct link *link, struct bytes octets)
{
    if (link->sending) {
        buf_append(&link->waiting, octets);
        return;
    }
    buf_clear(&link->outgoing);
    buf_append(&link->outgoing, octets);
    ask_to_send(machine, link);
}

void link_was_sent(struct machine *machine, struct link *link)
{
    struct buf sent = link->outgoing;

    link->sending = false;
    if (link->waiting.size > 0) {
        link->outgoing = link->waiting;
        link->waiting = sent;
        buf_clear(&link->waiting);
        ask_to_send(machine, link);
    } else if (link->tls_waits) {
        link_start_tls(machine, link);
    } else if (link->half_close_waits) {
        link_half_close(machine, link);
    }
}

void link_half_close(struct machine *machine, struct link *link)
{
    link->half_close_waits = link->sending;
    if (!link->sending)
        machine_ask(machine, (struct ask){.kind = ASK_HALF_CLOSE, .connection = link->connection});
}

void link_start_tls(struct machine *machine, struct link *link)
{
    link->tls_pending = true;
    link->tls_waits = link->sending;
    if (!link->sending)
        machine_ask(machine, (struct ask){.kind = ASK_START_TLS,
                                          .connection = link->connection,
                                          .tls_version = link->tls_version});
}

void link_secured(struct machine *machine, struct link *link)
{
    bool behind_stls = conversation_handshake_due(link->conversation);

    link->tls_pending = false;
    link->secured = true;
    conversation_secured(link->conversation, behind_stls ? buf_bytes(&link->unread) : BYTES_EMPTY,
                         machine->now_us);
    if (behind_stls) /* it was in the clear: no reply under TLS begins with it */
        buf_clear(&link->unread);
}

bool link_send(struct machine *machine, struct link *link, struct bytes octets, const struct step *step)
{
    const char *why = safety_refuses(machine, link, octets);

    if (why != NULL) {
        machine_end(machine, OUTCOME_REFUSED, step, link->connection, "%s", why);
        return false;
    }
    if (safety_note_sent(link, octets))
        machine->outcome.may_hold_mail = true;
    if (octets.size > 0)
        link->line_open = octets.data[octets.size - 1] != '\n';
    transcript_add(&machine->transcript, DIRECTION_CLIENT, link->connection, machine->now_us, octets);
    conversation_sent(link->conversation, octets, link->shape);
    link->shape = CONVERSATION_BY_COMMAND;
    put_out(machine, link, octets);
    return true;
}

/* ---- reading ---- */

static void keep_challenge(struct link *link, const struct status_line *status)
{
    buf_clear(&link->challenge);
    link->exchange.answered = link->exchange.held;
    link->exchange.held = false;
    if (status->indicator == STATUS_CONTINUE)
        (void)base64_decode(status->text,
                            &link->challenge); /* not base 64: the mechanism sees an empty one */
}

void link_settle_body(struct link *link)
{
    if (conversation_settle_body(link->conversation) && link->expectation.active)
        expectation_take_bodiless_end(&link->expectation);
}

/* What a reply changes beyond the conversation: sessions that begin and end. */
static void note_state(struct machine *machine, struct link *link, const struct conversation_event *event,
                       enum session_state before)
{
    enum session_state after = conversation_state(link->conversation);

    link->has_last_reply = true;
    link->last_reply = event->status.indicator == STATUS_OK         ? ALTERNATIVE_OK
                       : event->status.indicator == STATUS_CONTINUE ? ALTERNATIVE_CONTINUE
                                                                    : ALTERNATIVE_ERR;
    keep_challenge(link, &event->status);
    if (before != SESSION_TRANSACTION && after == SESSION_TRANSACTION) {
        machine->outcome.logged_in = true;
        holes_take_snapshot(machine, link);
    }
    if (before == SESSION_TRANSACTION && after == SESSION_OVER)
        holes_commit(machine, link, event->status.indicator == STATUS_OK);
}

static void on_event(struct machine *machine, struct link *link, const struct conversation_event *event,
                     enum session_state before)
{
    struct expectation *expectation = &link->expectation;
    bool wanted = expectation->active && !expectation->complete;

    switch (event->reply.kind) {
    case REPLY_NONE:
        return;
    case REPLY_STATUS:
        note_state(machine, link, event, before);
        if (wanted)
            expectation_take_status(machine, link, event);
        return;
    case REPLY_BODY:
        if (wanted)
            expectation_take_body_line(expectation, &event->reply);
        return;
    case REPLY_END:
        if (wanted && event->bodiless)
            expectation_take_bodiless_end(expectation);
        else if (wanted)
            expectation_take_end(expectation, event->reply.offset);
        return;
    }
}

/* Passes over lines of a message that no pattern is waiting for. */
static void pass_lines(struct link *link, struct bytes *octets)
{
    struct expectation *expectation = &link->expectation;
    bool wanted = expectation->active && !expectation->complete;
    size_t size = octets->size;

    if (wanted && expectation->matcher != NULL && !expectation->mismatched)
        return;
    uint64_t lines = conversation_pass_lines(link->conversation, octets);

    if (wanted) {
        expectation->body_lines += lines;
        expectation->octets += size - octets->size;
    }
}

/* Reads from one run of octets. STOP: leave what stands behind the awaited reply. */
static struct bytes read_run(struct machine *machine, struct link *link, struct bytes octets, bool all)
{
    enum session_state before = conversation_state(link->conversation);
    struct conversation_event event;

    for (;;) {
        bool wanted = link->expectation.active && !link->expectation.complete;

        if (!wanted && !all && conversation_owed_max(link->conversation) > 0)
            return octets;
        pass_lines(link, &octets);
        conversation_next(link->conversation, &octets, machine->now_us, &event);
        if (event.reply.kind == REPLY_NONE)
            return octets;
        on_event(machine, link, &event, before);
        if (event.reply.kind != REPLY_BODY)
            before = conversation_state(link->conversation);
    }
}

static void link_read_some(struct machine *machine, struct link *link, bool all)
{
    if (link->conversation == NULL)
        return;
    struct bytes rest = read_run(machine, link, buf_bytes(&link->unread), all);

    buf_consume(&link->unread, link->unread.size - rest.size);
    if (link->unread.size == 0)
        link->fresh = read_run(machine, link, link->fresh, all);
    if (!link->end_noted && !link_has_unread(link) &&
        (link->state == LINK_ENDED || link->state == LINK_RESET)) {
        link->end_noted = true;
        if (link->truncated && link->secured && link->implicit_tls) /* behind STLS no document asks for it */
            conversation_truncated(link->conversation, machine->now_us);
        conversation_ended(link->conversation, link->state == LINK_RESET, machine->now_us);
    }
}

void link_read(struct machine *machine, struct link *link)
{
    link_read_some(machine, link, false);
}

void link_read_all(struct machine *machine, struct link *link)
{
    link_read_some(machine, link, true);
}

/* ---- the end ---- */

static void link_over(struct machine *machine, struct link *link, bool reset)
{
    link->ending_until_us = 0;
    link->state = reset ? LINK_RESET : LINK_ENDED;
    link_read(machine, link);
}

void link_told_end(struct machine *machine, struct link *link, bool truncated)
{
    link->truncated = truncated;
    transcript_note(&machine->transcript, link->connection, machine->now_us,
                    "the server closed the connection%s", truncated ? ", without TLS's close_notify" : "");
    if (!link_has_unread(link) && conversation_reply_is_missing(link->conversation))
        link->ending_until_us = time_after(machine->now_us, CROSSING_US);
    else
        link_over(machine, link, false);
}

void link_told_reset(struct machine *machine, struct link *link)
{
    transcript_note(&machine->transcript, link->connection, machine->now_us, "%s",
                    link->ending_until_us > 0 ? "RST: what we sent came too late for the server to read it"
                                              : "the server closed the connection by RST");
    link_over(machine, link, true);
}

bool link_is_pending(struct machine *machine, struct link *link, time_us *ret_wake_us)
{
    if (link->ending_until_us == 0)
        return false;
    *ret_wake_us = link->ending_until_us;
    if (machine->now_us < link->ending_until_us)
        return true;
    link_over(machine, link, false);
    return false;
}

/* ---- ended early ---- */

void link_timed_out(struct machine *machine, struct link *link)
{
    machine->outcome.in_vain = true;
    conversation_timed_out(link->conversation, machine->now_us);
}

void link_ended_early(struct machine *machine, struct link *link, const struct step *step,
                      struct bytes expected)
{
    int connection = link->connection;

    if (link_has_ended(link))
        link_read_all(machine, link); /* replies that no line of the scenario asked for */
    if (link->tls_excused) {
        machine->outcome.two_readings = true;
        machine_end(machine, OUTCOME_PASSED, NULL, connection,
                    "the TLS handshake failed, which is one of the legal ways");
    } else if (link->state == LINK_FAILED) {
        machine_end(machine, OUTCOME_BLOCKED, step, connection, "%s", buf_text(&link->reason));
    } else if (link->state == LINK_CLOSED) {
        machine_end(machine, OUTCOME_ERROR, step, connection, "the scenario closed this connection before");
    } else if (conversation_close_is_legal(link->conversation) && link->has_last_reply &&
               link->last_reply == ALTERNATIVE_ERR) {
        machine_end(
            machine, OUTCOME_SKIPPED, step, connection,
            "the server closed the connection after -ERR, which it may; what follows could not be tried");
    } else if (link->has_last_reply && link->last_reply == ALTERNATIVE_CLOSED) {
        machine_end(
            machine, OUTCOME_SKIPPED, step, connection,
            "the server closed the connection, as a line before lets it; what follows could not be tried");
    } else if (conversation_end_is_legal(link->conversation)) {
        machine_end(machine, OUTCOME_SKIPPED, step, connection,
                    "the server closed the connection instead of answering a line that it need not take in; "
                    "what follows could not be tried");
    } else if (conversation_lost(link->conversation)) {
        machine_end(machine, OUTCOME_SKIPPED, step, connection,
                    "the shape of a reply before the close is not defined; what follows could not be judged");
    } else if (link->state == LINK_RESET &&
               (link->sending || conversation_owed_max(link->conversation) > 0)) {
        machine_end(
            machine, OUTCOME_SKIPPED, step, connection,
            "the connection ended by RST, which can destroy replies on the way; nothing can be concluded");
    } else if (step == NULL) {
        machine_end(machine, OUTCOME_BLOCKED, step, connection, "the server closed the connection");
    } else if (conversation_state(link->conversation) == SESSION_OVER) {
        machine_end(machine, OUTCOME_SKIPPED, step, connection,
                    "QUIT had ended the session; what follows could not be tried");
    } else if (step->kind != STEP_QUIET && conversation_owed_max(link->conversation) == 0) {
        machine_end(machine, OUTCOME_BLOCKED, step, connection,
                    "the server closed the connection while no reply was due, which breaks no rule; "
                    "what follows could not be tried");
    } else {
        machine_fail(machine, step, connection, expected, BYTES_LITERAL("the server closed the connection"));
    }
}
