#include "scenario/template_parse.h"

#include "base/limits.h"
#include "base/memory.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <stdlib.h>
#include <string.h>

#define OCTETS_SATURATED (SIZE_MAX / 4)

struct part_list {
    struct template_part *parts;
    size_t count;
    size_t capacity;
};

enum {
    TURN_MAX = 1000 * 1000, /* N of {turn N} */
    TURN_OCTETS_MAX = 14,   /* of its value: no text has so many turns that more are needed */
};

struct template_parser {
    struct arena *arena;
    struct bytes whole; /* the text that `place` begins */
    struct place place;
    enum template_use use;
    struct error *error;
    unsigned repeats; /* {repeat}s around what is being read */
};

static struct template_part *part_list_add(struct part_list *list, enum part_kind kind)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 8;
        list->parts = memory_resize_array(list->parts, list->capacity, sizeof(*list->parts));
    }
    struct template_part *part = &list->parts[list->count++];

    *part = (struct template_part){.kind = kind};
    return part;
}

/* Where octet AT (a pointer into the whole text) stands in the file. */
static struct place place_at(const struct template_parser *parser, const uint8_t *at)
{
    struct place place = parser->place;

    place.column += (uint32_t)(at - parser->whole.data);
    return place;
}

static int hex_value(uint8_t octet)
{
    if (ascii_is_digit(octet))
        return octet - '0';
    octet = ascii_lower(octet);
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* Decodes the escape at the front of TEXT, which begins with a backslash: its size there, or 0. */
static size_t decode_escape(struct bytes text, uint8_t *ret_octet)
{
    static const char LETTERS[] = "rn0t\\{}";
    static const char OCTETS[] = "\r\n\0\t\\{}";

    if (text.size < 2)
        return 0;
    const char *letter = text.data[1] != '\0' ? strchr(LETTERS, text.data[1]) : NULL;

    if (letter != NULL) {
        *ret_octet = (uint8_t)OCTETS[letter - LETTERS];
        return 2;
    }
    if (text.data[1] == 'x' && text.size >= 4 && hex_value(text.data[2]) >= 0 &&
        hex_value(text.data[3]) >= 0) {
        *ret_octet = (uint8_t)(hex_value(text.data[2]) * 16 + hex_value(text.data[3]));
        return 4;
    }
    return 0;
}

/* One octet, written as itself or escaped, at the front of TEXT: its size there, or 0 with the error. */
static size_t read_octet(const struct template_parser *parser, struct bytes text, uint8_t *ret_octet)
{
    if (text.data[0] != '\\') {
        *ret_octet = text.data[0];
        return 1;
    }
    size_t size = decode_escape(text, ret_octet);

    if (size == 0) {
        error_at(parser->error, place_at(parser, text.data), "this is not an escape");
        error_hint(parser->error, "escapes are \\r \\n \\0 \\t \\xHH \\\\ \\{ \\}");
    }
    return size;
}

size_t hole_end(struct bytes text, size_t start)
{
    size_t depth = 0;

    for (size_t i = start; i < text.size; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '{')
            depth++;
        else if (text.data[i] == '}' && --depth == 0)
            return i + 1;
    }
    return BYTES_NOT_FOUND;
}

static bool parse_parts(struct template_parser *parser, struct bytes text, unsigned depth,
                        struct template *ret_template);

/* Takes the word up to the next blank off REST; false when nothing is left. */
static bool take_word(struct bytes *rest, struct bytes *ret_word)
{
    return rest->size > 0 && bytes_split(rest, ' ', ret_word);
}

static bool wrong_hole(struct template_parser *parser, struct bytes inside, const char *form)
{
    error_at(parser->error, place_at(parser, inside.data), "this hole is not of the form %s", form);
    return false;
}

/* {fill A 512} */
static bool parse_fill(struct template_parser *parser, struct bytes inside, struct bytes rest,
                       struct template_part *part)
{
    if (rest.size == 0)
        return wrong_hole(parser, inside, "{fill A 512}");
    size_t size = read_octet(parser, rest, &part->octet);

    if (size == 0)
        return false;
    rest = bytes_from(rest, size);
    if (rest.size < 2 || rest.data[0] != ' ' || !bytes_to_u64(bytes_from(rest, 1), &part->count) ||
        part->count == 0)
        return wrong_hole(parser, inside, "{fill A 512}, one octet or escape, and how often");
    part->kind = PART_FILL;
    return true;
}

