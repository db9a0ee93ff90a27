/* What a target's store makes of messages, learnt by retrieving what was delivered. */
#include "run/abilities_internal.h"

#include "run/wire_reading.h"

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
        *order = ability_lacks(arena_format(
            abilities->run->arena, "message %d is not the one that was delivered in its place", number));
    if (!exact->has)
        return;
    if (delivered == NULL)
        *exact = ability_lacks(
            arena_format(abilities->run->arena, "message %d came back without its Message-ID", number));
    else if (!bytes_equal(message, delivered->octets))
        *exact = ability_lacks(arena_format(abilities->run->arena,
                                            "message %d came back changed: %zu octets for %zu", number,
                                            message.size, delivered->octets.size));
}

static void compare_store(struct abilities *abilities, const struct trial *trial)
{
    struct buf message;

    abilities->learnt[ABILITY_DELIVERY_ORDER] = ability_has();
    abilities->learnt[ABILITY_EXACT_STORE] = ability_has();
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
    const struct probe_setting setting = ability_setting(abilities);
    const char *reason = ability_needs_login(abilities);
    struct trial *trial = NULL;

    if (reason == NULL && abilities->venue->provisioner.ops == NULL)
        reason = abilities_learn(abilities, ABILITY_PROVISION)->evidence;
    if (reason == NULL)
        trial = probe_run(abilities->probes, abilities->run, PROBE_STORE, &setting, &reason);
    if (trial == NULL) {
        abilities->learnt[ABILITY_DELIVERY_ORDER] = ability_lacks(reason);
        abilities->learnt[ABILITY_EXACT_STORE] = ability_lacks(reason);
        return;
    }
    if (machine_outcome(trial->machine)->kind == OUTCOME_PASSED) {
        compare_store(abilities, trial);
    } else {
        abilities->learnt[ABILITY_DELIVERY_ORDER] = ability_lacks_by_exchange(abilities, trial);
        abilities->learnt[ABILITY_EXACT_STORE] = abilities->learnt[ABILITY_DELIVERY_ORDER];
    }
    trial_free(trial);
}

struct learnt ability_learn_store(struct abilities *abilities, enum ability ability)
{
    look_at_store(abilities);
    abilities->facts.delivery_order = abilities->learnt[ABILITY_DELIVERY_ORDER].has;
    abilities->facts.exact_store = abilities->learnt[ABILITY_EXACT_STORE].has;
    return abilities->learnt[ability];
}
