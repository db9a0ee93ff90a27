#include "base/check.h"
#include "lab/prover.h"
#include "lab/word_in.h"

#include <string.h>

static bool is_among(const char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0)
            return true;
    }
    return false;
}

static const char *keep_text(struct worker *worker, const char *text)
{
    return text != NULL ? arena_text(&worker->arena, bytes_of(text)) : "";
}

static void note_stray(struct worker *worker, const struct run_result *result, const char *clause,
                       struct proof_fault *proof)
{
    proof->stray_cases[proof->stray_count] =
        keep_text(worker, prover_case_with(result, clause, VERDICT_FAIL));
    proof->strays[proof->stray_count++] = clause;
}

/* The clauses of ALSO are stale until a case breaks them. */
static void list_stale(struct worker *worker, const char *also, struct proof_fault *proof)
{
    struct bytes rest = bytes_of(also);
    struct bytes id;

    proof->stale = (const char **)arena_new_array(&worker->arena, rest.size / 2 + 1, sizeof(const char *));
    while (bytes_split(&rest, ' ', &id)) {
        if (id.size > 0)
            proof->stale[proof->stale_count++] = arena_text(&worker->arena, id);
    }
}

static void strike_stale(struct proof_fault *proof, const char *clause)
{
    size_t kept = 0;

    for (size_t i = 0; i < proof->stale_count; i++) {
        if (strcmp(proof->stale[i], clause) != 0)
            proof->stale[kept++] = proof->stale[i];
    }
    proof->stale_count = kept;
}

/* What RESULT says of the fault INFO is added to what is known of it. */
static void note_failed_clauses(struct worker *worker, const struct fault_info *info,
                                const struct run_result *result, struct proof_fault *proof)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *clause = &result->clauses[i];
        bool own = strcmp(clause->id, info->clause) == 0;
        bool broken = clause->verdict == VERDICT_FAIL || clause->verdict == VERDICT_WARN;

        if (broken)
            strike_stale(proof, clause->id);
        if (own && broken && proof->caught_by == NULL)
            proof->caught_by = keep_text(worker, prover_case_with(result, clause->id, clause->verdict));
        if (clause->verdict != VERDICT_FAIL || is_among(proof->failed, proof->failed_count, clause->id))
            continue;
        const char *id = keep_text(worker, clause->id);

        proof->failed[proof->failed_count++] = id;
        if (!own && !word_in(info->also, id))
            note_stray(worker, result, id, proof);
    }
}

/* A target may do what it likes: a case that ends in an error of ours is a mistake in the suite. */
static void note_errors(struct worker *worker, const struct run_result *result, struct proof_fault *proof)
{
    for (size_t i = 0; i < result->case_count && proof->trouble.text == NULL; i++) {
        if (result->cases[i].verdict == VERDICT_ERROR)
            proof->trouble = printable_sentence(
                &worker->arena, NULL,
                arena_format(&worker->arena, "an error of the suite's own in %s", result->cases[i].id));
    }
}

/*
 * Some scenarios make a server say what only the auditor can judge. One of them is not idle when a rule of its own clause
 * was broken while it ran.
 */
static void note_rule_broken(void *context, const char *id, const char *transport, enum rule rule)
{
    struct worker *worker = (struct worker *)context;
    const struct scenario *scenario = suite_find(worker->prover->options->suite, id);

    (void)transport;
    if (scenario == NULL || !is_among(scenario->proves, scenario->prove_count, rule_info(rule)->clause))
        return;
    const struct case_result *before = ground_case(&worker->prover->grounds[0], id);

    if (before != NULL)
        worker->shown[before - prover_baseline(worker->prover)->cases] = true;
}

/* What the case before did is no concern of this one, whichever it was. */
static void forget_case_before(void *context, const char *id, const char *transport)
{
    const struct worker *worker = (const struct worker *)context;

    (void)id;
    (void)transport;
    refserver_clear_record(builtin_server(worker->builtin, false));
    refserver_clear_record(builtin_server(worker->builtin, true));
}