/* {repeat 1000 NOOP\r\n} */
static bool parse_repeat(struct template_parser *parser, struct bytes inside, struct bytes rest,
                         unsigned depth, struct template_part *part)
{
    struct bytes number;

    if (!take_word(&rest, &number) || rest.size == 0 || !bytes_to_u64(number, &part->count) ||
        part->count == 0)
        return wrong_hole(parser, inside, "{repeat 1000 text}");
    part->kind = PART_REPEAT;
    parser->repeats++;
    bool ok = parse_parts(parser, rest, depth + 1, &part->inner);

    parser->repeats--;
    return ok;
}

/* {turn} or {turn 2} */
static bool parse_turn(struct template_parser *parser, struct bytes inside, struct bytes rest,
                       struct template_part *part)
{
    part->kind = PART_TURN;
    part->count = 1;
    if (parser->repeats == 0)
        return error_at(parser->error, place_at(parser, inside.data), "{turn} stands within {repeat} only");
    return rest.size == 0 ||
           (bytes_to_u64(rest, &part->count) && part->count > 0 && part->count <= TURN_MAX) ||
           wrong_hole(parser, inside, "{turn} or {turn 2}");
}

static const struct {
    const char *word;
    enum hole_kind kind;
    const char *form;
} HOLES[] = {
    {"user", HOLE_USER, "{user} or {user 2}"},
    {"pass", HOLE_PASS, "{pass} or {pass 2}"},
    {"token", HOLE_TOKEN, "{token} or {token 2}"},
    {"apop", HOLE_APOP, "{apop} or {apop 2}"},
    {"count", HOLE_COUNT, "{count}"},
    {"octets", HOLE_OCTETS, "{octets} or {octets FIXTURE}"},
    {"uid", HOLE_UID, "{uid 1} or {uid FIXTURE}"},
    {"number", HOLE_NUMBER, "{number FIXTURE}"},
    {"message", HOLE_MESSAGE, "{message FIXTURE}"},
    {"top", HOLE_TOP, "{top FIXTURE 3}"},
    {"cram-md5", HOLE_CHALLENGE, "{cram-md5}"},
    {"sasl", HOLE_SASL, "{sasl} or {sasl 2}"},
};

/* FIXTURE, or FIXTURE#2 for its second copy. */
static bool parse_fixture(struct template_parser *parser, struct bytes word, struct hole *hole)
{
    size_t mark = bytes_find_octet(word, '#');
    struct bytes name = bytes_slice(word, 0, mark);
    uint64_t ordinal = 1;

    if (!name_is_valid(name) ||
        (mark != BYTES_NOT_FOUND &&
         (!bytes_to_u64(bytes_from(word, mark + 1), &ordinal) || ordinal == 0 || ordinal > UINT32_MAX)))
        return false;
    hole->name = arena_text(parser->arena, name);
    hole->ordinal = (uint32_t)ordinal;
    return true;
}

static bool parse_account(struct bytes *rest, struct hole *hole)
{
    struct bytes word;

    hole->number = 1;
    if (!take_word(rest, &word))
        return true;
    return bytes_to_u64(word, &hole->number) && hole->number >= 1 && hole->number <= 9;
}

static bool parse_connection(struct bytes *rest, struct hole *hole)
{
    struct bytes word;

    if (!take_word(rest, &word))
        return true;
    return bytes_to_u64(word, &hole->number) && hole->number >= 1 && hole->number <= CONNECTIONS_MAX;
}

static bool parse_hole_arguments(struct template_parser *parser, struct bytes rest, struct hole *hole)
{
    struct bytes word;

    switch (hole->kind) {
    case HOLE_USER:
    case HOLE_PASS:
    case HOLE_TOKEN:
        return parse_account(&rest, hole) && rest.size == 0;
    case HOLE_OCTETS:
        return !take_word(&rest, &word) || (parse_fixture(parser, word, hole) && rest.size == 0);
    case HOLE_UID:
        if (!take_word(&rest, &word) || rest.size > 0)
            return false;
        if (bytes_to_u64(word, &hole->number))
            return hole->number > 0;
        return parse_fixture(parser, word, hole);
    case HOLE_NUMBER:
    case HOLE_MESSAGE:
        return take_word(&rest, &word) && parse_fixture(parser, word, hole) && rest.size == 0;
    case HOLE_TOP:
        return take_word(&rest, &word) && parse_fixture(parser, word, hole) &&
               bytes_to_u64(rest, &hole->number);
    case HOLE_APOP:
    case HOLE_SASL:
        return parse_connection(&rest, hole) && rest.size == 0;
    case HOLE_COUNT:
    case HOLE_CHALLENGE:
    case HOLE_NAME:
    case HOLE_OTHER:
    case HOLE_BIND:
        break;
    }
    return rest.size == 0;
}

