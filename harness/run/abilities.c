#include "run/abilities.h"

#include "base/check.h"
#include "pop3/greeting.h"
#include "run/credentials.h"
#include "run/wire_reading.h"

enum {
    /* A longer LOGIN-DELAY than a day is taken for a mistake: it would make any run endless. */
    LOGIN_DELAY_S_MAX = 24 * 3600,
};

static const char *const ability_ids[ABILITY_COUNT] = {
#define ABILITY(name, keyword, what) keyword,
#include "pop3/abilities.def"
#undef ABILITY
};

bool ability_of_id(const char *id, enum ability *ret_ability)
{
    for (size_t i = 0; i < ABILITY_COUNT; i++)
        if (bytes_equal(bytes_of(ability_ids[i]), bytes_of(id))) {
            *ret_ability = (enum ability)i;
            return true;
        }
    return false;
}

void abilities_init(struct abilities *abilities, struct run_context *run, struct probes *probes,
                    const struct venue *venue, enum security security)
{
    *abilities = (struct abilities){
        .run = run,
        .probes = probes,
        .venue = venue,
        .security = security,
        .greeting = "",
        .capa_evidence = "CAPA was not tried",
    };
    capability_set_init(&abilities->before_login);
    capability_set_init(&abilities->after_login);
}

static const char *tag_of(enum ability ability);

/* ---- answers ---- */

static struct learnt has(void)
{
    return (struct learnt){.known = true, .has = true};
}

static struct learnt lacks(const char *evidence)
{
    return (struct learnt){.known = true, .evidence = evidence};
}

static struct learnt lacks_by_exchange(const struct abilities *abilities, const struct trial *trial)
{
    const struct outcome *outcome = machine_outcome(trial->machine);
    struct learnt learnt;
    struct buf text;

    buf_init(&text, TRANSCRIPT_OCTETS_MAX);
    if (outcome->kind == OUTCOME_FAILED)
        wire_last_exchange(machine_transcript(trial->machine), &text);
    else
        buf_append(&text, buf_bytes(&outcome->reason));
    learnt = lacks(arena_text(abilities->run->arena, buf_bytes(&text)));
    buf_release(&text);
    return learnt;
}

static struct probe_setting setting_of(const struct abilities *abilities)
{
    return (struct probe_setting){
        .venue = abilities->venue,
        .transport = transport_of_security(abilities->security),
        .facts = abilities->facts,
        .login_patience_us = abilities->venue->target->login_patience_us,
        .login_delay_us = abilities_login_delay_us(abilities),
    };
}

/* Has the ability when PROBE passes. */
static struct learnt learn_by_pass(const struct abilities *abilities, enum probe probe,
                                   const struct probe_setting *setting)
{
    const char *reason;
    struct trial *trial = probe_run(abilities->probes, abilities->run, probe, setting, &reason);
    struct learnt learnt;

    if (trial == NULL)
        return lacks(reason);
    learnt =
        machine_outcome(trial->machine)->kind == OUTCOME_PASSED ? has() : lacks_by_exchange(abilities, trial);
    trial_free(trial);
    return learnt;
}

static const char *needs_login(const struct abilities *abilities)
{
    if (abilities->venue->target->account_count == 0)
        return "no account is given (-u and -p, or accounts in a target file)";
    return abilities->logged_in ? NULL : "the login did not work";
}

/* ---- the first look ---- */

static void take_capabilities(struct abilities *abilities, const struct transcript *transcript,
                              struct capability_set *set)
{
    struct arena *arena = abilities->run->arena;
    struct buf answer;
    struct bytes line;

    buf_init(&answer, TRANSCRIPT_OCTETS_MAX);
    wire_answer(transcript, "CAPA", 1, &answer);
    if (wire_capabilities(buf_bytes(&answer), set)) {
        abilities->facts.capa = true;
    } else {
        line = bytes_slice(buf_bytes(&answer), 0, bytes_find_octet(buf_bytes(&answer), '\n'));
        abilities->capa_evidence =
            arena_format(arena, "CAPA: %s", line.size == 0 ? "no answer" : arena_text(arena, line));
    }
    buf_release(&answer);
}

