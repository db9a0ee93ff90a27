/*
 * AUTH exchanges (RFC 5034 section 4) with a client that knows its mechanism: the driver's own login, the verb `sasl`, and
 * the hole {sasl} for scenarios that go on with an exchange themselves.
 */
#include "exec/machine_private.h"

#include "base/base64.h"
#include "base/limits.h"

#include <stdio.h>

/* An exchange of more rounds than any mechanism has is given up. */
enum { SASL_ROUNDS_MAX = 8, SASL_SECRET_OCTETS_MAX = 64 * 1024 };

/* ---- the client ---- */

void exchange_init(struct exchange *exchange)
{
    *exchange = (struct exchange){.progress = SASL_STUCK};
    buf_init(&exchange->answer, EXCHANGE_OCTETS_MAX);
}

void exchange_release(const struct machine_options *options, struct exchange *exchange)
{
    exchange_end(options, exchange);
    buf_release(&exchange->answer);
}

void exchange_end(const struct machine_options *options, struct exchange *exchange)
{
    if (exchange->client != NULL)
        options->credentials.sasl_end(exchange->client);
    exchange->client = NULL;
    exchange->answered = exchange->held = false;
}

/* The rule that METHOD's server breaks without the right proof; false where the mechanism demands none of it. */
static bool rule_of_proof(enum login_method method, enum rule *ret_rule)
{
    if (method == LOGIN_AUTH_DIGEST_MD5)
        *ret_rule = RULE_RESPONSE_AUTH;
    else if (method == LOGIN_AUTH_SCRAM_SHA_1 || method == LOGIN_AUTH_SCRAM_SHA_256)
        *ret_rule = RULE_SERVER_SIGNATURE;
    else
        return false;
    return true;
}

/* What a client finds of the server's proof. It goes on all the same, for there is more to test. */
static void note_unproved(const struct machine *machine, const struct link *link, const char *actual)
{
    enum rule rule;

    if (rule_of_proof(link->exchange.method, &rule))
        conversation_server_unproved(link->conversation, rule, machine->now_us, actual);
}

bool exchange_answer(struct machine *machine, struct link *link, struct bytes *ret_answer)
{
    struct exchange *exchange = &link->exchange;

    if (exchange->client == NULL)
        return false;
    if (!exchange->answered) {
        buf_clear(&exchange->answer);
        exchange->progress = machine->options.credentials.sasl_step(
            exchange->client, buf_bytes(&link->challenge), &exchange->answer);
        exchange->answered = true;
        if (exchange->progress == SASL_SERVER_FALSE)
            note_unproved(machine, link, "the server's proof is not that of somebody who knows the secret");
    }
    *ret_answer = buf_bytes(&exchange->answer);
    return exchange->progress != SASL_STUCK;
}

/* ---- who logs in ---- */

/* What TEMPLATE says for this exchange, or TEXT where it is NULL. False when a hole has no value: the case has ended. */
static bool fill_in(struct machine *machine, const struct task *task, const struct template *template,
                    const char **text)
{
    const char *why = NULL;
    struct buf value;
    bool ok;

    if (template == NULL)
        return true;
    buf_init(&value, SASL_SECRET_OCTETS_MAX);
    ok = template_expand(template, task->connection, &machine->resolver, &value, &why);
    if (ok)
        *text = arena_text(&machine->arena, buf_bytes(&value));
    else if (why != NULL)
        machine_end(machine, OUTCOME_SKIPPED, task->step, task->connection, "%s", why);
    else
        machine_end(machine, OUTCOME_ERROR, task->step, task->connection,
                    "a name or secret would pass %d octets", SASL_SECRET_OCTETS_MAX);
    buf_release(&value);
    return ok;
}

/* The account of the exchange, with what the step says instead; NULL when the case has ended. */
static const struct account *account_of(struct machine *machine, const struct task *task)
{
    const struct sasl_arguments *arguments = task->step != NULL ? task->step->sasl : NULL;
    uint64_t number = task->account > 0 ? task->account : 1;

    if (number > machine->options.account_count) {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection, "the target has no such account");
        return NULL;
    }
    if (arguments == NULL)
        return &machine->options.accounts[number - 1];
    struct account *account = (struct account *)arena_new(&machine->arena, sizeof(*account));

    *account = machine->options.accounts[number - 1];
    return fill_in(machine, task, arguments->user, &account->user) &&
                   fill_in(machine, task, arguments->pass, &account->pass) &&
                   fill_in(machine, task, arguments->token, &account->token)
               ? account
               : NULL;
}

static bool begin_client(struct machine *machine, struct link *link, const struct task *task)
{
    const struct account *account = account_of(machine, task);
    struct exchange *exchange = &link->exchange;

    if (account == NULL)
        return false;
    exchange_end(&machine->options, exchange);
    if (login_of_mechanism(bytes_of(task->name), &exchange->method))
        exchange->client = machine->options.credentials.sasl_begin(exchange->method, account);
    if (exchange->client == NULL)
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "%s needs what is not known of the account, or is not known itself", task->name);
    return exchange->client != NULL;
}

