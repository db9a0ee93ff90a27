#include "run/preparation.h"

#include "base/memory.h"
#include "run/probes.h"
#include "run/transports.h"
#include "run/wire_reading.h"

enum {
    REMOVED_IN_A_SESSION_MAX = 500,
};

/* Between two looks whether mail has arrived; each doubles it. */
#define FIRST_LOOK_APART_US (50 * US_PER_MS)
#define LOOKS_APART_US      (2 * US_PER_S)

enum preparation_step {
    STEP_EMPTY,   /* by the provisioner; or: how many messages are there? */
    STEP_REMOVE,  /* that many, by a session */
    STEP_FILL,    /* with the next message */
    STEP_CONFIRM, /* a session looks whether they have arrived */
    STEP_READY,
};

struct preparation {
    struct trial *trial;
    struct preparation_options options;
    enum preparation_step step;
    bool begun;            /* the step is: RESULT is what came of it, once nothing is waited for */
    size_t delivered;      /* messages */
    uint64_t found;        /* messages that the last session counted */
    struct errand errand;  /* actor NULL: none runs */
    struct trial *session; /* NULL: none runs */
    struct suite removal;  /* what SESSION runs when it removes */
    bool removal_made;
    struct pause pause;
    int64_t apart_us;   /* until the next look */
    time_us give_up_us; /* mail that has not arrived then is lost */
    enum provision_result result;
    struct error error;
};

static const struct provisioner *provisioner_of(const struct preparation *preparation)
{
    return &preparation->trial->options.venue->provisioner;
}

static const char *user_of(const struct preparation *preparation)
{
    return preparation->trial->accounts[0].user;
}

/* The messages are seen by sessions alone: nobody else empties the mailbox, or says when mail is in it. */
static bool works_by_sessions(const struct preparation *preparation)
{
    const struct provisioner_ops *ops = provisioner_of(preparation)->ops;

    return ops->reset == NULL && ops->send_reset == NULL;
}

static time_us now_of(const struct preparation *preparation)
{
    const struct stage *stage = preparation->trial->run->stage;

    return stage->ops->now(stage->context, preparation->trial->options.venue);
}

static enum provision_result advance(struct preparation *preparation);

/* Goes on behind something that was waited for. */
static void resume(struct preparation *preparation)
{
    enum provision_result result = advance(preparation);

    if (result != PROVISION_UNDER_WAY)
        preparation->options.done(preparation->options.context, result, &preparation->error);
}

static enum provision_result fail(struct preparation *preparation, const char *text)
{
    error_set(&preparation->error, ERROR_UNREACHABLE, "%s", text);
    return PROVISION_FAILED;
}

/* ---- errands ---- */

static void errand_done(void *context, void *actor)
{
    struct preparation *preparation = (struct preparation *)context;
    struct errand errand = preparation->errand;

    preparation->result = errand.finish(actor, &preparation->error);
    preparation->errand.actor = NULL;
    errand.free(actor);
    resume(preparation);
}

static enum provision_result run_errand(struct preparation *preparation, struct errand errand)
{
    const struct driver_hooks hooks = {.context = preparation, .done = errand_done};
    const struct stage *stage = preparation->trial->run->stage;

    preparation->errand = errand;
    stage->ops->add_errand(stage->context, preparation->trial->options.venue, &preparation->errand, &hooks);
    return PROVISION_UNDER_WAY;
}

/* ---- sessions ---- */

static void release_removal(struct preparation *preparation)
{
    if (preparation->removal_made)
        suite_release(&preparation->removal);
    preparation->removal_made = false;
}

static void pause_done(void *context, void *actor)
{
    (void)actor;
    resume((struct preparation *)context);
}

static enum provision_result pause_for(struct preparation *preparation, int64_t span_us)
{
    const struct driver_hooks hooks = {.context = preparation, .done = pause_done};
    const struct stage *stage = preparation->trial->run->stage;

    preparation->pause.until_us = time_after(now_of(preparation), span_us);
    stage->ops->add(stage->context, preparation->trial->options.venue, &pause_actor_ops, &preparation->pause,
                    &hooks);
    return PROVISION_UNDER_WAY;
}