static void take_greeting(struct abilities *abilities, const struct transcript *transcript)
{
    struct buf line;

    buf_init(&line, TRANSCRIPT_OCTETS_MAX);
    if (wire_greeting(transcript, &line))
        abilities->greeting = arena_text(abilities->run->arena, buf_bytes(&line));
    buf_release(&line);
}

bool abilities_capability(const struct abilities *abilities, const char *tag,
                          struct capability *ret_capability)
{
    return capability_set_find(&abilities->after_login, bytes_of(tag), ret_capability) ||
           capability_set_find(&abilities->before_login, bytes_of(tag), ret_capability);
}

static void take_facts(struct abilities *abilities)
{
    struct capability capability;

    abilities->facts.pipelining = abilities_capability(abilities, "PIPELINING", &capability);
    abilities->facts.resp_codes = abilities_capability(abilities, "RESP-CODES", &capability);
    abilities->facts.utf8 = abilities_capability(abilities, "UTF8", &capability);
    abilities->facts.expire_zero = abilities_capability(abilities, "EXPIRE", &capability) &&
                                   (bytes_equal(capability.parameters, BYTES_LITERAL("0")) ||
                                    bytes_start_with(capability.parameters, BYTES_LITERAL("0 ")));
}

static bool say_failure(const struct abilities *abilities, struct error *error)
{
    return error_set(error, ERROR_UNREACHABLE, "%s cannot be used: %s", abilities->venue->target->name,
                     abilities->failure);
}

static bool cannot_use(struct abilities *abilities, const char *reason, struct error *error)
{
    abilities->reachable = false;
    abilities->failure = printable_sentence(abilities->run->arena, abilities->run->redactor, reason).text;
    return say_failure(abilities, error);
}

int64_t abilities_login_delay_us(const struct abilities *abilities)
{
    int64_t said_us = abilities->venue->target->login_delay_us;
    struct capability capability;
    struct bytes digits;
    uint64_t seconds;

    /* RFC 2449 section 6.5: seconds, and perhaps USER behind them where the value differs from user to user. */
    if (!abilities_capability(abilities, "LOGIN-DELAY", &capability) ||
        !bytes_split(&capability.parameters, ' ', &digits) || !bytes_to_u64(digits, &seconds) ||
        seconds > LOGIN_DELAY_S_MAX)
        return said_us;
    return (int64_t)seconds * US_PER_S > said_us ? (int64_t)seconds * US_PER_S : said_us;
}

/* Runs PROBE and reads CAPA's answer in it. False with the reason when it did not get as far. */
static bool look_by(struct abilities *abilities, enum probe probe, const struct probe_setting *setting,
                    struct capability_set *set, const char **ret_reason)
{
    struct trial *trial = probe_run(abilities->probes, abilities->run, probe, setting, ret_reason);
    const struct outcome *outcome;
    bool ok;

    if (trial == NULL)
        return false;
    outcome = machine_outcome(trial->machine);
    ok = outcome->kind == OUTCOME_PASSED || outcome->kind == OUTCOME_FAILED;
    take_greeting(abilities, machine_transcript(trial->machine));
    if (ok)
        take_capabilities(abilities, machine_transcript(trial->machine), set);
    else
        *ret_reason = arena_text(abilities->run->arena, buf_bytes(&outcome->reason));
    trial_free(trial);
    return ok;
}

/*
 * A refusal is taken for final unless the server says that it is temporary: each further try is one more wrong
 * password where the password is wrong, and servers lock accounts after a few.
 */
static bool is_temporary(const char *reason)
{
    return strstr(reason, "[IN-USE]") != NULL || strstr(reason, "[LOGIN-DELAY]") != NULL ||
           strstr(reason, "[SYS/TEMP]") != NULL;
}

