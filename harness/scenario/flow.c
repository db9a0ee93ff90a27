#include "scenario/flow.h"

#include "base/memory.h"
#include "scenario/diagnostics.h"
#include "scenario/flow_internal.h"
#include "scenario/template_parse.h"

#include <stdlib.h>
#include <string.h>

static void say(struct flow *flow, const struct step *step, const char *hint, const char *text)
{
    diagnostics_say(flow->diagnostics, step->place, hint, "%s", text);
}

void flow_uses_account(struct flow *flow, struct place place, uint64_t number)
{
    struct effects *effects = &flow->scenario->effects;

    if (number > ACCOUNTS_MAX) {
        diagnostics_say(flow->diagnostics, place, NULL, "a scenario uses at most %d accounts", ACCOUNTS_MAX);
        return;
    }
    if (number > effects->accounts)
        effects->accounts = (uint32_t)number;
    if (number == 2)
        flow->needs[ABILITY_TWO_ACCOUNTS] = true;
    if (number == 3)
        flow->needs[ABILITY_THREE_ACCOUNTS] = true;
}

static void count_sessions(struct flow *flow)
{
    uint32_t open = 0;

    for (size_t i = 1; i <= CONNECTIONS_MAX; i++)
        open += flow->connections[i].state == FLOW_OPEN;
    if (open > flow->scenario->effects.sessions)
        flow->scenario->effects.sessions = open;
}

static void note_login(struct flow *flow, struct flow_connection *connection, struct place place,
                       uint64_t account)
{
    connection->logged_in = true;
    flow->scenario->effects.logs_in = true;
    flow_uses_account(flow, place, account);
}

void flow_init(struct flow *flow, struct scenario *scenario, const struct fixture_set *fixtures,
               struct diagnostics *diagnostics)
{
    *flow = (struct flow){.scenario = scenario, .fixtures = fixtures, .diagnostics = diagnostics};
    for (size_t i = 0; i <= CONNECTIONS_MAX; i++)
        buf_init(&flow->connections[i].partial, PARTIAL_OCTETS_MAX);
    if (scenario->start != START_CLOSED)
        flow->connections[1].state = FLOW_OPEN;
    if (scenario->start == START_TRANSACTION)
        note_login(flow, &flow->connections[1], scenario->place, 1);
    flow->needs[ABILITY_PROVISION] = scenario->mailbox_given;
    count_sessions(flow);
}

void flow_release(struct flow *flow)
{
    for (size_t i = 0; i <= CONNECTIONS_MAX; i++) {
        free(flow->connections[i].due);
        buf_release(&flow->connections[i].partial);
    }
}

const struct due *flow_next_due(const struct flow *flow, int number)
{
    const struct flow_connection *connection = &flow->connections[number];

    return connection->due_count > 0 && !connection->loose ? &connection->due[0] : NULL;
}

bool flow_is_loose(const struct flow *flow, int number)
{
    return flow->connections[number].loose;
}

static void open_connection(struct flow *flow, struct flow_connection *connection)
{
    flow_connection_reset(connection);
    connection->state = FLOW_OPEN;
    count_sessions(flow);
}

/* Connection 1 is opened by `state` or `open`; others open themselves at their first use. */
static bool use_connection(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (connection->state == FLOW_UNUSED && step->connection == 1) {
        say(flow, step, "begin with 'open'", "connection 1 is not open yet");
        open_connection(flow, connection);
        return false;
    }
    if (connection->state == FLOW_UNUSED)
        open_connection(flow, connection);
    if (connection->state == FLOW_CLOSED && !connection->loose) {
        say(flow, step, "open it again by 'open' or 'reconnect'", "the connection is closed");
        open_connection(flow, connection);
        return false;
    }
    return true;
}

