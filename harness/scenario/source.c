#include "scenario/source.h"

#include "base/memory.h"
#include "scenario/diagnostics.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array)       (sizeof(array) / sizeof((array)[0]))
#define SCRATCH_OCTETS_MAX ((size_t)256 * 1024 * 1024)

static const char *const FILE_KEYS[] = {"pop3spec", "include", "defaults", "tables", "blocks", "scenarios"};
static const char *const DEFAULT_KEYS[] = {"proves", "impact", "state",  "mailbox",  "needs",
                                           "tags",   "each",   "except", "variables"};

void source_init(struct source *source, struct suite *suite, const struct ledger *ledger, const char *root,
                 struct diagnostics *diagnostics)
{
    *source = (struct source){.suite = suite, .ledger = ledger, .root = root, .diagnostics = diagnostics};
    arena_init(&source->scratch, SCRATCH_OCTETS_MAX);
}

void source_release(struct source *source)
{
    for (size_t i = 0; i < source->document_count; i++) {
        document_release(source->documents[i]);
        free(source->documents[i]);
    }
    arena_release(&source->scratch);
}

static struct document *new_document(struct source *source)
{
    struct document *document = memory_new(sizeof(*document));

    source->documents[source->document_count++] = document;
    return document;
}

static void read_defaults(struct source *source, const struct document *document)
{
    const struct node *defaults = map_get(document->root, "defaults");
    const struct node *cursor = NULL;
    struct error error;

    if (defaults == NULL)
        return;
    if (!node_expect(defaults, NODE_MAP, "defaults", &error)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    while (!diagnostics_full(source->diagnostics) &&
           map_next_unknown(defaults, DEFAULT_KEYS, COUNT(DEFAULT_KEYS), &cursor, &error))
        diagnostics_add(source->diagnostics, &error);
    source->defaults_documents[source->defaults_count] = document;
    source->defaults[source->defaults_count++] = defaults;
}

static bool has_block(const struct source *source, const char *name)
{
    for (size_t i = 0; i < source->block_count; i++) {
        if (strcmp(source->blocks[i].name, name) == 0)
            return true;
    }
    return false;
}

static void read_block(struct source *source, const struct document *document, const struct node *key)
{
    struct error error;
    const char *name;

    if (!node_name(key, "block", &error, &name)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    /* What a file says itself goes before what it includes. */
    if (has_block(source, name))
        return;
    if (source->block_count == BLOCKS_MAX) {
        diagnostics_say(source->diagnostics, key->place, NULL, "there are more than %d blocks", BLOCKS_MAX);
        return;
    }
    source->blocks[source->block_count++] = (struct named_block){
        .name = name, .lines = dialog_read(&source->scratch, document, key->value, source->diagnostics)};
}

static void read_blocks(struct source *source, const struct document *document)
{
    const struct node *blocks = map_get(document->root, "blocks");
    struct error error;

    if (blocks == NULL)
        return;
    if (!node_expect(blocks, NODE_MAP, "blocks", &error)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    for (const struct node *key = blocks->first; key != NULL && !diagnostics_full(source->diagnostics);
         key = key->next)
        read_block(source, document, key);
}

static void read_table(struct source *source, const struct node *key)
{
    struct error error;
    const char *name;

    if (!node_name(key, "table", &error, &name)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    /* As with blocks: what a file says itself goes before what it includes. */
    if (source_table(source, name) != NULL)
        return;
    if (source->table_count == TABLES_MAX) {
        diagnostics_say(source->diagnostics, key->place, NULL, "there are more than %d tables", TABLES_MAX);
        return;
    }
    source->tables[source->table_count++] = (struct named_table){name, key->value};
}

static void read_tables(struct source *source, const struct document *document)
{
    const struct node *tables = map_get(document->root, "tables");
    struct error error;

    if (tables == NULL)
        return;
    if (!node_expect(tables, NODE_MAP, "tables", &error)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    for (const struct node *key = tables->first; key != NULL && !diagnostics_full(source->diagnostics);
         key = key->next)
        read_table(source, key);
}

const struct node *source_table(const struct source *source, const char *name)
{
    for (size_t i = 0; i < source->table_count; i++) {
        if (strcmp(source->tables[i].name, name) == 0)
            return source->tables[i].values;
    }
    return NULL;
}

void source_refuse_table(const struct source *source, const struct node *node)
{
    struct suggestion suggestion;
    struct error error;

    error_at(&error, node->place, "there is no table '%.*s'",
             (int)(node->text.size < 60 ? node->text.size : 60), (const char *)node->text.data);
    suggestion_init(&suggestion, node->text);
    for (size_t i = 0; i < source->table_count; i++)
        suggestion_offer(&suggestion, source->tables[i].name);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean '%s'?", suggestion.nearest);
    else
        error_hint(&error, "write the values themselves, or name them under 'tables'");
    diagnostics_add(source->diagnostics, &error);
}

/* ---- include ---- */

/*
 * The path of INCLUDED, as FILE (below the root) names it, without "." and ".."; NULL when it leads out of the root.
 */
static const char *resolve_path(struct source *source, const char *file, const char *included)
{
    const char *folder_end = strrchr(file, '/');
    const char *joined = folder_end != NULL ? arena_format(&source->scratch, "%.*s/%s",
                                                           (int)(folder_end - file), file, included)
                                            : included;
    struct bytes rest = bytes_of(joined);
    struct bytes part;
    struct buf path;
    bool ok = included[0] != '/';

    buf_init(&path, PATH_MAX);
    while (ok && bytes_split(&rest, '/', &part)) {
        if (part.size == 0 || bytes_equal(part, BYTES_LITERAL(".")))
            continue;
        if (!bytes_equal(part, BYTES_LITERAL(".."))) {
            ok = buf_append_text(&path, path.size > 0 ? "/" : "") && buf_append(&path, part);
            continue;
        }
        ok = path.size > 0;
        while (path.size > 0 && path.data[--path.size] != '/')
            continue;
    }
    const char *kept = ok && path.size > 0 ? arena_text(&source->scratch, buf_bytes(&path)) : NULL;

    buf_release(&path);
    return kept;
}

/* A symbolic link could lead out of the root although the path does not. */
static bool stays_in_root(const char *root, const char *path)
{
    char *real_root = realpath(root, NULL);
    char *real_path = realpath(path, NULL);
    bool inside = false;

    if (real_root != NULL && real_path != NULL) {
        size_t size = strlen(real_root);

        inside = strncmp(real_root, real_path, size) == 0 &&
                 (real_path[size] == '/' || strcmp(real_root, "/") == 0);
    }
    free(real_root);
    free(real_path);
    return inside;
}

static const struct node *read_document(struct source *source, const struct document *document,
                                        const char *relative);

static bool is_open(const struct source *source, const char *relative)
{
    for (size_t i = 0; i < source->open_count; i++) {
        if (strcmp(source->open_files[i], relative) == 0)
            return true;
    }
    return false;
}

static bool include_file(struct source *source, const char *relative, struct place place, struct error *error)
{
    /* Places name the file for as long as the suite lives. */
    const char *path = arena_format(&source->suite->arena, "%s/%s", source->root, relative);

    if (is_open(source, relative))
        return error_at(error, place, "'%.100s' includes itself", relative);
    if (source->document_count > INCLUDES_MAX || source->open_count > INCLUDE_DEPTH_MAX)
        return error_at(error, place, "too many files are included");
    if (!stays_in_root(source->root, path)) {
        error_at(error, place, "'%.100s' cannot be included", relative);
        return error_hint(error, "there is no such file below '%.200s'", source->root);
    }
    struct document *document = new_document(source);

    if (document_load_file(document, path, error)) {
        read_document(source, document, relative);
        return true;
    }
    /* A file that cannot be read at all is a mistake of the file that names it. */
    if (error->line == 0) {
        struct error cause = *error;

        error_at(error, place, "'%.100s' cannot be included: %.200s", relative, cause.text);
    }
    return false;
}

static void read_include(struct source *source, const struct node *item, const char *file)
{
    struct error error;
    const char *included;

    if (!node_text(item, "include", &error, &included)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    const char *relative = source->root != NULL ? resolve_path(source, file, included) : NULL;

    if (relative == NULL) {
        diagnostics_say(source->diagnostics, item->place,
                        source->root != NULL
                            ? "paths are relative to this file, and stay in the scenarios' directory"
                            : "a text that stands in no directory includes nothing",
                        "'%.100s' cannot be included", included);
        return;
    }
    if (!include_file(source, relative, item->place, &error))
        diagnostics_add(source->diagnostics, &error);
}

static void read_includes(struct source *source, const struct document *document, const char *relative)
{
    const struct node *list = map_get(document->root, "include");
    struct error error;

    if (list == NULL)
        return;
    if (!node_expect(list, NODE_SEQUENCE, "include", &error)) {
        diagnostics_add(source->diagnostics, &error);
        return;
    }
    source->open_files[source->open_count++] = relative;
    /* From the last, so that what a later file says goes before what an earlier one does. */
    for (size_t i = list->count; i-- > 0 && !diagnostics_full(source->diagnostics);) {
        const struct node *item = list->first;

        for (size_t j = 0; j < i; j++)
            item = item->next;
        read_include(source, item, relative);
    }
    source->open_count--;
}

/* ---- a file ---- */

static bool check_head(struct source *source, const struct node *root)
{
    struct error error;
    const struct node *cursor = NULL;
    const struct node *version;
    uint64_t number;

    if (!node_expect(root, NODE_MAP, "file", &error) || !map_require(root, "pop3spec", &error, &version) ||
        !node_number(version, "pop3spec", 1, 1, &error, &number)) {
        diagnostics_add(source->diagnostics, &error);
        return false;
    }
    if (!bytes_equal(root->first->text, BYTES_LITERAL("pop3spec")))
        diagnostics_say(source->diagnostics, root->place, NULL, "the file begins with 'pop3spec: 1'");
    while (!diagnostics_full(source->diagnostics) &&
           map_next_unknown(root, FILE_KEYS, COUNT(FILE_KEYS), &cursor, &error))
        diagnostics_add(source->diagnostics, &error);
    if (map_get(root, "scenarios") == NULL && map_get(root, "blocks") == NULL &&
        map_get(root, "defaults") == NULL && map_get(root, "tables") == NULL)
        diagnostics_say(source->diagnostics, root->place, NULL, "the key 'scenarios' is missing");
    return true;
}

static const struct node *read_document(struct source *source, const struct document *document,
                                        const char *relative)
{
    struct error error;

    if (!check_head(source, document->root))
        return NULL;
    read_defaults(source, document);
    read_tables(source, document);
    read_blocks(source, document);
    read_includes(source, document, relative);
    const struct node *list = map_get(document->root, "scenarios");

    if (list != NULL && !node_expect(list, NODE_SEQUENCE, "scenarios", &error)) {
        diagnostics_add(source->diagnostics, &error);
        return NULL;
    }
    return list;
}

const struct node *source_read_file(struct source *source, const char *file)
{
    struct document *document = new_document(source);
    struct error error;
    size_t root_size = strlen(source->root);

    if (!document_load_file(document, file, &error)) {
        diagnostics_add(source->diagnostics, &error);
        return NULL;
    }
    /* FILE is the root, a slash, and the path below it. */
    return read_document(source, document, file + root_size + 1);
}

const struct node *source_read_text(struct source *source, struct bytes text, const char *file)
{
    struct document *document = new_document(source);
    struct error error;

    if (!document_load_text(document, text, file, &error)) {
        diagnostics_add(source->diagnostics, &error);
        return NULL;
    }
    return read_document(source, document, file);
}

void source_compile(struct source *source, const struct node *list, const char *prefix)
{
    for (const struct node *item = list->first; item != NULL && !diagnostics_full(source->diagnostics);
         item = item->next)
        scenario_read(source, item, prefix);
}