static bool look_behind_login(struct abilities *abilities, struct error *error)
{
    struct probe_setting setting = setting_of(abilities);
    const char *reason;

    setting.login_patience_us = 0;
    abilities->logged_in = look_by(abilities, PROBE_LOGIN, &setting, &abilities->after_login, &reason);
    if (!abilities->logged_in) {
        if (is_temporary(reason))
            setting.login_patience_us = abilities->venue->target->login_patience_us;
        else
            probe_wait(abilities->run, abilities->venue, US_PER_S);
        abilities->logged_in = look_by(abilities, PROBE_LOGIN, &setting, &abilities->after_login, &reason);
    }
    return abilities->logged_in ||
           cannot_use(abilities,
                      arena_format(abilities->run->arena, "account \"%s\" cannot log in: %s",
                                   abilities->venue->target->accounts[0].user, reason),
                      error);
}

bool abilities_look(struct abilities *abilities, bool login, struct error *error)
{
    struct probe_setting setting = setting_of(abilities);
    const char *reason;

    abilities->reachable =
        look_by(abilities, PROBE_CAPABILITIES, &setting, &abilities->before_login, &reason);
    if (!abilities->reachable)
        return cannot_use(abilities, reason, error);
    if (login && abilities->venue->target->account_count > 0 && !look_behind_login(abilities, error))
        return false;
    take_facts(abilities);
    return true;
}

/* ---- one ability each ---- */

static struct learnt learn_provision(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->provisioner.ops != NULL
               ? has()
               : lacks("the target does not say that its mailboxes may be emptied and filled (provision)");
}

static struct learnt learn_accounts(struct abilities *abilities, enum ability ability)
{
    size_t wanted = ability == ABILITY_TWO_ACCOUNTS ? 2 : 3;
    size_t count = abilities->venue->target->account_count;

    return count >= wanted ? has()
                           : lacks(arena_format(abilities->run->arena, "the target names %zu account%s",
                                                count, count == 1 ? "" : "s"));
}

static struct learnt learn_capa(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->facts.capa ? has() : lacks(abilities->capa_evidence);
}

static struct learnt learn_capability(struct abilities *abilities, enum ability ability)
{
    struct capability capability;
    const char *tag = tag_of(ability);

    if (!abilities->facts.capa)
        return lacks(abilities->capa_evidence);
    if (abilities_capability(abilities, tag, &capability))
        return has();
    return lacks(arena_format(abilities->run->arena, "CAPA does not list %s", tag));
}

static struct learnt learn_with_message(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = setting_of(abilities);
    const char *why = needs_login(abilities);

    if (why != NULL)
        return lacks(why);
    return learn_by_pass(abilities, ability == ABILITY_TOP ? PROBE_TOP : PROBE_UIDL, &setting);
}

static struct learnt learn_last(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = setting_of(abilities);
    const char *why = needs_login(abilities);

    (void)ability;
    return why != NULL ? lacks(why) : learn_by_pass(abilities, PROBE_LAST, &setting);
}

/*
 * A certificate that the run was not told to trust says nothing of the server: without the ability its scenarios are
 * skipped, with what to do about it. Any other trouble with a handshake is theirs to find.
 */
static struct learnt learn_trust(const struct abilities *abilities, enum probe probe)
{
    const struct probe_setting setting = setting_of(abilities);
    struct learnt learnt = has();
    const char *reason;

    if (!abilities->venue->target->tls_verify)
        return learnt;
    struct trial *trial = probe_run(abilities->probes, abilities->run, probe, &setting, &reason);

    if (trial == NULL)
        return learnt;
    const struct outcome *outcome = machine_outcome(trial->machine);
    const char *text =
        outcome->kind == OUTCOME_FAILED ? buf_text(&outcome->actual) : buf_text(&outcome->reason);

    if (outcome->kind != OUTCOME_PASSED && strstr(text, "certificate") != NULL)
        learnt = lacks(arena_format(abilities->run->arena,
                                    "%s: trust it by --ca FILE, or look away by --insecure", text));
    trial_free(trial);
    return learnt;
}

static struct learnt learn_stls(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = setting_of(abilities);

    if (!abilities->venue->target->starttls)
        return lacks("the target file says starttls: false");
    if (abilities->security != SECURITY_NONE)
        return lacks("the connection is secured already");
    if (abilities->facts.capa) {
        struct learnt listed = learn_capability(abilities, ability);

        if (!listed.has)
            return listed;
    }
    struct learnt learnt = learn_by_pass(abilities, PROBE_STLS, &setting);

    return learnt.has ? learn_trust(abilities, PROBE_STLS_HANDSHAKE) : learnt;
}

