#include "scenario/fixture_load.h"

#include "scenario/diagnostics.h"
#include "scenario/template_parse.h"
#include "yamldoc/node.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define ID_LINE_HEAD    "Message-ID: <pop3spec-"
#define ID_LINE_TAIL    "@example.invalid>\r\n"
#define ID_UNIQUE_ZEROS "0000000000000000"

enum { LINE_OCTETS_MAX = 998 /* RFC 5322 section 2.1.1, without CRLF */ };

static const char *const FILE_KEYS[] = {"pop3spec-fixtures", "fixtures"};
static const char *const FIXTURE_KEYS[] = {"name",   "what",       "message",
                                           "octets", "identified", "final-newline"};

struct fixture_reader {
    struct suite *suite;
    const struct document *document;
    struct diagnostics *diagnostics;
    struct error *error;
};

/* A fixture's text has no holes, so nothing is ever asked. */
static void resolve_nothing(void *context, int connection, const struct hole *hole,
                            struct hole_value *ret_value)
{
    (void)context;
    (void)connection;
    (void)hole;
    ret_value->why_not = "a fixture has no holes";
}

static bool append_line(const struct fixture_reader *reader, struct bytes line, struct place place,
                        struct buf *out)
{
    const struct resolver resolver = {.resolve = resolve_nothing};
    struct template template;
    const char *why;
    struct arena scratch;

    if (bytes_find_octet(line, '{') == BYTES_NOT_FOUND && bytes_find_octet(line, '}') == BYTES_NOT_FOUND &&
        bytes_find_octet(line, '\\') == BYTES_NOT_FOUND)
        return buf_append(out, line) ||
               error_at(reader->error, place, "the message has more than %d octets", FIXTURE_OCTETS_MAX);
    arena_init(&scratch, FIXTURE_OCTETS_MAX);
    bool ok = template_parse(&scratch, line, place, TEMPLATE_STATIC, reader->error, &template);

    if (ok && !template_expand(&template, 0, &resolver, out, &why))
        ok = error_at(reader->error, place, "the message has more than %d octets", FIXTURE_OCTETS_MAX);
    arena_release(&scratch);
    return ok;
}

/* The lines of the literal block, each with CRLF but, where FINAL_NEWLINE is false, the last. */
static bool append_lines(const struct fixture_reader *reader, const struct node *message, bool final_newline,
                         struct buf *out)
{
    struct bytes rest = message->text;
    struct bytes line;

    if (bytes_end_with(rest, BYTES_LITERAL("\n")))
        rest.size--;
    for (uint32_t i = 0; bytes_split(&rest, '\n', &line); i++) {
        if (!append_line(reader, line, literal_place(reader->document, message, i, line, 0), out))
            return false;
        if ((rest.data != NULL || final_newline) && !buf_append_text(out, "\r\n"))
            return error_at(reader->error, message->place, "the message has more than %d octets",
                            FIXTURE_OCTETS_MAX);
    }
    return true;
}

/* Lengthens the last line until the message has SIZE octets. */
static bool lengthen(const struct fixture_reader *reader, const struct node *octets, bool final_newline,
                     struct buf *out)
{
    uint64_t size;

    if (!node_number(octets, "octets", 1, FIXTURE_OCTETS_MAX, reader->error, &size))
        return false;
    if (out->size > size) {
        error_at(reader->error, octets->place, "the message has %zu octets already", out->size);
        return error_hint(reader->error, "a Message-ID line of %zu octets is put in front",
                          strlen(ID_LINE_HEAD ID_UNIQUE_ZEROS ID_LINE_TAIL));
    }
    out->size -= final_newline ? 2 : 0;
    while (out->size + (final_newline ? 2 : 0) < size && buf_append_octet(out, 'x'))
        continue;
    if (final_newline)
        buf_append_text(out, "\r\n");
    return true;
}

/* Lines of at most 998 octets, CRLF and no other CR or LF, no NUL: what every store keeps. */
static bool has_clean_lines(struct bytes message)
{
    size_t line = 0;

    for (size_t i = 0; i < message.size; i++) {
        uint8_t octet = message.data[i];

        if (octet == '\r' && i + 1 < message.size && message.data[i + 1] == '\n') {
            i++;
            line = 0;
            continue;
        }
        if (octet == '\r' || octet == '\n' || octet == '\0' || ++line > LINE_OCTETS_MAX)
            return false;
    }
    return true;
}

static bool build_message(const struct fixture_reader *reader, const struct node *map,
                          struct fixture *fixture, struct buf *out)
{
    const struct node *message;
    const struct node *octets = map_get(map, "octets");

