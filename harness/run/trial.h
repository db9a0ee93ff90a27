/*
 * A trial: one run of the step machine at a venue, with leased accounts and a mailbox prepared for it. Cases are trials,
 * and so are the probes by which abilities are learnt. Private to run/.
 */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include "base/rng.h"
#include "run/context.h"
#include "run/host_work.h"
#include "run/preparation.h"

struct trial;

struct trial_options {
    const struct scenario *scenario;
    const struct fixture_set *fixtures;
    const struct venue *venue;
    const struct transport *transport;
    struct target_facts facts;
    size_t accounts[CONNECTIONS_MAX]; /* indexes into the target's accounts: {user}, {user 2}, ... */
    size_t account_count;
    const enum login_method *login; /* instead of the account's own way; NULL: its own */
    int64_t login_patience_us;
    bool lock_may_stay;   /* an earlier trial left a session of these accounts without QUIT */
    uint64_t serial_seed; /* of the serials of the messages delivered for it */
    void (*done)(void *context, struct trial *trial); /* the machine is done; the trial may be freed */
    void *context;
};

struct trial {
    struct run_context *run;
    struct trial_options options;
    struct arena arena;
    struct account *accounts;
    struct delivered *mailbox;       /* scenario->mailbox_count of them */
    struct rng rng;                  /* of serials for what is delivered while it runs */
    struct preparation *preparation; /* NULL: none was begun */
    struct host_work host_work;      /* what a step does outside the wire */
    struct machine *machine;         /* NULL until trial_start */
    struct transcript_live *live;    /* NULL: nobody watches the wire */
    uint64_t breaches[RULE_COUNT];   /* what the audit has heard of it */
};

/* What OPTIONS points to must outlive the trial, which is freed with trial_free. */
struct trial *trial_new(struct run_context *run, const struct trial_options *options);
void trial_free(struct trial *trial);

/* A new message from FIXTURE, with a serial of its own; in the trial's arena. */
struct delivered trial_make_message(struct trial *trial, const struct fixture *fixture);

/* Hands the machine to the stage. */
void trial_start(struct trial *trial);

/* Starts it and runs the stage until it is done: for probes. False when the run was stopped meanwhile. */
bool trial_run(struct trial *trial);

#endif
