#include "run/plan.h"

#include "run/case_report.h"
#include "run/safety.h"
#include "run/transports.h"
#include "run/wire_reading.h"

static bool needs(const struct scenario *scenario, enum ability ability)
{
    enum ability found;

    for (size_t i = 0; i < scenario->need_count; i++)
        if (ability_of_id(scenario->needs[i], &found) && found == ability)
            return true;
    return false;
}

/* Cases about the RFCs' own texts go to the venue that has them, all others to the first one. */
static size_t venue_for(const struct stage *stage, const struct scenario *scenario)
{
    for (size_t i = 0; needs(scenario, ABILITY_LITERAL) && i < stage->venue_count; i++)
        if (stage->venues[i].literal)
            return i;
    return 0;
}

static struct abilities *abilities_at(const struct plan *plan, size_t venue, enum security security)
{
    return &plan->abilities[venue * SECURITY_COUNT + (size_t)security];
}

/* Where there is no port without TLS, whoever secures his connection himself starts from what is known under TLS. */
static enum security security_for(const struct venue *venue, const struct transport *transport)
{
    enum security security = transport_security(transport);

    return security == SECURITY_NONE && venue->target->port == 0 ? SECURITY_IMPLICIT : security;
}

static const struct venue *venue_of(const struct plan *plan, const struct planned *one)
{
    return &plan->run->stage->venues[one->venue];
}

static bool uses_account(const struct planned *one)
{
    return leases_wanted(one->wanted->scenario) > 0;
}

/* True when one of the scenario's abilities can only be learnt behind login, even if its dialog stays before it. */
static bool needs_login_to_learn(const struct scenario *scenario)
{
    static const enum ability behind_login[] = {ABILITY_TOP,  ABILITY_UIDL,           ABILITY_EXCLUSIVE_LOCK,
                                                ABILITY_LAST, ABILITY_DELIVERY_ORDER, ABILITY_EXACT_STORE};

    for (size_t i = 0; i < scenario->need_count; i++) {
        enum ability ability;

        for (size_t k = 0; k < sizeof(behind_login) / sizeof(behind_login[0]); k++)
            if (ability_of_id(scenario->needs[i], &ability) && ability == behind_login[k])
                return true;
    }
    return false;
}

/* ---- looking ---- */

/* Whether some case at VENUE, over connections of SECURITY, works with an account or depends on what one shows. */
static bool login_is_wanted(const struct plan *plan, size_t venue, enum security security)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct planned *one = &plan->cases[i];

        if (one->venue == venue && one->abilities->security == security &&
            (uses_account(one) || needs_login_to_learn(one->wanted->scenario)))
            return true;
    }
    return false;
}

static bool look(const struct plan *plan, size_t venue, enum security security, struct error *error)
{
    struct abilities *abilities = abilities_at(plan, venue, security);

    return abilities->reachable || abilities_look(abilities, login_is_wanted(plan, venue, security), error);
}

/* The first connection of all: of the venue that reports name, over what the target's cases mostly use. */
static bool look_first(const struct plan *plan, struct error *error)
{
    const struct venue *venue = &plan->run->stage->venues[0];
    enum security usual = transport_security(transport_of_target(venue->target));
    const struct planned *first = NULL;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].venue == 0) {
            if (first == NULL)
                first = &plan->cases[i];
            if (plan->cases[i].abilities->security == usual)
                return look(plan, 0, usual, error);
        }
    return first == NULL || look(plan, 0, first->abilities->security, error);
}

/* ---- one case ---- */

static void leave_out(const struct plan *plan, struct planned *one, enum verdict verdict, const char *reason,
                      const char *evidence)
{
    case_report_without(plan->run, one->wanted, verdict, reason, evidence, &one->result);
    one->state = PLANNED_DONE;
}

/* False when CASE is left out because ABILITY is missing. */
static bool check_ability(const struct plan *plan, struct planned *one, struct abilities *abilities,
                          enum ability ability, const char *name)
{
    const struct learnt *learnt = abilities_learn(abilities, ability);

    if (!learnt->has)
        leave_out(plan, one, VERDICT_SKIP, arena_format(plan->run->arena, "it needs %s", name),
                  learnt->evidence);
    return learnt->has;
}

/* A transport over TLS needs what a scenario about TLS needs; the target's own way was looked at first. */
static bool check_transport(const struct plan *plan, struct planned *one)
{
    const struct target *target = venue_of(plan, one)->target;
    enum security security = transport_security(one->wanted->transport);
    bool opens_itself =
        one->wanted->scenario->start == START_CLOSED && needs(one->wanted->scenario, ABILITY_IMPLICIT_TLS);

    if (security != SECURITY_IMPLICIT && target->port == 0 && !opens_itself) {
        leave_out(plan, one, VERDICT_SKIP, "it needs a connection without TLS",
                  "the target names a port for implicit TLS only");
        return false;
    }
    if (one->abilities->reachable || security == SECURITY_NONE)
        return true;
    if (security == SECURITY_IMPLICIT)
        return check_ability(plan, one, one->abilities, ABILITY_IMPLICIT_TLS, "implicit-tls");
    if (!abilities_at(plan, one->venue, SECURITY_NONE)->reachable) {
        struct error error;

        if (!look(plan, one->venue, SECURITY_NONE, &error)) {
            leave_out(plan, one, VERDICT_BLOCKED, error.text, NULL);
            return false;
        }
    }
    return check_ability(plan, one, abilities_at(plan, one->venue, SECURITY_NONE), ABILITY_STLS, "stls");
}