/* The number of messages in the answer to STAT. */
static bool read_count(const struct transcript *transcript, uint64_t *ret_count)
{
    struct bytes rest;
    struct bytes word;
    struct buf answer;
    bool ok;

    buf_init(&answer, TRANSCRIPT_OCTETS_MAX);
    ok = wire_answer(transcript, "STAT", 1, &answer);
    rest = buf_bytes(&answer);
    ok = ok && bytes_split(&rest, ' ', &word) && bytes_split(&rest, ' ', &word) &&
         bytes_to_u64(word, ret_count);
    buf_release(&answer);
    return ok;
}

static void judge_session(struct preparation *preparation, const struct trial *session)
{
    const struct outcome *outcome = machine_outcome(session->machine);
    struct buf text;

    preparation->result = PROVISION_DONE;
    if (outcome->kind == OUTCOME_PASSED &&
        (preparation->step == STEP_REMOVE ||
         read_count(machine_transcript(session->machine), &preparation->found)))
        return;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text,
                      "account \"%s\": a session that was to %s did not succeed: ", user_of(preparation),
                      preparation->step == STEP_REMOVE ? "empty the mailbox" : "count the messages");
    if (outcome->kind == OUTCOME_FAILED || outcome->kind == OUTCOME_PASSED)
        wire_last_exchange(machine_transcript(session->machine), &text);
    else
        buf_append(&text, buf_bytes(&outcome->reason));
    preparation->result = fail(preparation, buf_text(&text));
    if (outcome->locked_out)
        preparation->result = PROVISION_BUSY;
    buf_release(&text);
}

static void session_done(void *context, struct trial *session)
{
    struct preparation *preparation = (struct preparation *)context;

    judge_session(preparation, session);
    preparation->session = NULL;
    trial_free(session);
    release_removal(preparation);
    if (preparation->options.login_delay_us > 0)
        pause_for(preparation, preparation->options.login_delay_us);
    else
        resume(preparation);
}

static enum provision_result run_session(struct preparation *preparation, const struct scenario *scenario)
{
    const struct trial *trial = preparation->trial;
    const struct trial_options options = {
        .scenario = scenario,
        .fixtures = &trial->run->probes->suite.fixtures,
        .venue = trial->options.venue,
        .transport = transport_of_target(trial->options.venue->target),
        .facts = trial->options.facts,
        .accounts = {trial->options.accounts[0]},
        .account_count = 1,
        .login_patience_us = trial->options.venue->target->login_patience_us,
        .lock_may_stay = trial->options.lock_may_stay,
        .done = session_done,
        .context = preparation,
    };

    preparation->session = trial_new(trial->run, &options);
    trial_start(preparation->session);
    return PROVISION_UNDER_WAY;
}

static enum provision_result count_messages(struct preparation *preparation)
{
    return run_session(preparation, preparation->trial->run->probes->scenarios[PROBE_COUNT_MESSAGES]);
}

static enum provision_result remove_messages(struct preparation *preparation)
{
    size_t count =
        preparation->found < REMOVED_IN_A_SESSION_MAX ? (size_t)preparation->found : REMOVED_IN_A_SESSION_MAX;

    preparation->removal_made = true;
    return run_session(preparation,
                       probes_removal(preparation->trial->run->probes, count, &preparation->removal));
}

/* ---- the steps ---- */

static enum provision_result begin_emptying(struct preparation *preparation)
{
    const struct provisioner *provisioner = provisioner_of(preparation);

    if (provisioner->ops->reset != NULL)
        return provisioner->ops->reset(provisioner->context, user_of(preparation), &preparation->error);
    if (provisioner->ops->send_reset != NULL)
        return run_errand(preparation,
                          provisioner->ops->send_reset(provisioner->context, user_of(preparation)));
    return count_messages(preparation);
}

static enum provision_result begin_delivery(struct preparation *preparation)
{
    const struct provisioner *provisioner = provisioner_of(preparation);
    struct bytes message = preparation->trial->mailbox[preparation->delivered].octets;

    if (provisioner->ops->deliver != NULL)
        return provisioner->ops->deliver(provisioner->context, user_of(preparation), message,
                                         &preparation->error);
    return run_errand(preparation,
                      provisioner->ops->send_message(provisioner->context, user_of(preparation), message));
}

