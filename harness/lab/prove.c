#include "lab/prove.h"

#include "base/memory.h"
#include "lab/builtin.h"
#include "refserver/refserver.h"
#include "run/run.h"
#include "run/verdict.h"

#include <stdlib.h>
#include <string.h>

/* What one proof works with. */
struct prover {
    const struct prove_options *options;
    struct arena *arena;
    struct proof *proof;
    struct run_result baseline;
    uint64_t (
        *acted)[FAULT_WORDS]; /* for each case of the baseline, the faults that would have acted in it */
    bool *shown;              /* for each case of the baseline, whether some fault made it fail */
    size_t done;
    size_t total;
};

/* ---- one run ---- */

/* A built-in target with what is switched on in it, for one run. */
struct world {
    enum variant variant; /* VARIANT_COUNT: none */
    enum fault fault;     /* FAULT_COUNT: none */
    bool survey;
    const char *const *selection;
    struct run_watcher watcher;
    unsigned jobs;
};

static bool variant_lacks(const struct variant_info *info, const char *ability)
{
    struct bytes rest = bytes_of(info->skips);
    struct bytes word;

    while (bytes_split(&rest, ' ', &word)) {
        if (bytes_equal(word, bytes_of(ability)))
            return true;
    }
    return false;
}

/* A person who tests a server without USER and PASS configures another login, and so does the proof. */
static enum login_method login_for(enum variant variant)
{
    if (variant == VARIANT_COUNT || !variant_lacks(variant_info(variant), "user-pass"))
        return LOGIN_USER_PASS;
    return variant_lacks(variant_info(variant), "apop") ? LOGIN_AUTH_CRAM_MD5 : LOGIN_APOP;
}

static void set_up_server(struct refserver *server, const struct world *world)
{
    struct policy policy = *refserver_policy(server);

    if (world->variant != VARIANT_COUNT) {
        policy_apply(&policy, world->variant);
        refserver_set_policy(server, &policy);
    }
    if (world->fault != FAULT_COUNT)
        refserver_set_fault(server, world->fault, true);
    refserver_survey(server, world->survey);
}

static bool run_world(struct prover *prover, const struct world *world, struct builtin *builtin,
                      struct arena *arena, struct run_result *ret_result, struct error *error)
{
    struct run_options options = {
        .suite = prover->options->suite,
        .ledger = prover->options->ledger,
        .target = builtin_target(builtin),
        .stage = builtin_stage(builtin),
        .selection = world->selection,
        .jobs = world->jobs,
        .seed = prover->options->seed,
        .bad_logins = UINT32_MAX,
        .stop = prover->options->stop,
        .watcher = world->watcher,
    };

    set_up_server(builtin_server(builtin, false), world);
    /* The literal flavour is one variant already: its texts. */
    if (world->variant == VARIANT_COUNT)
        set_up_server(builtin_server(builtin, true), world);
    return run_execute(&options, arena, ret_result, error);
}

static struct builtin *new_builtin(const struct prover *prover, const struct world *world,
                                   struct error *error)
{
    struct builtin_options options = {
        .over_memory = !prover->options->over_tcp,
        .seed = prover->options->seed,
        .login = login_for(world->variant),
    };

    return builtin_new(&options, error);
}

static bool is_stopped(const struct prover *prover)
{
    return prover->options->stop != NULL && *prover->options->stop != 0;
}

/* ---- the baseline: the correct server, every fault watching ---- */

struct survey {
    struct prover *prover;
    struct builtin *builtin;
    struct {
        const char *id;
        const char *transport;
        uint64_t acted[FAULT_WORDS];
    } * cases;
    size_t count;
    size_t capacity;
};

static void survey_started(void *context, const char *id, const char *transport)
{
    struct survey *survey = context;

    (void)id;
    (void)transport;
    refserver_clear_record(builtin_server(survey->builtin, false));
    refserver_clear_record(builtin_server(survey->builtin, true));
}

