#include "report/recorded.h"

#include "result/gather.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct arena *arena;
    const char *file;
    struct error *error;
};

/* A place in the data, for errors: "cases[17].clauses[0]". */
struct spot {
    const char *list; /* "" for the whole */
    size_t index;
};

static bool wrong(const struct reader *reader, const struct spot *spot, const char *key, const char *what)
{
    struct place place = {.file = reader->file};

    if (spot->list[0] == '\0')
        return error_at(reader->error, place, "these are no results of pop3spec: \"%s\" is not %s", key,
                        what);
    return error_at(reader->error, place, "these are no results of pop3spec: \"%s\" of %s[%zu] is not %s",
                    key, spot->list, spot->index, what);
}

/* Text of KEY, or NULL where it is null or missing and OPTIONAL. */
static bool read_text(const struct reader *reader, const json_t *object, const struct spot *spot,
                      const char *key, bool optional, const char **ret_text)
{
    const json_t *value = json_object_get(object, key);

    *ret_text = NULL;
    if (optional && (value == NULL || json_is_null(value)))
        return true;
    if (!json_is_string(value))
        return wrong(reader, spot, key, "a text");
    *ret_text = arena_text(reader->arena, bytes_make(json_string_value(value), json_string_length(value)));
    return true;
}

/* A number that is not below 0, or 0 where it is null or missing. */
static bool read_number(const struct reader *reader, const json_t *object, const struct spot *spot,
                        const char *key, int64_t max, int64_t *ret_number)
{
    const json_t *value = json_object_get(object, key);

    *ret_number = 0;
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return wrong(reader, spot, key, "a number that a run can have");
    *ret_number = json_integer_value(value);
    return true;
}

/* False where it is null or missing. */
static bool read_truth(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool read_verdict(const struct reader *reader, const json_t *object, const struct spot *spot,
                         enum verdict *ret_verdict)
{
    const char *name;

    return read_text(reader, object, spot, "verdict", false, &name) &&
           (verdict_of_name(name, ret_verdict) || wrong(reader, spot, "verdict", "a verdict"));
}

/* The list KEY of OBJECT, of at most MAX items that are objects. */
static bool read_list(const struct reader *reader, const json_t *object, const struct spot *spot,
                      const char *key, size_t max, const json_t **ret_list)
{
    const json_t *list = json_object_get(object, key);

    if (!json_is_array(list))
        return wrong(reader, spot, key, "a list");
    if (json_array_size(list) > max)
        return wrong(reader, spot, key, "of a length that a run can have");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_object(json_array_get(list, i)))
            return wrong(reader, spot, key, "a list of objects");
    *ret_list = list;
    return true;
}

static bool read_clauses(const struct reader *reader, const json_t *object, const struct spot *around,
                         struct clause_result **ret_clauses, size_t *ret_count)
{
    const json_t *list;

    if (!read_list(reader, object, around, "clauses", RECORDED_CLAUSES_MAX, &list))
        return false;
    *ret_count = json_array_size(list);
    *ret_clauses = (struct clause_result *)arena_new_array(reader->arena, *ret_count, sizeof(**ret_clauses));
    for (size_t i = 0; i < *ret_count; i++) {
        const json_t *item = json_array_get(list, i);
        const struct spot spot = {"clauses", i};
        struct clause_result *clause = &(*ret_clauses)[i];

        if (!read_text(reader, item, &spot, "id", false, &clause->id) ||
            !read_text(reader, item, &spot, "level", false, &clause->level) ||
            !read_text(reader, item, &spot, "section", true, &clause->section) ||
            !read_text(reader, item, &spot, "demand", true, &clause->demand) ||
            !read_verdict(reader, item, &spot, &clause->verdict))
            return false;
    }
    return true;
}

/* The clauses of which no case spoke; results of before there was such a list have none. */
static bool read_gaps(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};
    const json_t *list;

    if (json_object_get(root, "untested") == NULL)
        return true;
    if (!read_list(reader, root, &whole, "untested", RECORDED_CLAUSES_MAX, &list))
        return false;
    result->gap_count = json_array_size(list);
    result->gaps =
        (struct clause_gap *)arena_new_array(reader->arena, result->gap_count, sizeof(*result->gaps));
    for (size_t i = 0; i < result->gap_count; i++) {
        const json_t *item = json_array_get(list, i);
        const struct spot spot = {"untested", i};
        struct clause_gap *gap = &result->gaps[i];

        if (!read_text(reader, item, &spot, "id", false, &gap->id) ||
            !read_text(reader, item, &spot, "level", false, &gap->level) ||
            !read_text(reader, item, &spot, "section", true, &gap->section) ||
            !read_text(reader, item, &spot, "demand", true, &gap->demand) ||
            !read_text(reader, item, &spot, "untestable", true, &gap->why))
            return false;
    }
    return true;
}

