/* Abilities that a login shows: by which ways there is one, and whether it locks the maildrop. */
#include "run/abilities_internal.h"

#include "base/check.h"
#include "pop3/greeting.h"

static enum login_method method_of(enum ability ability)
{
    enum login_method method = ability == ABILITY_APOP ? LOGIN_APOP : LOGIN_USER_PASS;

    if (ability_tag(ability) != NULL)
        CHECK(login_of_mechanism(bytes_of(ability_tag(ability)), &method));
    return method;
}

/* The first account that can log in by METHOD at all; false if there is none. */
static bool account_for(const struct target *target, enum login_method method, size_t *ret_account)
{
    for (size_t i = 0; i < target->account_count; i++)
        if (target_account_allows(&target->accounts[i], method)) {
            *ret_account = i;
            return true;
        }
    return false;
}

struct learnt ability_learn_apop_account(struct abilities *abilities, enum ability ability)
{
    size_t account;

    (void)ability;
    return account_for(abilities->venue->target, LOGIN_APOP, &account)
               ? ability_has()
               : ability_lacks("no account is marked apop: true");
}

/* What the server announces decides whether a refusal is worth a second try. */
static bool is_announced(const struct abilities *abilities, enum ability ability)
{
    struct capability capability;

    if (ability == ABILITY_APOP)
        return true; /* the greeting's timestamp was seen */
    if (ability == ABILITY_USER_PASS)
        return abilities_capability(abilities, "USER", &capability);
    return capability_set_has(&abilities->before_login, BYTES_LITERAL("SASL"),
                              bytes_of(ability_tag(ability)));
}

struct learnt ability_learn_login(struct abilities *abilities, enum ability ability)
{
    const struct target *target = abilities->venue->target;
    enum login_method method = method_of(ability);
    struct probe_setting setting = ability_setting(abilities);
    struct learnt learnt;

    if (target->account_count == 0)
        return ability_lacks(ability_needs_login(abilities));
    if (ability == ABILITY_APOP && greeting_timestamp(bytes_of(abilities->greeting)).data == NULL)
        return ability_lacks(
            arena_format(abilities->run->arena, "the greeting has no timestamp: %s", abilities->greeting));
    if (!account_for(target, method, &setting.account))
        return ability_lacks(method == LOGIN_APOP ? "no account is marked apop: true"
                                                  : "no account has a token");
    if (setting.account == 0 && abilities->logged_in && target->accounts[0].login == method)
        return ability_has();
    setting.login = &method;
    setting.login_patience_us = 0;
    learnt = ability_by_pass(abilities, PROBE_LOGIN, &setting);
    if (!learnt.has && is_announced(abilities, ability)) {
        if (ability_refusal_is_temporary(learnt.evidence))
            setting.login_patience_us = target->login_patience_us;
        else
            probe_wait(abilities->run, abilities->venue, US_PER_S);
        learnt = ability_by_pass(abilities, PROBE_LOGIN, &setting);
    }
    return learnt;
}

/* What a server lists it need not let everybody log in by: that is for the abilities auth-... to find out. */
struct learnt ability_learn_mechanism(struct abilities *abilities, enum ability ability)
{
    static const enum probe probes[LOGIN_METHOD_COUNT] = {
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    [LOGIN_AUTH_##name] = PROBE_CHALLENGE_##name,
#include "pop3/mechanisms.def"
#undef MECHANISM
    };
    const struct probe_setting setting = ability_setting(abilities);
    const char *mechanism = ability_tag(ability);
    size_t account;

    if (!abilities->facts.capa)
        return ability_lacks(abilities->capa_evidence);
    if (!capability_set_has(&abilities->before_login, BYTES_LITERAL("SASL"), bytes_of(mechanism)))
        return ability_lacks(
            arena_format(abilities->run->arena, "CAPA does not list SASL with %s before login", mechanism));
    if (!account_for(abilities->venue->target, method_of(ability), &account))
        return ability_lacks("no account has what the mechanism takes");
    return ability_by_pass(abilities, probes[method_of(ability)], &setting);
}

struct learnt ability_learn_exclusive_lock(struct abilities *abilities, enum ability ability)
{
    static const enum probe probes[] = {
        [LOGIN_USER_PASS] = PROBE_LOCK_USER_PASS,
        [LOGIN_APOP] = PROBE_LOCK_APOP,
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    [LOGIN_AUTH_##name] = PROBE_LOCK_AUTH_##name,
#include "pop3/mechanisms.def"
#undef MECHANISM
    };
    const struct probe_setting setting = ability_setting(abilities);
    const char *why = ability_needs_login(abilities);
    struct capability delay;
    struct learnt learnt;

    (void)ability;
    if (why != NULL)
        return ability_lacks(why);
    /* RFC 2449 section 6.5: a login may be refused for the delay without a word about it. */
    if (abilities_capability(abilities, "LOGIN-DELAY", &delay))
        return ability_lacks(
            "CAPA lists LOGIN-DELAY, and a login refused for the delay looks like one refused for a lock");
    learnt = ability_by_pass(abilities, probes[abilities->venue->target->accounts[0].login], &setting);
    if (!learnt.has)
        learnt.evidence =
            arena_format(abilities->run->arena, "a second login while a session lasts was not refused: %s",
                         learnt.evidence);
    return learnt;
}
