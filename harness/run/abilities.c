#include "run/abilities_internal.h"

#include "base/check.h"
#include "run/wire_reading.h"

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

/* ---- answers ---- */

struct learnt ability_has(void)
{
    return (struct learnt){.known = true, .has = true};
}

struct learnt ability_lacks(const char *evidence)
{
    return (struct learnt){.known = true, .evidence = evidence};
}

struct learnt ability_lacks_by_exchange(const struct abilities *abilities, const struct trial *trial)
{
    const struct outcome *outcome = machine_outcome(trial->machine);
    struct learnt learnt;
    struct buf text;

    buf_init(&text, TRANSCRIPT_OCTETS_MAX);
    if (outcome->kind == OUTCOME_FAILED)
        wire_last_exchange(machine_transcript(trial->machine), &text);
    else
        buf_append(&text, buf_bytes(&outcome->reason));
    learnt = ability_lacks(arena_text(abilities->run->arena, buf_bytes(&text)));
    buf_release(&text);
    return learnt;
}

struct probe_setting ability_setting(const struct abilities *abilities)
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
struct learnt ability_by_pass(const struct abilities *abilities, enum probe probe,
                              const struct probe_setting *setting)
{
    const char *reason;
    struct trial *trial = probe_run(abilities->probes, abilities->run, probe, setting, &reason);
    struct learnt learnt;

    if (trial == NULL)
        return ability_lacks(reason);
    learnt = machine_outcome(trial->machine)->kind == OUTCOME_PASSED
                 ? ability_has()
                 : ability_lacks_by_exchange(abilities, trial);
    trial_free(trial);
    return learnt;
}

const char *ability_needs_login(const struct abilities *abilities)
{
    if (abilities->venue->target->account_count == 0)
        return "no account is given (-u and -p, or accounts in a target file)";
    return abilities->logged_in ? NULL : "the login did not work";
}

/* ---- one ability each ---- */

static struct learnt learn_provision(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->provisioner.ops != NULL
               ? ability_has()
               : ability_lacks(
                     "the target does not say that its mailboxes may be emptied and filled (provision)");
}

static struct learnt learn_accounts(struct abilities *abilities, enum ability ability)
{
    size_t wanted = ability == ABILITY_TWO_ACCOUNTS ? 2 : 3;
    size_t count = abilities->venue->target->account_count;

    return count >= wanted
               ? ability_has()
               : ability_lacks(arena_format(abilities->run->arena, "the target names %zu account%s", count,
                                            count == 1 ? "" : "s"));
}

static struct learnt learn_two_connections(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = ability_setting(abilities);

    (void)ability;
    return ability_by_pass(abilities, PROBE_TWO_CONNECTIONS, &setting);
}

static struct learnt learn_capa(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->facts.capa ? ability_has() : ability_lacks(abilities->capa_evidence);
}

static struct learnt learn_capability(struct abilities *abilities, enum ability ability)
{
    struct capability capability;
    const char *tag = ability_tag(ability);

    if (!abilities->facts.capa)
        return ability_lacks(abilities->capa_evidence);
    if (abilities_capability(abilities, tag, &capability))
        return ability_has();
    return ability_lacks(arena_format(abilities->run->arena, "CAPA does not list %s", tag));
}

static struct learnt learn_utf8_user(struct abilities *abilities, enum ability ability)
{
    struct learnt listed = learn_capability(abilities, ability);

    if (!listed.has)
        return listed;
    return capability_set_has(&abilities->before_login, BYTES_LITERAL("UTF8"), BYTES_LITERAL("USER"))
               ? ability_has()
               : ability_lacks("CAPA lists UTF8 without USER");
}

/* Without CAPA nobody can know of UTF8 (RFC 6856 section 2), so that RFC 1939 holds unchanged. */
static struct learnt learn_no_utf8(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->facts.utf8
               ? ability_lacks(
                     "CAPA lists UTF8: RFC 6856 section 2.1 is less strict about sizes and 8-bit octets")
               : ability_has();
}

static struct learnt learn_with_message(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = ability_setting(abilities);
    const char *why = ability_needs_login(abilities);

    if (why != NULL)
        return ability_lacks(why);
    return ability_by_pass(abilities, ability == ABILITY_TOP ? PROBE_TOP : PROBE_UIDL, &setting);
}

static struct learnt learn_last(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = ability_setting(abilities);
    const char *why = ability_needs_login(abilities);

    (void)ability;
    return why != NULL ? ability_lacks(why) : ability_by_pass(abilities, PROBE_LAST, &setting);
}

