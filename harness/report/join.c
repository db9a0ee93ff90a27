#include "report/join.h"

#include "result/gather.h"

#include <stdlib.h>
#include <string.h>

/* ---- are they one run's? ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* In what B was run otherwise than A, in a word; NULL: in nothing. */
static const char *difference(const struct run_result *a, const struct run_result *b)
{
    if (!same_text(a->target.name, b->target.name) || !same_text(a->target.tls, b->target.tls))
        return "target";
    if (!same_text(a->selection, b->selection))
        return "selection";
    if (!same_text(a->profile, b->profile))
        return "--profile";
    if (a->fail_on != b->fail_on)
        return "--fail-on";
    return a->shard.count == b->shard.count ? NULL : "number of shards";
}

/* The place of part INDEX in PARTS, or COUNT if it is not there. */
static size_t find_part(const struct run_result *parts, size_t count, unsigned index)
{
    size_t i = 0;

    while (i < count && parts[i].shard.index != index)
        i++;
    return i;
}

static bool check_part(const struct run_result *parts, const char *const *files, size_t i,
                       struct error *error)
{
    const char *otherwise = difference(&parts[0], &parts[i]);
    size_t first = find_part(parts, i, parts[i].shard.index);

    if (parts[i].shard.count == 0) {
        error_set(error, ERROR_USAGE, "%s is a whole run", files[i]);
        return error_hint(error, "--join is for what `pop3spec run --shard I/N --json' wrote");
    }
    if (otherwise != NULL)
        return error_set(error, ERROR_USAGE, "%s and %s are parts of different runs: the %s is not the same",
                         files[0], files[i], otherwise);
    if (first < i)
        return error_set(error, ERROR_USAGE, "%s and %s are both part %u", files[first], files[i],
                         parts[i].shard.index);
    return true;
}

static bool check_parts(const struct run_result *parts, const char *const *files, size_t count,
                        struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!check_part(parts, files, i, error))
            return false;
    for (unsigned index = 1; index <= parts[0].shard.count; index++)
        if (find_part(parts, count, index) == count) {
            error_set(error, ERROR_USAGE, "part %u of %u is missing", index, parts[0].shard.count);
            return error_hint(error, "a part that wrote no results could not run: see what it said");
        }
    return true;
}

/* ---- cases ---- */

/* Cases without a file are the audit's and the server's health; each part has its own, and they stand first. */
static int compare_cases(const void *a, const void *b)
{
    const struct case_result *left = a;
    const struct case_result *right = b;
    int order = (left->file != NULL) - (right->file != NULL);

    if (order == 0)
        order = strcmp(left->id, right->id);
    return order != 0 ? order : strcmp(left->transport, right->transport);
}

/* What two parts saw of one rule. */
static struct case_result merge(const struct case_result *a, const struct case_result *b)
{
    bool second = a->verdict != b->verdict && verdict_graver(a->verdict, b->verdict) == b->verdict;
    struct case_result merged = second ? *b : *a;

    merged.unexpected = a->unexpected || b->unexpected;
    merged.occurrences = a->occurrences + b->occurrences;
    return merged;
}

static bool join_cases(const struct run_result *parts, size_t count, struct arena *arena,
                       struct run_result *whole, struct error *error)
{
    struct case_result *all;
    size_t total = 0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        total += parts[i].case_count;
    all = (struct case_result *)arena_new_array(arena, total, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].case_count; j++)
            all[kept++] = parts[i].cases[j];
    if (total > 0)
        qsort(all, total, sizeof(*all), compare_cases);
    kept = 0;
    for (size_t i = 0; i < total; i++) {
        bool again = kept > 0 && compare_cases(&all[kept - 1], &all[i]) == 0;

        if (again && all[i].file != NULL)
            return error_set(error, ERROR_USAGE,
                             "more than one part has run %s: their scenarios were not the same", all[i].id);
        if (again)
            all[kept - 1] = merge(&all[kept - 1], &all[i]);
        else
            all[kept++] = all[i];
    }
    whole->cases = all;
    whole->case_count = kept;
    return true;
}

static int compare_clauses(const void *a, const void *b)
{
    return strcmp(((const struct clause_result *)a)->id, ((const struct clause_result *)b)->id);
}

/* What no case of any part spoke of: each part names what its own did not. */
static void join_gaps(const struct run_result *part, struct arena *arena, struct run_result *whole)
{
    whole->gaps = (struct clause_gap *)arena_new_array(arena, part->gap_count, sizeof(*whole->gaps));
    whole->gap_count = 0;
    for (size_t i = 0; i < part->gap_count; i++) {
        const struct clause_result sought = {.id = part->gaps[i].id};

        if (whole->clause_count == 0 || bsearch(&sought, whole->clauses, whole->clause_count,
                                                sizeof(*whole->clauses), compare_clauses) == NULL)
            whole->gaps[whole->gap_count++] = part->gaps[i];
    }
}

/* ---- the rest ---- */

/* How much an exit code outweighs others (design section 4): interrupted, our own fault, a dead target, failures. */
static int weight(int exit_code)
{
    static const int order[] = {1, 4, 70, 143, 130};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (order[i] == exit_code)
            return (int)i + 1;
    return 0;
}

static void add_note(struct target_result *target, const char *note)
{
    for (size_t i = 0; i < target->note_count; i++)
        if (strcmp(target->notes[i], note) == 0)
            return;
    target->notes[target->note_count++] = note;
}

static void join_notes(const struct run_result *parts, size_t count, struct arena *arena,
                       struct run_result *whole)
{
    size_t total = 1;
    bool one_seed = true;

    for (size_t i = 0; i < count; i++) {
        total += parts[i].target.note_count;
        one_seed = one_seed && parts[i].seed == parts[0].seed;
    }
    whole->target.notes = (const char **)arena_new_array(arena, total, sizeof(*whole->target.notes));
    whole->target.note_count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].target.note_count; j++)
            add_note(&whole->target, parts[i].target.notes[j]);
    if (!one_seed)
        add_note(&whole->target,
                 "the parts of this run had seeds of their own; that of the first file is named");
}

static void join_part(const struct run_result *part, struct run_result *whole)
{
    if (part->started != NULL && (whole->started == NULL || strcmp(part->started, whole->started) < 0))
        whole->started = part->started;
    if (part->elapsed_us > whole->elapsed_us)
        whole->elapsed_us = part->elapsed_us;
    whole->interrupted = whole->interrupted || part->interrupted;
    whole->target_died = whole->target_died || part->target_died;
    if (weight(part->exit_code) > weight(whole->exit_code))
        whole->exit_code = part->exit_code;
}

bool join_parts(const struct run_result *parts, const char *const *files, size_t count, struct arena *arena,
                struct run_result *ret_whole, struct error *error)
{
    struct run_result whole = parts[0];

    if (!check_parts(parts, files, count, error))
        return false;
    for (size_t i = 1; i < count; i++)
        join_part(&parts[i], &whole);
    whole.shard = (struct shard){.index = 0, .count = 0};
    join_notes(parts, count, arena, &whole);
    if (!join_cases(parts, count, arena, &whole, error))
        return false;
    verdict_gather_clauses(&whole, arena);
    join_gaps(&parts[0], arena, &whole);
    result_count(&whole);
    *ret_whole = whole;
    return true;
}