static enum direction direction_of(const char *from)
{
    if (strcmp(from, "client") == 0)
        return DIRECTION_CLIENT;
    return strcmp(from, "server") == 0 ? DIRECTION_SERVER : DIRECTION_NOTE;
}

/* [from, to] among SIZE characters, or nothing. */
static bool read_mark(const struct reader *reader, const json_t *item, const struct spot *spot, size_t size,
                      struct printable_span *ret_mark)
{
    const json_t *pair = json_object_get(item, "mark");
    json_int_t from = json_integer_value(json_array_get(pair, 0));
    json_int_t to = json_integer_value(json_array_get(pair, 1));

    if (pair == NULL)
        return true;
    if (from < 0 || to < from || (uint64_t)to > size)
        return wrong(reader, spot, "mark", "within the text");
    *ret_mark = (struct printable_span){(size_t)from, (size_t)to};
    return true;
}

static bool read_line(const struct reader *reader, const json_t *item, const struct spot *spot,
                      struct transcript_line *line)
{
    const char *from;
    int64_t connection;

    if (!read_number(reader, item, spot, "us", INT64_MAX, &line->at_us) ||
        !read_number(reader, item, spot, "connection", 99, &connection) ||
        !read_text(reader, item, spot, "from", false, &from) ||
        !read_text(reader, item, spot, "text", false, &line->text.text))
        return false;
    if (!read_mark(reader, item, spot, strlen(line->text.text), &line->mark))
        return false;
    line->connection = (int)connection;
    line->direction = direction_of(from);
    return true;
}

static bool read_transcript(const struct reader *reader, const json_t *item, const struct spot *around,
                            struct case_result *result)
{
    const json_t *list;

    if (json_object_get(item, "transcript") == NULL)
        return true;
    if (!read_list(reader, item, around, "transcript", RECORDED_LINES_MAX, &list))
        return false;
    result->transcript_count = json_array_size(list);
    result->transcript = (struct transcript_line *)arena_new_array(reader->arena, result->transcript_count,
                                                                   sizeof(*result->transcript));
    for (size_t i = 0; i < result->transcript_count; i++) {
        const struct spot spot = {"transcript", i};

        if (!read_line(reader, json_array_get(list, i), &spot, &result->transcript[i]))
            return false;
    }
    return true;
}

static bool read_numbers(const struct reader *reader, const json_t *item, const struct spot *spot,
                         struct case_result *result)
{
    int64_t line;
    int64_t elapsed_ms;
    int64_t occurrences;
    int64_t attempts;

    if (!read_number(reader, item, spot, "line", UINT32_MAX, &line) ||
        !read_number(reader, item, spot, "ms", INT64_MAX / US_PER_MS, &elapsed_ms) ||
        !read_number(reader, item, spot, "occurrences", INT64_MAX / SHARDS_MAX, &occurrences) ||
        !read_number(reader, item, spot, "attempts", UINT32_MAX / SHARDS_MAX, &attempts))
        return false;
    result->line = (uint32_t)line;
    result->elapsed_us = elapsed_ms * US_PER_MS;
    result->occurrences = (uint64_t)occurrences;
    result->attempts = (uint32_t)attempts;
    result->unexpected = read_truth(item, "unexpected");
    result->flaky = read_truth(item, "flaky");
    result->varies = read_truth(item, "varies");
    return true;
}

static bool read_case(const struct reader *reader, const json_t *item, const struct spot *spot,
                      struct case_result *result)
{
    return read_text(reader, item, spot, "id", false, &result->id) &&
           read_text(reader, item, spot, "group", true, &result->group) &&
           read_text(reader, item, spot, "transport", false, &result->transport) &&
           read_text(reader, item, spot, "title", false, &result->title) &&
           read_verdict(reader, item, spot, &result->verdict) &&
           read_clauses(reader, item, spot, &result->clauses, &result->clause_count) &&
           read_text(reader, item, spot, "impact", true, &result->impact) &&
           read_text(reader, item, spot, "file", true, &result->file) &&
           read_text(reader, item, spot, "again", true, &result->again.text) &&
           read_numbers(reader, item, spot, result) && read_transcript(reader, item, spot, result) &&
           read_text(reader, item, spot, "reason", true, &result->reason.text) &&
           read_text(reader, item, spot, "evidence", true, &result->evidence.text) &&
           read_text(reader, item, spot, "expected", true, &result->expected.text) &&
           read_text(reader, item, spot, "actual", true, &result->actual.text);
}

