#include "run/expectations.h"

#include "base/limits.h"
#include "run/glob.h"
#include "run/versions.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"

enum {
    EXPECTATIONS_ARENA_OCTETS_MAX = 4 * 1024 * 1024,
    CASE_NAME_OCTETS = 1024, /* an id, made of file names and labels, and its transport */
};

#define KEY_COUNT(keys) (sizeof(keys) / sizeof((keys)[0]))

void expectations_init(struct expectations *expectations)
{
    *expectations = (struct expectations){.file = ""};
    arena_init(&expectations->arena, EXPECTATIONS_ARENA_OCTETS_MAX);
}

void expectations_release(struct expectations *expectations)
{
    arena_release(&expectations->arena);
    *expectations = (struct expectations){.file = ""};
}

static bool read_text(struct arena *arena, const struct node *map, const char *key, struct error *error,
                      const char **ret_text)
{
    const char *text = NULL;

    if (!map_optional_text(map, key, error, &text))
        return false;
    *ret_text = text == NULL ? NULL : arena_text(arena, bytes_of(text));
    return true;
}

static bool read_verdict(const struct node *map, struct error *error, enum verdict *ret_verdict)
{
    static const char *const names[] = {"fail", "warn", "blocked", "skip"};
    static const enum verdict verdicts[] = {VERDICT_FAIL, VERDICT_WARN, VERDICT_BLOCKED, VERDICT_SKIP};
    const struct node *value;
    size_t index;

    if (!map_require(map, "verdict", error, &value) ||
        !node_choice(value, "verdict", names, KEY_COUNT(names), error, &index))
        return false;
    *ret_verdict = verdicts[index];
    return true;
}

static bool read_version(struct arena *arena, const struct node *map, struct error *error,
                         struct expectation *entry)
{
    if (!read_text(arena, map, "version", error, &entry->version))
        return false;
    entry->set_aside = entry->version != NULL;
    if (entry->version == NULL || version_condition_is_valid(entry->version))
        return true;
    error_at(error, map_get(map, "version")->place, "version '%s' is no condition on versions",
             entry->version);
    return error_hint(error, "\"< 2.4\", or several with commas between them: \">= 2.3, < 2.4\"");
}

static bool read_varies(const struct node *map, struct error *error, struct expectation *entry)
{
    const struct node *value = map_get(map, "varies");

    if (value == NULL)
        return true;
    if (!node_bool(value, "varies", error, &entry->varies))
        return false;
    if (!entry->varies || entry->verdict != VERDICT_SKIP)
        return true;
    return error_at(error, value->place, "a case that may be skipped needs no word about varying");
}

/* The last line that an entry's node stands on: its deepest scalar's end. */
static uint32_t last_line(const struct node *node)
{
    uint32_t line = node->place.line;

    if (node->kind == NODE_SCALAR)
        return node->end.column <= 1 && node->end.line > line ? node->end.line - 1 : node->end.line;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        uint32_t end = last_line(node->kind == NODE_MAP ? child->value : child);

        line = end > line ? end : line;
    }
    return line;
}

static bool load_entry(struct expectations *expectations, const struct node *map, struct error *error)
{
    static const char *const keys[] = {"case", "verdict", "clause", "reason", "bug", "version", "varies"};
    struct expectation *entry = &expectations->entries[expectations->count];
    struct arena *arena = &expectations->arena;
    const struct node *cursor = NULL;
    const struct node *required;

    if (!node_expect(map, NODE_MAP, "an expectation", error) ||
        map_next_unknown(map, keys, KEY_COUNT(keys), &cursor, error) ||
        !map_require(map, "case", error, &required) || !read_verdict(map, error, &entry->verdict) ||
        !map_require(map, "reason", error, &required) ||
        !read_text(arena, map, "case", error, &entry->pattern) ||
        !read_text(arena, map, "clause", error, &entry->clause) ||
        !read_text(arena, map, "reason", error, &entry->reason) ||
        !read_text(arena, map, "bug", error, &entry->bug) || !read_version(arena, map, error, entry) ||
        !read_varies(map, error, entry))
        return false;
    entry->place = map->place;
    entry->place.file = expectations->file;
    entry->line_end = last_line(map);
    expectations->count++;
    return true;
}

static bool load_document(struct expectations *expectations, const struct document *document,
                          struct error *error)
{
    const struct node *root = document->root;

    if (!node_expect(root, NODE_SEQUENCE, "an expectation file", error))
        return false;
    expectations->entries = (struct expectation *)arena_new_array(&expectations->arena, root->count,
                                                                  sizeof(*expectations->entries));
    for (const struct node *item = root->first; item != NULL; item = item->next)
        if (!load_entry(expectations, item, error))
            return false;
    return true;
}

void expectations_set_software(struct expectations *expectations, const char *software)
{
    struct bytes version = version_of(software);

    for (size_t i = 0; i < expectations->count; i++) {
        struct expectation *entry = &expectations->entries[i];

        entry->set_aside = entry->version != NULL &&
                           (version.size == 0 || !version_condition_holds(entry->version, version));
    }
}

bool expectation_names(const struct expectation *entry, const struct case_result *result)
{
    char name[CASE_NAME_OCTETS];

    if (entry->set_aside)
        return false;
    if (strchr(entry->pattern, '@') == NULL)
        return glob_match(entry->pattern, result->id);
    snprintf(name, sizeof(name), "%s@%s", result->id, result->transport);
    return glob_match(entry->pattern, name);
}

/* True when TEXT holds nothing but comments and blank lines: what is left when every known failure is mended. */
static bool has_no_entries(struct bytes text)
{
    struct bytes line;

    while (bytes_split(&text, '\n', &line)) {
        size_t at = 0;

        while (at < line.size && strchr(" \t\r", line.data[at]) != NULL)
            at++;
        if (at < line.size && line.data[at] != '#' &&
            !bytes_equal(bytes_from(line, at), BYTES_LITERAL("---")))
            return false;
    }
    return true;
}

bool expectations_load_text(struct expectations *expectations, struct bytes text, const char *file,
                            struct error *error)
{
    struct document document;
    bool ok;

    expectations->file = arena_text(&expectations->arena, bytes_of(file));
    if (has_no_entries(text))
        return true;
    ok = document_load_text(&document, text, expectations->file, error) &&
         load_document(expectations, &document, error);
    document_release(&document);
    return ok;
}

bool expectations_load(struct expectations *expectations, const char *file, struct error *error)
{
    struct buf text;
    bool ok;

    buf_init(&text, DOCUMENT_OCTETS_MAX);
    ok = file_read(file, error, &text) && expectations_load_text(expectations, buf_bytes(&text), file, error);
    buf_release(&text);
    return ok;
}
