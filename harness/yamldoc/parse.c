#include "yamldoc/parse.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that is open: where its next child goes. */
struct level {
    struct node *node;
    struct node *last; /* the last item or key so far */
    bool value_is_due; /* MAP: `last` is a key without its value */
    bool in_flow;
};

struct parser {
    yaml_parser_t yaml;
    struct document *document;
    struct error *error;
    struct level levels[DOCUMENT_DEPTH_MAX];
    size_t depth;
    size_t node_count;
    /* Where the last mark stood: marks only move on, so that columns are counted once over each line. */
    size_t line;
    size_t character;
    size_t octet;
};

/* libyaml counts characters; places count octets. */
static struct place place_of(struct parser *parser, yaml_mark_t mark)
{
    struct document *document = parser->document;
    uint32_t last = document->line_count;
    uint32_t line = mark.line < last ? (uint32_t)mark.line + 1 : last;

    if (mark.line != parser->line || mark.column < parser->character) {
        parser->line = mark.line;
        parser->character = 0;
        parser->octet = 0;
    }
    struct bytes text = document_line(document, line);

    while (parser->character < mark.column && parser->octet < text.size) {
        parser->octet++;
        while (parser->octet < text.size && (text.data[parser->octet] & 0xC0) == 0x80)
            parser->octet++;
        parser->character++;
    }
    return (struct place){document->file, line, (uint32_t)parser->octet + 1};
}

static bool refuse(struct parser *parser, yaml_mark_t mark, const char *text)
{
    return error_at(parser->error, place_of(parser, mark), "%s", text);
}

static bool is_blank_until(struct bytes line, size_t end, bool *ret_tab)
{
    *ret_tab = false;
    for (size_t i = 0; i < end && i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
        *ret_tab = *ret_tab || line.data[i] == '\t';
    }
    return true;
}

/* What libyaml says, in words that say what to do. */
static bool refuse_syntax(struct parser *parser)
{
    yaml_parser_t *yaml = &parser->yaml;
    struct place place = place_of(parser, yaml->problem_mark);
    struct bytes line = document_line(parser->document, place.line);
    size_t at = place.column - 1;
    bool tab;

    /* libyaml's place is the tab itself, or what stands behind it. */
    if (is_blank_until(line, at + 1 < line.size ? at + 1 : line.size, &tab) && tab) {
        error_at(parser->error, place, "a tab in the indentation");
        return error_hint(parser->error, "YAML is indented with spaces only");
    }
    error_at(parser->error, place, "this is not YAML: %s",
             yaml->problem != NULL ? yaml->problem : "it ends too early");
    if (at < line.size && line.data[at] == '\t')
        return error_hint(parser->error, "there is a tab: use spaces, and quote text that holds a tab");
    if (at < line.size && strchr("@`%", line.data[at]) != NULL)
        return error_hint(parser->error, "text that begins with %c must be quoted", line.data[at]);
    if (yaml->problem != NULL && strstr(yaml->problem, "mapping values") != NULL)
        return error_hint(parser->error, "text that holds \": \" must be quoted");
    if (yaml->context != NULL)
        return error_hint(parser->error, "seen %s that begins at line %zu", yaml->context,
                          yaml->context_mark.line + 1);
    return false;
}

static bool attach(struct parser *parser, struct node *node)
{
    if (parser->depth == 0) {
        parser->document->root = node;
        return true;
    }
    struct level *level = &parser->levels[parser->depth - 1];

    node->in_flow = level->in_flow;
    if (level->value_is_due) {
        level->last->value = node;
        level->value_is_due = false;
        return true;
    }
    if (level->node->kind == NODE_MAP) {
        if (node->kind != NODE_SCALAR) {
            error_at(parser->error, node->place, "a key must be a word, not a list or map");
            return error_hint(parser->error, "text that begins with { or [ must be quoted");
        }
        level->value_is_due = true;
    }
    if (level->last == NULL)
        level->node->first = node;
    else
        level->last->next = node;
    level->last = node;
    level->node->count++;
    return true;
}

static struct node *new_node(struct parser *parser, enum node_kind kind, const yaml_event_t *event)
{
    if (++parser->node_count > DOCUMENT_NODES_MAX) {
        refuse(parser, event->start_mark, "the document has too many keys and values");
        return NULL;
    }
    struct node *node = arena_new(&parser->document->arena, sizeof(*node));

    node->kind = kind;
    node->place = place_of(parser, event->start_mark);
    return node;
}

static bool refuse_properties(struct parser *parser, const yaml_event_t *event, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor != NULL) {
        refuse(parser, event->start_mark, "anchors (&) are not used here");
        return error_hint(parser->error, "quote text that begins with &");
    }
    if (tag != NULL) {
        refuse(parser, event->start_mark, "tags (!) are not used here");
        return error_hint(parser->error, "quote text that begins with !");
    }
    return true;
}

