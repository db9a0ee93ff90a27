/*
 * The way to a scenario's state: open, TLS, greeting, login. Trouble on this way is "blocked", never "failed", and a
 * refused login is tried again for a while: the maildrop's lock may outlive the session before (RFC 1939 section 6
 * releases it only behind the reply to QUIT).
 */
#include "exec/machine_private.h"

#include "base/base64.h"

#include <stdio.h>
#include <string.h>

/* The first pause before a refused login is tried again, doubled each time up to the longest. */
enum { BACKOFF_FIRST_US = 100 * 1000, BACKOFF_LONGEST_US = 4 * 1000 * 1000 };

/* A SASL exchange of more rounds than any mechanism has is cancelled. */
enum { SASL_ROUNDS_MAX = 8, SASL_OCTETS_MAX = 16 * 1024, DIGEST_OCTETS_MAX = 64 };

static void push_tls(struct strand *strand, int connection, const struct step *step)
{
    struct task *task = strand_push(strand, TASK_TLS, connection, step);

    task->tls = TLS_OK;
}

static struct task *push_command(struct strand *strand, int connection, const struct step *step,
                                 const char *purpose)
{
    struct task *task = strand_push(strand, TASK_COMMAND, connection, step);

    task->purpose = purpose;
    return task;
}

void bring_up_open(struct machine *machine, struct strand *strand, int connection, bool implicit_tls,
                   const struct step *step)
{
    struct link *link = machine_link(machine, connection);
    struct task *task;

    if (link_is_open(link))
        strand_push(strand, TASK_CLOSE, connection, NULL);
    task = strand_push(strand, TASK_OPEN, connection, step);
    task->implicit_tls = implicit_tls;
    if (implicit_tls)
        push_tls(strand, connection, NULL);
}

void bring_up_login(struct machine *machine, struct strand *strand, int connection, uint64_t account_number,
                    const struct step *step)
{
    uint64_t number = account_number > 0 ? account_number : 1;

    if (number > machine->options.account_count) {
        machine_end(machine, OUTCOME_BLOCKED, step, connection, "the target has no account %llu",
                    (unsigned long long)number);
        return;
    }
    const struct account *account = &machine->options.accounts[number - 1];
    struct task *task;

    switch (account->login) {
    case LOGIN_USER_PASS:
        task = push_command(strand, connection, step, "logging in with USER");
        task->other_account = number > 1;
        task->line = arena_format(&machine->arena, "USER %s\r\n", account->user);
        task = push_command(strand, connection, step, "logging in with PASS");
        task->line = arena_format(&machine->arena, "PASS %s\r\n", account->pass);
        return;
    case LOGIN_APOP:
        task = push_command(strand, connection, step, "logging in with APOP");
        task->account = number; /* the digest is made when the greeting is known */
        task->other_account = number > 1;
        return;
    case LOGIN_AUTH_PLAIN:
    case LOGIN_AUTH_CRAM_MD5:
        task = strand_push(strand, TASK_SASL, connection, step);
        task->name = account->login == LOGIN_AUTH_PLAIN ? "PLAIN" : "CRAM-MD5";
        task->purpose = "logging in with AUTH";
        task->account = number;
        return;
    }
}

void bring_up(struct machine *machine, struct strand *strand, int connection, bool login)
{
    const struct transport *transport = &machine->options.transport;

    if (strand->retry_until_us == 0) {
        strand->retry_until_us = time_after(machine->now_us, machine->options.login_patience_us);
        strand->backoff_us = BACKOFF_FIRST_US;
    }
    strand->retry_connection = connection;
    strand->retry_login = login;
    bring_up_open(machine, strand, connection, transport->implicit_tls, NULL);
    strand_push(strand, TASK_GREETING, connection, NULL);
    if (transport->starttls && !transport->implicit_tls) {
        struct task *task = push_command(strand, connection, NULL, "starting TLS");

        task->line = "STLS\r\n";
        push_tls(strand, connection, NULL);
    }
    if (login)
        bring_up_login(machine, strand, connection, 1, NULL);
}

/* Only what is being brought up is tried again, not a greeting on another connection. */
static bool may_try_again(const struct machine *machine, const struct strand *strand, const struct task *task)
{
    return task->step == NULL && strand->retry_login && task->connection == strand->retry_connection &&
           machine->now_us < strand->retry_until_us;
}

/* A login or greeting on the driver's own way was refused: tries again, or ends the case as blocked. */
static void bring_up_refused(struct machine *machine, struct strand *strand, const struct task *task,
                             struct bytes reply)
{
    char purpose[64];

    snprintf(purpose, sizeof(purpose), "%s", task->purpose);
    if (!may_try_again(machine, strand, task)) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "%s was refused: %.*s", purpose,
                    (int)(reply.size < 300 ? reply.size : 300), (const char *)reply.data);
        return;
    }
    int connection = strand->retry_connection;
    struct task *pause;

    strand_clear_tasks(strand);
    strand->replaced = true;
    strand_push(strand, TASK_CLOSE, connection, NULL);
    pause = strand_push(strand, TASK_PAUSE, 0, NULL);
    pause->span_us = strand->backoff_us;
    strand->backoff_us =
        strand->backoff_us * 2 < BACKOFF_LONGEST_US ? strand->backoff_us * 2 : BACKOFF_LONGEST_US;
    bring_up(machine, strand, connection, true);
}

/* ---- greeting and commands ---- */

