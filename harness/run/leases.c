#include "run/leases.h"

/* Servers that keep a dropped session do so until its autologout timer ends it: ten minutes at least (RFC 1939 section 3). */
#define LOCK_STAYS_MAX_US (30 * INT64_C(60) * US_PER_S)

void leases_init(struct leases *leases, const struct target *target)
{
    *leases = (struct leases){.target = target};
}

static bool needs(const struct scenario *scenario, const char *ability)
{
    for (size_t i = 0; i < scenario->need_count; i++)
        if (bytes_equal(bytes_of(scenario->needs[i]), bytes_of(ability)))
            return true;
    return false;
}

size_t leases_wanted(const struct scenario *scenario)
{
    bool first =
        scenario->effects.logs_in || scenario->start == START_TRANSACTION || scenario->effects.provokes ||
        needs(scenario, "provision"); /* a mailbox is prepared or filled, though nobody looks at it */

    if (scenario->effects.accounts > CONNECTIONS_MAX)
        return CONNECTIONS_MAX;
    return scenario->effects.accounts == 0 && first ? 1 : scenario->effects.accounts;
}

/* Abilities of mechanisms in which the client shows a token. */
static bool is_for_token(const char *ability)
{
    struct bytes keyword = bytes_of(ability);

    if (!bytes_start_with(keyword, BYTES_LITERAL("auth-")) &&
        !bytes_start_with(keyword, BYTES_LITERAL("sasl-")))
        return false;
    for (int i = 0; i < LOGIN_METHOD_COUNT; i++)
        if (login_wants_token((enum login_method)i) &&
            bytes_equal(bytes_from(keyword, 5), bytes_of(login_keyword((enum login_method)i))))
            return true;
    return false;
}

bool leases_want_token(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->need_count; i++)
        if (is_for_token(scenario->needs[i]))
            return true;
    return false;
}

/* RFC 1939 section 7: a mailbox has one of USER and PASS, or APOP; the target file says which it is. */
static bool fits(const struct target_account *account, const struct scenario *scenario)
{
    if (needs(scenario, "apop"))
        return account->apop_secret != NULL;
    if (leases_want_token(scenario) && account->token == NULL)
        return false;
    return !needs(scenario, "user-pass") || account->login != LOGIN_APOP;
}

size_t leases_fitting(const struct target *target, const struct scenario *scenario)
{
    size_t count = 0;

    for (size_t i = 0; i < target->account_count; i++)
        count += fits(&target->accounts[i], scenario) ? 1 : 0;
    return count;
}

bool leases_take(struct leases *leases, const struct scenario *scenario, time_us now_us,
                 struct lease *ret_lease, time_us *ret_ready_us)
{
    size_t wanted = leases_wanted(scenario);
    struct lease lease = {.count = 0};
    time_us ready_us = TIME_NEVER;

    if (leases->rest_until_us > now_us) {
        *ret_ready_us = leases->rest_until_us;
        return false;
    }
    for (size_t i = 0; i < leases->target->account_count && lease.count < wanted; i++) {
        if (leases->taken[i] || !fits(&leases->target->accounts[i], scenario))
            continue;
        if (leases->ready_us[i] > now_us)
            ready_us = time_earlier(ready_us, leases->ready_us[i]);
        else
            lease.accounts[lease.count++] = i;
    }
    if (lease.count < wanted) {
        *ret_ready_us = ready_us;
        return false;
    }
    for (size_t i = 0; i < lease.count; i++)
        leases->taken[lease.accounts[i]] = true;
    *ret_lease = lease;
    return true;
}

void leases_rest(struct leases *leases, time_us until_us)
{
    leases->rest_until_us = until_us;
}

bool leases_may_be_locked(const struct leases *leases, const struct lease *lease, time_us now_us)
{
    for (size_t i = 0; i < lease->count; i++) {
        if (now_us < leases->lock_until_us[lease->accounts[i]])
            return true;
    }
    return false;
}

/* Which of several accounts was logged in to is not known: then only what may be locked is noted. */
void leases_note_sessions(struct leases *leases, const struct lease *lease, bool logged_in, bool left_session,
                          time_us now_us)
{
    for (size_t i = 0; i < lease->count; i++) {
        time_us *lock_until_us = &leases->lock_until_us[lease->accounts[i]];

        if (left_session)
            *lock_until_us = time_after(now_us, LOCK_STAYS_MAX_US);
        else if (logged_in && lease->count == 1)
            *lock_until_us = 0;
    }
}

void leases_return(struct leases *leases, const struct lease *lease, time_us ready_us)
{
    for (size_t i = 0; i < lease->count; i++) {
        leases->taken[lease->accounts[i]] = false;
        leases->ready_us[lease->accounts[i]] = ready_us;
    }
}