static bool may_send(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (!use_connection(flow, step))
        return false;
    connection->greeting_due = false;
    if (connection->half_closed && !connection->loose) {
        say(flow, step, NULL, "our way of this connection is closed: nothing can be sent any more");
        return false;
    }
    if (connection->quitting && !connection->loose) {
        say(flow, step, "open the connection again by 'open' or 'reconnect'",
            "QUIT has its reply: the server closes this connection");
        return false;
    }
    return true;
}

/* A step that needs the conversation to stand still. */
static bool nothing_due(struct flow *flow, const struct step *step, const char *hint)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (connection->loose || connection->due_count == 0)
        return true;
    say(flow, step, hint, "a reply is due on this connection");
    connection->due_count = 0;
    return false;
}

static void on_send(struct flow *flow, const struct step *step)
{
    if (!may_send(flow, step))
        return;
    if (!flow->in_pipeline)
        nothing_due(flow, step, "expect it by an S line, or put the commands into a 'pipeline:' block");
    flow_sent(flow, step, &step->bytes, step->kind == STEP_RAW);
}

static void on_raw(struct flow *flow, const struct step *step)
{
    if (may_send(flow, step))
        flow_sent(flow, step, &step->bytes, true);
}

static unsigned kinds_of(const struct reply_pattern *reply)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < reply->alternative_count; i++)
        kinds |= 1u << reply->alternatives[i].kind;
    return kinds;
}

enum {
    ONLY_OK = 1u << ALTERNATIVE_OK,
    MAYBE_ERR = 1u << ALTERNATIVE_ERR,
    MAYBE_CONTINUE = 1u << ALTERNATIVE_CONTINUE,
    ONLY_CLOSED = 1u << ALTERNATIVE_CLOSED,
};

static void got_quit(struct flow *flow, struct flow_connection *connection)
{
    connection->quitting = true;
    for (size_t i = 0; i < MARKS_MAX / 64; i++)
        flow->gone[i] |= connection->marked[i];
}

/* What a positive reply, and nothing else being legal, tells of the state. */
static void got_ok(struct flow *flow, struct flow_connection *connection, const struct due *due)
{
    if (due->verb == COMMAND_TOP)
        flow->needs[ABILITY_TOP] = true;
    if (due->verb == COMMAND_UIDL)
        flow->needs[ABILITY_UIDL] = true;
    if (due->verb == COMMAND_PASS || due->verb == COMMAND_APOP || due->verb == COMMAND_RPOP ||
        due->verb == COMMAND_AUTH)
        connection->logged_in = true;
    if (due->verb == COMMAND_QUIT)
        got_quit(flow, connection);
    if (due->verb == COMMAND_DELE && due->mark >= 0 && due->mark < MARKS_MAX)
        connection->marked[due->mark / 64] |= UINT64_C(1) << (due->mark % 64);
    if (due->verb == COMMAND_RSET) {
        memset(connection->marked, 0, sizeof(connection->marked));
        connection->may_be_marked = false;
    }
}

static void got_reply(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];
    struct due due = connection->due[0];
    unsigned kinds = kinds_of(&step->reply);

    connection->due_count--;
    memmove(connection->due, connection->due + 1, connection->due_count * sizeof(due));
    connection->challenged = (kinds & MAYBE_CONTINUE) != 0;
    if (kinds == ONLY_OK)
        got_ok(flow, connection, &due);
    else if (due.verb == COMMAND_QUIT && (kinds & ONLY_OK) != 0)
        connection->loose = true;
    if (due.tries_login && (kinds & MAYBE_ERR) != 0)
        flow->scenario->effects.bad_logins++;
    if (kinds == ONLY_CLOSED)
        connection->state = FLOW_CLOSED;
}