/* The link ended on the driver's own way. Some servers refuse by closing: the lock, or too many connections. */
static void own_way_ended(struct machine *machine, struct strand *strand, const struct task *task)
{
    if (may_try_again(machine, strand, task))
        bring_up_refused(machine, strand, task, BYTES_LITERAL("the server closed the connection"));
    else
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "%s: the server closed the connection", task->purpose);
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
        bring_up_refused(machine, strand, task, buf_bytes(&link->expectation.first_line));
        return TASK_WAITS;
    }
    deadlines_extend(machine, link, task);
    if (link_has_ended(link)) {
        own_way_ended(machine, strand, task);
    } else if (machine->now_us >= task->deadline_us ||
               conversation_partial_octets(link->conversation) > LINE_OCTETS_AWAITED) {
        conversation_timed_out(link->conversation, machine->now_us);
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "%s: %s", task->purpose,
                    conversation_partial_octets(link->conversation) > 0 ? "a line without end"
                                                                        : "no reply in time");
    }
    strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

enum task_state task_run_greeting(struct machine *machine, struct strand *strand, struct task *task)
{
    if (!task->started) {
        deadlines_begin(machine, machine_link(machine, task->connection), task);
        task->purpose = "the greeting";
        expectation_begin(machine_link(machine, task->connection), NULL);
    }
    return run_own_reply(machine, strand, task);
}

/* False when the link is not open any more: what follows from that is done. */
static bool may_begin(struct machine *machine, struct strand *strand, const struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (link_is_open(link))
        return true;
    if (task->step == NULL && link_has_ended(link))
        own_way_ended(machine, strand, task);
    else
        link_ended_early(machine, link, task->step, BYTES_LITERAL("the connection open"));
    return false;
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

enum task_state task_run_command(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (task->started)
        return run_own_reply(machine, strand, task);
    deadlines_begin(machine, link, task);
    if (!may_begin(machine, strand, task))
        return TASK_WAITS;
    if (task->account > 0 && !make_apop_line(machine, link, task)) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "logging in with APOP: the greeting has no timestamp");
        return TASK_WAITS;
    }
    expectation_begin(link, NULL);
    link->other_account = link->other_account || task->other_account;
    if (link_send(machine, link, bytes_of(task->line), task->step))
        strand->wake_us = task->deadline_us;
    return TASK_WAITS;
}

/* ---- AUTH ---- */

static bool send_base64_line(struct machine *machine, struct link *link, const char *before,
                             struct bytes message, const struct step *step)
{
    struct buf line;

    buf_init(&line, SASL_OCTETS_MAX);
    buf_append_text(&line, before);
    if (message.size == 0 && before[0] != '\0')
        buf_append_text(&line, "="); /* an empty initial response (RFC 5034 section 4) */
    base64_encode(message, &line);
    buf_append_text(&line, "\r\n");
    bool sent = !line.overflowed && link_send(machine, link, buf_bytes(&line), step);

    buf_release(&line);
    return sent;
}

static void sasl_answer(struct machine *machine, struct link *link, struct task *task)
{
    struct buf message;
    const struct account *account = &machine->options.accounts[task->account - 1];

    buf_init(&message, SASL_OCTETS_MAX);
    if (task->phase > SASL_ROUNDS_MAX ||
        !machine->options.credentials.sasl_step(task->name, task->phase - 1, account,
                                                buf_bytes(&link->challenge), &message))
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "the challenge of %s cannot be answered", task->name);
    else
        send_base64_line(machine, link, "", buf_bytes(&message), task->step);
    buf_release(&message);
}

/* The command without an initial response: the server's empty challenge is answered, which every server must take. */
static void sasl_begin(struct machine *machine, struct link *link, struct task *task)
{
    char line[128];

    if (task->account == 0)
        task->account = 1;
    link->other_account = link->other_account || task->account > 1;
    if (task->account > machine->options.account_count) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "the target has no such account");
        return;
    }
    snprintf(line, sizeof(line), "AUTH %s\r\n", task->name);
    link_send(machine, link, bytes_of(line), task->step);
}

/* No whole reply is there yet. */
static void sasl_wait(struct machine *machine, struct strand *strand, struct link *link, struct task *task)
{
    deadlines_extend(machine, link, task);
    if (link_has_ended(link) && task->step == NULL) {
        own_way_ended(machine, strand, task);
    } else if (link_has_ended(link)) {
        link_ended_early(machine, link, task->step, BYTES_LITERAL("a reply to AUTH"));
    } else if (machine->now_us >= task->deadline_us ||
               conversation_partial_octets(link->conversation) > LINE_OCTETS_AWAITED) {
        conversation_timed_out(link->conversation, machine->now_us);
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "%s: no reply in time",
                    task->purpose);
    }
    strand->wake_us = task->deadline_us;
}

enum task_state task_run_sasl(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        deadlines_begin(machine, link, task);
        if (may_begin(machine, strand, task)) {
            expectation_begin(link, NULL);
            sasl_begin(machine, link, task);
        }
        strand->wake_us = task->deadline_us;
        return TASK_WAITS;
    }
    link_read(machine, link);
    if (!link->expectation.complete) {
        sasl_wait(machine, strand, link, task);
        return TASK_WAITS;
    }
    link->expectation.active = false;
    if (link->expectation.indicator == STATUS_CONTINUE) {
        task->phase++;
        deadlines_begin(machine, link, task);
        sasl_answer(machine, link, task);
        expectation_begin(link, NULL);
        strand->wake_us = task->deadline_us;
        return TASK_WAITS;
    }
    if (link->expectation.indicator == STATUS_OK)
        return TASK_DONE;
    if (task->step != NULL)
        machine_fail(machine, task->step, task->connection,
                     BYTES_LITERAL("+OK at the end of the AUTH exchange"),
                     buf_bytes(&link->expectation.first_line));
    else
        bring_up_refused(machine, strand, task, buf_bytes(&link->expectation.first_line));
    return TASK_WAITS;
}
