#include "lab/prove.h"

#include "base/check.h"
#include "lab/ground.h"
#include "run/verdict.h"

#include <string.h>

/* A fault stands on so many grounds at most; worlds.def has as many different settings in all, and the usual one. */
enum { FAULT_SETTINGS_MAX = 4, GROUNDS_MAX = 16 };

/* What one proof works with. */
struct prover {
    const struct prove_options *options;
    struct arena *arena;
    struct proof *proof;
    struct ground grounds[GROUNDS_MAX]; /* the first is the usual one: the baseline */
    size_t ground_count;
    bool *shown; /* for each case of the baseline, whether some fault or variant made it fail or warn */
    size_t done;
    size_t total;
};

static const struct run_result *baseline(const struct prover *prover)
{
    return &prover->grounds[0].result;
}

static bool is_stopped(const struct prover *prover)
{
    return prover->options->stop != NULL && *prover->options->stop != 0;
}

/* ---- the correct server ---- */

/* The ground for SETTING, surveyed when it is needed first. */
static bool find_ground(struct prover *prover, const struct setting *setting,
                        const struct ground **ret_ground, struct error *error)
{
    for (size_t i = 0; i < prover->ground_count; i++) {
        if (setting_equal(&prover->grounds[i].setting, setting)) {
            *ret_ground = &prover->grounds[i];
            return true;
        }
    }
    CHECK(prover->ground_count < GROUNDS_MAX);
    struct ground *ground = &prover->grounds[prover->ground_count];
    struct prove_options options = *prover->options;

    /* Who acts where is the same over both; on the wall's clock a delay between logins would take an hour to see. */
    options.over_tcp = options.over_tcp && prover->ground_count == 0;
    if (!ground_survey(&options, setting, prover->arena, ground, error))
        return false;
    prover->ground_count++;
    *ret_ground = ground;
    return true;
}

static void flag_baseline(struct prover *prover)
{
    const struct run_result *run = baseline(prover);
    struct proof *proof = prover->proof;

    proof->case_count = run->case_count;
    proof->baseline_flags = arena_new_array(prover->arena, run->case_count, sizeof(struct proof_flag));
    for (size_t i = 0; i < run->case_count; i++) {
        const struct case_result *result = &run->cases[i];

        if (verdict_is_unexpected(result->verdict) || result->verdict == VERDICT_WARN)
            proof->baseline_flags[proof->baseline_flag_count++] = (struct proof_flag){
                result->id, result->verdict, result->actual.text != NULL ? result->actual : result->reason};
    }
}

static bool run_baseline(struct prover *prover, struct error *error)
{
    const struct setting setting = setting_default();
    const struct ground *ground;

    if (!find_ground(prover, &setting, &ground, error))
        return false;
    prover->shown = arena_new_array(prover->arena, ground->result.case_count, sizeof(bool));
    flag_baseline(prover);
    return true;
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

static bool is_among(const char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0)
            return true;
    }
    return false;
}

static void note_stray(struct prover *prover, const struct run_result *result, const char *clause,
                       struct proof_fault *proof)
{
    const char *by = case_that_broke(result, clause, VERDICT_FAIL);

    proof->stray_cases[proof->stray_count] = by != NULL ? arena_text(prover->arena, bytes_of(by)) : "";
    proof->strays[proof->stray_count++] = clause;
}

/* What RESULT says of the fault INFO is added to what is known of it. */
static void note_failed_clauses(struct prover *prover, const struct fault_info *info,
                                const struct run_result *result, struct proof_fault *proof)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *clause = &result->clauses[i];
        bool own = strcmp(clause->id, info->clause) == 0;

        if (own && proof->caught_by == NULL &&
            (clause->verdict == VERDICT_FAIL || clause->verdict == VERDICT_WARN)) {
            const char *by = case_that_broke(result, clause->id, clause->verdict);

            proof->caught_by = by != NULL ? arena_text(prover->arena, bytes_of(by)) : "";
        }
        if (clause->verdict != VERDICT_FAIL || is_among(proof->failed, proof->failed_count, clause->id))
            continue;
        const char *id = arena_text(prover->arena, bytes_of(clause->id));

        proof->failed[proof->failed_count++] = id;
        if (!own && !word_in(info->also, id))
            note_stray(prover, result, id, proof);
    }
}