/*
 * A certificate that the run was not told to trust says nothing of the server: without the ability its scenarios are
 * skipped, with what to do about it. Any other trouble with a handshake is theirs to find.
 */
static struct learnt learn_trust(const struct abilities *abilities, enum probe probe)
{
    const struct probe_setting setting = ability_setting(abilities);
    struct learnt learnt = ability_has();
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
        learnt = ability_lacks(arena_format(abilities->run->arena,
                                            "%s: trust it by --ca FILE, or look away by --insecure", text));
    trial_free(trial);
    return learnt;
}

static struct learnt learn_stls(struct abilities *abilities, enum ability ability)
{
    const struct probe_setting setting = ability_setting(abilities);

    if (!abilities->venue->target->starttls)
        return ability_lacks("the target file says starttls: false");
    if (abilities->security != SECURITY_NONE)
        return ability_lacks("the connection is secured already");
    if (abilities->facts.capa) {
        struct learnt listed = learn_capability(abilities, ability);

        if (!listed.has)
            return listed;
    }
    struct learnt learnt = ability_by_pass(abilities, PROBE_STLS, &setting);

    return learnt.has ? learn_trust(abilities, PROBE_STLS_HANDSHAKE) : learnt;
}

static struct learnt learn_implicit_tls(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->target->implicit_port != 0
               ? learn_trust(abilities, PROBE_IMPLICIT_TLS)
               : ability_lacks("the target names no port for implicit TLS (tls: {implicit-port: 995})");
}

static struct learnt learn_update_failure(struct abilities *abilities, enum ability ability)
{
    const struct provisioner *provisioner = &abilities->venue->provisioner;

    (void)ability;
    return provisioner->ops != NULL && provisioner->ops->provoke != NULL
               ? ability_has()
               : ability_lacks("this target cannot be made to fail at UPDATE");
}

static struct learnt learn_literal(struct abilities *abilities, enum ability ability)
{
    (void)ability;
    return abilities->venue->literal
               ? ability_has()
               : ability_lacks("it is about the built-in server with the RFCs' own texts");
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
    case ABILITY_TWO_CONNECTIONS:
        return (struct ability_way){learn_two_connections, NULL};
    case ABILITY_CAPA:
        return (struct ability_way){learn_capa, NULL};
    case ABILITY_TOP:
    case ABILITY_UIDL:
        return (struct ability_way){learn_with_message, NULL};
    case ABILITY_USER_PASS:
    case ABILITY_APOP:
        return (struct ability_way){ability_learn_login, NULL};
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    case ABILITY_AUTH_##name:                                                                                \
        return (struct ability_way){ability_learn_login, mechanism};                                         \
    case ABILITY_SASL_##name:                                                                                \
        return (struct ability_way){ability_learn_mechanism, mechanism};
#include "pop3/mechanisms.def"
#undef MECHANISM
    case ABILITY_APOP_ACCOUNT:
        return (struct ability_way){ability_learn_apop_account, NULL};
    case ABILITY_STLS:
        return (struct ability_way){learn_stls, "STLS"};
    case ABILITY_IMPLICIT_TLS:
        return (struct ability_way){learn_implicit_tls, NULL};
    case ABILITY_PIPELINING:
        return (struct ability_way){learn_capability, "PIPELINING"};
    case ABILITY_RESP_CODES:
        return (struct ability_way){learn_capability, "RESP-CODES"};
    case ABILITY_AUTH_RESP_CODE:
        return (struct ability_way){learn_capability, "AUTH-RESP-CODE"};
    case ABILITY_IMPLEMENTATION:
        return (struct ability_way){learn_capability, "IMPLEMENTATION"};
    case ABILITY_EXPIRE:
        return (struct ability_way){learn_capability, "EXPIRE"};
    case ABILITY_LOGIN_DELAY:
        return (struct ability_way){learn_capability, "LOGIN-DELAY"};
    case ABILITY_UTF8:
        return (struct ability_way){learn_capability, "UTF8"};
    case ABILITY_UTF8_USER:
        return (struct ability_way){learn_utf8_user, "UTF8"};
    case ABILITY_NO_UTF8:
        return (struct ability_way){learn_no_utf8, NULL};
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
        return (struct ability_way){ability_learn_exclusive_lock, NULL};
    case ABILITY_LAST:
        return (struct ability_way){learn_last, NULL};
    case ABILITY_DELIVERY_ORDER:
    case ABILITY_EXACT_STORE:
        return (struct ability_way){ability_learn_store, NULL};
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

const char *ability_tag(enum ability ability)
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
