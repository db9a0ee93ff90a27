#include "scenario/line_pattern.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct line_item *add_item(struct line_pattern *pattern, enum line_item_kind kind)
{
    if (pattern->count == pattern->capacity) {
        pattern->capacity = pattern->capacity > 0 ? 2 * pattern->capacity : 8;
        pattern->items = memory_resize_array(pattern->items, pattern->capacity, sizeof(*pattern->items));
    }
    struct line_item *item = &pattern->items[pattern->count++];

    *item = (struct line_item){.kind = kind};
    return item;
}

static struct bytes copy_bytes(struct bytes bytes)
{
    uint8_t *copy = memory_new(bytes.size + 1);

    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return bytes_make(copy, bytes.size);
}

static struct line_item *add_text(struct line_pattern *pattern, struct bytes text)
{
    struct line_item *item = add_item(pattern, ITEM_TEXT);

    item->texts[item->text_count++] = copy_bytes(text);
    return item;
}

static bool add_hole(struct line_pattern *pattern, const struct line_pattern_source *source,
                     const struct hole *hole, const char **ret_why)
{
    struct hole_value value = {.count = 0};

    if (hole->kind == HOLE_BIND) {
        add_item(pattern, ITEM_WORD)->name = hole->name;
        return true;
    }
    if ((hole->kind == HOLE_NAME || hole->kind == HOLE_OTHER) && source->bound_earlier != NULL &&
        source->bound_earlier(source->context, hole->name)) {
        add_item(pattern, hole->kind == HOLE_OTHER ? ITEM_OTHER : ITEM_EARLIER)->name = hole->name;
        return true;
    }
    source->resolver->resolve(source->resolver->context, source->connection, hole, &value);
    if (value.count == 0 && value.any_number) {
        add_item(pattern, ITEM_NUMBER);
        return true;
    }
    if (value.count == 0) {
        *ret_why = value.why_not != NULL ? value.why_not : "the value of a hole is not known yet";
        return false;
    }
    struct line_item *item = add_item(pattern, hole->kind == HOLE_OTHER ? ITEM_OTHER : ITEM_TEXT);

    item->name = hole->name;
    for (size_t i = 0; i < value.count && i < HOLE_VALUES_MAX; i++)
        item->texts[item->text_count++] = copy_bytes(value.texts[i]);
    return true;
}

/* {fill}, {repeat} and {b64} make one text. */
static bool add_made_text(struct line_pattern *pattern, const struct line_pattern_source *source,
                          const struct template_part *part, const char **ret_why)
{
    struct template_part copy = *part;
    struct template alone = {.parts = &copy, .count = 1};
    struct buf text;

    buf_init(&text, BODY_OCTETS_MAX);
    bool ok = template_expand(&alone, source->connection, source->resolver, &text, ret_why);

    if (ok)
        add_text(pattern, buf_bytes(&text));
    else if (*ret_why == NULL)
        *ret_why = "the text that is demanded is too long";
    buf_release(&text);
    return ok;
}

static bool add_part(struct line_pattern *pattern, const struct line_pattern_source *source,
                     const struct template_part *part, bool *in_code, const char **ret_why)
{
    switch (part->kind) {
    case PART_LITERAL:
        add_text(pattern, part->literal)->without_case = *in_code;
        if (bytes_find_octet(part->literal, ']') != BYTES_NOT_FOUND)
            *in_code = false;
        return true;
    case PART_HOLE:
        return add_hole(pattern, source, &part->hole, ret_why);
    case PART_FILL:
    case PART_REPEAT:
    case PART_TURN:
    case PART_BASE64:
        break;
    }
    return add_made_text(pattern, source, part, ret_why);
}

static void compare_without_case(struct line_pattern *pattern)
{
    for (size_t i = 0; i < pattern->count; i++)
        pattern->items[i].without_case = true;
}

static bool begins_response_code(const struct line_pattern_source *source)
{
    return source->response_code && source->count > 0 && source->words[0].count > 0 &&
           source->words[0].parts[0].kind == PART_LITERAL &&
           bytes_start_with(source->words[0].parts[0].literal, BYTES_LITERAL("["));
}

bool line_pattern_init(struct line_pattern *pattern, const struct line_pattern_source *source,
                       const char **ret_why)
{
    bool in_code = begins_response_code(source);

    *pattern = (struct line_pattern){.exact = source->exact, .size_last = source->size_last};
    for (size_t i = 0; i < source->count; i++) {
        if (i > 0)
            add_text(pattern, BYTES_LITERAL(" "));
        for (size_t j = 0; j < source->words[i].count; j++) {
            if (!add_part(pattern, source, &source->words[i].parts[j], &in_code, ret_why))
                return false;
        }
        if (i == 0 && source->tag_first)
            compare_without_case(pattern);
    }
    return true;
}

static void free_texts(struct line_item *item)
{
    for (size_t i = 0; i < item->text_count; i++)
        free((void *)(uintptr_t)item->texts[i].data);
    item->text_count = 0;
}

void line_pattern_release(struct line_pattern *pattern)
{
    for (size_t i = 0; i < pattern->count; i++)
        free_texts(&pattern->items[i]);
    free(pattern->items);
    *pattern = (struct line_pattern){.items = NULL};
}

static bool is_text(const struct line_item *item, size_t which, struct bytes octets)
{
    struct bytes text = item->texts[which];

    return item->without_case ? bytes_equal_nocase(octets, text) : bytes_equal(octets, text);
}