static bool read_cases(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};
    const json_t *list;

    if (!read_list(reader, root, &whole, "cases", RECORDED_CASES_MAX, &list))
        return false;
    result->case_count = json_array_size(list);
    result->cases =
        (struct case_result *)arena_new_array(reader->arena, result->case_count, sizeof(*result->cases));
    for (size_t i = 0; i < result->case_count; i++) {
        const struct spot spot = {"cases", i};

        if (!read_case(reader, json_array_get(list, i), &spot, &result->cases[i]))
            return false;
    }
    result_count(result);
    return true;
}

/* What was left out of the cases, as published results do with those that passed, the summary still counts. */
static bool read_summary(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};
    const json_t *summary = json_object_get(root, "summary");

    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        int64_t count;

        if (!read_number(reader, summary, &whole, verdict_name((enum verdict)i), RECORDED_CASES_MAX, &count))
            return false;
        if ((uint64_t)count > result->counts[i])
            result->counts[i] = (uint64_t)count;
    }
    return true;
}

/* The texts of the list KEY, which may be missing. */
static bool read_words(const struct reader *reader, const json_t *object, const char *key,
                       const char ***ret_words, size_t *ret_count)
{
    const struct spot whole = {"", 0};
    const json_t *list = json_object_get(object, key);

    *ret_count = json_array_size(list);
    if (*ret_count > RECORDED_WORDS_MAX)
        return wrong(reader, &whole, key, "of a length that a run can have");
    *ret_words = (const char **)arena_new_array(reader->arena, *ret_count, sizeof(**ret_words));
    for (size_t i = 0; i < *ret_count; i++) {
        const json_t *word = json_array_get(list, i);

        if (!json_is_string(word))
            return wrong(reader, &whole, key, "a list of texts");
        (*ret_words)[i] =
            arena_text(reader->arena, bytes_make(json_string_value(word), json_string_length(word)));
    }
    return true;
}

static bool read_target(const struct reader *reader, const json_t *object, struct target_result *target)
{
    const struct spot whole = {"", 0};
    const char **capabilities;

    if (!read_text(reader, object, &whole, "name", false, &target->name) ||
        !read_text(reader, object, &whole, "software", true, &target->software) ||
        !read_text(reader, object, &whole, "repeat", true, &target->repeat) ||
        !read_text(reader, object, &whole, "address", true, &target->address) ||
        !read_text(reader, object, &whole, "tls", true, &target->tls) ||
        !read_text(reader, object, &whole, "greeting", true, &target->greeting.text) ||
        !read_words(reader, object, "notes", &target->notes, &target->note_count) ||
        !read_words(reader, object, "capabilities", &capabilities, &target->capability_count))
        return false;
    target->capabilities = (struct printable *)arena_new_array(reader->arena, target->capability_count,
                                                               sizeof(*target->capabilities));
    for (size_t i = 0; i < target->capability_count; i++)
        target->capabilities[i].text = capabilities[i];
    return true;
}

static bool read_shard(const struct reader *reader, const json_t *run, struct shard *shard)
{
    const struct spot whole = {"", 0};
    const json_t *object = json_object_get(run, "shard");
    int64_t index;
    int64_t count;

    if (!read_number(reader, object, &whole, "index", SHARDS_MAX, &index) ||
        !read_number(reader, object, &whole, "count", SHARDS_MAX, &count))
        return false;
    *shard = (struct shard){.index = (unsigned)index, .count = (unsigned)count};
    return (index >= 1 && index <= count) || (index == 0 && count == 0) ||
           wrong(reader, &whole, "shard", "a part of a run");
}

static bool read_seed(const struct reader *reader, const json_t *run, uint64_t *ret_seed)
{
    const struct spot whole = {"", 0};
    const char *seed;

    *ret_seed = 0;
    return read_text(reader, run, &whole, "seed", true, &seed) &&
           (seed == NULL || bytes_to_u64(bytes_of(seed), ret_seed) ||
            wrong(reader, &whole, "seed", "a number"));
}

