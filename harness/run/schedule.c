#include "run/schedule.h"

#include "base/rng.h"
#include "run/case_report.h"
#include "run/knock.h"
#include "run/pause.h"
#include "run/verdict.h"

enum {
    JOBS_DEFAULT_MAX = 8,
    FAILED_PREPARATIONS_MAX = 5, /* in a row: then no other is tried */
    SILENCES_CONFIRMED_MAX = 3,  /* a target that was silent again so often is silent */
};

/* A mailbox that the server still holds locked is tried again after so long. */
#define LOCKED_MAILBOX_APART_US (250 * US_PER_MS)

struct schedule {
    struct plan *plan;
    struct leases *leases; /* by venue */
    size_t *order;         /* indexes of cases, in order of execution */
    size_t order_first;    /* all before it are begun or done */
    size_t total_count;    /* cases of the plan */
    size_t done_count;
    unsigned unexpected_count;
    unsigned jobs;
    unsigned active;
    unsigned silence_count; /* cases that fell silent the second time, too */
    bool alone;             /* a case runs beside which nothing else may begin */
    bool ended_early;       /* --max-failures */
    bool pausing;
    struct pause pause;
    bool knocking;
    struct knock knock;
    const char *death;      /* NULL: alive */
    unsigned failure_count; /* preparations that failed since the last that did not */
    const char *unprepared; /* NULL: mailboxes can be prepared */
    enum verdict unprepared_verdict;
};

static void start_more(struct schedule *schedule);

static struct run_context *run_of(const struct schedule *schedule)
{
    return schedule->plan->run;
}

static const struct venue *venue_of(const struct schedule *schedule, const struct planned *one)
{
    return &run_of(schedule)->stage->venues[one->venue];
}

static time_us now_at(const struct schedule *schedule, const struct venue *venue)
{
    const struct stage *stage = run_of(schedule)->stage;

    return stage->ops->now(stage->context, venue);
}

/*
 * Wrong passwords may bring delays or a ban upon the account or the address, unless the target says otherwise; and silence is
 * only believed where nothing else kept the target busy.
 */
static bool wants_to_be_alone(const struct schedule *schedule, const struct planned *one)
{
    return one->in_doubt || (one->bad_logins > 0 && !venue_of(schedule, one)->target->bad_logins_together);
}

/* ---- results ---- */

static void tell_watcher(struct schedule *schedule, const struct planned *one)
{
    const struct run_watcher *watcher = &run_of(schedule)->options->watcher;

    if (watcher->case_finished != NULL)
        watcher->case_finished(watcher->context, &one->result, schedule->done_count, schedule->total_count);
}

static bool is_unexpected(const struct schedule *schedule, const struct case_result *result)
{
    const struct run_options *options = run_of(schedule)->options;

    return expectations_foresee(options->expectations, result) == NULL &&
           verdict_case_is_unexpected(result, options->fail_on);
}

static void count_done(struct schedule *schedule, struct planned *one)
{
    const struct run_options *options = run_of(schedule)->options;

    one->state = PLANNED_DONE;
    one->result.unexpected = is_unexpected(schedule, &one->result);
    one->result.attempts = one->attempts;
    schedule->done_count++;
    schedule->unexpected_count += one->result.unexpected;
    schedule->ended_early = options->failures_max > 0 && schedule->unexpected_count >= options->failures_max;
    tell_watcher(schedule, one);
}

static void leave_out(struct schedule *schedule, struct planned *one, enum verdict verdict,
                      const char *reason, const char *evidence)
{
    if (one->failed != NULL)
        one->result = *one->failed;
    else
        case_report_without(run_of(schedule), one->wanted, verdict, reason, evidence, &one->result);
    count_done(schedule, one);
}

/* ---- trying again ---- */

static bool has_breaches(const struct trial *trial)
{
    for (size_t rule = 0; rule < RULE_COUNT; rule++) {
        if (trial->breaches[rule] > 0)
            return true;
    }
    return false;
}

/*
 * No RFC says how soon a server must answer. One that is overloaded, or a machine that is, may let the deadline pass; so what
 * is told by silence alone is told when it is silent again, with nothing else to do.
 */