static void on_expect(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];
    bool greeting = connection->greeting_due;

    /* The holes first: what they stand for is what holds before this reply. */
    flow_holes_expected(flow, step);
    if (connection->state == FLOW_UNUSED && step->connection > 1) {
        /* Its first use: the greeting of a connection that opens by itself is read already. */
        say(flow, step, "send something first, or write 'open' before it to check the greeting",
            "no reply is due");
        return;
    }
    if (!use_connection(flow, step))
        return;
    connection->greeting_due = false;
    if (connection->due_count > 0)
        got_reply(flow, step);
    else if (kinds_of(&step->reply) == ONLY_CLOSED)
        connection->state = FLOW_CLOSED; /* it ends without a word: no reply need be due */
    else if (!greeting && !connection->loose)
        say(flow, step,
            "each S line takes one reply to one command; body lines stand right behind their first line",
            "no reply is due on this connection");
    connection->last_kinds = kinds_of(&step->reply);
}

static void on_open(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (connection->state == FLOW_OPEN && !connection->quitting && !connection->loose) {
        say(flow, step,
            step->connection == 1 ? "with 'state: closed' the dialog opens it itself" : "close it first",
            "the connection is open already");
    }
    open_connection(flow, connection);
    connection->greeting_due = true;
    if (step->implicit_tls)
        flow->needs[ABILITY_IMPLICIT_TLS] = true;
}

static void on_reconnect(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    open_connection(flow, connection);
    if (flow->scenario->start == START_TRANSACTION)
        note_login(flow, connection, step->place, 1);
}

static void on_tls(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];
    bool stls_seen = connection->stls_seen;

    if (!use_connection(flow, step))
        return;
    if (step->tls == TLS_OK && !stls_seen && !connection->loose)
        say(flow, step, "send STLS first, or expect 'tls: fail'", "a handshake cannot succeed here");
    if (step->tls == TLS_OK && stls_seen)
        flow->needs[ABILITY_STLS] = true;
    /* Whatever was sent in plain text gets no reply within TLS; both sides begin anew (RFC 2595 section 4). */
    connection->due_count = 0;
    connection->user_seen = false;
    buf_clear(&connection->partial);
    connection->loose = step->tls == TLS_EITHER;
    if (step->tls == TLS_FAIL)
        connection->state = FLOW_CLOSED;
}

static void on_login(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (!may_send(flow, step) || !nothing_due(flow, step, "expect it by an S line before"))
        return;
    if (connection->logged_in && !connection->loose)
        say(flow, step, "with 'state: authorization' the dialog logs in itself",
            "the connection is logged in already");
    note_login(flow, connection, step->place, step->account);
    connection->loose = false;
}

/* What an exchange says of who logs in; a login that may fail is a bad one once a secret has been shown for it. */
static void note_exchange(struct flow *flow, const struct step *step, unsigned kinds)
{
    const struct sasl_arguments *arguments = step->sasl;
    const struct template *texts[] = {arguments->user, arguments->pass, arguments->token};
    bool other = false;

    flow->scenario->effects.logs_in = true;
    flow_uses_account(flow, step->place, step->account);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i] == NULL)
            continue;
        flow_holes_sent(flow, step, texts[i]);
        other = true;
    }
    if ((kinds & MAYBE_ERR) != 0 && (other || arguments->until == 0))
        flow->scenario->effects.bad_logins++;
}

static void on_sasl(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];
    unsigned kinds = kinds_of(&step->reply);

    if (!may_send(flow, step) || !nothing_due(flow, step, "expect it by an S line before"))
        return;
    if (connection->logged_in && !connection->loose)
        say(flow, step, "expect AUTH to be refused by C and S lines", "the connection is logged in already");
    note_exchange(flow, step, kinds);
    connection->logged_in = kinds == ONLY_OK;
    connection->challenged = (kinds & MAYBE_CONTINUE) != 0;
    connection->exchanging = step->sasl->until > 0;
    connection->last_kinds = kinds;
    connection->loose = false;
    if (kinds == ONLY_CLOSED)
        connection->state = FLOW_CLOSED;
}

