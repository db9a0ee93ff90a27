#include "report/recorded.h"

#include <jansson.h>

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

static bool read_case(const struct reader *reader, const json_t *item, const struct spot *spot,
                      struct case_result *result)
{
    return read_text(reader, item, spot, "id", false, &result->id) &&
           read_text(reader, item, spot, "transport", false, &result->transport) &&
           read_text(reader, item, spot, "title", false, &result->title) &&
           read_verdict(reader, item, spot, &result->verdict) &&
           read_clauses(reader, item, spot, &result->clauses, &result->clause_count) &&
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
        result->counts[result->cases[i].verdict]++;
    }
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
    return read_text(reader, target, &whole, "name", false, &result->target.name) &&
           read_text(reader, target, &whole, "software", true, &result->target.software) &&
           read_text(reader, target, &whole, "repeat", true, &result->target.repeat) &&
           read_text(reader, target, &whole, "tls", true, &result->target.tls) &&
           read_text(reader, target, &whole, "greeting", true, &result->target.greeting.text) &&
           read_text(reader, run, &whole, "started", true, &result->started) &&
           read_text(reader, run, &whole, "command", true, &result->command) &&
           read_text(reader, run, &whole, "selection", true, &result->selection);
}

static bool read_root(const struct reader *reader, const json_t *root, struct run_result *result)
{
    const struct spot whole = {"", 0};

    return read_head(reader, root, result) && read_cases(reader, root, result) &&
           read_clauses(reader, root, &whole, &result->clauses, &result->clause_count);
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