static struct learnt learn_implicit_tls(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->target->implicit_port != 0
               ? learn_trust(abilities, PROBE_IMPLICIT_TLS)
               : lacks("the target names no port for implicit TLS (tls: {implicit-port: 995})");
}

static struct learnt learn_update_failure(struct abilities *abilities, enum ability ability)
{
    const struct provisioner *provisioner = &abilities->venue->provisioner;

    (void)ability;
    return provisioner->ops != NULL && provisioner->ops->provoke != NULL
               ? has()
               : lacks("this target cannot be made to fail at UPDATE");
}

static struct learnt learn_literal(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->literal ? has()
                                     : lacks("it is about the built-in server with the RFCs' own texts");
}

/* ---- logins ---- */

static enum login_method method_of(enum ability ability)
{
    if (ability == ABILITY_APOP)
        return LOGIN_APOP;
    if (ability == ABILITY_AUTH_PLAIN)
        return LOGIN_AUTH_PLAIN;
    return ability == ABILITY_AUTH_CRAM_MD5 ? LOGIN_AUTH_CRAM_MD5 : LOGIN_USER_PASS;
}

/* The first account that can log in by METHOD at all; false if there is none. */
static bool account_for(const struct target *target, enum login_method method, size_t *ret_account)
{
    for (size_t i = 0; i < target->account_count; i++)
        if (method != LOGIN_APOP || target->accounts[i].apop_secret != NULL) {
            *ret_account = i;
            return true;
        }
    return false;
}

/* What the server announces decides whether a refusal is worth a second try. */
static bool is_announced(const struct abilities *abilities, enum ability ability)
{
    struct capability capability;

    if (ability == ABILITY_APOP)
        return true; /* the greeting's timestamp was seen */
    if (ability == ABILITY_USER_PASS)
        return abilities_capability(abilities, "USER", &capability);
    return capability_set_has(&abilities->before_login, BYTES_LITERAL("SASL"), bytes_of(tag_of(ability)));
}

static struct learnt learn_login(struct abilities *abilities, enum ability ability)
{
    const struct target *target = abilities->venue->target;
    enum login_method method = method_of(ability);
    struct probe_setting setting = setting_of(abilities);
    struct learnt learnt;

    if (target->account_count == 0)
        return lacks(needs_login(abilities));
    if (ability == ABILITY_APOP && greeting_timestamp(bytes_of(abilities->greeting)).data == NULL)
        return lacks(
            arena_format(abilities->run->arena, "the greeting has no timestamp: %s", abilities->greeting));
    if (!account_for(target, method, &setting.account))
        return lacks("no account is marked apop: true");
    if (setting.account == 0 && abilities->logged_in &&
        credentials_account(&target->accounts[0]).login == method)
        return has();
    setting.login = &method;
    setting.login_patience_us = 0;
    learnt = learn_by_pass(abilities, PROBE_LOGIN, &setting);
    if (!learnt.has && is_announced(abilities, ability)) {
        probe_wait(abilities->run, abilities->venue, US_PER_S);
        learnt = learn_by_pass(abilities, PROBE_LOGIN, &setting);
    }
    return learnt;
}

static struct learnt learn_exclusive_lock(struct abilities *abilities, enum ability ability)
{
    static const enum probe probes[] = {
        [LOGIN_USER_PASS] = PROBE_LOCK_USER_PASS,
        [LOGIN_APOP] = PROBE_LOCK_APOP,
        [LOGIN_AUTH_PLAIN] = PROBE_LOCK_AUTH_PLAIN,
        [LOGIN_AUTH_CRAM_MD5] = PROBE_LOCK_AUTH_CRAM_MD5,
    };
    const struct probe_setting setting = setting_of(abilities);
    const char *why = needs_login(abilities);
    struct capability delay;
    struct learnt learnt;

