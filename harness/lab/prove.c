#include "lab/prove.h"

#include "base/check.h"
#include "base/memory.h"
#include "lab/combinations.h"
#include "lab/prover.h"
#include "lab/workers.h"
#include "run/verdict.h"

#include <string.h>

/* ---- what its files share ---- */

const struct run_result *prover_baseline(const struct prover *prover)
{
    return &prover->grounds[0].result;
}

bool prover_is_stopped(const struct prover *prover)
{
    return prover->options->stop != NULL && *prover->options->stop != 0;
}

void prover_note_shown(struct worker *worker, const struct run_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        enum verdict verdict = result->cases[i].verdict;
        const struct case_result *before = ground_case(&worker->prover->grounds[0], result->cases[i].id);

        if (before != NULL && (verdict == VERDICT_FAIL || verdict == VERDICT_WARN))
            worker->shown[before - prover_baseline(worker->prover)->cases] = true;
    }
}

const char *prover_case_with(const struct run_result *result, const char *clause, enum verdict verdict)
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

const char *prover_seam_name(enum seam seam)
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

/* ---- workers ---- */

struct crew {
    struct worker *workers;
    void **contexts; /* the same, as workers_do() takes them */
    size_t count;
};

static void crew_init(struct crew *crew, struct prover *prover, size_t case_count)
{
    crew->count = prover->options->jobs > 0 ? prover->options->jobs : 1;
    crew->workers = (struct worker *)memory_new_array(crew->count, sizeof(struct worker));
    crew->contexts = (void **)memory_new_array(crew->count, sizeof(void *));
    for (size_t i = 0; i < crew->count; i++) {
        crew->workers[i].prover = prover;
        arena_init(&crew->workers[i].arena, BUF_UNBOUNDED);
        crew->workers[i].shown = arena_new_array(&crew->workers[i].arena, case_count, sizeof(bool));
        crew->contexts[i] = &crew->workers[i];
    }
}

/* Lets the crew do COUNT jobs, and gives what they found to the prover. False with ERROR when one could not be done. */
static bool crew_do(struct crew *crew, struct prover *prover, size_t count, job_work work,
                    struct error *error)
{
    bool done = workers_do(crew->contexts, crew->count, count, work);

    for (size_t i = 0; i < crew->count; i++) {
        if (!done && crew->workers[i].error.kind != ERROR_NONE)
            *error = crew->workers[i].error;
        arena_adopt(prover->arena, &crew->workers[i].arena);
    }
    return done;
}

static void crew_release(struct crew *crew)
{
    free(crew->workers);
    free(crew->contexts);
}

/* ---- the correct server ---- */