    if (!map_require(map, "message", reader->error, &message) ||
        !node_expect(message, NODE_SCALAR, "message", reader->error))
        return false;
    if (message->style != SCALAR_LITERAL) {
        error_at(reader->error, message->place, "a message is a literal block");
        return error_hint(reader->error, "write 'message: |' and the lines below it");
    }
    if (fixture->identified) {
        fixture->id_offset = strlen(ID_LINE_HEAD);
        buf_append_text(out, ID_LINE_HEAD ID_UNIQUE_ZEROS ID_LINE_TAIL);
    }
    return append_lines(reader, message, fixture->final_newline, out) &&
           (octets == NULL || lengthen(reader, octets, fixture->final_newline, out));
}

static bool read_flag(const struct fixture_reader *reader, const struct node *map, const char *key,
                      bool *ret_flag)
{
    const struct node *flag = map_get(map, key);

    *ret_flag = true;
    return flag == NULL || node_bool(flag, key, reader->error, ret_flag);
}

static bool read_fixture(const struct fixture_reader *reader, const struct node *map, struct fixture *fixture)
{
    struct arena *arena = &reader->suite->arena;
    const struct node *name;
    const struct node *cursor = NULL;
    struct buf message;

    if (!node_expect(map, NODE_MAP, "fixture", reader->error) ||
        map_next_unknown(map, FIXTURE_KEYS, COUNT(FIXTURE_KEYS), &cursor, reader->error) ||
        !map_require(map, "name", reader->error, &name) ||
        !node_name(name, "name", reader->error, &fixture->name) ||
        !map_text(map, "what", reader->error, &fixture->what) ||
        !read_flag(reader, map, "identified", &fixture->identified) ||
        !read_flag(reader, map, "final-newline", &fixture->final_newline))
        return false;
    buf_init(&message, FIXTURE_OCTETS_MAX);
    bool ok = build_message(reader, map, fixture, &message);

    if (ok) {
        fixture->place = name->place;
        fixture->name = arena_text(arena, bytes_of(fixture->name));
        fixture->what = arena_text(arena, bytes_of(fixture->what));
        fixture->octets = arena_copy(arena, buf_bytes(&message));
        fixture->lines_clean = has_clean_lines(fixture->octets);
        fixture->final_newline = bytes_end_with(fixture->octets, BYTES_LITERAL("\r\n"));
        fixture->clean = fixture->lines_clean && fixture->final_newline;
    }
    buf_release(&message);
    return ok;
}

/* Puts FIXTURE where it belongs in the sorted set. */
static void insert_fixture(struct suite *suite, const struct fixture *fixture,
                           struct diagnostics *diagnostics)
{
    struct fixture_set *set = &suite->fixtures;
    const struct fixture *same = fixture_find(set, fixture->name);
    size_t at = 0;

    if (same != NULL) {
        diagnostics_say(diagnostics, fixture->place, NULL, "the fixture '%s' is also in %s:%u", fixture->name,
                        same->place.file, same->place.line);
        return;
    }
    if (set->count == FIXTURES_MAX) {
        diagnostics_say(diagnostics, fixture->place, NULL, "there are too many fixtures");
        return;
    }
    if (set->count % 64 == 0) {
        struct fixture *grown = arena_new_array(&suite->arena, set->count + 64, sizeof(*grown));

        if (set->count > 0)
            memcpy(grown, set->fixtures, set->count * sizeof(*grown));
        set->fixtures = grown;
    }
    while (at < set->count && strcmp(set->fixtures[at].name, fixture->name) < 0)
        at++;
    memmove(&set->fixtures[at + 1], &set->fixtures[at], (set->count - at) * sizeof(*fixture));
    set->fixtures[at] = *fixture;
    set->count++;
}

static bool read_head(const struct document *document, struct error *error, const struct node **ret_list)
{
    const struct node *root = document->root;
    const struct node *cursor = NULL;
    const struct node *version;
    uint64_t number;

    return node_expect(root, NODE_MAP, "file", error) &&
           !map_next_unknown(root, FILE_KEYS, COUNT(FILE_KEYS), &cursor, error) &&
           map_require(root, "pop3spec-fixtures", error, &version) &&
           node_number(version, "pop3spec-fixtures", 1, 1, error, &number) &&
           map_require(root, "fixtures", error, ret_list) &&
           node_expect(*ret_list, NODE_SEQUENCE, "fixtures", error);
}

void fixtures_add(struct suite *suite, const struct document *document, struct diagnostics *diagnostics)
{
    struct error error;
    struct fixture_reader reader = {suite, document, diagnostics, &error};
    const struct node *list;

    if (!read_head(document, &error, &list)) {
        diagnostics_add(diagnostics, &error);
        return;
    }
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        struct fixture fixture = {.name = NULL};

        if (diagnostics_full(diagnostics) || arena_full(&suite->arena))
            return;
        if (read_fixture(&reader, item, &fixture))
            insert_fixture(suite, &fixture, diagnostics);
        else
            diagnostics_add(diagnostics, &error);
    }
}