    (void)ability;
    if (why != NULL)
        return lacks(why);
    /* RFC 2449 section 6.5: a login may be refused for the delay without a word about it. */
    if (abilities_capability(abilities, "LOGIN-DELAY", &delay))
        return lacks(
            "CAPA lists LOGIN-DELAY, and a login refused for the delay looks like one refused for a lock");
    learnt = learn_by_pass(
        abilities, probes[credentials_account(&abilities->venue->target->accounts[0]).login], &setting);
    if (!learnt.has)
        learnt.evidence =
            arena_format(abilities->run->arena, "a second login while a session lasts was not refused: %s",
                         learnt.evidence);
    return learnt;
}

/* ---- the store ---- */

/* What came back for message-number NUMBER is appended to RET_MESSAGE; false when nothing did. */
static bool retrieved(const struct transcript *transcript, int number, struct buf *ret_message)
{
    char command[32];
    struct buf answer;
    bool ok;

    snprintf(command, sizeof(command), "RETR %d\r\n", number);
    buf_init(&answer, TRANSCRIPT_OCTETS_MAX);
    ok = wire_answer(transcript, command, 1, &answer) && wire_body(buf_bytes(&answer), ret_message);
    buf_release(&answer);
    return ok;
}

/* The delivered message whose serial stands in MESSAGE; NULL if none of them came back so. */
static const struct delivered *delivered_as(const struct trial *trial, struct bytes message)
{
    uint64_t serial;

    if (!fixture_serial(message, &serial))
        return NULL;
    for (size_t i = 0; i < PROBE_STORE_MESSAGES; i++)
        if (trial->mailbox[i].serial == serial)
            return &trial->mailbox[i];
    return NULL;
}

static void compare_message(struct abilities *abilities, const struct trial *trial, int number,
                            struct bytes message)
{
    struct learnt *order = &abilities->learnt[ABILITY_DELIVERY_ORDER];
    struct learnt *exact = &abilities->learnt[ABILITY_EXACT_STORE];
    const struct delivered *delivered = delivered_as(trial, message);

    if (order->has && delivered != &trial->mailbox[number - 1])
        *order = lacks(arena_format(abilities->run->arena,
                                    "message %d is not the one that was delivered in its place", number));
    if (!exact->has)
        return;
    if (delivered == NULL)
        *exact =
            lacks(arena_format(abilities->run->arena, "message %d came back without its Message-ID", number));
    else if (!bytes_equal(message, delivered->octets))
        *exact = lacks(arena_format(abilities->run->arena, "message %d came back changed: %zu octets for %zu",
                                    number, message.size, delivered->octets.size));
}

static void compare_store(struct abilities *abilities, const struct trial *trial)
{
    struct buf message;

    abilities->learnt[ABILITY_DELIVERY_ORDER] = has();
    abilities->learnt[ABILITY_EXACT_STORE] = has();
    buf_init(&message, TRANSCRIPT_OCTETS_MAX);
    for (int number = 1; number <= PROBE_STORE_MESSAGES; number++) {
        buf_clear(&message);
        if (!retrieved(machine_transcript(trial->machine), number, &message))
            buf_clear(&message);
        compare_message(abilities, trial, number, buf_bytes(&message));
    }
    buf_release(&message);
}

/* Learns both abilities at once, as they take the same session. */
static void look_at_store(struct abilities *abilities)
{
    const struct probe_setting setting = setting_of(abilities);
    const char *reason = needs_login(abilities);
    struct trial *trial = NULL;

    if (reason == NULL && abilities->venue->provisioner.ops == NULL)
        reason = learn_provision(abilities, ABILITY_PROVISION).evidence;
    if (reason == NULL)
        trial = probe_run(abilities->probes, abilities->run, PROBE_STORE, &setting, &reason);
    if (trial == NULL) {
        abilities->learnt[ABILITY_DELIVERY_ORDER] = lacks(reason);
        abilities->learnt[ABILITY_EXACT_STORE] = lacks(reason);
        return;
    }
    if (machine_outcome(trial->machine)->kind == OUTCOME_PASSED) {
        compare_store(abilities, trial);
    } else {
        abilities->learnt[ABILITY_DELIVERY_ORDER] = lacks_by_exchange(abilities, trial);
        abilities->learnt[ABILITY_EXACT_STORE] = abilities->learnt[ABILITY_DELIVERY_ORDER];
    }
    trial_free(trial);
}

