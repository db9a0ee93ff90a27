/* Judging a finished run by the expectation file. */
#include "run/expectations.h"

#include "base/memory.h"
#include "run/glob.h"
#include "run/verdict.h"
#include "run/versions.h"

/* What an entry met in a run. */
struct tally {
    bool met_case; /* some case has this id */
    bool held;     /* some case came out as the entry says */
};

static bool breaks_clause(const struct case_result *result, const char *clause)
{
    for (size_t i = 0; i < result->clause_count; i++)
        if (bytes_equal(bytes_of(result->clauses[i].id), bytes_of(clause)))
            return result->clauses[i].verdict == VERDICT_FAIL || result->clauses[i].verdict == VERDICT_WARN;
    return false;
}

static bool entry_holds(const struct expectation *entry, const struct case_result *result)
{
    return result->verdict == entry->verdict &&
           (entry->clause == NULL || breaks_clause(result, entry->clause));
}

const struct expectation *expectations_foresee(const struct expectations *expectations,
                                               const struct case_result *result)
{
    for (size_t i = 0; expectations != NULL && i < expectations->count; i++)
        if (expectation_names(&expectations->entries[i], result) &&
            entry_holds(&expectations->entries[i], result))
            return &expectations->entries[i];
    return NULL;
}

/* The case did better than the entry says: what was expected to be broken is not. */
static bool is_better(const struct expectation *entry, enum verdict verdict)
{
    if (verdict == VERDICT_PASS || verdict == VERDICT_INFO)
        return true;
    return verdict == VERDICT_WARN && entry->verdict != VERDICT_WARN;
}

static void say_reason(const struct expectation *entry, struct case_result *result, const char *word,
                       struct arena *arena)
{
    const char *bug = entry->bug == NULL ? "" : arena_format(arena, " (%s)", entry->bug);
    const char *found = result->reason.text == NULL ? "" : arena_format(arena, "; %s", result->reason.text);

    /* The reason of the case is printable already; the entry's words are made so. */
    result->reason =
        printable_sentence(arena, NULL, arena_format(arena, "%s: %s%s", word, entry->reason, bug));
    if (found[0] != '\0')
        result->reason.text = arena_format(arena, "%s%s", result->reason.text, found);
}

static void take_expected(const struct expectation *entry, struct case_result *result, struct arena *arena)
{
    say_reason(entry, result, "expected", arena);
    if (entry->verdict != VERDICT_SKIP)
        result->verdict = VERDICT_XFAIL;
}

/* A case that may vary is counted as such, whichever way it went this time. */
static void note_varying(const struct expectations *expectations, struct case_result *result,
                         struct arena *arena)
{
    for (size_t i = 0; i < expectations->count && !result->varies; i++) {
        const struct expectation *entry = &expectations->entries[i];

        if (!entry->varies || !expectation_names(entry, result))
            continue;
        result->varies = true;
        if (result->verdict == VERDICT_PASS || result->verdict == VERDICT_INFO)
            say_reason(entry, result, "may vary", arena);
    }
}

/* Notes in TALLIES what RESULT says of each entry. */
static void tally_case(const struct expectations *expectations, const struct case_result *result,
                       struct tally *tallies)
{
    for (size_t i = 0; i < expectations->count; i++) {
        const struct expectation *entry = &expectations->entries[i];

        if (!expectation_names(entry, result))
            continue;
        tallies[i].met_case = true;
        tallies[i].held = tallies[i].held || entry_holds(entry, result);
    }
}

static bool is_selection(const struct run_result *result)
{
    return result->selection != NULL && !bytes_equal(bytes_of(result->selection), BYTES_LITERAL("all"));
}

/*
 * Other shards, or what was not selected, may hold cases of an entry that can name more than one, and may break the rule
 * of an audit case: nothing is known of them here.
 */
static bool knows_all(const struct expectation *entry, const struct run_result *result)
{
    if (result->shard.count > 0)
        return strchr(entry->pattern, '@') != NULL && !glob_is_pattern(entry->pattern);
    return !is_selection(result) || (!glob_is_pattern(entry->pattern) &&
                                     !bytes_start_with(bytes_of(entry->pattern), BYTES_LITERAL("audit/")));
}

/*
 * An entry is out of date when none of its cases came out as it says and one did better. A glob whose cases partly
 * fail as foreseen is still true, so those of its cases that pass stay passes.
 */
static void take_better(const struct expectations *expectations, const struct tally *tallies,
                        const struct run_result *run, struct case_result *result, struct arena *arena)
{
    for (size_t i = 0; i < expectations->count; i++) {
        const struct expectation *entry = &expectations->entries[i];

        if (entry->varies || tallies[i].held || !knows_all(entry, run) || !expectation_names(entry, result) ||
            !is_better(entry, result->verdict))
            continue;
        say_reason(entry, result, arena_format(arena, "expected to be %s", verdict_name(entry->verdict)),
                   arena);
        result->verdict = VERDICT_XPASS;
        return;
    }
}

/*
 * An entry that met no case is worth a word only where it could have met one: in a run of everything, and over a
 * transport that was run.
 */
static bool could_have_met(const struct expectation *entry, const struct run_result *result)
{
    const char *transport = strchr(entry->pattern, '@');

    if (result->shard.count > 0 || is_selection(result))
        return false;
    for (size_t i = 0; transport != NULL && i < result->case_count; i++)
        if (glob_match(transport + 1, result->cases[i].transport))
            return true;
    return transport == NULL;
}

static void note_unmatched(const struct expectations *expectations, const struct tally *tallies,
                           struct run_result *result, struct arena *arena)
{
    size_t count = result->target.note_count;
    const char **notes = (const char **)arena_new_array(arena, count + expectations->count, sizeof(*notes));

    for (size_t i = 0; i < count; i++)
        notes[i] = result->target.notes[i];
    for (size_t i = 0; i < expectations->count; i++) {
        const struct expectation *entry = &expectations->entries[i];
        bool unknown_version = entry->set_aside && version_of(result->target.software).size == 0;

        if (unknown_version)
            notes[count++] =
                arena_format(arena, "%s:%u: set aside, for the target's software has no version here",
                             entry->place.file, (unsigned)entry->place.line);
        else if (!entry->set_aside && !tallies[i].met_case && could_have_met(entry, result))
            notes[count++] = arena_format(arena, "%s:%u: no case of this run is called %s", entry->place.file,
                                          (unsigned)entry->place.line, entry->pattern);
    }
    result->target.notes = notes;
    result->target.note_count = count;
}

static void apply_entries(const struct expectations *expectations, struct run_result *result,
                          struct arena *arena)
{
    struct tally *tallies = (struct tally *)memory_new_array(expectations->count, sizeof(*tallies));

    for (size_t i = 0; i < result->case_count; i++)
        tally_case(expectations, &result->cases[i], tallies);
    for (size_t i = 0; i < result->case_count; i++) {
        const struct expectation *holding = expectations_foresee(expectations, &result->cases[i]);

        if (holding != NULL)
            take_expected(holding, &result->cases[i], arena);
        else
            take_better(expectations, tallies, result, &result->cases[i], arena);
        note_varying(expectations, &result->cases[i], arena);
    }
    note_unmatched(expectations, tallies, result, arena);
    free(tallies);
}

void expectations_apply(const struct expectations *expectations, struct run_result *result,
                        struct arena *arena)
{
    if (expectations != NULL)
        apply_entries(expectations, result, arena);
    for (size_t i = 0; i < result->case_count; i++)
        result->cases[i].unexpected = verdict_case_is_unexpected(&result->cases[i], result->fail_on);
    result_count(result);
}