static void on_fence(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (!may_send(flow, step) || !nothing_due(flow, step, "expect it by an S line before the fence"))
        return;
    flow_sent(flow, step, &step->bytes, false);
    connection->loose = false;
    for (size_t i = 0; i < connection->due_count; i++) {
        if (connection->due[i].verb == COMMAND_QUIT)
            got_quit(flow, connection);
    }
    connection->due_count = 0;
}

static void on_quiet(struct flow *flow, const struct step *step)
{
    if (use_connection(flow, step))
        nothing_due(flow, step, "silence can only be demanded where no reply is owed");
}

static void on_end(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    /* One that the server has closed may be closed from our side too. */
    if (connection->state != FLOW_CLOSED && !use_connection(flow, step))
        return;
    flow_connection_reset(connection);
    connection->state = FLOW_CLOSED;
    if (step->kind == STEP_CLOSED)
        connection->last_kinds = ONLY_CLOSED;
}

static void on_deliver(struct flow *flow, const struct step *step)
{
    flow->needs[ABILITY_PROVISION] = true;
    flow->scenario->effects.delivers = true;
    if (flow->delivered_count < DELIVERIES_MAX)
        flow->delivered[flow->delivered_count++] = step->name;
    else
        say(flow, step, NULL, "a scenario delivers too many messages");
}

/* Two points would be two scenarios, and of strands that run side by side none knows what stands above. */
static void on_point(struct flow *flow, const struct step *step)
{
    if (flow->together_depth > 0)
        say(flow, step, "put it before or behind the block", "lines that run side by side lead to no point");
    else if (flow->pointed)
        say(flow, step, NULL, "a dialog has one point only");
    else if (flow->steps == 0)
        say(flow, step, "what leads to the point stands above this line", "nothing stands above");
    flow->pointed = true;
}

void flow_lost(struct flow *flow, int connection)
{
    flow->connections[connection].loose = true;
}

/*
 * Side by side, each connection's lines are carried out by a strand of its own. A `when` belongs to the strand of the
 * connection that it goes by, which cannot carry out what other strands do at the same time.
 */
static void stays_in_strand(struct flow *flow, const struct step *step)
{
    if (flow->strand == 0 || step->connection == 0 || step->connection == flow->strand)
        return;
    diagnostics_say(flow->diagnostics, step->place,
                    "put it below a 'when' of its own connection, or behind the block that runs side by side",
                    "side by side, a 'when' of connection %d holds no line of connection %d", flow->strand,
                    step->connection);
}

void flow_step(struct flow *flow, const struct step *step)
{
    stays_in_strand(flow, step);
    switch (step->kind) {
    case STEP_SEND:
        on_send(flow, step);
        break;
    case STEP_RAW:
        on_raw(flow, step);
        break;
    case STEP_EXPECT:
        on_expect(flow, step);
        break;
    case STEP_OPEN:
        on_open(flow, step);
        break;
    case STEP_RECONNECT:
        on_reconnect(flow, step);
        break;
    case STEP_TLS:
        on_tls(flow, step);
        break;
    case STEP_LOGIN:
        on_login(flow, step);
        break;
    case STEP_SASL:
        on_sasl(flow, step);
        break;
    case STEP_CLOSE:
    case STEP_ABORT:
    case STEP_CLOSED:
        on_end(flow, step);
        break;
    case STEP_HALF_CLOSE:
        if (may_send(flow, step))
            flow->connections[step->connection].half_closed = true;
        break;
    case STEP_FENCE:
        on_fence(flow, step);
        break;
    case STEP_QUIET:
        on_quiet(flow, step);
        break;
    case STEP_REPLY:
        flow->connections[step->connection].shape = step->shape;
        break;
    case STEP_DELIVER:
        on_deliver(flow, step);
        break;
    case STEP_PROVOKE:
        flow->needs[ABILITY_UPDATE_FAILURE] = true;
        flow->scenario->effects.provokes = true;
        break;
    case STEP_POINT:
        on_point(flow, step);
        break;
    case STEP_SPLIT:
    case STEP_SLOW:
    case STEP_TIMEOUT:
    case STEP_PIPELINE:
    case STEP_TOGETHER:
    case STEP_WHEN:
    case STEP_KIND_COUNT:
        break;
    }
    flow->steps++;
}

