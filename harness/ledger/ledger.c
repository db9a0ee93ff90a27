#include "ledger/ledger.h"

#include "base/memory.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <stdlib.h>
#include <string.h>

#define LEDGER_OCTETS_MAX ((size_t)64 * 1024 * 1024)
#define COUNT(array)      (sizeof(array) / sizeof((array)[0]))

enum { CLAUSES_MAX = 20000 };

/* In the order of enum clause_level and enum clause_party. */
static const char *const LEVELS[] = {"must", "stated", "should", "may", "security"};
static const char *const PARTIES[] = {"server", "client", "both"};
static const char *const FILE_KEYS[] = {"pop3spec-clauses", "document", "clauses"};
static const char *const CLAUSE_KEYS[] = {"id",     "section", "where",    "level",    "party",
                                          "demand", "note",    "readings", "unvaried", "untestable"};

/* Clauses while they are collected: on the heap, moved into the arena at the end. */
struct collector {
    struct ledger *ledger;
    struct error *error;
    struct clause *clauses;
    size_t count;
    size_t capacity;
};

static bool collector_add(struct collector *collector, const struct clause *clause)
{
    if (collector->count == CLAUSES_MAX)
        return error_at(collector->error, clause->place, "there are too many clauses");
    if (collector->count == collector->capacity) {
        collector->capacity = collector->capacity > 0 ? 2 * collector->capacity : 256;
        collector->clauses =
            memory_resize_array(collector->clauses, collector->capacity, sizeof(*collector->clauses));
    }
    collector->clauses[collector->count++] = *clause;
    return true;
}

static const char *keep(struct ledger *ledger, const char *text)
{
    return text != NULL ? arena_text(&ledger->arena, bytes_of(text)) : NULL;
}

/* Sentences are free text, so a comment behind one is more likely part of it. */
static bool read_sentence(const struct document *document, const struct node *map, const char *key,
                          bool required, struct error *error, const char **ret_text)
{
    const struct node *value = map_get(map, key);

    if (value == NULL && !required)
        return true;
    if (!map_text(map, key, error, ret_text))
        return false;
    const char *swallowed = value->style == SCALAR_PLAIN && value->end.line == value->place.line
                                ? scalar_swallowed(document, value)
                                : NULL;

    return swallowed == NULL || error_at(error, value->place, "%s", swallowed);
}

/*
 * The id says where the clause stands: document, section with its dots as dashes, slug. Sections without a number (RFC
 * 1225 has only such, advisories have none) are left out.
 */
static void append_id_head(struct buf *head, const char *document, const char *section)
{
    buf_append_format(head, "%s-", document);
    if (ascii_is_digit((uint8_t)section[0]))
        buf_append_format(head, "%s-", section);
    for (size_t i = 0; i < head->size; i++) {
        if (head->data[i] == '.')
            head->data[i] = '-';
    }
}

static bool check_id(const struct node *id, const char *document, const char *section, struct error *error)
{
    struct buf head;
    const char *name;

    if (!node_name(id, "id", error, &name))
        return false;
    buf_init(&head, BUF_UNBOUNDED);
    append_id_head(&head, document, section);
    bool ok = bytes_start_with(id->text, buf_bytes(&head)) && id->text.size > head.size;

    if (!ok) {
        error_at(error, id->place, "the id '%.100s' does not fit its document and section", name);
        error_hint(error, "it begins with '%.100s', and a word of its own follows", buf_text(&head));
    }
    buf_release(&head);
    return ok;
}

static bool check_section(const struct node *section, struct error *error)
{
    for (size_t i = 0; i < section->text.size; i++) {
        uint8_t octet = section->text.data[i];

        if (octet != '.' && !name_is_valid(bytes_slice(section->text, i, i + 1)))
            return error_at(error, section->place, "'%.60s' is not a section",
                            (const char *)section->text.data);
    }
    if (bytes_equal(section->text, BYTES_LITERAL("-")))
        return error_at(error, section->place, "every clause stands in a section");
    return true;
}

static bool read_choices(const struct node *map, struct clause *clause, struct error *error)
{
    const struct node *level;
    const struct node *party;
    size_t level_index;
    size_t party_index;

    if (!map_require(map, "level", error, &level) || !map_require(map, "party", error, &party) ||
        !node_choice(level, "level", LEVELS, COUNT(LEVELS), error, &level_index) ||
        !node_choice(party, "party", PARTIES, COUNT(PARTIES), error, &party_index))
        return false;
    clause->level = (enum clause_level)level_index;
    clause->party = (enum clause_party)party_index;
    return true;
}