static void survey_finished(void *context, const struct case_result *result, size_t finished_count,
                            size_t total_count)
{
    struct survey *survey = context;
    const struct refserver_record *normal = refserver_record(builtin_server(survey->builtin, false));
    const struct refserver_record *literal = refserver_record(builtin_server(survey->builtin, true));

    (void)finished_count;
    (void)total_count;
    if (survey->count == survey->capacity) {
        survey->capacity = survey->capacity > 0 ? survey->capacity * 2 : 256;
        survey->cases = memory_resize_array(survey->cases, survey->capacity, sizeof(*survey->cases));
    }
    survey->cases[survey->count].id = result->id;
    survey->cases[survey->count].transport = result->transport;
    for (size_t i = 0; i < FAULT_WORDS; i++)
        survey->cases[survey->count].acted[i] = normal->acted[i] | literal->acted[i];
    survey->count++;
}

/* Puts what was surveyed into the order of the baseline's cases. */
static void keep_survey(struct prover *prover, const struct survey *survey)
{
    prover->acted = arena_new_array(prover->arena, prover->baseline.case_count, sizeof(*prover->acted));
    prover->shown = arena_new_array(prover->arena, prover->baseline.case_count, sizeof(bool));
    for (size_t i = 0; i < prover->baseline.case_count; i++) {
        const struct case_result *result = &prover->baseline.cases[i];

        for (size_t k = 0; k < survey->count; k++) {
            if (strcmp(survey->cases[k].id, result->id) == 0 &&
                strcmp(survey->cases[k].transport, result->transport) == 0)
                memcpy(prover->acted[i], survey->cases[k].acted, sizeof(prover->acted[i]));
        }
    }
}

static void flag_baseline(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->case_count = prover->baseline.case_count;
    proof->baseline_flags =
        arena_new_array(prover->arena, prover->baseline.case_count, sizeof(struct proof_flag));
    for (size_t i = 0; i < prover->baseline.case_count; i++) {
        const struct case_result *result = &prover->baseline.cases[i];

        if (verdict_is_unexpected(result->verdict) || result->verdict == VERDICT_WARN)
            proof->baseline_flags[proof->baseline_flag_count++] = (struct proof_flag){
                result->id, result->verdict, result->actual.text != NULL ? result->actual : result->reason};
    }
}

static bool run_baseline(struct prover *prover, struct error *error)
{
    struct survey survey = {.prover = prover};
    struct world world = {
        .variant = VARIANT_COUNT,
        .fault = FAULT_COUNT,
        .survey = true,
        .jobs = 1, /* one case at a time, so that what acts is known to act in it */
        .watcher = {.case_started = survey_started, .case_finished = survey_finished, .context = &survey},
    };
    struct builtin *builtin = new_builtin(prover, &world, error);

    if (builtin == NULL)
        return false;
    survey.builtin = builtin;
    bool ran = run_world(prover, &world, builtin, prover->arena, &prover->baseline, error);

    if (ran) {
        keep_survey(prover, &survey);
        flag_baseline(prover);
    }
    free(survey.cases);
    builtin_free(builtin);
    return ran;
}

/* ---- faults ---- */

static bool word_in(const char *words, const char *word)
{
    struct bytes rest = bytes_of(words);
    struct bytes each;

    while (bytes_split(&rest, ' ', &each)) {
        if (bytes_equal(each, bytes_of(word)))
            return true;
    }
    return false;
}

static bool would_act(const struct prover *prover, size_t index, enum fault fault)
{
    return (prover->acted[index][fault / 64] >> (fault % 64) & 1) != 0;
}

/* The scenarios in which FAULT would act, NULL at the end. */
static const char **touched_ids(struct prover *prover, enum fault fault, struct arena *arena,
                                size_t *ret_count)
{
    const char **ids =
        (const char **)arena_new_array(arena, prover->baseline.case_count + 1, sizeof(const char *));
    size_t count = 0;

    for (size_t i = 0; i < prover->baseline.case_count; i++) {
        if (would_act(prover, i, fault) && prover->baseline.cases[i].file != NULL)
            ids[count++] = prover->baseline.cases[i].id;
    }
    *ret_count = count;
    return ids;
}

