/* The first look at a target: its greeting, what CAPA lists before and behind login, and what follows from that. */
#include "run/abilities_internal.h"

#include "run/wire_reading.h"

enum {
    /* A longer LOGIN-DELAY than a day is taken for a mistake: it would make any run endless. */
    LOGIN_DELAY_S_MAX = 24 * 3600,
};

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
    abilities->facts.auth_resp_code = abilities_capability(abilities, "AUTH-RESP-CODE", &capability);
    abilities->facts.utf8 = abilities_capability(abilities, "UTF8", &capability);
    abilities->facts.expire_zero = abilities_capability(abilities, "EXPIRE", &capability) &&
                                   (bytes_equal(capability.parameters, BYTES_LITERAL("0")) ||
                                    bytes_start_with(capability.parameters, BYTES_LITERAL("0 ")));
}

/* A server that speaks TLS from the first octet waits for the client, and looks like one that is stuck. */
static void hint_at_tls(const struct abilities *abilities, struct error *error)
{
    if (abilities->silent && abilities->venue->target->tls != TARGET_TLS_IMPLICIT)
        error_hint(error,
                   "nothing came at all; if this port speaks TLS from the first octet, add --tls implicit");
}

static bool say_failure(const struct abilities *abilities, struct error *error)
{
    error_set(error, ERROR_UNREACHABLE, "%s cannot be used: %s", abilities->venue->target->name,
              abilities->failure);
    hint_at_tls(abilities, error);
    return false;
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
    abilities->silent = outcome->connected && abilities->greeting[0] == '\0';
    if (ok)
        take_capabilities(abilities, machine_transcript(trial->machine), set);
    else
        *ret_reason = arena_text(abilities->run->arena, buf_bytes(&outcome->reason));
    trial_free(trial);
    return ok;
}

bool ability_refusal_is_temporary(const char *reason)
{
    return strstr(reason, "[IN-USE]") != NULL || strstr(reason, "[LOGIN-DELAY]") != NULL ||
           strstr(reason, "[SYS/TEMP]") != NULL;
}

static bool look_behind_login(struct abilities *abilities, struct error *error)
{
    struct probe_setting setting = ability_setting(abilities);
    const char *reason;

    setting.login_patience_us = 0;
    abilities->logged_in = look_by(abilities, PROBE_LOGIN, &setting, &abilities->after_login, &reason);
    if (!abilities->logged_in) {
        if (ability_refusal_is_temporary(reason))
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
    struct probe_setting setting = ability_setting(abilities);
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