static bool check_look(const struct plan *plan, struct planned *one)
{
    struct error error;

    if (look(plan, one->venue, one->abilities->security, &error))
        return true;
    leave_out(plan, one, VERDICT_BLOCKED, error.text, NULL);
    return false;
}

static bool check_accounts(const struct plan *plan, struct planned *one)
{
    const struct target *target = venue_of(plan, one)->target;
    size_t wanted = leases_wanted(one->wanted->scenario);
    size_t there = leases_fitting(target, one->wanted->scenario);

    if (there >= wanted)
        return true;
    if (needs(one->wanted->scenario, ABILITY_APOP) && target->account_count >= wanted) {
        leave_out(plan, one, VERDICT_SKIP, "it needs apop", "no account is marked apop: true");
        return false;
    }
    if (leases_want_token(one->wanted->scenario) && target->account_count >= wanted) {
        leave_out(plan, one, VERDICT_SKIP, "it needs a token",
                  "no account has one (token, token-env or token-file in a target file)");
        return false;
    }
    leave_out(plan, one, VERDICT_SKIP,
              arena_format(plan->run->arena, "it needs %zu account%s, and there %s %zu", wanted,
                           wanted == 1 ? "" : "s", there == 1 ? "is" : "are", there),
              target->account_count == 0 ? "no account is given (-u and -p, or accounts in a target file)"
                                         : NULL);
    return false;
}

static bool check_safety(const struct plan *plan, struct planned *one)
{
    const char *refusal = safety_refusal(one->wanted->scenario, venue_of(plan, one), &one->abilities->facts);

    if (refusal != NULL)
        leave_out(plan, one, VERDICT_SKIP, refusal, NULL);
    return refusal == NULL;
}

static bool check_needs(const struct plan *plan, struct planned *one)
{
    const struct scenario *scenario = one->wanted->scenario;

    for (size_t i = 0; i < scenario->need_count; i++) {
        enum ability ability;

        if (!ability_of_id(scenario->needs[i], &ability)) {
            leave_out(plan, one, VERDICT_ERROR,
                      arena_format(plan->run->arena, "nobody knows how to learn the ability %s",
                                   scenario->needs[i]),
                      NULL);
            return false;
        }
        if (!check_ability(plan, one, one->abilities, ability, scenario->needs[i]))
            return false;
    }
    return true;
}

/* The scenario may run; what it brings must be known to the model, which judges by it. */
static void learn_store(const struct planned *one)
{
    if (one->wanted->scenario->mailbox_count > 0)
        abilities_learn(one->abilities, ABILITY_DELIVERY_ORDER);
}

static void plan_case(const struct plan *plan, struct planned *one)
{
    if (needs(one->wanted->scenario, ABILITY_LITERAL) && !venue_of(plan, one)->literal) {
        check_ability(plan, one, one->abilities, ABILITY_LITERAL, "literal");
        return;
    }
    if (check_transport(plan, one) && check_accounts(plan, one) && check_look(plan, one) &&
        check_safety(plan, one) && check_needs(plan, one))
        learn_store(one);
}

/* ---- wrong passwords ---- */

static void plan_bad_logins(const struct plan *plan)
{
    uint32_t planned = 0;

    for (size_t i = 0; i < plan->count; i++) {
        struct planned *one = &plan->cases[i];
        uint32_t most = safety_bad_logins_max(plan->run->options->bad_logins, venue_of(plan, one));

        one->bad_logins = safety_bad_logins(one->wanted->scenario);
        if (one->state == PLANNED_DONE || one->bad_logins == 0)
            continue;
        if (planned > most || one->bad_logins > most - planned)
            leave_out(
                plan, one, VERDICT_SKIP,
                arena_format(plan->run->arena,
                             "it sends %u wrong password%s, and only %u may be sent in all (--bad-logins)",
                             one->bad_logins, one->bad_logins == 1 ? "" : "s", most),
                NULL);
        else
            planned += one->bad_logins;
    }
}

/* ---- all ---- */

static void prepare(struct plan *plan, const struct run_selection *selection)
{
    const struct stage *stage = plan->run->stage;
    struct arena *arena = plan->run->arena;

    plan->abilities = (struct abilities *)arena_new_array(arena, stage->venue_count * SECURITY_COUNT,
                                                          sizeof(*plan->abilities));
    for (size_t i = 0; i < stage->venue_count * SECURITY_COUNT; i++)
        abilities_init(&plan->abilities[i], plan->run, &plan->probes, &stage->venues[i / SECURITY_COUNT],
                       (enum security)(i % SECURITY_COUNT));
    plan->count = selection->count;
    plan->cases = (struct planned *)arena_new_array(arena, plan->count, sizeof(*plan->cases));
    for (size_t i = 0; i < plan->count; i++) {
        struct planned *one = &plan->cases[i];

        one->wanted = &selection->cases[i];
        one->venue = venue_for(stage, one->wanted->scenario);
        one->abilities =
            abilities_at(plan, one->venue, security_for(&stage->venues[one->venue], one->wanted->transport));
        one->blocked_since_us = TIME_NEVER;
        case_report_begin(plan->run, one->wanted, &one->result);
    }
}