/* Runs FAULT on the cases of GROUND in which it would act. False when the target cannot be started. */
static bool run_fault(struct worker *worker, enum fault fault, const struct ground *ground,
                      struct proof_fault *proof)
{
    const struct prover *prover = worker->prover;
    bool in_order = !prover->options->over_tcp || spot_is_of_server(prover->faults[fault].spot);
    struct world world = {.setting = ground->setting,
                          .fault = fault,
                          .jobs = in_order ? 1 : 0,
                          .watcher = {.case_started = in_order ? forget_case_before : NULL,
                                      .rule_broken = note_rule_broken,
                                      .context = worker}};
    struct arena arena;
    struct run_result result;
    struct error trouble;
    size_t touched;

    arena_init(&arena, BUF_UNBOUNDED);
    world.selection = ground_touched(ground, fault, &arena, &touched);
    proof->case_count += touched;
    struct builtin *builtin = touched > 0 ? world_new_builtin(prover->options, &world, &worker->error) : NULL;
    bool started = builtin != NULL || touched == 0;

    worker->builtin = builtin;

    if (builtin != NULL && world_run(prover->options, &world, builtin, &arena, &result, &trouble)) {
        note_failed_clauses(worker, &prover->faults[fault], &result, proof);
        note_errors(worker, &result, proof);
        prover_note_shown(worker, &result);
    } else if (builtin != NULL) {
        proof->trouble = printable_sentence(&worker->arena, NULL, trouble.text);
    }
    builtin_free(builtin);
    arena_release(&arena);
    return started;
}

static enum proof_fault_state state_of(const struct proof_fault *proof)
{
    if (proof->case_count == 0)
        return PROOF_UNTOUCHED;
    if (proof->caught_by == NULL || proof->trouble.text != NULL)
        return PROOF_MISSED;
    return proof->stray_count > 0 ? PROOF_STRAY : PROOF_CAUGHT;
}

static const struct ground *find_ground(const struct prover *prover, const struct setting *setting)
{
    for (size_t i = 0; i < prover->ground_count; i++) {
        if (setting_equal(&prover->grounds[i].setting, setting))
            return &prover->grounds[i];
    }
    return NULL;
}

/* Where INFO's fault acts; NULL: everywhere. */
static const char *position_words(struct arena *arena, const struct fault_info *info)
{
    struct buf words;

    if (info->spot == SPOT_EVERYWHERE)
        return NULL;
    buf_init(&words, BUF_UNBOUNDED);
    spot_append_words(info->spot, info->number, &words);
    const char *text = arena_text(arena, buf_bytes(&words));

    buf_release(&words);
    return text;
}

bool prove_fault(struct worker *worker, enum fault fault, struct proof_fault *proof)
{
    const struct fault_info *info = &worker->prover->faults[fault];
    const enum fault base = fault_base(fault);
    size_t clauses = worker->prover->options->ledger->count;
    struct setting settings[FAULT_SETTINGS_MAX];
    size_t count = setting_of_fault(fault, settings, FAULT_SETTINGS_MAX);

    *proof = (struct proof_fault){
        .id = info->id,
        .seam = prover_seam_name(info->seam),
        .clause = info->clause,
        .what = info->what,
        .base = base != FAULT_COUNT ? worker->prover->faults[base].id : NULL,
        .position = position_words(&worker->arena, info),
        .history = fault_history(fault),
        .also = info->also,
        .failed = (const char **)arena_new_array(&worker->arena, clauses, sizeof(const char *)),
        .strays = (const char **)arena_new_array(&worker->arena, clauses, sizeof(const char *)),
        .stray_cases = (const char **)arena_new_array(&worker->arena, clauses, sizeof(const char *)),
    };
    list_stale(worker, info->also, proof);
    for (size_t i = 0; i < count; i++) {
        const struct ground *ground = find_ground(worker->prover, &settings[i]);

        CHECK(ground != NULL);
        if (!run_fault(worker, fault, ground, proof))
            return false;
    }
    proof->state = state_of(proof);
    return true;
}