static enum provision_result begin_step(struct preparation *preparation)
{
    switch (preparation->step) {
    case STEP_EMPTY:
        return begin_emptying(preparation);
    case STEP_REMOVE:
        return remove_messages(preparation);
    case STEP_FILL:
        return begin_delivery(preparation);
    case STEP_CONFIRM:
        return count_messages(preparation);
    case STEP_READY:
        break;
    }
    return PROVISION_DONE;
}

/* Where there are messages left to deliver, the next; else the end. */
static enum preparation_step step_behind_filling(const struct preparation *preparation)
{
    return preparation->delivered < preparation->trial->options.scenario->mailbox_count ? STEP_FILL
                                                                                        : STEP_READY;
}

/* A queue may bring messages in any order, so each is waited for where there is one; else all at once. */
static enum preparation_step step_behind_delivery(struct preparation *preparation)
{
    enum preparation_step next = step_behind_filling(preparation);

    if (!works_by_sessions(preparation) ||
        (next == STEP_FILL && !provisioner_of(preparation)->ops->may_arrive_later))
        return next;
    preparation->apart_us = FIRST_LOOK_APART_US;
    preparation->give_up_us =
        time_after(now_of(preparation), preparation->trial->options.venue->target->provision_timeout_us);
    return STEP_CONFIRM;
}

/* What the count says; UNDER_WAY when it is looked again later. */
static enum provision_result confirm(struct preparation *preparation)
{
    char text[160];

    if (preparation->found == preparation->delivered) {
        preparation->step = step_behind_filling(preparation);
        return PROVISION_DONE;
    }
    if (preparation->found < preparation->delivered && now_of(preparation) < preparation->give_up_us) {
        int64_t apart_us = preparation->apart_us;

        preparation->apart_us = 2 * apart_us < LOOKS_APART_US ? 2 * apart_us : LOOKS_APART_US;
        return pause_for(preparation, apart_us);
    }
    snprintf(text, sizeof(text), "the mailbox holds %llu message%s where %zu should have been delivered",
             (unsigned long long)preparation->found, preparation->found == 1 ? "" : "s",
             preparation->delivered);
    return fail(preparation, text);
}

/* The step at hand is done. */
static enum provision_result leave_step(struct preparation *preparation)
{
    switch (preparation->step) {
    case STEP_EMPTY:
        if (!works_by_sessions(preparation) || preparation->found == 0)
            preparation->step = step_behind_filling(preparation);
        else
            preparation->step = STEP_REMOVE;
        return PROVISION_DONE;
    case STEP_REMOVE:
        preparation->step =
            preparation->found > REMOVED_IN_A_SESSION_MAX ? STEP_EMPTY : step_behind_filling(preparation);
        return PROVISION_DONE;
    case STEP_FILL:
        preparation->delivered++;
        preparation->step = step_behind_delivery(preparation);
        return PROVISION_DONE;
    case STEP_CONFIRM:
        return confirm(preparation);
    case STEP_READY:
        break;
    }
    return PROVISION_DONE;
}

static enum provision_result advance(struct preparation *preparation)
{
    while (preparation->step != STEP_READY) {
        enum provision_result result;

        if (!preparation->begun) {
            preparation->begun = true;
            preparation->result = begin_step(preparation);
        }
        if (preparation->result != PROVISION_DONE)
            return preparation->result;
        preparation->begun = false;
        result = leave_step(preparation);
        if (result != PROVISION_DONE)
            return result;
    }
    return PROVISION_DONE;
}

enum provision_result trial_prepare(struct trial *trial, const struct preparation_options *options,
                                    struct error *error)
{
    struct preparation *preparation;
    enum provision_result result;

    if (trial->options.venue->provisioner.ops == NULL || trial->options.account_count == 0)
        return PROVISION_DONE;
    preparation_free(trial->preparation);
    preparation = (struct preparation *)memory_new(sizeof(*preparation));
    trial->preparation = preparation;
    preparation->trial = trial;
    preparation->options = *options;
    result = advance(preparation);
    *error = preparation->error;
    return result;
}

void preparation_free(struct preparation *preparation)
{
    if (preparation == NULL)
        return;
    if (preparation->errand.actor != NULL)
        preparation->errand.free(preparation->errand.actor);
    trial_free(preparation->session);
    release_removal(preparation);
    free(preparation);
}
