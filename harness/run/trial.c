#include "run/trial.h"

#include "base/memory.h"
#include "base/rng.h"
#include "result/transcript_live.h"
#include "run/credentials.h"

static void make_accounts(struct trial *trial)
{
    const struct target *target = trial->options.venue->target;
    size_t count = trial->options.account_count;

    trial->accounts = (struct account *)arena_new_array(&trial->arena, count, sizeof(*trial->accounts));
    for (size_t i = 0; i < count; i++) {
        trial->accounts[i] = credentials_account(target, &target->accounts[trial->options.accounts[i]]);
        if (trial->options.login != NULL)
            trial->accounts[i].login = *trial->options.login;
    }
}

struct delivered trial_make_message(struct trial *trial, const struct fixture *fixture)
{
    struct delivered message = {.fixture = fixture, .serial = rng_next(&trial->rng)};
    struct buf octets;

    buf_init(&octets, BUF_UNBOUNDED);
    fixture_deliver(fixture, message.serial, &octets);
    message.octets = arena_copy(&trial->arena, buf_bytes(&octets));
    buf_release(&octets);
    return message;
}

/* Lint has found every fixture that a scenario names. */
static void make_mailbox(struct trial *trial)
{
    const struct scenario *scenario = trial->options.scenario;

    trial->mailbox =
        (struct delivered *)arena_new_array(&trial->arena, scenario->mailbox_count, sizeof(*trial->mailbox));
    for (size_t i = 0; i < scenario->mailbox_count; i++)
        trial->mailbox[i] =
            trial_make_message(trial, fixture_find(trial->options.fixtures, scenario->mailbox[i]));
}

struct trial *trial_new(struct run_context *run, const struct trial_options *options)
{
    struct trial *trial = (struct trial *)memory_new(sizeof(*trial));

    trial->run = run;
    trial->options = *options;
    arena_init(&trial->arena, SIZE_MAX);
    rng_init(&trial->rng, options->serial_seed);
    make_accounts(trial);
    make_mailbox(trial);
    return trial;
}

void trial_free(struct trial *trial)
{
    if (trial == NULL)
        return;
    preparation_free(trial->preparation);
    host_work_release(&trial->host_work);
    if (trial->machine != NULL)
        machine_free(trial->machine);
    transcript_live_free(trial->live);
    arena_release(&trial->arena);
    free(trial);
}

/* ---- the machine ---- */

static struct audit_trial audit_name(const struct trial *trial)
{
    return (struct audit_trial){trial, trial->options.scenario->id, trial->options.transport->name};
}

static void observe(void *context, const struct observation *observation)
{
    struct trial *trial = (struct trial *)context;
    struct audit_trial name = audit_name(trial);
    const struct run_watcher *watcher = &trial->run->options->watcher;

    audit_observe(&trial->run->audit, &name, observation);
    trial->breaches[observation->rule]++;
    if (watcher->rule_broken != NULL)
        watcher->rule_broken(watcher->context, name.id, name.transport, observation->rule);
}

static void line_passed(void *context, const struct transcript_line *line)
{
    const struct trial *trial = (const struct trial *)context;
    const struct run_watcher *watcher = &trial->run->options->watcher;

    watcher->wire(watcher->context, trial->options.scenario->id, trial->options.transport->name, line);
}

static void machine_done(void *context, void *actor)
{
    struct trial *trial = (struct trial *)context;
    struct audit_trial name = audit_name(trial);

    (void)actor;
    transcript_live_free(trial->live);
    trial->live = NULL;
    host_work_undo(trial);
    audit_finish(&trial->run->audit, &name, trial->machine);
    if (trial->options.done != NULL)
        trial->options.done(trial->options.context, trial);
}

static struct machine_options machine_options_of(struct trial *trial)
{
    const struct run_options *run = trial->run->options;
    const struct target *target = trial->options.venue->target;

    return (struct machine_options){
        .scenario = trial->options.scenario,
        .fixtures = trial->options.fixtures,
        .accounts = trial->accounts,
        .account_count = trial->options.account_count,
        .mailbox = trial->mailbox,
        .mailbox_count = trial->options.scenario->mailbox_count,
        .facts = trial->options.facts,
        .transport = *trial->options.transport,
        .credentials = run_credentials,
        .may_delete = trial->options.venue->provisioner.ops != NULL,
        .reply_timeout_us = target->reply_timeout_us,
        .login_patience_us = trial->options.login_patience_us,
        .lock_may_stay = trial->options.lock_may_stay,
        .time_scale_percent = run->time_scale_percent == 0 ? 100 : run->time_scale_percent,
        .variables = run->variables,
        .observer = {observe, trial},
        .listener = trial->live != NULL ? transcript_live_listener(trial->live)
                                        : (struct transcript_listener){NULL, NULL},
    };
}

void trial_start(struct trial *trial)
{
    if (trial->run->options->watcher.wire != NULL)
        trial->live = transcript_live_new(trial->run->redactor, line_passed, trial);
    const struct driver_hooks hooks = {.context = trial, .done = machine_done, .host = host_work_begin};
    const struct machine_options options = machine_options_of(trial);
    const struct stage *stage = trial->run->stage;

    trial->machine = machine_new(&options);
    stage->ops->add(stage->context, trial->options.venue, &machine_actor_ops, trial->machine, &hooks);
}

bool trial_run(struct trial *trial)
{
    const struct stage *stage = trial->run->stage;

    trial_start(trial);
    return stage->ops->run(stage->context, trial->run->options->stop);
}