static bool read_fail_on(const struct reader *reader, const json_t *run, enum fail_on *ret_fail_on)
{
    const struct spot whole = {"", 0};
    const char *name;

    *ret_fail_on = FAIL_ON_MUST;
    return read_text(reader, run, &whole, "fail_on", true, &name) &&
           (name == NULL || fail_on_of_name(name, ret_fail_on) || wrong(reader, &whole, "fail_on", "known"));
}

static bool read_run(const struct reader *reader, const json_t *run, struct run_result *result)
{
    const struct spot whole = {"", 0};
    int64_t elapsed_ms;
    int64_t exit_code;

    if (!read_text(reader, run, &whole, "started", true, &result->started) ||
        !read_text(reader, run, &whole, "command", true, &result->command) ||
        !read_text(reader, run, &whole, "selection", true, &result->selection) ||
        !read_text(reader, run, &whole, "profile", true, &result->profile) ||
        !read_number(reader, run, &whole, "ms", INT64_MAX / US_PER_MS, &elapsed_ms) ||
        !read_number(reader, run, &whole, "exit_code", UINT8_MAX, &exit_code) ||
        !read_seed(reader, run, &result->seed) || !read_shard(reader, run, &result->shard) ||
        !read_fail_on(reader, run, &result->fail_on))
        return false;
    result->elapsed_us = elapsed_ms * US_PER_MS;
    result->exit_code = (int)exit_code;
    result->interrupted = read_truth(run, "interrupted");
    result->target_died = read_truth(run, "target_died");
    return true;
}

static bool read_head(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};
    const json_t *run = json_object_get(root, "run");
    const json_t *target = json_object_get(root, "target");

    if (!json_is_integer(json_object_get(root, "schema")) ||
        json_integer_value(json_object_get(root, "schema")) != 1)
        return wrong(reader, &whole, "schema", "1");
    if (!json_is_object(run))
        return wrong(reader, &whole, "run", "an object");
    if (!json_is_object(target))
        return wrong(reader, &whole, "target", "an object");
    return read_target(reader, target, &result->target) && read_run(reader, run, result);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct clause_result *)a)->id, ((const struct clause_result *)b)->id);
}

/* What a clause demands stands once, in the list of all; cases have its id. */
static void complete_clauses(const struct reader *reader, const struct run_result *result)
{
    struct clause_result *all =
        (struct clause_result *)arena_new_array(reader->arena, result->clause_count, sizeof(*all));

    for (size_t i = 0; i < result->clause_count; i++)
        all[i] = result->clauses[i];
    if (result->clause_count > 0)
        qsort(all, result->clause_count, sizeof(*all), by_id);
    for (size_t i = 0; i < result->case_count && result->clause_count > 0; i++)
        for (size_t j = 0; j < result->cases[i].clause_count; j++) {
            struct clause_result *clause = &result->cases[i].clauses[j];
            const struct clause_result *full =
                bsearch(clause, all, result->clause_count, sizeof(*all), by_id);

            if (full != NULL) {
                clause->section = full->section;
                clause->demand = full->demand;
            }
        }
}

static bool read_root(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};

    if (!read_head(reader, root, result) || !read_cases(reader, root, result) ||
        !read_summary(reader, root, result) ||
        !read_clauses(reader, root, &whole, &result->clauses, &result->clause_count) ||
        !read_gaps(reader, root, result))
        return false;
    complete_clauses(reader, result);
    return true;
}

bool recorded_read(struct bytes text, const char *file, struct arena *arena, struct run_result *ret_result,
                   struct error *error)
{
    const struct reader reader = {arena, file, error};
    json_error_t trouble;
    json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &trouble);
    bool ok;

    *ret_result = (struct run_result){0};
    if (root == NULL)
        return error_at(error,
                        (struct place){.file = file,
                                       .line = trouble.line > 0 ? (uint32_t)trouble.line : 0,
                                       .column = trouble.column > 0 ? (uint32_t)trouble.column : 0},
                        "this is no JSON: %s", trouble.text);
    ok = read_root(&reader, root, ret_result);
    json_decref(root);
    if (ok && arena_full(arena))
        return error_at(error, (struct place){.file = file}, "these results are too large");
    return ok;
}