static bool is_in_doubt(struct schedule *schedule, const struct planned *one, const struct trial *trial)
{
    if (!run_of(schedule)->options->silence_confirmed || !machine_outcome(trial->machine)->in_vain ||
        (!is_unexpected(schedule, &one->result) && !has_breaches(trial)))
        return false;
    schedule->silence_count += one->in_doubt;
    return !one->in_doubt && schedule->silence_count < SILENCES_CONFIRMED_MAX;
}

/* Wrong passwords are never sent again: accounts get locked. */
static bool is_tried_again(struct schedule *schedule, struct planned *one, const struct trial *trial)
{
    if (one->bad_logins > 0 || one->result.verdict == VERDICT_ERROR)
        return false;
    if (is_in_doubt(schedule, one, trial)) {
        one->in_doubt = true;
        return true;
    }
    return one->attempts <= run_of(schedule)->options->retries && is_unexpected(schedule, &one->result);
}

static void keep_first_try(struct arena *arena, struct planned *one)
{
    struct case_result *failed = (struct case_result *)arena_new(arena, sizeof(*failed));

    *failed = one->result;
    one->failed = failed;
    one->breaches = (uint64_t *)arena_new_array(arena, RULE_COUNT, sizeof(*one->breaches));
}

static void try_again(struct schedule *schedule, struct planned *one, const uint64_t *breaches)
{
    struct run_context *run = run_of(schedule);

    if (one->failed == NULL)
        keep_first_try(run->arena, one);
    for (size_t rule = 0; rule < RULE_COUNT; rule++)
        one->breaches[rule] += breaches[rule];
    case_report_begin(run, one->wanted, &one->result);
    one->state = PLANNED_WAITING;
    one->blocked_since_us = TIME_NEVER;
    schedule->order_first = 0;
}

/* The last try came out otherwise than the first: it counts, and what the first one saw is kept. */
static void take_last_try(struct schedule *schedule, struct planned *one)
{
    struct run_context *run = run_of(schedule);

    if (one->failed == NULL || is_unexpected(schedule, &one->result))
        return;
    audit_set_aside(&run->audit, one->breaches);
    if (is_unexpected(schedule, one->failed)) /* else only the audit had something to say */
        case_report_flaky(run, one->failed, one->attempts, &one->result);
}

/* ---- is it still alive? ---- */

static void knock_done(void *context, void *actor)
{
    struct schedule *schedule = (struct schedule *)context;

    (void)actor;
    schedule->knocking = false;
    if (!schedule->knock.answered)
        schedule->death = arena_text(run_of(schedule)->arena, bytes_of(schedule->knock.reason));
    start_more(schedule);
}

static void begin_knock(struct schedule *schedule, const struct venue *venue)
{
    const struct stage *stage = run_of(schedule)->stage;
    const struct driver_hooks hooks = {.context = schedule, .done = knock_done};
    const struct target *target = venue->target;

    if (schedule->knocking || schedule->death != NULL)
        return;
    schedule->knocking = true;
    knock_init(&schedule->knock, target->port == 0, target->reply_timeout_us);
    stage->ops->add(stage->context, venue, &knock_actor_ops, &schedule->knock, &hooks);
}

/* ---- one case ---- */

static void case_done(void *context, struct trial *trial)
{
    struct planned *one = (struct planned *)context;
    struct schedule *schedule = one->schedule;
    struct leases *leases = &schedule->leases[one->venue];
    const struct outcome *outcome = machine_outcome(trial->machine);
    time_us now_us = now_at(schedule, venue_of(schedule, one));

    case_report_finish(run_of(schedule), trial, &one->result);
    leases_note_sessions(leases, &one->lease, outcome->logged_in, outcome->left_session, now_us);
    leases_return(leases, &one->lease, time_after(now_us, abilities_login_delay_us(one->abilities)));
    one->trial = NULL;
    schedule->active--;
    schedule->alone = false;
    if (one->bad_logins > 0)
        leases_rest(leases, time_after(now_us, venue_of(schedule, one)->target->bad_login_delay_us));
    if (one->result.verdict == VERDICT_BLOCKED)
        begin_knock(schedule, venue_of(schedule, one));
    if (is_tried_again(schedule, one, trial)) {
        try_again(schedule, one, trial->breaches);
    } else {
        take_last_try(schedule, one);
        count_done(schedule, one);
    }
    trial_free(trial);
    start_more(schedule);
}