static struct learnt learn_store(struct abilities *abilities, enum ability ability)
{
    look_at_store(abilities);
    abilities->facts.delivery_order = abilities->learnt[ABILITY_DELIVERY_ORDER].has;
    abilities->facts.exact_store = abilities->learnt[ABILITY_EXACT_STORE].has;
    return abilities->learnt[ability];
}

/* ---- all ---- */

/* How an ability is learnt. */
struct ability_way {
    struct learnt (*learn)(struct abilities *abilities, enum ability ability);
    const char *tag; /* in CAPA, or behind SASL there */
};

/* A switch, so that the compiler names an ability that nobody learns. */
static struct ability_way way_of(enum ability ability)
{
    switch (ability) {
    case ABILITY_PROVISION:
        return (struct ability_way){learn_provision, NULL};
    case ABILITY_TWO_ACCOUNTS:
    case ABILITY_THREE_ACCOUNTS:
        return (struct ability_way){learn_accounts, NULL};
    case ABILITY_CAPA:
        return (struct ability_way){learn_capa, NULL};
    case ABILITY_TOP:
    case ABILITY_UIDL:
        return (struct ability_way){learn_with_message, NULL};
    case ABILITY_USER_PASS:
    case ABILITY_APOP:
        return (struct ability_way){learn_login, NULL};
    case ABILITY_AUTH_PLAIN:
        return (struct ability_way){learn_login, "PLAIN"};
    case ABILITY_AUTH_CRAM_MD5:
        return (struct ability_way){learn_login, "CRAM-MD5"};
    case ABILITY_STLS:
        return (struct ability_way){learn_stls, "STLS"};
    case ABILITY_IMPLICIT_TLS:
        return (struct ability_way){learn_implicit_tls, NULL};
    case ABILITY_PIPELINING:
        return (struct ability_way){learn_capability, "PIPELINING"};
    case ABILITY_RESP_CODES:
        return (struct ability_way){learn_capability, "RESP-CODES"};
    case ABILITY_EXPIRE:
        return (struct ability_way){learn_capability, "EXPIRE"};
    case ABILITY_LOGIN_DELAY:
        return (struct ability_way){learn_capability, "LOGIN-DELAY"};
    case ABILITY_UTF8:
        return (struct ability_way){learn_capability, "UTF8"};
    case ABILITY_LANG:
        return (struct ability_way){learn_capability, "LANG"};
    case ABILITY_SASL:
        return (struct ability_way){learn_capability, "SASL"};
    case ABILITY_LISTS_TOP:
        return (struct ability_way){learn_capability, "TOP"};
    case ABILITY_LISTS_UIDL:
        return (struct ability_way){learn_capability, "UIDL"};
    case ABILITY_LISTS_USER:
        return (struct ability_way){learn_capability, "USER"};
    case ABILITY_EXCLUSIVE_LOCK:
        return (struct ability_way){learn_exclusive_lock, NULL};
    case ABILITY_LAST:
        return (struct ability_way){learn_last, NULL};
    case ABILITY_DELIVERY_ORDER:
    case ABILITY_EXACT_STORE:
        return (struct ability_way){learn_store, NULL};
    case ABILITY_UPDATE_FAILURE:
        return (struct ability_way){learn_update_failure, NULL};
    case ABILITY_LITERAL:
        return (struct ability_way){learn_literal, NULL};
    case ABILITY_COUNT:
        break;
    }
    CHECK(ability < ABILITY_COUNT);
    return (struct ability_way){NULL, NULL};
}

static const char *tag_of(enum ability ability)
{
    return way_of(ability).tag;
}

const struct learnt *abilities_learn(struct abilities *abilities, enum ability ability)
{
    struct learnt *learnt = &abilities->learnt[ability];

    if (!learnt->known)
        *learnt = way_of(ability).learn(abilities, ability);
    return learnt;
}