/* The first case of RESULT that broke CLAUSE; NULL if none. */
static const char *case_that_broke(const struct run_result *result, const char *clause, enum verdict verdict)
{
    for (size_t i = 0; i < result->case_count; i++) {
        for (size_t k = 0; k < result->cases[i].clause_count; k++) {
            const struct clause_result *broken = &result->cases[i].clauses[k];

            if (strcmp(broken->id, clause) == 0 && broken->verdict == verdict)
                return result->cases[i].id;
        }
    }
    return NULL;
}

static void note_failed_clauses(struct prover *prover, const struct fault_info *info,
                                const struct run_result *result, struct proof_fault *proof)
{
    struct arena *arena = prover->arena;
    bool caught = false;

    proof->failed = (const char **)arena_new_array(arena, result->clause_count, sizeof(const char *));
    proof->strays = (const char **)arena_new_array(arena, result->clause_count, sizeof(const char *));
    proof->stray_cases = (const char **)arena_new_array(arena, result->clause_count, sizeof(const char *));
    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *clause = &result->clauses[i];
        bool own = strcmp(clause->id, info->clause) == 0;
        const char *id = arena_text(arena, bytes_of(clause->id));

        if (own && (clause->verdict == VERDICT_FAIL || clause->verdict == VERDICT_WARN)) {
            const char *by = case_that_broke(result, clause->id, clause->verdict);

            caught = true;
            proof->caught_by = by != NULL ? arena_text(arena, bytes_of(by)) : NULL;
        }
        if (clause->verdict != VERDICT_FAIL)
            continue;
        proof->failed[proof->failed_count++] = id;
        if (!own && !word_in(info->also, clause->id)) {
            const char *by = case_that_broke(result, clause->id, VERDICT_FAIL);

            proof->stray_cases[proof->stray_count] = by != NULL ? arena_text(arena, bytes_of(by)) : "";
            proof->strays[proof->stray_count++] = id;
        }
    }
    proof->state = !caught ? PROOF_MISSED : proof->stray_count > 0 ? PROOF_STRAY : PROOF_CAUGHT;
}

/* Notes which cases of the baseline this fault made fail. */
static void note_shown(struct prover *prover, const struct run_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        if (result->cases[i].verdict != VERDICT_FAIL && result->cases[i].verdict != VERDICT_WARN)
            continue;
        for (size_t k = 0; k < prover->baseline.case_count; k++) {
            if (strcmp(prover->baseline.cases[k].id, result->cases[i].id) == 0)
                prover->shown[k] = true;
        }
    }
}

static const char *seam_name(enum seam seam)
{
    switch (seam) {
    case SEAM_COMMAND:
        return "command";
    case SEAM_TRANSITION:
        return "transition";
    case SEAM_VIEW:
        return "view";
    case SEAM_REPLY:
        return "reply";
    case SEAM_WIRE:
        return "wire";
    case SEAM_COUNT:
        break;
    }
    return "";
}

static bool prove_fault(struct prover *prover, enum fault fault, struct error *error)
{
    const struct fault_info *info = fault_info(fault);
    struct proof_fault *proof = &prover->proof->faults[prover->proof->fault_count++];
    struct arena arena;
    struct run_result result;

    *proof = (struct proof_fault){.id = info->id,
                                  .seam = seam_name(info->seam),
                                  .clause = info->clause,
                                  .what = info->what,
                                  .state = PROOF_UNTOUCHED};
    arena_init(&arena, BUF_UNBOUNDED);
    struct world world = {.variant = VARIANT_COUNT, .fault = fault, .jobs = 0};

    world.selection = touched_ids(prover, fault, &arena, &proof->case_count);
    struct builtin *builtin = proof->case_count > 0 ? new_builtin(prover, &world, error) : NULL;
    bool started = builtin != NULL || proof->case_count == 0;

    if (builtin != NULL) {
        struct error trouble;

        if (run_world(prover, &world, builtin, &arena, &result, &trouble)) {
            note_failed_clauses(prover, info, &result, proof);
            note_shown(prover, &result);
        } else {
            proof->state = PROOF_MISSED;
            proof->trouble = printable_sentence(prover->arena, NULL, trouble.text);
        }
        builtin_free(builtin);
    }
    arena_release(&arena);
    return started;
}