static bool is_reserved(struct bytes word)
{
    for (size_t i = 0; i < sizeof(HOLES) / sizeof(HOLES[0]); i++) {
        if (bytes_equal(word, bytes_of(HOLES[i].word)))
            return true;
    }
    return bytes_equal(word, BYTES_LITERAL("fill")) || bytes_equal(word, BYTES_LITERAL("repeat")) ||
           bytes_equal(word, BYTES_LITERAL("turn")) || bytes_equal(word, BYTES_LITERAL("b64"));
}

static bool parse_name(struct template_parser *parser, struct bytes inside, struct hole *hole)
{
    bool bind = inside.size > 0 && inside.data[0] == '?';
    bool other = inside.size > 0 && inside.data[0] == '!';
    struct bytes name = rest_of(inside, bind || other ? 1 : 0);

    hole->kind = bind ? HOLE_BIND : other ? HOLE_OTHER : HOLE_NAME;
    if (!name_is_valid(name) || ascii_is_digit(name.data[0])) {
        error_at(parser->error, place_at(parser, inside.data), "this is not a hole");
        return error_hint(parser->error, "write a brace that is meant as such as \\{");
    }
    if ((bind || other) && parser->use != TEMPLATE_MATCHED)
        return error_at(parser->error, hole->place, "{%c...} can only stand in an S line", bind ? '?' : '!');
    if (bind && is_reserved(name))
        return error_at(parser->error, hole->place, "'%.40s' is the name of another hole",
                        arena_text(parser->arena, name));
    hole->name = arena_text(parser->arena, name);
    return true;
}

static bool parse_hole(struct template_parser *parser, struct bytes inside, struct template_part *part)
{
    struct bytes rest = inside;
    struct bytes word = BYTES_EMPTY;

    part->kind = PART_HOLE;
    part->hole.place = place_at(parser, inside.data - 1);
    part->hole.ordinal = 1;
    if (parser->use == TEMPLATE_STATIC) {
        error_at(parser->error, part->hole.place, "a fixture has no holes but {fill}, {repeat} and {b64}");
        return error_hint(parser->error, "write a brace that is meant as such as \\{");
    }
    take_word(&rest, &word);
    for (size_t i = 0; i < sizeof(HOLES) / sizeof(HOLES[0]); i++) {
        if (!bytes_equal(word, bytes_of(HOLES[i].word)))
            continue;
        part->hole.kind = HOLES[i].kind;
        return parse_hole_arguments(parser, rest, &part->hole) || wrong_hole(parser, inside, HOLES[i].form);
    }
    return parse_name(parser, inside, &part->hole);
}

/* INSIDE is what stands between the braces. */
static bool parse_braces(struct template_parser *parser, struct bytes inside, unsigned depth,
                         struct template_part *part)
{
    struct bytes rest = inside;
    struct bytes word = BYTES_EMPTY;

    take_word(&rest, &word);
    if (bytes_equal(word, BYTES_LITERAL("fill")))
        return parse_fill(parser, inside, rest, part);
    if (bytes_equal(word, BYTES_LITERAL("repeat")))
        return parse_repeat(parser, inside, rest, depth, part);
    if (bytes_equal(word, BYTES_LITERAL("turn")))
        return parse_turn(parser, inside, rest, part);
    if (bytes_equal(word, BYTES_LITERAL("b64"))) {
        part->kind = PART_BASE64;
        return parse_parts(parser, rest, depth + 1, &part->inner);
    }
    return parse_hole(parser, inside, part);
}

/* The run of octets up to the next brace. */
static bool parse_literal(struct template_parser *parser, struct bytes *text, struct template_part *part)
{
    size_t end = 0;

    while (end < text->size && text->data[end] != '{' && text->data[end] != '}')
        end += text->data[end] == '\\' && end + 1 < text->size ? 2 : 1;
    uint8_t *octets = arena_new(parser->arena, end);
    size_t count = 0;

    for (size_t i = 0; i < end;) {
        size_t size = read_octet(parser, bytes_slice(*text, i, end), &octets[count]);

        if (size == 0)
            return false;
        count++;
        i += size;
    }
    part->literal = bytes_make(octets, count);
    *text = rest_of(*text, end);
    return true;
}