static enum scalar_style style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return SCALAR_SINGLE_QUOTED;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return SCALAR_DOUBLE_QUOTED;
    case YAML_LITERAL_SCALAR_STYLE:
        return SCALAR_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return SCALAR_FOLDED;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        break;
    }
    return SCALAR_PLAIN;
}

static bool on_scalar(struct parser *parser, const yaml_event_t *event)
{
    if (!refuse_properties(parser, event, event->data.scalar.anchor, event->data.scalar.tag))
        return false;
    struct node *node = new_node(parser, NODE_SCALAR, event);

    if (node == NULL)
        return false;
    node->style = style_of(event->data.scalar.style);
    node->text =
        arena_copy(&parser->document->arena, bytes_make(event->data.scalar.value, event->data.scalar.length));
    node->end = place_of(parser, event->end_mark);
    return attach(parser, node);
}

static bool on_collection(struct parser *parser, enum node_kind kind, const yaml_event_t *event, bool in_flow)
{
    struct node *node = new_node(parser, kind, event);

    if (node == NULL || !attach(parser, node))
        return false;
    if (parser->depth == DOCUMENT_DEPTH_MAX)
        return refuse(parser, event->start_mark, "lists and maps are nested too deeply");
    parser->levels[parser->depth++] = (struct level){.node = node, .in_flow = in_flow};
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a;
    const struct node *y = *(const struct node *const *)b;
    size_t shorter = x->text.size < y->text.size ? x->text.size : y->text.size;
    int order = memcmp(x->text.data, y->text.data, shorter);

    if (order != 0)
        return order;
    if (x->text.size != y->text.size)
        return x->text.size < y->text.size ? -1 : 1;
    return x->place.line != y->place.line ? (x->place.line < y->place.line ? -1 : 1)
                                          : (x->place.column < y->place.column ? -1 : 1);
}

/* Sorted, so that a map of a hundred thousand keys costs no more than its size. */
static bool check_keys_differ(struct parser *parser, const struct node *map)
{
    if (map->count < 2)
        return true;
    const struct node **keys = arena_new_array(&parser->document->arena, map->count, sizeof(*keys));
    size_t count = 0;

    for (const struct node *key = map->first; key != NULL; key = key->next)
        keys[count++] = key;
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (bytes_equal(keys[i - 1]->text, keys[i]->text))
            return error_at(parser->error, keys[i]->place,
                            "the key '%.60s' stands here twice; first in line %u",
                            (const char *)keys[i]->text.data, keys[i - 1]->place.line);
    }
    return true;
}

static bool on_collection_end(struct parser *parser)
{
    CHECK(parser->depth > 0);
    const struct node *node = parser->levels[--parser->depth].node;

    return node->kind != NODE_MAP || check_keys_differ(parser, node);
}

static bool on_document_start(struct parser *parser, const yaml_event_t *event)
{
    if (parser->document->root != NULL)
        return refuse(parser, event->start_mark, "a second document in one file");
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
        return refuse(parser, event->start_mark, "directives (%) are not used here");
    return true;
}

static bool on_event(struct parser *parser, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document_start(parser, event);
    case YAML_ALIAS_EVENT:
        refuse(parser, event->start_mark, "aliases (*) are not used here");
        return error_hint(parser->error, "quote text that begins with *");
    case YAML_SCALAR_EVENT:
        return on_scalar(parser, event);
    case YAML_SEQUENCE_START_EVENT:
        return refuse_properties(parser, event, event->data.sequence_start.anchor,
                                 event->data.sequence_start.tag) &&
               on_collection(parser, NODE_SEQUENCE, event,
                             event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        return refuse_properties(parser, event, event->data.mapping_start.anchor,
                                 event->data.mapping_start.tag) &&
               on_collection(parser, NODE_MAP, event,
                             event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_collection_end(parser);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
}

static bool parse_events(struct parser *parser)
{
    bool more = true;

    while (more) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser->yaml, &event))
            return refuse_syntax(parser);
        bool ok = on_event(parser, &event);

        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    if (parser->document->root == NULL)
        return error_at(parser->error, (struct place){parser->document->file, 1, 1}, "the file is empty");
    return true;
}

bool parse_document(struct document *document, struct error *error)
{
    struct parser parser = {.document = document, .error = error};

    CHECK(yaml_parser_initialize(&parser.yaml));
    yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser.yaml, document->text.data, document->text.size);
    bool ok = parse_events(&parser);

    yaml_parser_delete(&parser.yaml);
    return ok;
}