static struct trial *make_trial(struct schedule *schedule, struct planned *one)
{
    struct run_context *run = run_of(schedule);
    const struct venue *venue = venue_of(schedule, one);
    size_t index = (size_t)(one - schedule->plan->cases);
    struct trial_options options = {
        .scenario = one->wanted->scenario,
        .fixtures = &run->options->suite->fixtures,
        .venue = venue,
        .transport = one->wanted->transport,
        .facts = one->abilities->facts,
        .account_count = one->lease.count,
        .login_patience_us = venue->target->login_patience_us,
        .lock_may_stay =
            leases_may_be_locked(&schedule->leases[one->venue], &one->lease, now_at(schedule, venue)),
        .serial_seed = run->options->seed + (uint64_t)index * UINT64_C(0xD1342543DE82EF95) + 1 +
                       ((uint64_t)one->attempts << 48),
        .done = case_done,
        .context = one,
    };

    one->schedule = schedule;
    memcpy(options.accounts, one->lease.accounts, sizeof(options.accounts));
    return trial_new(run, &options);
}

/* How a failure to prepare the mailbox is reported. A lock that an earlier case may have left is nobody's mistake. */
static enum verdict verdict_of_preparation(enum provision_result result, bool lock_may_stay,
                                           const struct error *error)
{
    if (result == PROVISION_REFUSED || (result == PROVISION_BUSY && lock_may_stay))
        return VERDICT_SKIP;
    return result == PROVISION_FAILED && error->kind != ERROR_UNREACHABLE ? VERDICT_ERROR : VERDICT_BLOCKED;
}

/* Nothing that another try could mend: the mailboxes cannot be prepared at all. */
static void count_failure(struct schedule *schedule, enum provision_result result, const struct error *error)
{
    if (result != PROVISION_FAILED)
        return;
    schedule->failure_count++;
    if (schedule->failure_count < FAILED_PREPARATIONS_MAX || schedule->unprepared != NULL)
        return;
    schedule->unprepared = arena_text(run_of(schedule)->arena, bytes_of(error->text));
    schedule->unprepared_verdict = verdict_of_preparation(result, false, error);
}

/* The mailbox is not ready: the case is done, or waits for whoever holds the lock. */
static void give_up_mailbox(struct schedule *schedule, struct planned *one, enum provision_result result,
                            const struct error *error)
{
    const struct venue *venue = venue_of(schedule, one);
    time_us now_us = now_at(schedule, venue);
    bool lock_may_stay = one->trial->options.lock_may_stay;

    one->not_before_us = time_after(now_us, LOCKED_MAILBOX_APART_US);
    leases_return(&schedule->leases[one->venue], &one->lease, one->not_before_us);
    if (one->blocked_since_us == TIME_NEVER)
        one->blocked_since_us = now_us;
    one->state = PLANNED_WAITING;
    schedule->order_first = 0;
    if (result == PROVISION_BUSY && now_us - one->blocked_since_us < venue->target->login_patience_us)
        return;
    count_failure(schedule, result, error);
    leave_out(schedule, one, verdict_of_preparation(result, lock_may_stay, error),
              result == PROVISION_REFUSED ? "the store does not take a message that it needs"
                                          : "the mailbox could not be prepared",
              error->text);
}

/* The mailbox is ready, or is not: the case begins, or ends. */
static void go_on(struct schedule *schedule, struct planned *one, enum provision_result result,
                  const struct error *error)
{
    const struct run_watcher *watcher = &run_of(schedule)->options->watcher;
    struct trial *trial = one->trial;

    if (result != PROVISION_DONE) {
        schedule->active--;
        schedule->alone = false;
        give_up_mailbox(schedule, one, result, error);
        one->trial = NULL;
        trial_free(trial); /* the error may be the preparation's */
        return;
    }
    schedule->failure_count = 0;
    if (watcher->case_started != NULL)
        watcher->case_started(watcher->context, one->result.id, one->result.transport);
    one->attempts++;
    trial_start(trial);
}