static bool text_stands_at(const struct line_item *item, size_t which, struct bytes line, size_t at)
{
    size_t octets = item->texts[which].size;

    return line.size - at >= octets && is_text(item, which, bytes_slice(line, at, at + octets));
}

/* RFC 1939 section 5 makes no requirement on what follows a size, so that not even a space need; control octets are no text. */
static bool size_ends_at(struct bytes line, size_t at)
{
    uint8_t next = line.data[at];

    return at > 0 && ascii_is_digit(line.data[at - 1]) && next > ' ' && next != 0x7F && !ascii_is_digit(next);
}

static bool may_end_at(const struct line_pattern *pattern, struct bytes line, size_t at)
{
    if (at == line.size)
        return true;
    return !pattern->exact && (line.data[at] == ' ' || (pattern->size_last && size_ends_at(line, at)));
}

/* Most patterns are plain text: one way only, no table. */
static bool match_plain(const struct line_pattern *pattern, struct bytes line)
{
    size_t at = 0;

    for (size_t i = 0; i < pattern->count; i++) {
        if (!text_stands_at(&pattern->items[i], 0, line, at))
            return false;
        at += pattern->items[i].texts[0].size;
    }
    return may_end_at(pattern, line, at);
}

static bool is_plain(const struct line_pattern *pattern)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const struct line_item *item = &pattern->items[i];

        if ((item->kind != ITEM_TEXT && item->kind != ITEM_EARLIER) || item->text_count != 1)
            return false;
    }
    return true;
}

/* Whether ITEM can take octet OCTET as part of a run of its own kind. */
static bool item_takes(const struct line_item *item, uint8_t octet)
{
    return item->kind == ITEM_NUMBER ? ascii_is_digit(octet) : octet != ' ';
}

/* A word is taken to its end, so that "12" is not met as "1", which would be another. */
static void fill_ways_of_other(const struct line_item *item, struct bytes line, const bool *behind,
                               bool *ways)
{
    size_t end = line.size;

    for (size_t at = line.size; at-- > 0;) {
        if (line.data[at] == ' ') {
            end = at;
            ways[at] = false;
            continue;
        }
        ways[at] = behind[end] && item->text_count > 0 && !is_text(item, 0, bytes_slice(line, at, end));
    }
}

/*
 * ways[p] is set when the items from this one on can meet the line from octet p on; BEHIND is the same for the items
 * behind it. Filled from the end, so that each octet is looked at once.
 */
static void fill_ways(const struct line_item *item, struct bytes line, const bool *behind, bool *ways)
{
    if (item->kind == ITEM_TEXT || item->kind == ITEM_EARLIER) {
        for (size_t at = 0; at <= line.size; at++) {
            ways[at] = false;
            for (size_t i = 0; i < item->text_count && !ways[at]; i++)
                ways[at] = text_stands_at(item, i, line, at) && behind[at + item->texts[i].size];
        }
        return;
    }
    ways[line.size] = false;
    if (item->kind == ITEM_OTHER) {
        fill_ways_of_other(item, line, behind, ways);
        return;
    }
    for (size_t at = line.size; at-- > 0;)
        ways[at] = item_takes(item, line.data[at]) && (behind[at + 1] || ways[at + 1]);
}

/* Walks one way through the table and notes what the WORD items meet. */
static void note_words(struct line_pattern *pattern, struct bytes line, const bool *table)
{
    size_t width = line.size + 1;
    size_t at = 0;

    for (size_t i = 0; i < pattern->count; i++) {
        struct line_item *item = &pattern->items[i];
        const bool *behind = table + (i + 1) * width;
        size_t start = at;

        if (item->kind == ITEM_TEXT || item->kind == ITEM_EARLIER) {
            size_t which = 0;

            while (!text_stands_at(item, which, line, at) || !behind[at + item->texts[which].size])
                which++;
            at += item->texts[which].size;
            continue;
        }
        do
            at++;
        while (!behind[at] || (item->kind == ITEM_OTHER && at < line.size && line.data[at] != ' '));
        item->bound = bytes_slice(line, start, at);
    }
}

bool line_pattern_match(struct line_pattern *pattern, struct bytes line)
{
    if (is_plain(pattern))
        return match_plain(pattern, line);
    size_t width = line.size + 1;
    bool *table = memory_new_array(pattern->count + 1, width);
    bool *last = table + pattern->count * width;

    for (size_t at = 0; at <= line.size; at++)
        last[at] = may_end_at(pattern, line, at);
    for (size_t i = pattern->count; i-- > 0;)
        fill_ways(&pattern->items[i], line, table + (i + 1) * width, table + i * width);
    bool matched = table[0];

    if (matched)
        note_words(pattern, line, table);
    free(table);
    return matched;
}

void line_pattern_learn(struct line_pattern *pattern, const char *name, struct bytes text)
{
    for (size_t i = 0; i < pattern->count; i++) {
        struct line_item *item = &pattern->items[i];

        if ((item->kind != ITEM_EARLIER && item->kind != ITEM_OTHER) || strcmp(item->name, name) != 0)
            continue;
        free_texts(item);
        item->texts[item->text_count++] = copy_bytes(text);
    }
}

void line_pattern_describe(const struct line_pattern *pattern, struct buf *out)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const struct line_item *item = &pattern->items[i];

        if (item->kind == ITEM_OTHER)
            buf_append_format(out, "{!%s}", item->name);
        else if (item->text_count > 0)
            buf_append(out, item->texts[0]);
        else if (item->kind == ITEM_NUMBER)
            buf_append_text(out, "{number}");
        else
            buf_append_format(out, "{%s}", item->name);
    }
}
