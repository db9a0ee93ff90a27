#include "scenario/diagnostics.h"
#include "scenario/flow_internal.h"
#include "scenario/template_parse.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <string.h>

enum hole_use { HOLE_IS_SENT, HOLE_IS_EXPECTED, HOLE_IS_A_BODY };

struct hole_visit {
    struct flow *flow;
    const struct step *step;
    enum hole_use use;
};

static const char *mailbox_name(const struct flow *flow, size_t index)
{
    const struct scenario *scenario = flow->scenario;

    return index < scenario->mailbox_count ? scenario->mailbox[index]
                                           : flow->delivered[index - scenario->mailbox_count];
}

static size_t mailbox_size(const struct flow *flow)
{
    return flow->scenario->mailbox_count + flow->delivered_count;
}

int flow_mailbox_index(const struct flow *flow, const char *name, uint32_t ordinal)
{
    uint32_t copies = 0;

    for (size_t i = 0; i < mailbox_size(flow); i++) {
        if (strcmp(mailbox_name(flow, i), name) == 0 && ++copies == ordinal)
            return (int)i;
    }
    return -1;
}

/* Whether which message is which depends on the order in which they were delivered. */
static bool order_matters(const struct flow *flow, const struct hole *hole)
{
    for (size_t i = 0; i < mailbox_size(flow); i++) {
        if (strcmp(mailbox_name(flow, i), hole->name) != 0)
            return true;
    }
    return hole->ordinal > 1;
}

static void refuse_unknown_message(struct hole_visit *visit, const struct hole *hole)
{
    struct flow *flow = visit->flow;
    struct suggestion suggestion;
    struct error error;

    if (hole->ordinal > 1 && flow_mailbox_index(flow, hole->name, 1) >= 0) {
        diagnostics_say(flow->diagnostics, hole->place, NULL, "the mailbox has fewer than %u copies of '%s'",
                        hole->ordinal, hole->name);
        return;
    }
    error_at(&error, hole->place, "the fixture '%.60s' is not in the mailbox", hole->name);
    suggestion_init(&suggestion, bytes_of(hole->name));
    for (size_t i = 0; i < mailbox_size(flow); i++)
        suggestion_offer(&suggestion, mailbox_name(flow, i));
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean '%s'?", suggestion.nearest);
    else if (!flow->scenario->mailbox_given)
        error_hint(&error, "say which messages there are: 'mailbox: [%.60s]'", hole->name);
    diagnostics_add(flow->diagnostics, &error);
}

static void visit_fixture_hole(struct hole_visit *visit, const struct hole *hole)
{
    struct flow *flow = visit->flow;
    int index = flow_mailbox_index(flow, hole->name, hole->ordinal);
    const struct flow_connection *connection = &flow->connections[visit->step->connection];

    if (index < 0) {
        refuse_unknown_message(visit, hole);
        return;
    }
    if (!connection->loose &&
        (flow_is_marked(connection->marked, index) || flow_is_marked(flow->gone, index)))
        diagnostics_say(flow->diagnostics, hole->place, "write what is expected without a hole",
                        "the message '%s' is marked as deleted here", hole->name);
    if (order_matters(flow, hole))
        flow->needs[ABILITY_DELIVERY_ORDER] = true;
}

static void visit_message_hole(struct hole_visit *visit, const struct hole *hole)
{
    struct flow *flow = visit->flow;
    const struct fixture *fixture = fixture_find(flow->fixtures, hole->name);

    if (visit->use != HOLE_IS_A_BODY) {
        diagnostics_say(flow->diagnostics, hole->place,
                        "let it stand alone in an S line behind the reply's first line",
                        "{message ...} and {top ...} stand for whole lines of a body");
        return;
    }
    flow->needs[ABILITY_EXACT_STORE] = true;
    if (fixture != NULL && !fixture->lines_clean)
        diagnostics_say(flow->diagnostics, hole->place, "expect '...' and let the auditor judge the framing",
                        "stores may alter '%s': it has bare CR, LF or NUL, or lines of more than 998 octets",
                        hole->name);
}

static void refuse_unbound_name(struct hole_visit *visit, const struct hole *hole)
{
    static const char *const WORDS[] = {"user", "pass", "apop", "count", "octets", "cram-md5", "sasl"};
    const struct flow *flow = visit->flow;
    struct suggestion suggestion;
    struct error error;

    error_at(&error, hole->place, "nothing binds '%.60s' before this line", hole->name);
    suggestion_init(&suggestion, bytes_of(hole->name));
    for (size_t i = 0; i < flow->name_count; i++)
        suggestion_offer(&suggestion, flow->names[i]);
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
        suggestion_offer(&suggestion, WORDS[i]);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean {%s}?", suggestion.nearest);
    else
        error_hint(&error, "bind it by {?%.60s} in an S line, or list it in 'variables' or 'each'",
                   hole->name);
    diagnostics_add(visit->flow->diagnostics, &error);
}