static void mailbox_prepared(void *context, enum provision_result result, const struct error *error)
{
    struct planned *one = (struct planned *)context;
    struct schedule *schedule = one->schedule;

    go_on(schedule, one, result, error);
    start_more(schedule);
}

static void start(struct schedule *schedule, struct planned *one)
{
    const struct preparation_options options = {
        .login_delay_us = abilities_login_delay_us(one->abilities), .done = mailbox_prepared, .context = one};
    enum provision_result result;
    struct error error;

    one->trial = make_trial(schedule, one);
    one->state = PLANNED_RUNNING;
    schedule->active++;
    schedule->alone = wants_to_be_alone(schedule, one);
    result = trial_prepare(one->trial, &options, &error);
    if (result != PROVISION_UNDER_WAY)
        go_on(schedule, one, result, &error);
}

/* Takes what ONE needs. False when that is not there now; *wake_us becomes earlier if it will be by itself. */
static bool can_start(struct schedule *schedule, struct planned *one, time_us now_us, time_us *wake_us)
{
    time_us ready_us = TIME_NEVER;

    if (wants_to_be_alone(schedule, one) && schedule->active > 0)
        return false;
    if (one->not_before_us > now_us) {
        *wake_us = time_earlier(*wake_us, one->not_before_us);
        return false;
    }
    if (leases_take(&schedule->leases[one->venue], one->wanted->scenario, now_us, &one->lease, &ready_us))
        return true;
    *wake_us = time_earlier(*wake_us, ready_us);
    return false;
}

/* ---- all cases ---- */

static void pause_done(void *context, void *actor)
{
    struct schedule *schedule = (struct schedule *)context;

    (void)actor;
    schedule->pausing = false;
    start_more(schedule);
}

static void begin_pause(struct schedule *schedule, const struct venue *venue, time_us until_us)
{
    const struct stage *stage = run_of(schedule)->stage;
    const struct driver_hooks hooks = {.context = schedule, .done = pause_done};

    if (schedule->pausing || until_us == TIME_NEVER)
        return;
    schedule->pausing = true;
    schedule->pause.until_us = until_us;
    stage->ops->add(stage->context, venue, &pause_actor_ops, &schedule->pause, &hooks);
}

/* Nothing more is to be tried: what still waits is done without. */
static void finish_waiting(struct schedule *schedule, enum verdict verdict, const char *reason,
                           const char *evidence)
{
    for (size_t i = 0; i < schedule->plan->count; i++)
        if (schedule->plan->cases[i].state == PLANNED_WAITING)
            leave_out(schedule, &schedule->plan->cases[i], verdict, reason, evidence);
}

static bool is_over(struct schedule *schedule)
{
    if (schedule->death != NULL)
        finish_waiting(schedule, VERDICT_BLOCKED, "the target died during the run", schedule->death);
    else if (schedule->unprepared != NULL)
        finish_waiting(schedule, schedule->unprepared_verdict, "mailboxes cannot be prepared any more",
                       schedule->unprepared);
    else if (schedule->ended_early)
        finish_waiting(schedule, VERDICT_SKIP,
                       "not run: enough cases failed before it (--max-failures, --fail-fast)", NULL);
    else
        return false;
    return true;
}

/* The next case that can begin now, or NULL; *ret_wake_us and *ret_sleeper: when and where to look again. */
static struct planned *next_case(struct schedule *schedule, time_us *ret_wake_us,
                                 const struct venue **ret_sleeper)
{
    time_us earliest = TIME_NEVER;

    while (schedule->order_first < schedule->plan->count &&
           schedule->plan->cases[schedule->order[schedule->order_first]].state != PLANNED_WAITING)
        schedule->order_first++;
    for (size_t i = schedule->order_first; i < schedule->plan->count; i++) {
        struct planned *one = &schedule->plan->cases[schedule->order[i]];
        time_us wake_us = TIME_NEVER;

        if (one->state != PLANNED_WAITING)
            continue;
        if (can_start(schedule, one, now_at(schedule, venue_of(schedule, one)), &wake_us))
            return one;
        if (wake_us < earliest) {
            earliest = wake_us;
            *ret_sleeper = venue_of(schedule, one);
        }
    }
    *ret_wake_us = earliest;
    return NULL;
}

