/*
 * The way to a scenario's state: open, TLS, greeting, login. Trouble on this way is "blocked", never "failed", and a
 * refused login is tried again for a while: the maildrop's lock may outlive the session before (RFC 1939 section 6
 * releases it only behind the reply to QUIT).
 */
#include "exec/machine_private.h"

#include <stdio.h>
#include <string.h>

/* The first pause before a refused login is tried again, doubled each time up to the longest. */
enum { BACKOFF_FIRST_US = 100 * 1000, BACKOFF_LONGEST_US = 4 * 1000 * 1000 };

enum { DIGEST_OCTETS_MAX = 64 };

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
    /* Where the scenario's own line asks for TLS, a handshake that fails is the server's failure. */
    if (implicit_tls)
        push_tls(strand, connection, step != NULL && step->implicit_tls ? step : NULL);
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

    if (account->login == LOGIN_USER_PASS) {
        task = push_command(strand, connection, step, "logging in with USER");
        task->other_account = number > 1;
        task->line = arena_format(&machine->arena, "USER %s\r\n", account->user);
        task = push_command(strand, connection, step, "logging in with PASS");
        task->line = arena_format(&machine->arena, "PASS %s\r\n", account->pass);
    } else if (account->login == LOGIN_APOP) {
        task = push_command(strand, connection, step, "logging in with APOP");
        task->account = number; /* the digest is made when the greeting is known */
        task->other_account = number > 1;
    } else {
        task = strand_push(strand, TASK_SASL, connection, step);
        task->name = login_mechanism(account->login);
        task->purpose = "logging in with AUTH";
        task->account = number;
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

/* A login was refused for trouble that the server itself says will pass: nothing can be concluded. */
static void end_for_trouble(struct machine *machine, const struct task *task, struct bytes reply)
{
    machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection,
                "the server says by SYS/TEMP that it is in trouble for the moment: %.*s",
                (int)(reply.size < 300 ? reply.size : 300), (const char *)reply.data);
}

/* The lock of a case before is over when a login has succeeded; which of several accounts' it was is not known. */
bool earlier_lock_may_stay(const struct machine *machine, const struct link *link)
{
    bool unlocked = machine->outcome.logged_in && machine->options.account_count == 1;

    return link->expectation.may_be_locked && machine->options.lock_may_stay && !unlocked;
}

static bool lock_may_stay(const struct machine *machine, const struct link *link)
{
    return (link->expectation.may_be_locked && session_was_dropped(machine)) ||
           earlier_lock_may_stay(machine, link);
}

/*
 * A login was refused for as long as it is tried (a scenario's own but once): where a session was dropped before it, the likely cause is its lock. How long
 * that stays is judged by scenarios about it alone (rfc1939-6-end-releases-lock); others have nothing to conclude.
 */
void end_for_lock(struct machine *machine, const struct task *task)
{
    machine->outcome.locked_out = !machine_ended(machine);
    machine_end(
        machine, OUTCOME_SKIPPED, task->step, task->connection,
        "the maildrop stays locked behind a connection that was dropped; make the server's sessions end "
        "sooner, or give logins more time (in the target file, timeouts: {login: 5min})");
}

static bool another_link_is_open(const struct machine *machine, int connection)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        if (i + 1 != connection && machine->links[i].state == LINK_OPEN)
            return true;
    }
    return false;
}

/*
 * A login or greeting on the driver's own way was refused: tries again, or ends the case as blocked. How many connections
 * a server takes at a time is its own affair (rfc1939-4-greeting): what needs one more is skipped.
 */
static void bring_up_refused(struct machine *machine, struct strand *strand, const struct task *task,
                             struct bytes reply)
{
    bool one_too_many = task->kind == TASK_GREETING && another_link_is_open(machine, task->connection);
    char purpose[64];

    snprintf(purpose, sizeof(purpose), "%s", task->purpose);
    if (task->step != NULL && machine_link(machine, task->connection)->expectation.busy) {
        end_for_trouble(machine, task, reply);
        return;
    }
    if (task->kind != TASK_GREETING && !may_try_again(machine, strand, task) &&
        lock_may_stay(machine, machine_link(machine, task->connection))) {
        end_for_lock(machine, task);
        return;
    }
    if (!may_try_again(machine, strand, task)) {
        machine_end(machine, one_too_many ? OUTCOME_SKIPPED : OUTCOME_BLOCKED, task->step, task->connection,
                    "%s was refused: %.*s", purpose, (int)(reply.size < 300 ? reply.size : 300),
                    (const char *)reply.data);
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

enum task_state own_way_await(struct machine *machine, struct strand *strand, struct task *task)
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
        link_timed_out(machine, link);
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
    return own_way_await(machine, strand, task);
}

bool own_way_may_begin(struct machine *machine, struct strand *strand, const struct task *task)
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
        return own_way_await(machine, strand, task);
    deadlines_begin(machine, link, task);
    if (!own_way_may_begin(machine, strand, task))
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