static void flag_baseline(struct prover *prover)
{
    const struct run_result *run = prover_baseline(prover);
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

static bool survey_ground(void *context, size_t index)
{
    struct worker *worker = (struct worker *)context;
    struct ground *ground = &worker->prover->grounds[index];
    const struct setting setting = ground->setting;

    return ground_survey(worker->prover->options, &setting, &worker->arena, ground, &worker->error);
}

static void add_ground(struct prover *prover, const struct setting *setting)
{
    for (size_t i = 0; i < prover->ground_count; i++) {
        if (setting_equal(&prover->grounds[i].setting, setting))
            return;
    }
    prover->grounds[prover->ground_count++].setting = *setting;
}

/* The usual ground, and those on which the faults to be proved stand. */
static bool survey_grounds(struct prover *prover, struct error *error)
{
    const struct setting usual = setting_default();
    struct crew crew;

    prover->grounds = (struct ground *)arena_new_array(
        prover->arena, 1 + prover->job_count * FAULT_SETTINGS_MAX, sizeof(struct ground));
    add_ground(prover, &usual);
    for (size_t i = 0; i < prover->job_count; i++) {
        struct setting settings[FAULT_SETTINGS_MAX];

        if (prover->jobs[i].fault == FAULT_COUNT)
            continue;
        size_t count = setting_of_fault(prover->jobs[i].fault, settings, FAULT_SETTINGS_MAX);

        for (size_t k = 0; k < count; k++)
            add_ground(prover, &settings[k]);
    }
    crew_init(&crew, prover, 0);
    bool surveyed = crew_do(&crew, prover, prover->ground_count, survey_ground, error);

    crew_release(&crew);
    if (surveyed)
        flag_baseline(prover);
    return surveyed;
}

/* ---- what is to be proved ---- */

static bool names_some(const struct prove_options *options)
{
    return options->names != NULL && options->names[0] != NULL;
}

static bool is_wanted(const struct prove_options *options, const char *id)
{
    for (size_t i = 0; names_some(options) && options->names[i] != NULL; i++) {
        if (strcmp(options->names[i], id) == 0)
            return true;
    }
    return !names_some(options);
}

static void add_faults(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->faults = arena_new_array(prover->arena, FAULT_COUNT, sizeof(struct proof_fault));
    for (int fault = 0; fault < FAULT_COUNT; fault++) {
        if (is_wanted(prover->options, prover->faults[fault].id))
            prover->jobs[prover->job_count++] = (struct job){
                .fault = (enum fault)fault, .proved_fault = &proof->faults[proof->fault_count++]};
    }
}

static void add_setting(struct prover *prover, const struct setting *setting, const char *what,
                        struct proof_variant *slot)
{
    prove_describe_setting(prover, setting, what, slot);
    prover->jobs[prover->job_count++] =
        (struct job){.fault = FAULT_COUNT, .setting = *setting, .proved_setting = slot};
}

static void add_variants(struct prover *prover)
{
    struct proof *proof = prover->proof;

    proof->variants = arena_new_array(prover->arena, VARIANT_COUNT, sizeof(struct proof_variant));
    for (int i = 0; i < VARIANT_COUNT; i++) {
        const enum variant variant = (enum variant)i;
        struct setting setting;

        if (!is_wanted(prover->options, prover->variants[i].id))
            continue;
        bool is_possible = setting_of_variants(&variant, 1, &setting);

        CHECK(is_possible);
        add_setting(prover, &setting, prover->variants[i].what, &proof->variants[proof->variant_count++]);
    }
}

/* The combinations that are named, or that are chosen where none is. */
static bool find_combinations(const struct prover *prover, struct combination **ret_combinations,
                              size_t *ret_count, struct error *error)
{
    const struct prove_options *options = prover->options;
    size_t count = 0;

    if (!names_some(options)) {
        *ret_combinations = combinations_choose(options->pairs_max, options->seed, prover->arena, ret_count);
        return true;
    }
    while (options->names[count] != NULL)
        count++;
    *ret_combinations = arena_new_array(prover->arena, count, sizeof(struct combination));
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strchr(options->names[i], '+') == NULL)
            continue;
        if (!combination_of_id(options->names[i], &(*ret_combinations)[*ret_count], error))
            return false;
        (*ret_count)++;
    }
    return true;
}

static bool check_names(const struct prove_options *options, struct error *error)
{
    for (size_t i = 0; names_some(options) && options->names[i] != NULL; i++) {
        enum fault fault;
        enum variant variant;

        if (!fault_of_id(options->names[i], &fault) && !variant_of_id(options->names[i], &variant) &&
            strchr(options->names[i], '+') == NULL) {
            error_set(error, ERROR_USAGE, "there is neither a fault nor a variant called '%s'",
                      options->names[i]);
            return error_hint(error, "`pop3spec list faults` and `pop3spec list variants` show them");
        }
    }
    return true;
}

static bool gather_jobs(struct prover *prover, struct error *error)
{
    struct proof *proof = prover->proof;
    struct combination *combinations = NULL;
    size_t count = 0;

    if (!check_names(prover->options, error) ||
        (prover->options->variants && !find_combinations(prover, &combinations, &count, error)))
        return false;
    prover->jobs =
        (struct job *)arena_new_array(prover->arena, FAULT_COUNT + VARIANT_COUNT + count, sizeof(struct job));
    proof->combinations = arena_new_array(prover->arena, count, sizeof(struct proof_variant));
    if (prover->options->faults)
        add_faults(prover);
    if (prover->options->variants)
        add_variants(prover);
    for (size_t i = 0; i < count; i++)
        add_setting(prover, &combinations[i].setting, combinations[i].what,
                    &proof->combinations[proof->combination_count++]);
    return true;
}