/* Notes which cases of the baseline failed or warned in RESULT. */
static void note_shown(struct prover *prover, const struct run_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        if (result->cases[i].verdict != VERDICT_FAIL && result->cases[i].verdict != VERDICT_WARN)
            continue;
        for (size_t k = 0; k < baseline(prover)->case_count; k++) {
            if (strcmp(baseline(prover)->cases[k].id, result->cases[i].id) == 0)
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

/*
 * Some scenarios make a server say what only the auditor can judge. One of them is not idle when a rule of its own clause
 * was broken while it ran.
 */
static void note_rule_broken(void *context, const char *id, const char *transport, enum rule rule)
{
    struct prover *prover = context;
    const struct scenario *scenario = suite_find(prover->options->suite, id);

    (void)transport;
    if (scenario == NULL || !is_among(scenario->proves, scenario->prove_count, rule_info(rule)->clause))
        return;
    for (size_t i = 0; i < baseline(prover)->case_count; i++) {
        if (strcmp(baseline(prover)->cases[i].id, id) == 0)
            prover->shown[i] = true;
    }
}

/* Runs FAULT on the cases of GROUND in which it would act. False when the target cannot be started. */
static bool run_fault(struct prover *prover, enum fault fault, const struct ground *ground,
                      struct proof_fault *proof, struct error *error)
{
    struct world world = {.setting = ground->setting,
                          .fault = fault,
                          .watcher = {.rule_broken = note_rule_broken, .context = prover}};
    struct arena arena;
    struct run_result result;
    struct error trouble;
    size_t touched;

    arena_init(&arena, BUF_UNBOUNDED);
    world.selection = ground_touched(ground, fault, &arena, &touched);
    proof->case_count += touched;
    struct builtin *builtin = touched > 0 ? world_new_builtin(prover->options, &world, error) : NULL;
    bool started = builtin != NULL || touched == 0;

    if (builtin != NULL && world_run(prover->options, &world, builtin, &arena, &result, &trouble)) {
        note_failed_clauses(prover, fault_info(fault), &result, proof);
        note_shown(prover, &result);
    } else if (builtin != NULL) {
        proof->trouble = printable_sentence(prover->arena, NULL, trouble.text);
    }
    builtin_free(builtin);
    arena_release(&arena);
    return started;
}

static enum proof_fault_state state_of(const struct proof_fault *proof)
{
    if (proof->case_count == 0)
        return PROOF_UNTOUCHED;
    if (proof->caught_by == NULL)
        return PROOF_MISSED;
    return proof->stray_count > 0 ? PROOF_STRAY : PROOF_CAUGHT;
}

static bool prove_fault(struct prover *prover, enum fault fault, struct error *error)
{
    const struct fault_info *info = fault_info(fault);
    struct proof_fault *proof = &prover->proof->faults[prover->proof->fault_count++];
    size_t clauses = prover->options->ledger->count;
    struct setting settings[FAULT_SETTINGS_MAX];
    size_t count = setting_of_fault(fault, settings, FAULT_SETTINGS_MAX);

    *proof = (struct proof_fault){
        .id = info->id,
        .seam = seam_name(info->seam),
        .clause = info->clause,
        .what = info->what,
        .failed = (const char **)arena_new_array(prover->arena, clauses, sizeof(const char *)),
        .strays = (const char **)arena_new_array(prover->arena, clauses, sizeof(const char *)),
        .stray_cases = (const char **)arena_new_array(prover->arena, clauses, sizeof(const char *)),
    };
    for (size_t i = 0; i < count; i++) {
        const struct ground *ground;

        if (!find_ground(prover, &settings[i], &ground, error) ||
            !run_fault(prover, fault, ground, proof, error))
            return false;
    }
    proof->state = state_of(proof);
    return true;
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
        if (word_in(info->skips, scenario->needs[i]))
            return true;
    }
    return word_in(info->skips, "later-steps");
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
    const struct case_result *before = ground_case(&prover->grounds[0], result->id);

    if (result->verdict == VERDICT_SKIP)
        return (before != NULL && before->verdict == VERDICT_SKIP) || skip_is_declared(prover, info, result);
    if (result->verdict == VERDICT_WARN)
        return warning_is_declared(info, result);
    return !verdict_is_unexpected(result->verdict);
}

/* A warning that a variant declares must come, or the scenarios for that clause judge nothing. */
static void flag_missing_warnings(struct prover *prover, const struct variant_info *info,
                                  const struct run_result *result, struct proof_variant *proof)
{
    struct bytes rest = bytes_of(info->warns);
    struct bytes word;

    while (rest.size > 0 && bytes_split(&rest, ' ', &word)) {
        const char *clause = arena_text(prover->arena, word);

        if (case_that_broke(result, clause, VERDICT_WARN) == NULL)
            proof->flags[proof->flag_count++] = (struct proof_flag){
                .id = clause,
                .verdict = VERDICT_PASS,
                .reason = printable_sentence(prover->arena, NULL, "it should have given a warning"),
            };
    }
}

static void judge_variant(struct prover *prover, const struct variant_info *info,
                          const struct run_result *result, struct proof_variant *proof)
{
    struct arena *arena = prover->arena;

    proof->case_count = result->case_count;
    proof->flags = arena_new_array(arena, result->case_count + prover->options->ledger->count,
                                   sizeof(struct proof_flag));
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
    flag_missing_warnings(prover, info, result, proof);
    proof->clean = proof->flag_count == 0;
}

static bool prove_variant(struct prover *prover, enum variant variant, struct error *error)
{
    const struct variant_info *info = variant_info(variant);
    struct proof_variant *proof = &prover->proof->variants[prover->proof->variant_count++];
    const struct world world = {.setting = setting_of_variant(variant), .fault = FAULT_COUNT};
    struct builtin *builtin = world_new_builtin(prover->options, &world, error);
    struct arena arena;
    struct run_result result;
    struct error trouble;

    *proof = (struct proof_variant){.id = info->id, .clause = info->clause, .what = info->what};
    if (builtin == NULL)
        return false;
    arena_init(&arena, BUF_UNBOUNDED);
    if (world_run(prover->options, &world, builtin, &arena, &result, &trouble)) {
        judge_variant(prover, info, &result, proof);
        note_shown(prover, &result);
    } else {
        proof->trouble = printable_sentence(prover->arena, NULL, trouble.text);
    }
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

/* Scenarios, with their labels of `each` taken together by place, that no fault made fail and no variant warn. */
static void note_idle(struct prover *prover)
{
    const struct run_result *run = baseline(prover);
    struct proof *proof = prover->proof;

    proof->idle = (const char **)arena_new_array(prover->arena, run->case_count, sizeof(const char *));
    for (size_t i = 0; i < run->case_count; i++) {
        const struct case_result *result = &run->cases[i];
        bool shown = result->file == NULL || result->clause_count == 0;

        for (size_t k = 0; k < run->case_count && !shown; k++) {
            const struct case_result *other = &run->cases[k];

            shown = prover->shown[k] && other->file != NULL && other->line == result->line &&
                    strcmp(other->file, result->file) == 0;
        }
        if (!shown)
            proof->idle[proof->idle_count++] = result->id;
    }
}

/* Testable clauses that no fault breaks and no variant bends. */
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
        for (int variant = 0; variant < VARIANT_COUNT && !broken; variant++)
            broken = word_in(variant_info((enum variant)variant)->warns, clause->id);
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
        proof->proved = proof->proved && proof->idle_count == 0 && proof->faultless_count == 0;
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