static void visit_name(struct hole_visit *visit, const struct hole *hole)
{
    const struct flow *flow = visit->flow;
    const struct scenario *scenario = flow->scenario;

    for (size_t i = 0; i < flow->name_count; i++) {
        if (strcmp(flow->names[i], hole->name) == 0)
            return;
    }
    for (size_t i = 0; i < scenario->variable_count; i++) {
        if (strcmp(scenario->variables[i], hole->name) == 0)
            return;
    }
    refuse_unbound_name(visit, hole);
}

static void visit_bind(struct hole_visit *visit, const struct hole *hole)
{
    struct flow *flow = visit->flow;

    if (flow->name_count + flow->new_name_count >= NAMES_MAX) {
        diagnostics_say(flow->diagnostics, hole->place, NULL, "a scenario binds at most %d names", NAMES_MAX);
        return;
    }
    flow->new_names[flow->new_name_count++] = hole->name;
}

static void visit_hole(void *context, const struct hole *hole, bool nested)
{
    struct hole_visit *visit = context;
    struct flow *flow = visit->flow;

    switch (hole->kind) {
    case HOLE_USER:
    case HOLE_PASS:
    case HOLE_TOKEN:
        flow_uses_account(flow, hole->place, hole->number);
        break;
    case HOLE_APOP:
        flow_uses_account(flow, hole->place, 1);
        break;
    case HOLE_OCTETS:
    case HOLE_UID:
    case HOLE_NUMBER:
        if (hole->name != NULL)
            visit_fixture_hole(visit, hole);
        break;
    case HOLE_MESSAGE:
    case HOLE_TOP:
        visit_fixture_hole(visit, hole);
        visit_message_hole(visit, hole);
        break;
    case HOLE_CHALLENGE:
        if (!nested)
            diagnostics_say(flow->diagnostics, hole->place, "write {b64 {cram-md5}}",
                            "{cram-md5} is not in base 64 yet");
        break;
    case HOLE_SASL:
        if (!nested)
            diagnostics_say(flow->diagnostics, hole->place, "write {b64 {sasl}}",
                            "{sasl} is not in base 64 yet");
        if (!flow->connections[hole->number > 0 ? hole->number : (uint64_t)visit->step->connection]
                 .exchanging)
            diagnostics_say(flow->diagnostics, hole->place, "begin one by 'sasl: {mech: ..., until: 1}'",
                            "no exchange was begun on this connection");
        break;
    case HOLE_NAME:
    case HOLE_OTHER:
        visit_name(visit, hole);
        break;
    case HOLE_BIND:
        visit_bind(visit, hole);
        break;
    case HOLE_COUNT:
        break;
    }
}

/* Names are known from the next line on. */
static void take_new_names(struct flow *flow)
{
    for (size_t i = 0; i < flow->new_name_count; i++)
        flow->names[flow->name_count++] = flow->new_names[i];
    flow->new_name_count = 0;
}

static void visit_templates(struct hole_visit *visit, const struct template *templates, size_t count)
{
    for (size_t i = 0; i < count; i++)
        template_visit(&templates[i], visit_hole, visit);
}

void flow_holes_sent(struct flow *flow, const struct step *step, const struct template *bytes)
{
    struct hole_visit visit = {flow, step, HOLE_IS_SENT};

    visit_templates(&visit, bytes, 1);
}

/*
 * A message that stands behind "..." with anything between could begin at many lines at once: see message_lines.h. A "..."
 * right before it that takes every line is looked for at a fixed cost.
 */
static void check_message_position(struct flow *flow, const struct reply_pattern *reply, size_t index)
{
    const struct body_pattern *before = index > 0 ? &reply->body[index - 1] : NULL;

    if (reply->body[index].kind != BODY_MESSAGE || before == NULL ||
        (before->kind == BODY_ANY && before->regex == NULL))
        return;
    for (size_t i = 0; i < index; i++) {
        if (reply->body[i].kind != BODY_ANY)
            continue;
        diagnostics_say(
            flow->diagnostics, reply->body[index].place, NULL,
            "where '...' stands before it, {message ...} or {top ...} must follow a '...' at once");
        return;
    }
}

void flow_holes_expected(struct flow *flow, const struct step *step)
{
    struct hole_visit visit = {flow, step, HOLE_IS_EXPECTED};
    const struct reply_pattern *reply = &step->reply;

    for (size_t i = 0; i < reply->alternative_count; i++)
        visit_templates(&visit, reply->alternatives[i].words, reply->alternatives[i].word_count);
    take_new_names(flow);
    for (size_t i = 0; i < reply->body_count; i++) {
        visit.use = reply->body[i].kind == BODY_MESSAGE ? HOLE_IS_A_BODY : HOLE_IS_EXPECTED;
        visit_templates(&visit, reply->body[i].words, reply->body[i].word_count);
        take_new_names(flow);
        check_message_position(flow, reply, i);
    }
}