static void enter_when(struct flow *flow, const struct step *step)
{
    struct flow_connection *connection = &flow->connections[step->connection];

    if (flow->together_depth > 0)
        flow->strand = step->connection;
    /* A server may close whenever it likes, also when nothing is due. Within the block it has. */
    if (step->when == ALTERNATIVE_CLOSED) {
        connection->loose = true;
        return;
    }
    if (connection->loose && connection->last_kinds == 0)
        return;
    if (connection->last_kinds == 0)
        say(flow, step, "expect a reply by an S line before", "no reply came before this on the connection");
    else if ((connection->last_kinds & 1u << step->when) == 0)
        say(flow, step, NULL,
            "the last S line on this connection does not allow that reply: this block never runs");
}

/* Two strands would take turns on one connection, in an order that nobody has written. */
static void enter_together(struct flow *flow, const struct step *step)
{
    if (flow->together_depth++ > 0)
        say(flow, step, "leave out the inner 'together'", "these lines run side by side already");
}

void flow_enter_block(struct flow *flow, const struct step *step, struct flow_fork *ret_fork)
{
    memcpy(ret_fork->connections, flow->connections, sizeof(flow->connections));
    memcpy(ret_fork->gone, flow->gone, sizeof(flow->gone));
    ret_fork->strand = flow->strand;
    if (step->kind == STEP_WHEN)
        enter_when(flow, step);
    if (step->kind == STEP_TOGETHER)
        enter_together(flow, step);
    if (step->kind == STEP_PIPELINE) {
        if (step->connection > 0)
            nothing_due(flow, step, "expect it by an S line before the block");
        flow->in_pipeline = true;
        flow->pipeline_commands = 0;
    }
}

static bool same_course(const struct flow_connection *a, const struct flow_connection *b)
{
    return a->state == b->state && a->due_count == b->due_count && a->quitting == b->quitting &&
           a->half_closed == b->half_closed && a->logged_in == b->logged_in && a->challenged == b->challenged;
}

/* The block may have run or not: where the two ways differ, nothing is known behind it. */
static void leave_when(struct flow *flow, const struct step *step, const struct flow_fork *fork)
{
    memcpy(flow->gone, fork->gone, sizeof(flow->gone));
    for (int i = 1; i <= CONNECTIONS_MAX; i++) {
        struct flow_connection *connection = &flow->connections[i];
        const struct flow_connection *before = &fork->connections[i];
        bool closed_within = step->when == ALTERNATIVE_CLOSED && step->connection == i;

        for (size_t j = 0; j < MARKS_MAX / 64; j++)
            connection->marked[j] &= before->marked[j];
        connection->loose = before->loose || (connection->loose && !closed_within);
        if (same_course(connection, before))
            continue;
        connection->loose = true;
        connection->due_count = 0;
        connection->quitting = false;
        connection->half_closed = false;
        connection->logged_in = false;
        if (connection->state == FLOW_CLOSED)
            connection->state = FLOW_OPEN;
    }
}

void flow_leave_block(struct flow *flow, const struct step *step, const struct flow_fork *fork)
{
    flow->strand = fork->strand;
    if (step->kind == STEP_WHEN)
        leave_when(flow, step, fork);
    if (step->kind == STEP_TOGETHER)
        flow->together_depth--;
    if (step->kind == STEP_PIPELINE) {
        flow->in_pipeline = false;
        if (flow->pipeline_commands > 1 && !flow_has_tag(flow->scenario, "pipelining-topic"))
            flow->needs[ABILITY_PIPELINING] = true;
    }
}