/* ---- all of it ---- */

static void tell_progress(struct prover *prover, const struct job *job)
{
    const struct prove_options *options = prover->options;
    const char *id = job->fault != FAULT_COUNT ? prover->faults[job->fault].id : job->proved_setting->id;

    pthread_mutex_lock(&prover->progress_lock);
    if (options->progress != NULL)
        options->progress(options->context, id, prover->done, prover->job_count);
    prover->done++;
    pthread_mutex_unlock(&prover->progress_lock);
}

static bool do_job(void *context, size_t index)
{
    struct worker *worker = (struct worker *)context;
    struct job *job = &worker->prover->jobs[index];

    if (prover_is_stopped(worker->prover))
        return true;
    tell_progress(worker->prover, job);
    if (job->fault != FAULT_COUNT)
        return prove_fault(worker, job->fault, job->proved_fault);
    return prove_setting(worker, &job->setting, job->proved_setting);
}

static void conclude(struct prover *prover, const bool *shown)
{
    struct proof *proof = prover->proof;

    proof->interrupted = prover_is_stopped(prover);
    proof->proved = proof->baseline_flag_count == 0 && !proof->interrupted;
    for (size_t i = 0; i < proof->fault_count; i++)
        proof->proved = proof->proved && proof->faults[i].state == PROOF_CAUGHT;
    for (size_t i = 0; i < proof->variant_count; i++)
        proof->proved = proof->proved && proof->variants[i].clean;
    for (size_t i = 0; i < proof->combination_count; i++)
        proof->proved = proof->proved && proof->combinations[i].clean;
    coverage_count_seams(prover);
    if (proof->whole) {
        coverage_note(prover, shown);
        proof->proved = proof->proved && coverage_is_whole(proof);
    }
}

static bool do_jobs(struct prover *prover, struct error *error)
{
    size_t case_count = prover_baseline(prover)->case_count;
    struct crew crew;

    crew_init(&crew, prover, case_count);
    bool done = crew_do(&crew, prover, prover->job_count, do_job, error);

    for (size_t i = 1; done && i < crew.count; i++) {
        for (size_t k = 0; k < case_count; k++)
            crew.workers[0].shown[k] = crew.workers[0].shown[k] || crew.workers[i].shown[k];
    }
    if (done)
        conclude(prover, crew.workers[0].shown);
    crew_release(&crew);
    return done;
}

static const struct fault_info *fault_infos(struct arena *arena)
{
    struct fault_info *infos = arena_new_array(arena, FAULT_COUNT, sizeof(*infos));

    for (int i = 0; i < FAULT_COUNT; i++)
        infos[i] = *fault_info((enum fault)i);
    return infos;
}

static const struct variant_info *variant_infos(struct arena *arena)
{
    struct variant_info *infos = arena_new_array(arena, VARIANT_COUNT, sizeof(*infos));

    for (int i = 0; i < VARIANT_COUNT; i++)
        infos[i] = *variant_info((enum variant)i);
    return infos;
}

bool prove(const struct prove_options *options, struct arena *arena, struct proof *ret_proof,
           struct error *error)
{
    struct prover prover = {
        .options = options,
        .faults = options->fault_infos != NULL ? options->fault_infos : fault_infos(arena),
        .variants = options->variant_infos != NULL ? options->variant_infos : variant_infos(arena),
        .arena = arena,
        .proof = ret_proof,
    };

    *ret_proof = (struct proof){
        .over = options->over_tcp ? "tcp" : "memory",
        .whole = options->faults && options->variants && !names_some(options),
    };
    if (!gather_jobs(&prover, error))
        return false;
    pthread_mutex_init(&prover.progress_lock, NULL);
    bool proved = survey_grounds(&prover, error) && do_jobs(&prover, error);

    pthread_mutex_destroy(&prover.progress_lock);
    return proved;
}
