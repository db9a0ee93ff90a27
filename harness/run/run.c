#include "run/run.h"

#include "run/credentials.h"
#include "run/schedule.h"
#include "run/tcp_stage.h"
#include "run/verdict.h"
#include "target/health.h"

/* What a run needs beside its context: the stage it made itself, if no other was given. */
struct run_house {
    struct tcp_stage *stage;        /* NULL: the caller's is used */
    struct provisioner provisioner; /* ops NULL: none */
    struct health *health;
};

static bool open_house(const struct run_options *options, struct run_house *house, struct error *error)
{
    *house = (struct run_house){0};
    house->health = health_begin(options->target, error);
    if (house->health == NULL)
        return false;
    if (options->stage != NULL)
        return true;
    house->stage = tcp_stage_new(error);
    return house->stage != NULL &&
           provisioner_open(options->target, options->started_us, &house->provisioner, error) &&
           tcp_stage_add_venue(house->stage, options->target, house->provisioner, false, error);
}

static void close_house(struct run_house *house)
{
    tcp_stage_free(house->stage);
    provisioner_release(&house->provisioner);
    health_free(house->health);
}

/* ---- what the report says of the target ---- */

static void add_note(const struct run_context *run, struct target_result *target, const char *note)
{
    target->notes[target->note_count++] = printable_sentence(run->arena, run->redactor, note).text;
}

/* A text of the target file; NULL stays NULL. */
static const char *printable_of_file(const struct run_context *run, const char *text)
{
    return text == NULL ? NULL : printable_sentence(run->arena, run->redactor, text).text;
}

static void describe_capabilities(const struct run_context *run, const struct abilities *base,
                                  struct target_result *target)
{
    const struct capability_set *set = base->after_login.count > 0 ? &base->after_login : &base->before_login;

    target->capabilities =
        (struct printable *)arena_new_array(run->arena, set->count, sizeof(*target->capabilities));
    for (size_t i = 0; i < set->count; i++)
        target->capabilities[target->capability_count++] =
            printable_make(run->arena, run->redactor,
                           bytes_make(set->storage + set->entries[i].start, set->entries[i].octets),
                           CAPABILITY_STORAGE_OCTETS);
}

enum { NOTES_MAX = 8 };

static void describe_target(const struct run_context *run, const struct plan *plan, const char *death,
                            struct target_result *ret_target)
{
    const struct venue *venue = &run->stage->venues[0];
    const struct abilities *base = plan_base(plan);
    int64_t delay_us = abilities_login_delay_us(base);
    struct target_result *target = ret_target;

    *target = (struct target_result){
        .name = arena_text(run->arena, bytes_of(venue->target->name)),
        .software = printable_of_file(run, venue->target->software),
        .repeat = printable_of_file(run, venue->target->repeat),
        .tls = target_tls_text(venue->target),
        .notes = (const char **)arena_new_array(run->arena, NOTES_MAX, sizeof(*target->notes)),
    };
    target->address = target_address_print(venue->target, run->arena);
    if (base->greeting[0] != '\0')
        target->greeting = printable_sentence(run->arena, run->redactor, base->greeting);
    describe_capabilities(run, base, target);
    bool may_use_tls =
        venue->target->tls != TARGET_TLS_NONE || venue->target->starttls || venue->target->implicit_port != 0;

    if (!venue->target->tls_verify && may_use_tls && run->options->stage == NULL)
        add_note(run, target, "the server's certificate was not verified");
    if (venue->provisioner.ops == NULL)
        add_note(run, target,
                 "mailboxes were neither filled nor emptied, for the target names no provision: nothing was "
                 "deleted");
    if (delay_us > 0)
        add_note(run, target,
                 arena_format(run->arena, "%lld seconds were kept between two logins of an account",
                              (long long)(delay_us / US_PER_S)));
    if (death != NULL)
        add_note(run, target, arena_format(run->arena, "the target died during the run: %s", death));
}

/* ---- health ---- */

static void report_health(const struct run_context *run, const char *id, const char *title, bool good,
                          const struct buf *what, struct run_result *result)
{
    struct case_result *one = &result->cases[result->case_count++];

    *one = (struct case_result){.id = id, .transport = "all", .title = title};
    verdict_judge_health(good, one);
    if (!good)
        one->actual = printable_make(run->arena, run->redactor, buf_bytes(what), HEALTH_TEXT_OCTETS_MAX);
}

static void check_health(const struct run_context *run, struct health *health, struct run_result *result)
{
    struct buf what;
    bool good;

    buf_init(&what, HEALTH_TEXT_OCTETS_MAX);
    if (run->options->target->health_log_pattern != NULL) {
        good = health_log_is_quiet(health, &what);
        report_health(run, "health/log", "The server's log shows no trouble", good, &what, result);
        buf_clear(&what);
    }
    if (run->options->target->health_pid_file != NULL) {
        good = health_process_lives(health, &what);
        report_health(run, "health/process", "The server's process lives through the run", good, &what,
                      result);
        result->target_died = result->target_died || !good;
    }
    buf_release(&what);
}

