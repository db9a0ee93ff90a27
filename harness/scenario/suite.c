#include "scenario/suite.h"

#include "base/memory.h"
#include "scenario/diagnostics.h"
#include "scenario/fixture_load.h"
#include "scenario/source.h"
#include "scenario/suite_internal.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SUITE_OCTETS_MAX ((size_t)512 * 1024 * 1024)

enum { SCENARIOS_MAX = 100 * 1000 };

void suite_init(struct suite *suite)
{
    *suite = (struct suite){.scenario_count = 0};
    arena_init(&suite->arena, SUITE_OCTETS_MAX);
}

void suite_release(struct suite *suite)
{
    arena_release(&suite->arena);
    suite_init(suite);
}

bool suite_is_full(const struct suite *suite)
{
    return suite->scenario_count >= SCENARIOS_MAX || arena_full(&suite->arena);
}

void suite_append(struct suite *suite, const struct scenario *scenario)
{
    if (suite->scenario_count == suite->scenario_capacity) {
        size_t capacity = suite->scenario_capacity > 0 ? 2 * suite->scenario_capacity : 64;
        struct scenario *grown = arena_new_array(&suite->arena, capacity, sizeof(*grown));

        if (suite->scenario_count > 0)
            memcpy(grown, suite->scenarios, suite->scenario_count * sizeof(*grown));
        suite->scenarios = grown;
        suite->scenario_capacity = capacity;
    }
    suite->scenarios[suite->scenario_count++] = *scenario;
}

static int compare_scenarios(const void *a, const void *b)
{
    const struct scenario *x = a;
    const struct scenario *y = b;

    return strcmp(x->id, y->id);
}

/* The same, and of equal ids the one that stands first in its file goes first. */
static int compare_for_sorting(const void *a, const void *b)
{
    const struct scenario *x = a;
    const struct scenario *y = b;
    int order = compare_scenarios(a, b);

    if (order == 0)
        order = strcmp(x->place.file, y->place.file);
    return order != 0 ? order : (x->place.line > y->place.line) - (x->place.line < y->place.line);
}

/* Labels can make the same id in two ways: both scenarios stay, and the second is an error. */
static void check_ids_differ(const struct suite *suite, struct diagnostics *diagnostics)
{
    for (size_t i = 1; i < suite->scenario_count; i++) {
        const struct scenario *first = &suite->scenarios[i - 1];

        if (strcmp(first->id, suite->scenarios[i].id) == 0)
            diagnostics_say(diagnostics, suite->scenarios[i].place, NULL,
                            "the id '%.200s' is also that of %s:%u", first->id, first->place.file,
                            first->place.line);
    }
}

/* Puts what was added, and what was found wrong with it, in order. */
static void finish(struct suite *suite, struct diagnostics *diagnostics)
{
    if (suite_is_full(suite))
        diagnostics_say(diagnostics, (struct place){suite->root, 0, 0}, NULL, "the suite is too large");
    if (suite->scenario_count > 0)
        qsort(suite->scenarios, suite->scenario_count, sizeof(*suite->scenarios), compare_for_sorting);
    check_ids_differ(suite, diagnostics);
    diagnostics_sort(diagnostics);
}

const struct scenario *suite_find(const struct suite *suite, const char *id)
{
    struct scenario wanted = {.id = id};

    if (suite->scenario_count == 0)
        return NULL;
    return bsearch(&wanted, suite->scenarios, suite->scenario_count, sizeof(wanted), compare_scenarios);
}

/* ---- one file ---- */

/* NAME without folders and ".yaml", as part of an id. */
static const char *prefix_of(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    struct bytes name = bytes_of(slash != NULL ? slash + 1 : file);

    if (bytes_end_with(name, BYTES_LITERAL(".yaml")))
        name.size -= 5;
    char *prefix = arena_text(arena, name);

    for (size_t i = 0; i < name.size; i++) {
        prefix[i] = (char)ascii_lower((uint8_t)prefix[i]);
        if (!name_is_valid(bytes_make(&prefix[i], 1)))
            prefix[i] = '-';
    }
    return name.size > 0 ? prefix : "scenario";
}

static void add_source(struct source *source, const struct node *list, const char *prefix)
{
    if (list != NULL)
        source_compile(source, list, prefix);
}

bool suite_add_text(struct suite *suite, struct bytes text, const char *file, const char *prefix,
                    const struct ledger *ledger, struct diagnostics *diagnostics)
{
    struct source *source = memory_new(sizeof(*source));
    size_t before = diagnostics->count;

    file = arena_text(&suite->arena, bytes_of(file));
    source_init(source, suite, ledger, NULL, diagnostics);
    add_source(source, source_read_text(source, text, file),
               prefix != NULL ? prefix : prefix_of(&suite->arena, file));
    source_release(source);
    free(source);
    finish(suite, diagnostics);
    return diagnostics->count == before;
}