/* ---- variants ---- */

/*
 * A case may be skipped under a variant that says so: for an ability it lacks, or (later-steps) because what it does makes
 * the steps behind it impossible, as a close does.
 */
static bool skip_is_declared(const struct prover *prover, const struct variant_info *info,
                             const struct case_result *result)
{
    const struct scenario *scenario = suite_find(prover->options->suite, result->id);

    if (scenario == NULL)
        return true; /* an audit rule that this run never came across */
    for (size_t i = 0; i < scenario->need_count; i++) {
        if (variant_lacks(info, scenario->needs[i]))
            return true;
    }
    return variant_lacks(info, "later-steps");
}

static const struct case_result *baseline_case(const struct prover *prover, const char *id)
{
    for (size_t i = 0; i < prover->baseline.case_count; i++) {
        if (strcmp(prover->baseline.cases[i].id, id) == 0)
            return &prover->baseline.cases[i];
    }
    return NULL;
}

static bool warning_is_declared(const struct variant_info *info, const struct case_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        if (result->clauses[i].verdict == VERDICT_WARN && !word_in(info->warns, result->clauses[i].id))
            return false;
    }
    return true;
}

static bool case_is_clean(const struct prover *prover, const struct variant_info *info,
                          const struct case_result *result)
{
    const struct case_result *before = baseline_case(prover, result->id);

    if (result->verdict == VERDICT_SKIP)
        return (before != NULL && before->verdict == VERDICT_SKIP) || skip_is_declared(prover, info, result);
    if (result->verdict == VERDICT_WARN)
        return warning_is_declared(info, result);
    return !verdict_is_unexpected(result->verdict);
}

static void judge_variant(struct prover *prover, const struct variant_info *info,
                          const struct run_result *result, struct proof_variant *proof)
{
    struct arena *arena = prover->arena;

    proof->case_count = result->case_count;
    proof->flags = arena_new_array(arena, result->case_count, sizeof(struct proof_flag));
    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *each = &result->cases[i];
        const char *reason = each->actual.text != NULL ? each->actual.text : each->reason.text;

        if (case_is_clean(prover, info, each))
            continue;
        proof->flags[proof->flag_count++] = (struct proof_flag){
            .id = arena_text(arena, bytes_of(each->id)),
            .verdict = each->verdict,
            .reason = {reason != NULL ? arena_text(arena, bytes_of(reason)) : NULL},
        };
    }
    proof->clean = proof->flag_count == 0;
}

static bool prove_variant(struct prover *prover, enum variant variant, struct error *error)
{
    const struct variant_info *info = variant_info(variant);
    struct proof_variant *proof = &prover->proof->variants[prover->proof->variant_count++];
    struct world world = {.variant = variant, .fault = FAULT_COUNT};
    struct builtin *builtin = new_builtin(prover, &world, error);
    struct arena arena;
    struct run_result result;
    struct error trouble;

    *proof = (struct proof_variant){.id = info->id, .clause = info->clause, .what = info->what};
    if (builtin == NULL)
        return false;
    arena_init(&arena, BUF_UNBOUNDED);
    if (run_world(prover, &world, builtin, &arena, &result, &trouble))
        judge_variant(prover, info, &result, proof);
    else
        proof->trouble = printable_sentence(prover->arena, NULL, trouble.text);
    builtin_free(builtin);
    arena_release(&arena);
    return true;
}

/* ---- all of it ---- */

static bool is_wanted(const struct prove_options *options, const char *id)
{
    if (options->names == NULL || options->names[0] == NULL)
        return true;
    for (size_t i = 0; options->names[i] != NULL; i++) {
        if (strcmp(options->names[i], id) == 0)
            return true;
    }
    return false;
}

static bool check_names(const struct prove_options *options, struct error *error)
{
    for (size_t i = 0; options->names != NULL && options->names[i] != NULL; i++) {
        enum fault fault;
        enum variant variant;

        if (!fault_of_id(options->names[i], &fault) && !variant_of_id(options->names[i], &variant)) {
            error_set(error, ERROR_USAGE, "there is neither a fault nor a variant called '%s'",
                      options->names[i]);
            return error_hint(error, "`pop3spec list faults` and `pop3spec list variants` show them");
        }
    }
    return true;
}

