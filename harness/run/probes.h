/*
 * Probes: small built-in scenarios by which a target's abilities are learnt, each on a connection of its own. They are
 * compiled like any scenario and run by the same machine, under the same safety rules. Private to run/.
 */
#ifndef RUN_PROBES_H
#define RUN_PROBES_H

#include "run/trial.h"
#include "scenario/suite.h"

enum probe {
    PROBE_TWO_CONNECTIONS, /* greeted side by side */
    PROBE_CAPABILITIES,    /* CAPA behind the greeting */
    PROBE_LOGIN,           /* the login, and CAPA behind it */
    PROBE_TOP,             /* with a message that is there */
    PROBE_UIDL,
    PROBE_LAST,
    PROBE_STLS,
    PROBE_STLS_HANDSHAKE, /* and the handshake behind it */
    PROBE_IMPLICIT_TLS,
    PROBE_LOCK_USER_PASS, /* a second login while the first session lasts */
    PROBE_LOCK_APOP,
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    PROBE_CHALLENGE_##name, PROBE_LOCK_AUTH_##name,
#include "pop3/mechanisms.def"
#undef MECHANISM
    PROBE_STORE, /* retrieves what was delivered */
    PROBE_COUNT_MESSAGES,
    PROBE_ARRIVAL, /* whether a delivered message can be seen at all */
    PROBE_COUNT,
};

/* The messages that PROBE_STORE delivers and retrieves: enough that a random order is not taken for theirs. */
enum { PROBE_STORE_MESSAGES = 8 };

struct probes {
    struct suite suite;
    const struct ledger *ledger;
    const struct scenario *scenarios[PROBE_COUNT]; /* NULL: it cannot be built (no suitable fixtures) */
};

/*
 * Compiles them. Where mailboxes may be filled (PROVISIONED) they deliver what they try, from FIXTURES; elsewhere they take what is
 * there. Freed with probes_release.
 */
void probes_init(struct probes *probes, const struct fixture_set *fixtures, bool provisioned,
                 const struct ledger *ledger);
void probes_release(struct probes *probes);

/*
 * A scenario that removes messages 1 to COUNT and leaves by QUIT, compiled into SUITE, which the caller releases behind
 * whatever runs it.
 */
const struct scenario *probes_removal(const struct probes *probes, size_t count, struct suite *suite);

/* What a probe is run with. */
struct probe_setting {
    const struct venue *venue;
    const struct transport *transport;
    struct target_facts facts;
    size_t account;                 /* index into the target's accounts */
    const enum login_method *login; /* NULL: the account's own */
    int64_t login_patience_us;
    int64_t login_delay_us; /* waited for behind a probe that logs in, so that the next one may */
};

/*
 * Runs PROBE, once more a little later for each time that the mailbox is locked by somebody. The trial is done, and the
 * caller frees it. NULL with *ret_reason (in the run's arena) when it could not be run.
 */
struct trial *probe_run(struct probes *probes, struct run_context *run, enum probe probe,
                        const struct probe_setting *setting, const char **ret_reason);

/*
 * Prepares TRIAL's mailbox, however long somebody else's lock on it lasts within the target's patience, and runs the stage
 * meanwhile. False with ERROR when it cannot be done.
 */
bool probe_prepare(struct run_context *run, struct trial *trial, int64_t login_delay_us, struct error *error);

/* Waits at VENUE. */
void probe_wait(struct run_context *run, const struct venue *venue, int64_t span_us);

#endif
