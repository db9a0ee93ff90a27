#include "lab/combinations.h"
#include "lab/prover.h"
#include "lab/word_in.h"
#include "run/verdict.h"

#include <string.h>

/* True when one of SETTING's variants has WORD in its list of skips. */
static bool declares_skip(const struct prover *prover, const struct setting *setting, const char *word)
{
    for (size_t i = 0; i < setting->variant_count; i++) {
        if (word_in(prover->variants[setting->variants[i]].skips, word))
            return true;
    }
    return false;
}

static bool declares_warning(const struct prover *prover, const struct setting *setting, const char *clause)
{
    for (size_t i = 0; i < setting->variant_count; i++) {
        if (word_in(prover->variants[setting->variants[i]].warns, clause))
            return true;
    }
    return false;
}

/* What share of the cases SETTING's variants may keep from their later steps, in percent: "later-steps:10". */
static size_t later_steps_percent(const struct prover *prover, const struct setting *setting)
{
    size_t percent = 0;

    for (size_t i = 0; i < setting->variant_count; i++) {
        struct bytes rest = bytes_of(prover->variants[setting->variants[i]].skips);
        struct bytes word;
        uint64_t share;

        while (rest.size > 0 && bytes_split(&rest, ' ', &word))
            if (bytes_start_with(word, BYTES_LITERAL("later-steps:")) &&
                bytes_to_u64(bytes_from(word, strlen("later-steps:")), &share))
                percent += (size_t)share;
    }
    return percent;
}

/* True for a case that had begun when its next step became impossible. */
static bool is_cut_short(const struct case_result *result)
{
    return result->verdict == VERDICT_SKIP && result->attempts > 0;
}

/*
 * A case may be skipped where a variant says so: for an ability it lacks, or (later-steps) because what it does makes
 * the steps behind it impossible, as a close does. How many may be so is judged of all of them together.
 */
static bool skip_is_declared(const struct prover *prover, const struct setting *setting,
                             const struct case_result *result)
{
    const struct scenario *scenario = suite_find(prover->options->suite, result->id);

    if (scenario == NULL)
        return true; /* an audit rule that this run never came across */
    for (size_t i = 0; i < scenario->need_count; i++) {
        if (declares_skip(prover, setting, scenario->needs[i]) ||
            combination_lacks(setting, scenario->needs[i]))
            return true;
    }
    return is_cut_short(result) && later_steps_percent(prover, setting) > 0;
}

static bool warning_is_declared(const struct prover *prover, const struct setting *setting,
                                const struct case_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        if (result->clauses[i].verdict == VERDICT_WARN &&
            !declares_warning(prover, setting, result->clauses[i].id))
            return false;
    }
    return true;
}

static bool was_skipped_before(const struct prover *prover, const struct case_result *result)
{
    const struct case_result *before = ground_case(&prover->grounds[0], result->id);

    return before != NULL && before->verdict == VERDICT_SKIP;
}

static bool case_is_clean(const struct prover *prover, const struct setting *setting,
                          const struct case_result *result)
{
    if (result->verdict == VERDICT_SKIP)
        return was_skipped_before(prover, result) || skip_is_declared(prover, setting, result);
    if (result->verdict == VERDICT_WARN)
        return warning_is_declared(prover, setting, result);
    return !verdict_is_unexpected(result->verdict);
}

/* A warning that a variant declares must come, or the scenarios for that clause judge nothing. */
static void flag_missing_warnings(struct worker *worker, const struct variant_info *info,
                                  const struct run_result *result, struct proof_variant *proof)
{
    struct bytes rest = bytes_of(info->warns);
    struct bytes word;

    while (rest.size > 0 && bytes_split(&rest, ' ', &word)) {
        const char *clause = arena_text(&worker->arena, word);

        if (prover_case_with(result, clause, VERDICT_WARN) == NULL)
            proof->flags[proof->flag_count++] = (struct proof_flag){
                .id = clause,
                .verdict = VERDICT_PASS,
                .reason = printable_sentence(&worker->arena, NULL, "it should have given a warning"),
            };
    }
}