/* ---- sending ---- */

/* RFC 5034 section 4: an initial response that is empty is "=", one that makes the line too long is not sent at once. */
static bool append_initial_response(struct machine *machine, struct link *link, struct buf *line)
{
    struct bytes answer;
    struct buf encoded;

    buf_clear(&link->challenge);
    if (!exchange_answer(machine, link, &answer))
        return false;
    buf_init(&encoded, BUF_UNBOUNDED);
    base64_encode(answer, &encoded);
    if (line->size + 1 + encoded.size + 2 <= COMMAND_OCTETS_MAX) {
        buf_append_octet(line, ' ');
        buf_append(line, answer.size > 0 ? buf_bytes(&encoded) : BYTES_LITERAL("="));
    } else {
        link->exchange.held = true;
    }
    buf_release(&encoded);
    return true;
}

static void send_command(struct machine *machine, struct link *link, const struct task *task)
{
    bool initial = task->step != NULL && task->step->sasl != NULL && task->step->sasl->initial;
    struct buf line;

    buf_init(&line, COMMAND_OCTETS_MAX);
    buf_append_format(&line, "AUTH %s", task->name);
    if (!initial || append_initial_response(machine, link, &line)) {
        buf_append_text(&line, "\r\n");
        link_send(machine, link, buf_bytes(&line), task->step);
    } else {
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "%s cannot begin with this account", task->name);
    }
    buf_release(&line);
}

/* The server's challenge is not one that the mechanism knows. */
static void end_stuck(struct machine *machine, struct link *link, const struct task *task)
{
    char expected[80];

    snprintf(expected, sizeof(expected), "a challenge that %s can answer", task->name);
    if (exchange_is_scenarios(task) && task->step->sasl->until > 0)
        machine_fail(machine, task->step, task->connection, bytes_of(expected),
                     buf_bytes(&link->expectation.first_line));
    else
        machine_end(machine, OUTCOME_BLOCKED, task->step, task->connection,
                    "the challenge of %s cannot be answered", task->name);
}

static void send_answer(struct machine *machine, struct link *link, const struct task *task)
{
    struct bytes answer;
    struct buf line;

    if (task->phase > SASL_ROUNDS_MAX || !exchange_answer(machine, link, &answer)) {
        end_stuck(machine, link, task);
        return;
    }
    buf_init(&line, 2 * EXCHANGE_OCTETS_MAX);
    base64_encode(answer, &line);
    buf_append_text(&line, "\r\n");
    link_send(machine, link, buf_bytes(&line), task->step);
    buf_release(&line);
}

/* ---- the task ---- */

bool exchange_is_scenarios(const struct task *task)
{
    return task->step != NULL && task->step->kind == STEP_SASL;
}

static const struct step *step_of_expectation(const struct task *task)
{
    return exchange_is_scenarios(task) ? task->step : NULL;
}

static void begin(struct machine *machine, struct link *link, const struct task *task)
{
    link->other_account = link->other_account || task->account > 1;
    if (!begin_client(machine, link, task))
        return;
    expectation_begin(link, step_of_expectation(task));
    send_command(machine, link, task);
}

/* True when the scenario's own lines go on from this challenge. */
static bool is_handed_over(const struct task *task)
{
    return exchange_is_scenarios(task) && task->step->sasl->until > 0 &&
           (uint64_t)task->phase == task->step->sasl->until;
}

static void go_on(struct machine *machine, struct link *link, struct task *task)
{
    deadlines_begin(machine, link, task);
    send_answer(machine, link, task);
    expectation_begin(link, step_of_expectation(task));
}

/* +OK, though the mechanism demands a proof of the server first, which is not given with +OK (RFC 5034 section 4). */
static void note_success(const struct machine *machine, const struct link *link)
{
    if (link->expectation.indicator == STATUS_OK && link->exchange.progress == SASL_GOES_ON)
        note_unproved(machine, link, "+OK came without the server's proof");
}

enum task_state task_run_sasl(struct machine *machine, struct strand *strand, struct task *task)
{
    struct link *link = machine_link(machine, task->connection);

    if (!task->started) {
        deadlines_begin(machine, link, task);
        if (own_way_may_begin(machine, strand, task))
            begin(machine, link, task);
        strand->wake_us = task->deadline_us;
        return TASK_WAITS;
    }
    link_read(machine, link);
    if (link->expectation.complete && !task->ended) {
        task->phase += link->expectation.indicator == STATUS_CONTINUE ? 1 : 0;
        if (link->expectation.indicator == STATUS_CONTINUE && !is_handed_over(task)) {
            go_on(machine, link, task);
            strand->wake_us = task->deadline_us;
            return TASK_WAITS;
        }
        task->ended = true;
        note_success(machine, link);
    }
    return exchange_is_scenarios(task) ? reply_await(machine, strand, link, task)
                                       : own_way_await(machine, strand, task);
}