static void start_more(struct schedule *schedule)
{
    const struct run_options *options = run_of(schedule)->options;

    while (!schedule->knocking && !schedule->alone && schedule->active < schedule->jobs) {
        const struct venue *sleeper = NULL;
        time_us wake_us = TIME_NEVER;
        struct planned *one;

        if (is_over(schedule) || (options->stop != NULL && *options->stop != 0))
            return;
        one = next_case(schedule, &wake_us, &sleeper);
        if (one == NULL) {
            begin_pause(schedule, sleeper, wake_us);
            return;
        }
        start(schedule, one);
    }
}

/* ---- order ---- */

/* Cases that want to be alone come last: what they bring upon the account or the address must not meet the others. */
static void make_order(struct schedule *schedule)
{
    struct plan *plan = schedule->plan;
    struct rng rng;
    size_t count = 0;

    schedule->order = (size_t *)arena_new_array(plan->run->arena, plan->count, sizeof(*schedule->order));
    for (size_t i = 0; i < plan->count; i++)
        if (!wants_to_be_alone(schedule, &plan->cases[i]))
            schedule->order[count++] = i;
    rng_init(&rng, plan->run->options->seed);
    for (size_t i = count; plan->run->options->shuffled && i > 1; i--) {
        size_t other = (size_t)rng_below(&rng, i);
        size_t index = schedule->order[i - 1];

        schedule->order[i - 1] = schedule->order[other];
        schedule->order[other] = index;
    }
    for (size_t i = 0; i < plan->count; i++)
        if (wants_to_be_alone(schedule, &plan->cases[i]))
            schedule->order[count++] = i;
}

static unsigned jobs_of(const struct run_context *run)
{
    size_t accounts = run->stage->venues[0].target->account_count;

    if (run->options->jobs > 0)
        return run->options->jobs;
    if (run->stage->virtual_time || accounts == 0)
        return 1;
    return accounts < JOBS_DEFAULT_MAX ? (unsigned)accounts : JOBS_DEFAULT_MAX;
}

static void init(struct schedule *schedule, struct plan *plan)
{
    const struct stage *stage = plan->run->stage;

    *schedule = (struct schedule){.plan = plan, .total_count = plan->count, .jobs = jobs_of(plan->run)};
    schedule->leases =
        (struct leases *)arena_new_array(plan->run->arena, stage->venue_count, sizeof(*schedule->leases));
    for (size_t i = 0; i < stage->venue_count; i++)
        leases_init(&schedule->leases[i], stage->venues[i].target);
    make_order(schedule);
}

/* Cases that were left out by the plan are told first. */
static void tell_planned(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->count; i++)
        if (schedule->plan->cases[i].state == PLANNED_DONE)
            count_done(schedule, &schedule->plan->cases[i]);
}

/* The stage came to a stop with trials under way: it stalled, which is a fault of ours. */
static void finish_stalled(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->count; i++)
        if (schedule->plan->cases[i].state == PLANNED_RUNNING)
            leave_out(schedule, &schedule->plan->cases[i], VERDICT_ERROR, "nothing happens any more", NULL);
    finish_waiting(schedule, VERDICT_ERROR, "nothing happens any more", NULL);
}

/* Nothing is tried again any more: what failed at the first try has failed. */
static void finish_failed(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->count; i++) {
        struct planned *one = &schedule->plan->cases[i];

        if (one->state != PLANNED_DONE && one->failed != NULL)
            leave_out(schedule, one, VERDICT_BLOCKED, "interrupted", NULL);
    }
}

struct schedule_end schedule_run(struct plan *plan)
{
    const struct run_context *run = plan->run;
    struct schedule schedule;
    bool done;

    init(&schedule, plan);
    tell_planned(&schedule);
    start_more(&schedule);
    /* With nothing under way (every case was left out) a stage over TCP would wait for ever. */
    done = (schedule.active == 0 && !schedule.pausing && !schedule.knocking) ||
           run->stage->ops->run(run->stage->context, run->options->stop);
    if (run->options->stop != NULL && *run->options->stop != 0) {
        finish_failed(&schedule);
        return (struct schedule_end){.interrupted = true};
    }
    if (!done)
        finish_stalled(&schedule);
    return (struct schedule_end){.target_died = schedule.death != NULL, .death = schedule.death};
}