static bool read_clause(struct collector *collector, const struct document *document, const struct node *map,
                        const char *document_name)
{
    struct error *error = collector->error;
    struct ledger *ledger = collector->ledger;
    struct clause clause = {.document = document_name, .place = map->place};
    const struct node *cursor = NULL;

    if (!node_expect(map, NODE_MAP, "clause", error) ||
        map_next_unknown(map, CLAUSE_KEYS, COUNT(CLAUSE_KEYS), &cursor, error))
        return false;
    if (!map_text(map, "section", error, &clause.section) || !map_text(map, "id", error, &clause.id) ||
        !check_section(map_get(map, "section"), error) ||
        !check_id(map_get(map, "id"), document_name, clause.section, error) ||
        !read_choices(map, &clause, error) ||
        !read_sentence(document, map, "where", true, error, &clause.where) ||
        !read_sentence(document, map, "demand", true, error, &clause.demand) ||
        !read_sentence(document, map, "note", false, error, &clause.note) ||
        !read_sentence(document, map, "readings", false, error, &clause.readings) ||
        !read_sentence(document, map, "unvaried", false, error, &clause.unvaried) ||
        !read_sentence(document, map, "untestable", false, error, &clause.untestable))
        return false;
    clause.place = map_get(map, "id")->place;
    clause.id = keep(ledger, clause.id);
    clause.section = keep(ledger, clause.section);
    clause.where = keep(ledger, clause.where);
    clause.demand = keep(ledger, clause.demand);
    clause.note = keep(ledger, clause.note);
    clause.readings = keep(ledger, clause.readings);
    clause.unvaried = keep(ledger, clause.unvaried);
    clause.untestable = keep(ledger, clause.untestable);
    return collector_add(collector, &clause);
}

static bool read_clauses(struct collector *collector, const struct document *document)
{
    struct error *error = collector->error;
    const struct node *root = document->root;
    const struct node *cursor = NULL;
    const struct node *version;
    const struct node *list;
    const struct node *name;
    const char *document_name;
    uint64_t number;

    if (!node_expect(root, NODE_MAP, "file", error) ||
        map_next_unknown(root, FILE_KEYS, COUNT(FILE_KEYS), &cursor, error) ||
        !map_require(root, "pop3spec-clauses", error, &version) ||
        !node_number(version, "pop3spec-clauses", 1, 1, error, &number) ||
        !map_require(root, "document", error, &name) || !node_name(name, "document", error, &document_name) ||
        !map_require(root, "clauses", error, &list) || !node_expect(list, NODE_SEQUENCE, "clauses", error))
        return false;
    document_name = keep(collector->ledger, document_name);
    for (const struct node *clause = list->first; clause != NULL; clause = clause->next) {
        if (!read_clause(collector, document, clause, document_name))
            return false;
    }
    return true;
}

static bool read_file(struct collector *collector, const char *directory, const char *name)
{
    struct document document;
    const char *path = arena_format(&collector->ledger->arena, "%s/%s", directory, name);
    bool ok = document_load_file(&document, path, collector->error) && read_clauses(collector, &document);

    document_release(&document);
    if (ok && arena_full(&collector->ledger->arena))
        return error_at(collector->error, (struct place){path, 0, 0}, "the clauses are too large");
    return ok;
}

static int compare_clauses(const void *a, const void *b)
{
    const struct clause *x = a;
    const struct clause *y = b;

    return strcmp(x->id, y->id);
}

/* Moves what was collected into the ledger, sorted; false when an id stands there twice. */
static bool collector_finish(struct collector *collector)
{
    struct ledger *ledger = collector->ledger;

    if (collector->count == 0)
        return true;
    ledger->clauses = arena_new_array(&ledger->arena, collector->count, sizeof(*ledger->clauses));
    ledger->count = collector->count;
    memcpy(ledger->clauses, collector->clauses, collector->count * sizeof(*ledger->clauses));
    qsort(ledger->clauses, ledger->count, sizeof(*ledger->clauses), compare_clauses);
    for (size_t i = 1; i < ledger->count; i++) {
        const struct clause *first = &ledger->clauses[i - 1];

        if (strcmp(first->id, ledger->clauses[i].id) == 0)
            return error_at(collector->error, ledger->clauses[i].place, "the clause '%s' is also in %s:%u",
                            first->id, first->place.file, first->place.line);
    }
    return true;
}

bool ledger_load(struct ledger *ledger, const char *directory, struct error *error)
{
    struct collector collector = {.ledger = ledger, .error = error};
    struct file_list files;

    *ledger = (struct ledger){.count = 0};
    arena_init(&ledger->arena, LEDGER_OCTETS_MAX);
    bool ok = file_list_read(directory, ".yaml", NULL, &ledger->arena, error, &files);

    for (size_t i = 0; ok && i < files.count; i++)
        ok = read_file(&collector, directory, files.names[i]);
    ok = ok && collector_finish(&collector);
    free(collector.clauses);
    return ok;
}

void ledger_release(struct ledger *ledger)
{
    arena_release(&ledger->arena);
    ledger->clauses = NULL;
    ledger->count = 0;
}

const struct clause *ledger_find(const struct ledger *ledger, const char *id)
{
    struct clause wanted = {.id = id};

    if (ledger->count == 0)
        return NULL;
    return bsearch(&wanted, ledger->clauses, ledger->count, sizeof(wanted), compare_clauses);
}

const char *ledger_suggest(const struct ledger *ledger, const char *id)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, bytes_of(id));
    for (size_t i = 0; i < ledger->count; i++)
        suggestion_offer(&suggestion, ledger->clauses[i].id);
    return suggestion.nearest;
}

const char *clause_level_name(enum clause_level level)
{
    return LEVELS[level];
}

bool clause_level_of_name(const char *name, enum clause_level *ret_level)
{
    for (size_t i = 0; i < COUNT(LEVELS); i++) {
        if (strcmp(name, LEVELS[i]) == 0) {
            *ret_level = (enum clause_level)i;
            return true;
        }
    }
    return false;
}
