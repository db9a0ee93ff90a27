/*
 * The preparation of a trial's mailbox: it is emptied and filled with what the scenario asks for, by the target's provisioner
 * or, where that cannot empty it, by sessions of POP3 that delete what they find. Private to run/.
 */
#ifndef RUN_PREPARATION_H
#define RUN_PREPARATION_H

#include "target/provisioner.h"

struct preparation;
struct trial;

struct preparation_options {
    int64_t login_delay_us; /* kept behind each session of our own */
    /* Once, if PROVISION_UNDER_WAY was returned; the trial may be freed then. ERROR is borrowed for the call. */
    void (*done)(void *context, enum provision_result result, const struct error *error);
    void *context;
};

/*
 * Prepares the mailbox of TRIAL's account 1, if there is one and mailboxes may be touched; the same messages if called again.
 * Where a scenario asks for `any` it gets an empty one, which is then the same in every run.
 */
enum provision_result trial_prepare(struct trial *trial, const struct preparation_options *options,
                                    struct error *error);

/* NULL is allowed. Not while the stage may still run what it began, unless it is done. */
void preparation_free(struct preparation *preparation);

#endif