enum { HEALTH_CASES_MAX = 2 };

/* ---- the result ---- */

static void gather_cases(const struct run_context *run, const struct plan *plan, struct health *health,
                         struct run_result *result)
{
    const char *program = run->options->program != NULL ? run->options->program : "pop3spec run";
    const char *command = run->options->command != NULL ? run->options->command : program;
    const struct audit_commands commands = {.target = program, .run = command};

    result->cases = (struct case_result *)arena_new_array(
        run->arena, RULE_COUNT + HEALTH_CASES_MAX + plan->count, sizeof(*result->cases));
    audit_report(&run->audit, run->options->ledger, &commands, result->cases);
    result->case_count = RULE_COUNT;
    for (size_t i = 0; i < RULE_COUNT; i++)
        profile_apply(run->options->profile, run->options->ledger, run->arena, &result->cases[i]);
    check_health(run, health, result);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].state == PLANNED_DONE)
            result->cases[result->case_count++] = plan->cases[i].result;
}

static const char *selection_text(const struct run_options *options, struct arena *arena)
{
    struct buf text;
    const char *copy;

    if (options->selection == NULL || options->selection[0] == NULL)
        return "all";
    buf_init(&text, BUF_UNBOUNDED);
    for (const char *const *word = options->selection; *word != NULL; word++)
        buf_append_format(&text, "%s%s", word == options->selection ? "" : " ", *word);
    copy = arena_text(arena, buf_bytes(&text));
    buf_release(&text);
    return copy;
}

static void make_result(const struct run_context *run, const struct plan *plan, struct health *health,
                        const struct schedule_end *end, struct run_result *result)
{
    const struct run_options *options = run->options;
    int signal_number = options->stop == NULL ? 0 : (int)*options->stop;

    *result = (struct run_result){
        .selection = selection_text(options, run->arena),
        .command = options->command == NULL
                       ? NULL
                       : printable_sentence(run->arena, run->redactor, options->command).text,
        .started = options->started,
        .seed = options->seed,
        .profile = profile_name(options->profile),
        .shard = options->shard,
        .fail_on = options->fail_on,
        .interrupted = end->interrupted,
        .target_died = end->target_died,
    };
    describe_target(run, plan, end->death, &result->target);
    gather_cases(run, plan, health, result);
    expectations_apply(options->expectations, result, run->arena);
    verdict_gather_clauses(result, run->arena);
    verdict_gather_gaps(result, options->ledger, run->arena);
    result->exit_code = verdict_exit_code(result, signal_number);
}

/* ---- the run ---- */

static bool execute(struct run_context *run, struct health *health, const struct run_selection *selection,
                    struct run_result *ret_result, struct plan *plan, struct error *error)
{
    const struct venue *venue = &run->stage->venues[0];
    time_us began_us = run->stage->ops->now(run->stage->context, venue);
    struct schedule_end end = {.interrupted = false};

    if (run->options->watcher.note != NULL)
        run->options->watcher.note(run->options->watcher.context, "learning what the target can do");
    if (!plan_make(plan, run, selection, error))
        return false;
    end = schedule_run(plan);
    make_result(run, plan, health, &end, ret_result);
    ret_result->elapsed_us = run->stage->ops->now(run->stage->context, venue) - began_us;
    return true;
}

static bool execute_in_house(const struct run_options *options, const struct run_selection *selection,
                             struct run_house *house, struct arena *arena, struct plan *plan,
                             struct run_result *ret_result, struct error *error)
{
    struct run_context run = {
        .options = options,
        .stage = options->stage != NULL ? options->stage : tcp_stage_stage(house->stage),
        .arena = arena,
        .redactor = redactor_new(),
    };
    bool ok;

    for (size_t i = 0; i < run.stage->venue_count; i++)
        credentials_redact(run.redactor, run.stage->venues[i].target);
    audit_init(&run.audit, arena, run.redactor);
    ok = execute(&run, house->health, selection, ret_result, plan, error);
    close_house(house);
    plan_release(plan);
    redactor_free(run.redactor);
    return ok;
}

bool run_execute(const struct run_options *options, struct arena *arena, struct run_result *ret_result,
                 struct error *error)
{
    struct run_selection selection;
    struct run_house house;
    struct plan plan;

    if (!run_select(options, arena, &selection, error))
        return false;
    if (!open_house(options, &house, error)) {
        close_house(&house);
        return false;
    }
    return execute_in_house(options, &selection, &house, arena, &plan, ret_result, error);
}