static bool parse_next(struct template_parser *parser, struct bytes *text, unsigned depth,
                       struct part_list *list)
{
    if (text->data[0] == '}') {
        error_at(parser->error, place_at(parser, text->data), "a } without {");
        return error_hint(parser->error, "write a brace that is meant as such as \\}");
    }
    if (text->data[0] != '{')
        return parse_literal(parser, text, part_list_add(list, PART_LITERAL));
    size_t end = hole_end(*text, 0);

    if (end == BYTES_NOT_FOUND) {
        error_at(parser->error, place_at(parser, text->data), "a { without }");
        return error_hint(parser->error, "write a brace that is meant as such as \\{");
    }
    struct bytes inside = bytes_make(text->data + 1, end - 2);

    *text = rest_of(*text, end);
    return parse_braces(parser, inside, depth, part_list_add(list, PART_HOLE));
}

static bool parse_parts(struct template_parser *parser, struct bytes text, unsigned depth,
                        struct template *ret_template)
{
    struct part_list list = {NULL, 0, 0};
    bool ok = true;

    ret_template->place = text.size > 0 ? place_at(parser, text.data) : parser->place;
    if (depth > TEMPLATE_DEPTH_MAX)
        return error_at(parser->error, ret_template->place, "holes are nested too deeply");
    while (ok && text.size > 0)
        ok = parse_next(parser, &text, depth, &list);
    if (ok && list.count > 0) {
        ret_template->parts = arena_new_array(parser->arena, list.count, sizeof(*list.parts));
        ret_template->count = list.count;
        memcpy(ret_template->parts, list.parts, list.count * sizeof(*list.parts));
    }
    free(list.parts);
    return ok;
}

bool template_parse(struct arena *arena, struct bytes text, struct place place, enum template_use use,
                    struct error *error, struct template *ret_template)
{
    struct template_parser parser = {
        .arena = arena, .whole = text, .place = place, .use = use, .error = error};

    *ret_template = (struct template){.place = place};
    if (!parse_parts(&parser, text, 0, ret_template))
        return false;
    if (template_octets(ret_template) > TEMPLATE_OCTETS_MAX)
        return error_at(error, place, "this makes more than %d octets", TEMPLATE_OCTETS_MAX);
    return true;
}

void template_append(struct arena *arena, struct template *template, struct bytes literal)
{
    struct template_part *parts = arena_new_array(arena, template->count + 1, sizeof(*parts));

    if (template->count > 0)
        memcpy(parts, template->parts, template->count * sizeof(*parts));
    parts[template->count] = (struct template_part){.kind = PART_LITERAL, .literal = literal};
    template->parts = parts;
    template->count++;
}

static size_t add_saturated(size_t a, size_t b)
{
    return b > OCTETS_SATURATED - a ? OCTETS_SATURATED : a + b;
}

static size_t multiply_saturated(size_t a, size_t b)
{
    return b > 0 && a > OCTETS_SATURATED / b ? OCTETS_SATURATED : a * b;
}

static size_t part_octets(const struct template_part *part)
{
    size_t count = part->count < OCTETS_SATURATED ? (size_t)part->count : OCTETS_SATURATED;

    switch (part->kind) {
    case PART_LITERAL:
        return part->literal.size;
    case PART_HOLE:
        return HOLE_OCTETS_GUESS;
    case PART_FILL:
        return count;
    case PART_TURN:
        return TURN_OCTETS_MAX;
    case PART_REPEAT:
        /* At least one a round, so that the time of expanding is bounded too. */
        return multiply_saturated(add_saturated(template_octets(&part->inner), 1), count);
    case PART_BASE64:
        return add_saturated(multiply_saturated(template_octets(&part->inner) / 3, 4), 4);
    }
    return 0;
}

size_t template_octets(const struct template *template)
{
    size_t octets = 0;

    for (size_t i = 0; i < template->count; i++)
        octets = add_saturated(octets, part_octets(&template->parts[i]));
    return octets;
}

static void visit_parts(const struct template *template,
                        void (*visit)(void *context, const struct hole *hole, bool nested), void *context,
                        bool nested)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct template_part *part = &template->parts[i];

        if (part->kind == PART_HOLE)
            visit(context, &part->hole, nested);
        visit_parts(&part->inner, visit, context, true);
    }
}

void template_visit(const struct template *template,
                    void (*visit)(void *context, const struct hole *hole, bool nested), void *context)
{
    visit_parts(template, visit, context, false);
}
