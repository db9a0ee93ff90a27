/* The JSON report, schema 1 (reports/results.schema.json). Fields are only ever added. */
#include "report/json_text.h"
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>
#include <jansson.h>

enum { JSON_SCHEMA = 1 };

static void set_number(json_t *object, const char *key, int64_t number)
{
    json_object_set_new(object, key, json_integer(number));
}

/* 64 bits without sign do not fit every reader's numbers: a seed is a string. */
static void set_seed(json_t *object, const char *key, uint64_t seed)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, seed);
    json_set_text(object, key, text);
}

static json_t *shard_json(const struct shard *shard)
{
    json_t *object;

    if (shard->count == 0)
        return json_null();
    object = json_object();
    set_number(object, "index", shard->index);
    set_number(object, "count", shard->count);
    return object;
}

static json_t *run_json(const struct run_result *result)
{
    json_t *run = json_object();

    set_seed(run, "seed", result->seed);
    json_set_text(run, "selection", result->selection);
    json_set_text(run, "command", result->command);
    json_set_text(run, "started", result->started);
    set_number(run, "ms", result->elapsed_us / US_PER_MS);
    json_object_set_new(run, "interrupted", json_boolean(result->interrupted));
    json_object_set_new(run, "target_died", json_boolean(result->target_died));
    json_object_set_new(run, "shard", shard_json(&result->shard));
    json_set_text(run, "profile", result->profile);
    json_set_text(run, "fail_on", fail_on_name(result->fail_on));
    set_number(run, "exit_code", result->exit_code);
    json_set_text(run, "exit_meaning", exit_code_meaning(result->exit_code));
    return run;
}

static json_t *target_json(const struct target_result *target)
{
    json_t *object = json_object();
    json_t *capabilities = json_array();
    json_t *notes = json_array();

    json_set_text(object, "name", target->name);
    json_set_text(object, "software", target->software);
    json_set_text(object, "repeat", target->repeat);
    json_set_text(object, "address", target->address);
    json_set_text(object, "tls", target->tls);
    json_set_text(object, "greeting", target->greeting.text);
    for (size_t i = 0; i < target->capability_count; i++)
        json_array_append_new(capabilities, json_text(target->capabilities[i].text));
    json_object_set_new(object, "capabilities", capabilities);
    for (size_t i = 0; i < target->note_count; i++)
        json_array_append_new(notes, json_text(target->notes[i]));
    json_object_set_new(object, "notes", notes);
    return object;
}

static json_t *summary_json(const struct run_result *result)
{
    json_t *summary = json_object();

    for (size_t i = 0; i < VERDICT_COUNT; i++)
        set_number(summary, verdict_name((enum verdict)i), (int64_t)result->counts[i]);
    set_number(summary, "cases", (int64_t)result->case_count);
    set_number(summary, "flaky", (int64_t)result->flaky_count);
    set_number(summary, "varies", (int64_t)result->varying_count);
    return summary;
}

static json_t *clauses_json(const struct clause_result *clauses, size_t count, bool in_full)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *clause = json_object();

        json_set_text(clause, "id", clauses[i].id);
        json_set_text(clause, "level", clauses[i].level);
        json_set_text(clause, "verdict", verdict_name(clauses[i].verdict));
        if (in_full) {
            json_set_text(clause, "section", clauses[i].section);
            json_set_text(clause, "demand", clauses[i].demand);
        }
        json_array_append_new(array, clause);
    }
    return array;
}

static json_t *gaps_json(const struct run_result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; i < result->gap_count; i++) {
        const struct clause_gap *gap = &result->gaps[i];
        json_t *clause = json_object();

        json_set_text(clause, "id", gap->id);
        json_set_text(clause, "level", gap->level);
        json_set_text(clause, "section", gap->section);
        json_set_text(clause, "demand", gap->demand);
        json_set_text(clause, "untestable", gap->why);
        json_array_append_new(array, clause);
    }
    return array;
}

static const char *speaker_of(enum direction direction)
{
    switch (direction) {
    case DIRECTION_CLIENT:
        return "client";
    case DIRECTION_SERVER:
        return "server";
    case DIRECTION_NOTE:
        return "note";
    }
    return "note";
}

static json_t *transcript_json(const struct case_result *result)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < result->transcript_count; i++) {
        const struct transcript_line *line = &result->transcript[i];
        json_t *object = json_object();

        set_number(object, "us", line->at_us);
        json_set_text(object, "from", speaker_of(line->direction));
        set_number(object, "connection", line->connection);
        json_set_text(object, "text", line->text.text);
        if (line->mark.to > line->mark.from)
            json_object_set_new(object, "mark", json_span(&line->mark));
        json_array_append_new(lines, object);
    }
    return lines;
}

static json_t *case_json(const struct case_result *result)
{
    json_t *object = json_object();

    json_set_text(object, "id", result->id);
    json_set_text(object, "group", result->group != NULL ? result->group : result->id);
    json_set_text(object, "transport", result->transport);
    json_set_text(object, "title", result->title);
    json_set_text(object, "impact", result->impact);
    json_set_text(object, "verdict", verdict_name(result->verdict));
    json_object_set_new(object, "unexpected", json_boolean(result->unexpected));
    json_object_set_new(object, "flaky", json_boolean(result->flaky));
    json_object_set_new(object, "varies", json_boolean(result->varies));
    set_number(object, "attempts", (int64_t)result->attempts);
    json_object_set_new(object, "clauses", clauses_json(result->clauses, result->clause_count, false));
    json_set_text(object, "reason", result->reason.text);
    json_set_text(object, "evidence", result->evidence.text);
    json_set_text(object, "expected", result->expected.text);
    json_set_text(object, "actual", result->actual.text);
    json_set_text(object, "file", result->file);
    json_object_set_new(object, "line", result->line > 0 ? json_integer(result->line) : json_null());
    set_number(object, "ms", result->elapsed_us / US_PER_MS);
    set_number(object, "occurrences", (int64_t)result->occurrences);
    json_object_set_new(object, "transcript", transcript_json(result));
    json_set_text(object, "again", result->again.text);
    return object;
}

static int append_chunk(const char *chunk, size_t size, void *out)
{
    return buf_append(out, bytes_make(chunk, size)) ? 0 : -1;
}

void json_write(const struct run_result *result, const char *version, struct buf *out)
{
    json_t *report = json_object();
    json_t *cases = json_array();

    json_set_text(report, "pop3spec", version);
    set_number(report, "schema", JSON_SCHEMA);
    json_object_set_new(report, "run", run_json(result));
    json_object_set_new(report, "target", target_json(&result->target));
    json_object_set_new(report, "summary", summary_json(result));
    for (size_t i = 0; i < result->case_count; i++)
        json_array_append_new(cases, case_json(&result->cases[i]));
    json_object_set_new(report, "cases", cases);
    json_object_set_new(report, "clauses", clauses_json(result->clauses, result->clause_count, true));
    json_object_set_new(report, "untested", gaps_json(result));
    json_dump_callback(report, append_chunk, out, JSON_INDENT(1));
    buf_append_octet(out, '\n');
    json_decref(report);
}
