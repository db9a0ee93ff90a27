#include "lab/ground.h"

#include "base/check.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What is seen while the suite runs, in the order in which cases end. */
struct survey {
    struct builtin *builtin;
    struct {
        const char *id;
        uint64_t acted[FAULT_WORDS];
    } * cases;
    size_t count;
    size_t capacity;
};

static void case_started(void *context, const char *id, const char *transport)
{
    struct survey *survey = context;

    (void)id;
    (void)transport;
    refserver_clear_record(builtin_server(survey->builtin, false));
    refserver_clear_record(builtin_server(survey->builtin, true));
}

static void case_finished(void *context, const struct case_result *result, size_t finished_count,
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
    for (size_t i = 0; i < FAULT_WORDS; i++)
        survey->cases[survey->count].acted[i] = normal->acted[i] | literal->acted[i];
    survey->count++;
}

static int compare_ids(const void *a, const void *b)
{
    const struct case_result *const *left = a;
    const struct case_result *const *right = b;

    return strcmp((*left)->id, (*right)->id);
}

static void sort_cases(struct arena *arena, struct ground *ground)
{
    size_t count = ground->result.case_count;

    ground->by_id = (struct case_result **)arena_new_array(arena, count, sizeof(*ground->by_id));
    for (size_t i = 0; i < count; i++)
        ground->by_id[i] = &ground->result.cases[i];
    if (count > 0)
        qsort(ground->by_id, count, sizeof(*ground->by_id), compare_ids);
}

/* Puts what was seen into the order of the result's cases. */
static void keep_survey(const struct survey *survey, struct arena *arena, struct ground *ground)
{
    ground->acted = arena_new_array(arena, ground->result.case_count, sizeof(*ground->acted));
    for (size_t i = 0; i < survey->count; i++) {
        const struct case_result *result = ground_case(ground, survey->cases[i].id);

        CHECK(result != NULL);
        memcpy(ground->acted[result - ground->result.cases], survey->cases[i].acted,
               sizeof(survey->cases[i].acted));
    }
}

bool ground_survey(const struct prove_options *options, const struct setting *setting, struct arena *arena,
                   struct ground *ret_ground, struct error *error)
{
    struct survey survey = {0};
    const struct world world = {
        .setting = *setting,
        .fault = FAULT_COUNT,
        .survey = true,
        .jobs = 1, /* one case at a time, so that what acts is known to act in it */
        .watcher = {.case_started = case_started, .case_finished = case_finished, .context = &survey},
    };
    struct builtin *builtin = world_new_builtin(options, &world, error);

    if (builtin == NULL)
        return false;
    survey.builtin = builtin;
    *ret_ground = (struct ground){.setting = *setting};
    bool ran = world_run(options, &world, builtin, arena, &ret_ground->result, error);

    if (ran) {
        sort_cases(arena, ret_ground);
        keep_survey(&survey, arena, ret_ground);
    }
    free(survey.cases);
    builtin_free(builtin);
    return ran;
}

static bool would_act(const struct ground *ground, size_t index, enum fault fault)
{
    return (ground->acted[index][fault / 64] >> (fault % 64) & 1) != 0;
}

const char **ground_touched(const struct ground *ground, enum fault fault, struct arena *arena,
                            size_t *ret_count)
{
    const char **ids =
        (const char **)arena_new_array(arena, ground->result.case_count + 1, sizeof(const char *));
    size_t count = 0;

    for (size_t i = 0; i < ground->result.case_count; i++) {
        if (would_act(ground, i, fault) && ground->result.cases[i].file != NULL)
            ids[count++] = ground->result.cases[i].id;
    }
    *ret_count = count;
    return ids;
}

const struct case_result *ground_case(const struct ground *ground, const char *id)
{
    const struct case_result wanted = {.id = id};
    const struct case_result *key = &wanted;
    struct case_result **found = NULL;

    if (ground->result.case_count > 0)
        found = (struct case_result **)bsearch(&key, ground->by_id, ground->result.case_count,
                                               sizeof(*ground->by_id), compare_ids);
    return found != NULL ? *found : NULL;
}