/* The file at ROOT/NAME; the caller finishes the suite. */
static void add_below(struct suite *suite, const char *root, const char *name, const char *prefix,
                      const struct ledger *ledger, struct diagnostics *diagnostics)
{
    struct source *source = memory_new(sizeof(*source));

    source_init(source, suite, ledger, root, diagnostics);
    add_source(source, source_read_file(source, arena_format(&suite->arena, "%s/%s", root, name)), prefix);
    source_release(source);
    free(source);
}

/* The path of FILE below the suite's root, or NULL if it does not stand there. */
static const char *below_root(struct suite *suite, const char *file)
{
    char *root = suite->root != NULL ? realpath(suite->root, NULL) : NULL;
    char *path = realpath(file, NULL);
    const char *below = NULL;

    if (root != NULL && path != NULL) {
        size_t size = strlen(root);

        if (strncmp(root, path, size) == 0 && path[size] == '/')
            below = arena_text(&suite->arena, bytes_of(path + size + 1));
    }
    free(root);
    free(path);
    return below;
}

bool suite_add_file(struct suite *suite, const char *file, const char *prefix, const struct ledger *ledger,
                    struct diagnostics *diagnostics)
{
    size_t before = diagnostics->count;
    const char *below = below_root(suite, file);
    const char *slash = strrchr(file, '/');

    if (prefix == NULL)
        prefix = prefix_of(&suite->arena, file);
    if (below != NULL)
        add_below(suite, suite->root, below, prefix, ledger, diagnostics);
    else if (slash != NULL)
        add_below(suite, arena_text(&suite->arena, bytes_make(file, (size_t)(slash - file))), slash + 1,
                  prefix, ledger, diagnostics);
    else
        add_below(suite, ".", file, prefix, ledger, diagnostics);
    finish(suite, diagnostics);
    return diagnostics->count == before;
}

/* ---- a directory ---- */

static bool holds_scenarios(const char *folder)
{
    return strcmp(folder, "clauses") != 0 && strcmp(folder, "fixtures") != 0;
}

/* The id's beginning for the file NAME, its path without ".yaml"; NULL with a diagnostic where it cannot be one. */
static const char *id_prefix(struct suite *suite, const char *name, struct diagnostics *diagnostics)
{
    struct bytes prefix = bytes_of(name);

    prefix.size -= strlen(".yaml");
    struct bytes rest = prefix;
    struct bytes part;

    while (bytes_split(&rest, '/', &part)) {
        if (name_is_valid(part))
            continue;
        diagnostics_say(
            diagnostics, (struct place){arena_format(&suite->arena, "%s/%s", suite->root, name), 1, 1},
            "rename it: lower-case letters, digits and '-'", "the file's name cannot be part of an id");
        return NULL;
    }
    return arena_text(&suite->arena, prefix);
}

static void load_fixture_file(struct suite *suite, const char *path, struct diagnostics *diagnostics)
{
    struct document document;
    struct error error;

    if (document_load_file(&document, path, &error))
        fixtures_add(suite, &document, diagnostics);
    else
        diagnostics_add(diagnostics, &error);
    document_release(&document);
}

bool suite_add_fixtures_text(struct suite *suite, struct bytes text, const char *file,
                             struct diagnostics *diagnostics)
{
    struct document document;
    struct error error;
    size_t before = diagnostics->count;

    if (document_load_text(&document, text, arena_text(&suite->arena, bytes_of(file)), &error))
        fixtures_add(suite, &document, diagnostics);
    else
        diagnostics_add(diagnostics, &error);
    document_release(&document);
    return diagnostics->count == before;
}

bool suite_load_fixtures(struct suite *suite, const char *directory, struct diagnostics *diagnostics)
{
    size_t before = diagnostics->count;
    struct file_list files;
    struct error error;

    suite->root = arena_text(&suite->arena, bytes_of(directory));
    const char *folder = arena_format(&suite->arena, "%s/fixtures", directory);

    if (!file_list_read(folder, ".yaml", NULL, &suite->arena, &error, &files)) {
        diagnostics_add(diagnostics, &error);
        return false;
    }
    for (size_t i = 0; i < files.count && !diagnostics_full(diagnostics); i++)
        load_fixture_file(suite, arena_format(&suite->arena, "%s/%s", folder, files.names[i]), diagnostics);
    return diagnostics->count == before;
}

bool suite_load(struct suite *suite, const char *directory, const struct ledger *ledger,
                struct diagnostics *diagnostics)
{
    size_t before = diagnostics->count;
    struct file_list files = {NULL, 0};
    struct error error;

    suite_init(suite);
    suite_load_fixtures(suite, directory, diagnostics);
    if (!file_list_read(directory, ".yaml", holds_scenarios, &suite->arena, &error, &files))
        diagnostics_add(diagnostics, &error);
    for (size_t i = 0; i < files.count && !diagnostics_full(diagnostics) && !suite_is_full(suite); i++) {
        const char *prefix = id_prefix(suite, files.names[i], diagnostics);

        if (prefix != NULL)
            add_below(suite, suite->root, files.names[i], prefix, ledger, diagnostics);
    }
    finish(suite, diagnostics);
    return diagnostics->count == before;
}