/* Nobody reads hundreds of skips: a variant says how large a share they may be. */
static void flag_cut_short(struct worker *worker, const struct setting *setting,
                           const struct run_result *result, struct proof_variant *proof)
{
    size_t percent = later_steps_percent(worker->prover, setting);
    size_t count = 0;

    for (size_t i = 0; i < result->case_count; i++)
        count += is_cut_short(&result->cases[i]) && !was_skipped_before(worker->prover, &result->cases[i]);
    if (percent == 0 || count * 100 <= result->case_count * percent)
        return;
    proof->flags[proof->flag_count++] = (struct proof_flag){
        .id = "later-steps",
        .verdict = VERDICT_SKIP,
        .reason = printable_sentence(
            &worker->arena, NULL,
            arena_format(&worker->arena, "%zu of %zu cases were cut short, and no more than %zu %% may be",
                         count, result->case_count, percent)),
    };
}

static void flag_case(struct worker *worker, const struct case_result *result, struct proof_variant *proof)
{
    const char *reason = result->actual.text != NULL ? result->actual.text : result->reason.text;

    proof->flags[proof->flag_count++] = (struct proof_flag){
        .id = arena_text(&worker->arena, bytes_of(result->id)),
        .verdict = result->verdict,
        .reason = {reason != NULL ? arena_text(&worker->arena, bytes_of(reason)) : NULL},
    };
}

static void judge_setting(struct worker *worker, const struct setting *setting,
                          const struct run_result *result, struct proof_variant *proof)
{
    const struct prover *prover = worker->prover;
    size_t flags_max = result->case_count + prover->options->ledger->count + 1;

    proof->case_count = result->case_count;
    proof->flags = arena_new_array(&worker->arena, flags_max, sizeof(struct proof_flag));
    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *each = &result->cases[i];

        if (!case_is_clean(prover, setting, each))
            flag_case(worker, each, proof);
        else if (each->verdict == VERDICT_SKIP && !was_skipped_before(prover, each))
            proof->skip_count++;
    }
    flag_cut_short(worker, setting, result, proof);
    /* One variant may take away from another what the warning would be about. */
    if (setting->variant_count == 1)
        flag_missing_warnings(worker, &prover->variants[setting->variants[0]], result, proof);
    proof->clean = proof->flag_count == 0;
}

void prove_describe_setting(const struct prover *prover, const struct setting *setting, const char *what,
                            struct proof_variant *ret_proof)
{
    struct buf id;

    buf_init(&id, BUF_UNBOUNDED);
    for (size_t i = 0; i < setting->variant_count; i++)
        buf_append_format(&id, "%s%s", i > 0 ? "+" : "", prover->variants[setting->variants[i]].id);
    *ret_proof = (struct proof_variant){
        .id = arena_text(prover->arena, buf_bytes(&id)),
        .clause = setting->variant_count == 1 ? prover->variants[setting->variants[0]].clause : NULL,
        .what = what,
    };
    buf_release(&id);
}

/*
 * The matrices are most of the suite, and run on each variant alone; in hundreds of combinations, unless one is asked for by
 * name, they would be most of the proof's time.
 */
static const char *const *skipped_tags(const struct prove_options *options, const struct setting *setting)
{
    static const char *const MATRICES[] = {"exhaustive", NULL};

    bool named = options->names != NULL && options->names[0] != NULL;

    return setting->variant_count > 1 && !named ? MATRICES : NULL;
}

bool prove_setting(struct worker *worker, const struct setting *setting, struct proof_variant *proof)
{
    const struct prove_options *options = worker->prover->options;
    const struct world world = {
        .setting = *setting, .fault = FAULT_COUNT, .skip_tags = skipped_tags(options, setting)};
    struct builtin *builtin = world_new_builtin(options, &world, &worker->error);
    struct arena arena;
    struct run_result result;
    struct error trouble;

    if (builtin == NULL)
        return false;
    arena_init(&arena, BUF_UNBOUNDED);
    if (world_run(options, &world, builtin, &arena, &result, &trouble)) {
        judge_setting(worker, setting, &result, proof);
        prover_note_shown(worker, &result);
    } else {
        proof->trouble = printable_sentence(&worker->arena, NULL, trouble.text);
    }
    builtin_free(builtin);
    arena_release(&arena);
    return true;
}