/* Scenarios, with their labels of `each` taken together by name and place, that no fault made fail. */
static void note_idle(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->idle =
        (const char **)arena_new_array(prover->arena, prover->baseline.case_count, sizeof(const char *));
    for (size_t i = 0; i < prover->baseline.case_count; i++) {
        const struct case_result *result = &prover->baseline.cases[i];
        bool shown = result->file == NULL || result->clause_count == 0;

        for (size_t k = 0; k < prover->baseline.case_count && !shown; k++) {
            const struct case_result *other = &prover->baseline.cases[k];

            shown = prover->shown[k] && other->file != NULL && other->line == result->line &&
                    strcmp(other->file, result->file) == 0;
        }
        if (!shown)
            proof->idle[proof->idle_count++] = result->id;
    }
}

static void note_faultless(struct prover *prover)
{
    const struct ledger *ledger = prover->options->ledger;
    struct proof *proof = prover->proof;

    proof->faultless = (const char **)arena_new_array(prover->arena, ledger->count, sizeof(const char *));
    for (size_t i = 0; i < ledger->count; i++) {
        const struct clause *clause = &ledger->clauses[i];
        bool broken =
            clause->untestable != NULL || clause->party == PARTY_CLIENT || clause->level == LEVEL_MAY;

        for (int fault = 0; fault < FAULT_COUNT && !broken; fault++)
            broken = strcmp(fault_info((enum fault)fault)->clause, clause->id) == 0;
        if (!broken)
            proof->faultless[proof->faultless_count++] = clause->id;
    }
}

static void conclude(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->proved = proof->baseline_flag_count == 0 && !proof->interrupted;
    for (size_t i = 0; i < proof->fault_count; i++)
        proof->proved = proof->proved && proof->faults[i].state == PROOF_CAUGHT;
    for (size_t i = 0; i < proof->variant_count; i++)
        proof->proved = proof->proved && proof->variants[i].clean;
    if (proof->whole) {
        note_idle(prover);
        note_faultless(prover);
    }
}

static void tell_progress(struct prover *prover, const char *id)
{
    if (prover->options->progress != NULL)
        prover->options->progress(prover->options->context, id, prover->done, prover->total);
    prover->done++;
}

static bool prove_all(struct prover *prover, struct error *error)
{
    const struct prove_options *options = prover->options;

    for (int fault = 0; options->faults && fault < FAULT_COUNT && !is_stopped(prover); fault++) {
        if (!is_wanted(options, fault_info((enum fault)fault)->id))
            continue;
        tell_progress(prover, fault_info((enum fault)fault)->id);
        if (!prove_fault(prover, (enum fault)fault, error))
            return false;
    }
    for (int variant = 0; options->variants && variant < VARIANT_COUNT && !is_stopped(prover); variant++) {
        if (!is_wanted(options, variant_info((enum variant)variant)->id))
            continue;
        tell_progress(prover, variant_info((enum variant)variant)->id);
        if (!prove_variant(prover, (enum variant)variant, error))
            return false;
    }
    return true;
}

bool prove(const struct prove_options *options, struct arena *arena, struct proof *ret_proof,
           struct error *error)
{
    struct prover prover = {
        .options = options, .arena = arena, .proof = ret_proof, .total = FAULT_COUNT + VARIANT_COUNT};

    *ret_proof = (struct proof){.over = options->over_tcp ? "tcp" : "memory"};
    if (!check_names(options, error))
        return false;
    ret_proof->faults = arena_new_array(arena, FAULT_COUNT, sizeof(struct proof_fault));
    ret_proof->variants = arena_new_array(arena, VARIANT_COUNT, sizeof(struct proof_variant));
    ret_proof->whole =
        options->faults && options->variants && (options->names == NULL || options->names[0] == NULL);
    if (!run_baseline(&prover, error) || !prove_all(&prover, error))
        return false;
    ret_proof->interrupted = is_stopped(&prover);
    conclude(&prover);
    return true;
}
