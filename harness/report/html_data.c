#include "report/html_data.h"

#include "report/json_text.h"

#include <string.h>

/* ---- JSON within HTML ---- */

static int append_chunk(const char *chunk, size_t size, void *context)
{
    struct buf *out = (struct buf *)context;
    struct bytes rest = bytes_make(chunk, size);
    size_t found;

    while ((found = bytes_find_octet(rest, '<')) != BYTES_NOT_FOUND) {
        buf_append(out, bytes_slice(rest, 0, found));
        buf_append_text(out, "\\u003C");
        rest = bytes_from(rest, found + 1);
    }
    return buf_append(out, rest) ? 0 : -1;
}

void html_data_append(struct buf *out, json_t *root)
{
    json_dump_callback(root, append_chunk, out, JSON_COMPACT);
    json_decref(root);
}

static void set_if_there(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_set_text(object, key, text);
}

/* ---- a run ---- */

static json_t *clause_json(const struct clause_result *clause)
{
    json_t *object = json_object();

    json_set_text(object, "id", clause->id);
    json_set_text(object, "level", clause->level);
    json_set_text(object, "section", clause->section);
    json_set_text(object, "demand", clause->demand);
    json_set_text(object, "verdict", verdict_name(clause->verdict));
    return object;
}

static json_t *gap_json(const struct clause_gap *gap)
{
    json_t *object = json_object();

    json_set_text(object, "id", gap->id);
    json_set_text(object, "level", gap->level);
    json_set_text(object, "section", gap->section);
    json_set_text(object, "demand", gap->demand);
    set_if_there(object, "untestable", gap->why);
    return object;
}

static const char *speaker_of(enum direction direction)
{
    switch (direction) {
    case DIRECTION_CLIENT:
        return "C";
    case DIRECTION_SERVER:
        return "S";
    case DIRECTION_NOTE:
        return "-";
    }
    return "-";
}

json_t *html_data_wire(const struct case_result *result)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < result->transcript_count; i++) {
        const struct transcript_line *line = &result->transcript[i];
        json_t *array = json_array();

        json_array_append_new(array, json_integer(line->at_us));
        json_array_append_new(array, json_text(speaker_of(line->direction)));
        json_array_append_new(array, json_integer(line->connection));
        json_array_append_new(array, json_text(line->text.text));
        if (line->mark.to > line->mark.from)
            json_array_append_new(array, json_span(&line->mark));
        json_array_append_new(lines, array);
    }
    return lines;
}

static int compare_id_to_clause(const void *id, const void *clause)
{
    return strcmp((const char *)id, ((const struct clause_result *)clause)->id);
}

/* [index among the run's clauses, verdict]. */
static json_t *proves_json(const struct case_result *result, const struct run_result *run)
{
    json_t *array = json_array();

    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *found = (const struct clause_result *)bsearch(
            result->clauses[i].id, run->clauses, run->clause_count, sizeof(*found), compare_id_to_clause);

        if (found == NULL)
            continue;
        json_t *pair = json_array();

        json_array_append_new(pair, json_integer(found - run->clauses));
        json_array_append_new(pair, json_text(verdict_name(result->clauses[i].verdict)));
        json_array_append_new(array, pair);
    }
    return array;
}

static json_t *case_json(const struct case_result *result, const struct run_result *run)
{
    json_t *object = json_object();

    json_set_text(object, "id", result->id);
    if (result->group != NULL && strcmp(result->group, result->id) != 0)
        json_set_text(object, "group", result->group);
    json_set_text(object, "transport", result->transport);
    json_set_text(object, "title", result->title);
    json_set_text(object, "verdict", verdict_name(result->verdict));
    json_object_set_new(object, "clauses", proves_json(result, run));
    if (result->flaky)
        json_object_set_new(object, "flaky", json_true());
    if (result->varies)
        json_object_set_new(object, "varies", json_true());
    set_if_there(object, "impact", result->impact);
    set_if_there(object, "reason", result->reason.text);
    set_if_there(object, "evidence", result->evidence.text);
    set_if_there(object, "expected", result->expected.text);
    set_if_there(object, "actual", result->actual.text);
    set_if_there(object, "file", result->file);
    set_if_there(object, "again", result->again.text);
    if (result->line > 0)
        json_object_set_new(object, "line", json_integer(result->line));
    if (result->elapsed_us > 0)
        json_object_set_new(object, "us", json_integer(result->elapsed_us));
    if (result->occurrences > 1)
        json_object_set_new(object, "occurrences", json_integer((json_int_t)result->occurrences));
    if (result->transcript_count > 0)
        json_object_set_new(object, "wire", html_data_wire(result));
    return object;
}

void html_data_append_run(struct buf *out, const struct run_result *result)
{
    json_t *root = json_object();
    json_t *clauses = json_array();
    json_t *gaps = json_array();
    json_t *cases = json_array();

    for (size_t i = 0; i < result->clause_count; i++)
        json_array_append_new(clauses, clause_json(&result->clauses[i]));
    for (size_t i = 0; i < result->gap_count; i++)
        json_array_append_new(gaps, gap_json(&result->gaps[i]));
    for (size_t i = 0; i < result->case_count; i++)
        json_array_append_new(cases, case_json(&result->cases[i], result));
    json_object_set_new(root, "clauses", clauses);
    json_object_set_new(root, "untested", gaps);
    json_object_set_new(root, "cases", cases);
    html_data_append(out, root);
}
