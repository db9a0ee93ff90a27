/*
 * Leases: one account belongs to one trial at a time, and is not used again before its login delay is over. A scenario
 * without login takes none. Private to run/.
 */
#ifndef RUN_LEASES_H
#define RUN_LEASES_H

#include "base/limits.h"
#include "scenario/program.h"
#include "target/target.h"

struct leases {
    const struct target *target;
    bool taken[TARGET_ACCOUNTS_MAX];
    time_us ready_us[TARGET_ACCOUNTS_MAX];
    time_us
        lock_until_us[TARGET_ACCOUNTS_MAX]; /* so long a lock may stay behind a session that was dropped */
    time_us rest_until_us;                  /* nothing at all is begun before */
};

struct lease {
    size_t accounts[CONNECTIONS_MAX];
    size_t count;
};

void leases_init(struct leases *leases, const struct target *target);

/* True when SCENARIO is about a mechanism in which the client shows a token. */
bool leases_want_token(const struct scenario *scenario);

/* How many accounts SCENARIO works with. */
size_t leases_wanted(const struct scenario *scenario);
/* How many of TARGET's accounts can be account 1 of SCENARIO (where it needs APOP, not all can). */
size_t leases_fitting(const struct target *target, const struct scenario *scenario);

/*
 * Takes the accounts that SCENARIO needs. False when some are taken, or not ready at NOW_US: *ret_ready_us is then when
 * they will be, TIME_NEVER while they are taken.
 */
bool leases_take(struct leases *leases, const struct scenario *scenario, time_us now_us,
                 struct lease *ret_lease, time_us *ret_ready_us);
/* Begins nothing before UNTIL_US: what a server does to an address behind a wrong password must be over. */
void leases_rest(struct leases *leases, time_us until_us);
/* True when a lock may still be on one of LEASE's maildrops that a session left behind which ended without QUIT. */
bool leases_may_be_locked(const struct leases *leases, const struct lease *lease, time_us now_us);
/* What the case that had LEASE left behind, see struct outcome. */
void leases_note_sessions(struct leases *leases, const struct lease *lease, bool logged_in, bool left_session,
                          time_us now_us);
/* Gives them back; they are ready again at READY_US. */
void leases_return(struct leases *leases, const struct lease *lease, time_us ready_us);

#endif