/*
 * Whoever fills mailboxes by talking to a mail server or by commands tries it once before the first case: what is wrong with
 * them is said once, and not for each case.
 */
static bool try_provision(const struct plan *plan, struct error *error)
{
    const struct venue *venue = &plan->run->stage->venues[0];
    const struct abilities *base = plan_base(plan);
    const struct trial_options options = {
        .scenario = plan->probes.scenarios[PROBE_TOP],
        .fixtures = &plan->probes.suite.fixtures,
        .venue = venue,
        .transport = transport_of_target(venue->target),
        .facts = base->facts,
        .account_count = 1,
        .serial_seed = plan->run->options->seed,
    };
    struct error found;
    struct trial *trial;
    bool ok;

    if (venue->provisioner.ops == NULL || venue->provisioner.ops->send_message == NULL || !base->logged_in)
        return true;
    trial = trial_new(plan->run, &options);
    ok = probe_prepare(plan->run, trial, abilities_login_delay_us(base), &found);
    trial_free(trial);
    return ok || error_set(error, found.kind, "mailboxes cannot be prepared: %s", found.text);
}

static bool answers(const struct trial *trial, const char *command, const char *beginning)
{
    struct buf answer;
    bool found;

    buf_init(&answer, TRANSCRIPT_OCTETS_MAX);
    found = wire_answer(machine_transcript(trial->machine), command, 1, &answer) &&
            bytes_start_with(buf_bytes(&answer), bytes_of(beginning));
    buf_release(&answer);
    return found;
}

/* A session of ACCOUNT sees the message that was delivered for it. STAT alone may be wrong: it must be refused, too. */
static bool mail_arrives(struct plan *plan, size_t account)
{
    const struct venue *venue = &plan->run->stage->venues[0];
    const struct abilities *base = plan_base(plan);
    const struct probe_setting setting = {
        .venue = venue,
        .transport = transport_of_target(venue->target),
        .facts = base->facts,
        .account = account,
        .login_patience_us = venue->target->login_patience_us,
        .login_delay_us = abilities_login_delay_us(base),
    };
    const char *reason;
    struct trial *trial = probe_run(&plan->probes, plan->run, PROBE_ARRIVAL, &setting, &reason);
    bool lost = trial != NULL && answers(trial, "STAT", "+OK 0 ") && answers(trial, "RETR", "-ERR");

    trial_free(trial);
    return !lost; /* what else is in the way, the cases will say */
}

/*
 * Where mail is written and nobody looks whether it arrives, it may lie where the server never reads, and each case would
 * accuse the server of losing what it never got. Where logins must be apart, the first account speaks for all.
 */
static bool check_arrival(struct plan *plan, struct error *error)
{
    const struct venue *venue = &plan->run->stage->venues[0];
    const struct provisioner_ops *ops = venue->provisioner.ops;
    const struct abilities *base = plan_base(plan);
    size_t count = abilities_login_delay_us(base) > 0 ? 1 : venue->target->account_count;

    if (plan->run->options->stage != NULL || ops == NULL || !base->logged_in ||
        (ops->reset == NULL && ops->send_reset == NULL))
        return true;
    for (size_t i = 0; i < count; i++)
        if (!mail_arrives(plan, i)) {
            error_set(error, ERROR_UNREACHABLE,
                      "mailboxes cannot be prepared: a message was delivered for account \"%s\", and its "
                      "maildrop is empty",
                      venue->target->accounts[i].user);
            return error_hint(
                error,
                "is this where the server keeps that account's mail? provision says where it is written");
        }
    return true;
}

bool plan_make(struct plan *plan, struct run_context *run, const struct run_selection *selection,
               struct error *error)
{
    *plan = (struct plan){.run = run};
    probes_init(&plan->probes, &run->options->suite->fixtures, run->stage->venues[0].provisioner.ops != NULL,
                run->options->ledger);
    run->probes = &plan->probes;
    prepare(plan, selection);
    if (!look_first(plan, error) || !try_provision(plan, error) || !check_arrival(plan, error))
        return false;
    for (size_t i = 0; i < plan->count; i++) {
        if (run->options->stop != NULL && *run->options->stop != 0)
            return true;
        plan_case(plan, &plan->cases[i]);
    }
    plan_bad_logins(plan);
    return true;
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        trial_free(plan->cases[i].trial);
    probes_release(&plan->probes);
}

const struct abilities *plan_base(const struct plan *plan)
{
    const struct abilities *base = &plan->abilities[0];

    for (size_t i = 0; i < SECURITY_COUNT && !base->reachable; i++)
        base = &plan->abilities[i];
    return base;
}
