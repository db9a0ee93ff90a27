#include "run/host_work.h"

#include "run/trial.h"

/*
 * A delivery agent that finds a mailbox locked tries again a little later. A lock that lasts longer than any that is held
 * for a moment is the session's own: mail cannot arrive while it goes on.
 */
#define LOCK_PATIENCE_US    (2 * US_PER_S)
#define LOCK_TRIES_APART_US (100 * US_PER_MS)

static const struct provisioner *provisioner_of(const struct trial *trial)
{
    return &trial->options.venue->provisioner;
}

static time_us now_of(const struct trial *trial)
{
    const struct stage *stage = trial->run->stage;

    return stage->ops->now(stage->context, trial->options.venue);
}

static enum host_result host_result_of(enum provision_result result)
{
    switch (result) {
    case PROVISION_DONE:
        return HOST_DONE;
    case PROVISION_BUSY:
    case PROVISION_REFUSED:
        return HOST_IMPOSSIBLE;
    case PROVISION_UNDER_WAY:
        return HOST_UNDER_WAY;
    case PROVISION_FAILED:
        break;
    }
    return HOST_FAILED;
}

static void finish(struct trial *trial, enum provision_result result, const struct error *error)
{
    struct host_call *call = trial->host_work.call;

    trial->host_work.call = NULL;
    driver_host_finish(call, host_result_of(result), result == PROVISION_DONE ? NULL : error->text);
}

/* ---- delivering ---- */

static void errand_done(void *context, void *actor)
{
    struct trial *trial = (struct trial *)context;
    struct errand errand = trial->host_work.errand;
    struct error error;
    enum provision_result result = errand.finish(actor, &error);

    trial->host_work.errand.actor = NULL;
    errand.free(actor);
    finish(trial, result, &error);
}

static enum provision_result send_message(struct trial *trial)
{
    const struct provisioner *provisioner = provisioner_of(trial);
    const struct driver_hooks hooks = {.context = trial, .done = errand_done};
    const struct stage *stage = trial->run->stage;

    trial->host_work.errand = provisioner->ops->send_message(provisioner->context, trial->accounts[0].user,
                                                             trial->host_work.message);
    stage->ops->add_errand(stage->context, trial->options.venue, &trial->host_work.errand, &hooks);
    return PROVISION_UNDER_WAY;
}

static enum provision_result try_delivery(struct trial *trial, struct error *error);

static void lock_pause_done(void *context, void *actor)
{
    struct trial *trial = (struct trial *)context;
    struct error error;
    enum provision_result result = try_delivery(trial, &error);

    (void)actor;
    if (result != PROVISION_UNDER_WAY)
        finish(trial, result, &error);
}

static enum provision_result wait_for_lock(struct trial *trial)
{
    const struct driver_hooks hooks = {.context = trial, .done = lock_pause_done};
    const struct stage *stage = trial->run->stage;

    trial->host_work.pause.until_us = time_after(now_of(trial), LOCK_TRIES_APART_US);
    stage->ops->add(stage->context, trial->options.venue, &pause_actor_ops, &trial->host_work.pause, &hooks);
    return PROVISION_UNDER_WAY;
}

static enum provision_result try_delivery(struct trial *trial, struct error *error)
{
    const struct provisioner *provisioner = provisioner_of(trial);
    enum provision_result result = provisioner->ops->deliver(provisioner->context, trial->accounts[0].user,
                                                             trial->host_work.message, error);

    if (result != PROVISION_BUSY || now_of(trial) >= trial->host_work.give_up_us)
        return result;
    return wait_for_lock(trial);
}

static enum provision_result deliver(struct trial *trial, const char *noun, struct error *error)
{
    const struct provisioner *provisioner = provisioner_of(trial);
    const struct fixture *fixture = fixture_find(trial->options.fixtures, noun);

    if (fixture == NULL) {
        error_set(error, ERROR_HOST, "there is no fixture %s", noun);
        return PROVISION_FAILED;
    }
    if (provisioner->ops->may_arrive_later) {
        error_set(error, ERROR_HOST, "mail that is sent by SMTP may arrive when the session is over");
        return PROVISION_REFUSED;
    }
    trial->host_work.message = trial_make_message(trial, fixture).octets;
    trial->host_work.give_up_us = time_after(now_of(trial), LOCK_PATIENCE_US);
    return provisioner->ops->send_message != NULL ? send_message(trial) : try_delivery(trial, error);
}

/* ---- provoking ---- */

static enum provision_result provoke(const struct trial *trial, const char *noun, struct error *error)
{
    const struct provisioner *provisioner = provisioner_of(trial);
    bool on = bytes_equal(bytes_of(noun), BYTES_LITERAL("update-failure"));

    if (provisioner->ops->provoke == NULL) {
        error_set(error, ERROR_HOST, "this target cannot be made to fail at UPDATE");
        return PROVISION_FAILED;
    }
    return provisioner->ops->provoke(provisioner->context, trial->accounts[0].user, "update-failure", on,
                                     error);
}

void host_work_undo(const struct trial *trial)
{
    struct error ignored;

    if (trial->options.scenario->effects.provokes && trial->options.account_count > 0 &&
        provisioner_of(trial)->ops != NULL)
        provoke(trial, "update-recovery", &ignored);
}

/* ---- the hook ---- */

enum host_result host_work_begin(void *context, void *actor, const char *verb, const char *noun,
                                 struct host_call *call, struct buf *ret_reason)
{
    struct trial *trial = (struct trial *)context;
    enum provision_result result = PROVISION_FAILED;
    struct error error;

    (void)actor;
    trial->host_work.call = call;
    if (provisioner_of(trial)->ops == NULL || trial->options.account_count == 0)
        error_set(&error, ERROR_HOST, "the mailbox may not be touched");
    else if (bytes_equal(bytes_of(verb), BYTES_LITERAL("deliver")))
        result = deliver(trial, noun, &error);
    else if (bytes_equal(bytes_of(verb), BYTES_LITERAL("provoke")))
        result = provoke(trial, noun, &error);
    else
        error_set(&error, ERROR_HOST, "nobody knows how to %s", verb);
    if (result != PROVISION_DONE && result != PROVISION_UNDER_WAY)
        buf_append_text(ret_reason, error.text);
    return host_result_of(result);
}

void host_work_release(struct host_work *work)
{
    if (work->errand.actor != NULL)
        work->errand.free(work->errand.actor);
    work->errand.actor = NULL;
}
