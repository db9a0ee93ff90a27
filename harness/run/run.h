/*
 * A run: selects scenarios, probes the target's abilities, leases accounts, prepares mailboxes, runs the step
 * machines on a stage, judges what came of it, and hands back plain results. Prints nothing; what a target
 * does is data.
 *
 *   run_select()    which cases a selection means, without a connection (also for --list)
 *   run_execute()   all of it
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "exec/machine.h"
#include "result/result.h"
#include "run/expectations.h"
#include "run/profile.h"
#include "scenario/suite.h"
#include "target/target.h"

#include <signal.h>

struct stage;

/* Told while the run goes on, from the thread that called run_execute. Any may be NULL. */
struct run_watcher {
    void (*case_started)(void *context, const char *id, const char *transport);
    /* RESULT is whole but for `unexpected` of audit cases, and lives as long as the run's arena. */
    void (*case_finished)(void *context, const struct case_result *result, size_t finished_count,
                          size_t total_count);
    /* Each line as it passes on the wire, redacted (-v): of cases, and of the probes before them. */
    void (*wire)(void *context, const char *id, const char *transport, const struct transcript_line *line);
    /* A rule of the auditor or the model was broken while the case ran. */
    void (*rule_broken)(void *context, const char *id, const char *transport, enum rule rule);
    /* A sentence about the run itself: probing, waiting for a lock. */
    void (*note)(void *context, const char *sentence);
    void *context;
};

struct run_options {
    const struct suite *suite;
    const struct ledger *ledger;
    const struct target *target;
    const struct stage *stage; /* where cases run (lab/builtin); NULL: TCP to `target` */

    const char *const *selection; /* prefixes, globs, clause ids; NULL at the end; NULL or none: all */
    const char *const *tags; /* NULL at the end; only scenarios with one of them; "slow" lets slow ones in */
    const char *const *skip_tags;
    const char *const *transports; /* names; "all"; NULL or none: the one that target->tls means */

    unsigned jobs;                /* sessions side by side; 0: one for each account, at most 8 */
    bool shuffled;                /* execution order is shuffled by `seed` */
    uint64_t seed;                /* of everything random in the run: message serials, order */
    unsigned bad_logins;          /* wrong passwords allowed; RUN_BAD_LOGINS_DEFAULT: 2 without provision */
    int64_t time_scale_percent;   /* 0: 100 */
    const char *const *variables; /* "name=value", NULL at the end; NULL: none */
    const struct expectations *expectations; /* NULL: none */
    enum profile profile;
    enum fail_on fail_on;
    unsigned failures_max; /* start no further case behind so many unexpected ones; 0: start all */
    unsigned retries; /* an unexpected case is run again so often; never one that sends wrong passwords */
    bool silence_confirmed; /* what fell silent is run once more, alone, before it is accused (schedule.c) */
    struct shard shard;
    bool keep_transcripts; /* of cases that passed too */

    const char *program; /* how the command that repeats a case begins: "pop3spec run --target t.yaml"; NULL:
                            "pop3spec run" */
    const char *command; /* the whole command line, for the report; NULL: not said */
    int64_t
        started_us; /* the wall's time since 1970: names and dates of delivered messages are made from it */
    const char *started; /* UTC, RFC 3339, for the report; NULL: not said */

    /* Read between events: not 0 ends the run as soon as possible, with what there is (a signal's number). */
    const volatile sig_atomic_t *stop;
    struct run_watcher watcher;
};

enum { RUN_BAD_LOGINS_DEFAULT = 0xFFFF };

/* A scenario over a transport. */
struct run_case {
    const struct scenario *scenario;
    const struct transport *transport;
};

struct run_selection {
    struct run_case *cases; /* in order of id, then transport */
    size_t count;
};

/*
 * The cases that OPTIONS means (suite, ledger, target->tls, selection, tags, transports), in ARENA. False
 * with ERROR_USAGE when a selection or transport is unknown (with a suggestion) or nothing is selected.
 */
bool run_select(const struct run_options *options, struct arena *arena, struct run_selection *ret_selection,
                struct error *error);

/* The transports in order, their number in *ret_count: for lists and help. */
const struct transport *run_transports(size_t *ret_count);

/*
 * Runs. RET_RESULT lives in ARENA and is set only on true. False: nothing ran, and ERROR says why:
 * ERROR_USAGE (nothing selected), ERROR_UNREACHABLE (the target cannot be reached or used), ERROR_HOST (this
 * machine).
 */
bool run_execute(const struct run_options *options, struct arena *arena, struct run_result *ret_result,
                 struct error *error);

#endif
