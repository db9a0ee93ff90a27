#include "scenario/sasl_arguments.h"

#include "pop3/login.h"
#include "scenario/arguments.h"
#include "scenario/pattern_parse.h"
#include "scenario/template_parse.h"
#include "yamldoc/node.h"

enum sasl_key {
    KEY_MECH,
    KEY_ACCOUNT,
    KEY_USER,
    KEY_PASS,
    KEY_TOKEN,
    KEY_INITIAL,
    KEY_UNTIL,
    KEY_EXPECT,
    KEY_COUNT
};

static const char *const KEYS[KEY_COUNT] = {"mech",  "account", "user",  "pass",
                                            "token", "initial", "until", "expect"};

enum { UNTIL_MAX = 8 };

/* Values by key, from either form. */
struct sasl_map {
    const struct compilation *compilation;
    struct error *error;
    bool given[KEY_COUNT];
    struct bytes values[KEY_COUNT];
    struct place places[KEY_COUNT];
};

static bool add_value(struct sasl_map *map, struct bytes key, struct place key_place, struct bytes value,
                      struct place place)
{
    for (int i = 0; i < KEY_COUNT; i++) {
        if (!bytes_equal(key, bytes_of(KEYS[i])))
            continue;
        if (map->given[i])
            return error_at(map->error, key_place, "'%s' stands twice in this map", KEYS[i]);
        map->given[i] = true;
        map->values[i] = value;
        map->places[i] = place;
        return true;
    }
    error_at(map->error, key_place, "'%.*s' is no key of 'sasl'", (int)(key.size < 40 ? key.size : 40),
             key.size > 0 ? (const char *)key.data : "");
    error_hint(map->error, "one of: mech, account, user, pass, token, initial, until, expect");
    return error_suggest(map->error, key, KEYS, KEY_COUNT);
}

/* ---- the list form: YAML has read the map ---- */

static bool read_node(struct sasl_map *map, const struct node *node)
{
    for (const struct node *key = node->first; key != NULL; key = key->next) {
        const struct node *value = key->value;

        if (value->kind != NODE_SCALAR) {
            error_at(map->error, value->place, "this is not text");
            return error_hint(map->error, "in a list, text with holes stands in single quotes: 'not-{pass}'");
        }
        if (!add_value(map, key->text, key->place,
                       parameters_fill(&map->compilation->parameters, map->compilation->arena, value->text),
                       value->place))
            return false;
    }
    return true;
}

/* ---- the text form: {key: value, key: 'value'} ---- */

struct scanner {
    struct bytes text;
    struct place place; /* of its first octet */
    size_t at;
};

static struct place place_here(const struct scanner *scanner)
{
    struct place place = scanner->place;

    place.column += (uint32_t)scanner->at;
    return place;
}

static bool sees(const struct scanner *scanner, char octet)
{
    return scanner->at < scanner->text.size && scanner->text.data[scanner->at] == (uint8_t)octet;
}

static void skip_blanks(struct scanner *scanner)
{
    while (sees(scanner, ' '))
        scanner->at++;
}

static struct bytes without_blanks(struct bytes text)
{
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* 'text', in which '' is one quote; the scanner stands on the first. */
static bool scan_quoted(struct scanner *scanner, struct arena *arena, struct bytes *ret_value)
{
    struct buf value;
    bool closed = false;

    buf_init(&value, BUF_UNBOUNDED);
    for (scanner->at++; scanner->at < scanner->text.size && !closed; scanner->at++) {
        if (!sees(scanner, '\''))
            buf_append_octet(&value, scanner->text.data[scanner->at]);
        else if (scanner->at + 1 < scanner->text.size && scanner->text.data[scanner->at + 1] == '\'')
            buf_append_octet(&value, scanner->text.data[scanner->at++]);
        else
            closed = true;
    }
    *ret_value = arena_copy(arena, buf_bytes(&value));
    buf_release(&value);
    return closed;
}

/* Text up to a comma, or to the brace that ends the map: holes in it are braces within braces. */
static struct bytes scan_plain(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (scanner->at < scanner->text.size && !sees(scanner, ',') && !sees(scanner, '}')) {
        size_t end = sees(scanner, '{') ? hole_end(scanner->text, scanner->at) : BYTES_NOT_FOUND;

        if (end != BYTES_NOT_FOUND)
            scanner->at = end;
        else
            scanner->at += sees(scanner, '\\') && scanner->at + 1 < scanner->text.size ? 2 : 1;
    }
    return without_blanks(bytes_slice(scanner->text, start, scanner->at));
}

static bool scan_entry(struct sasl_map *map, struct scanner *scanner)
{
    struct place key_place = place_here(scanner);
    size_t start = scanner->at;

    while (scanner->at < scanner->text.size && !sees(scanner, ':') && !sees(scanner, ',') &&
           !sees(scanner, '}'))
        scanner->at++;
    struct bytes key = bytes_slice(scanner->text, start, scanner->at);

    if (!sees(scanner, ':')) {
        error_at(map->error, key_place, "a value is missing here");
        return error_hint(map->error, "such as {mech: PLAIN, pass: not-{pass}, expect: -ERR}");
    }
    scanner->at++;
    skip_blanks(scanner);
    struct place place = place_here(scanner);
    struct bytes value;

    if (!sees(scanner, '\''))
        value = scan_plain(scanner);
    else if (!scan_quoted(scanner, map->compilation->arena, &value))
        return error_at(map->error, place, "the quote is not closed");
    return add_value(map, key, key_place, value, place);
}

static bool read_text(struct sasl_map *map, struct bytes text, struct place place)
{
    struct scanner scanner = {.text = text, .place = place, .at = 1};

    for (;;) {
        skip_blanks(&scanner);
        if (!scan_entry(map, &scanner))
            return false;
        skip_blanks(&scanner);
        if (sees(&scanner, ',')) {
            scanner.at++;
            continue;
        }
        break;
    }
    if (!sees(&scanner, '}') || scanner.at + 1 != text.size)
        return error_at(map->error, place_here(&scanner), "the map does not end here with its brace");
    return true;
}

/* MECHANISM [account N]. */
static bool read_words(struct sasl_map *map, struct bytes text, struct place place)
{
    size_t blank = bytes_find_octet(text, ' ');
    struct place behind = place;

    map->given[KEY_MECH] = true;
    map->values[KEY_MECH] = bytes_slice(text, 0, blank);
    map->places[KEY_MECH] = place;
    if (blank == BYTES_NOT_FOUND)
        return true;
    behind.column += (uint32_t)blank + 1;
    if (!bytes_start_with(bytes_from(text, blank + 1), BYTES_LITERAL("account "))) {
        error_at(map->error, behind, "this is not an account");
        return error_hint(map->error, "write 'account 2', or a map: {mech: PLAIN, account: 2}");
    }
    map->given[KEY_ACCOUNT] = true;
    map->values[KEY_ACCOUNT] = bytes_from(text, blank + 1 + 8);
    map->places[KEY_ACCOUNT] = behind;
    return true;
}

/* ---- what the values mean ---- */

static bool take_mechanism(struct sasl_map *map, struct place place, struct step *step,
                           enum login_method *ret_method)
{
    if (!map->given[KEY_MECH])
        return error_at(map->error, place, "the key 'mech' is missing");
    if (login_of_mechanism(map->values[KEY_MECH], ret_method)) {
        /* As it is written: servers must know it in any case (RFC 5034 section 5). */
        step->name = arena_text(map->compilation->arena, map->values[KEY_MECH]);
        return true;
    }
    const char *names[LOGIN_METHOD_COUNT];
    size_t count = 0;

    for (int i = 0; i < LOGIN_METHOD_COUNT; i++)
        if (login_mechanism((enum login_method)i) != NULL)
            names[count++] = login_mechanism((enum login_method)i);
    error_at(map->error, map->places[KEY_MECH], "this is not a SASL mechanism that the suite speaks");
    error_hint(map->error, "such as 'sasl: PLAIN' or 'sasl: CRAM-MD5 account 2'");
    return error_suggest(map->error, map->values[KEY_MECH], names, count);
}

static bool take_number(struct sasl_map *map, enum sasl_key key, uint64_t max, uint64_t *number)
{
    if (!map->given[key])
        return true;
    return (bytes_to_u64(map->values[key], number) && *number >= 1 && *number <= max) ||
           error_at(map->error, map->places[key], "'%s' is a number from 1 to %d", KEYS[key], (int)max);
}

static bool take_text(struct sasl_map *map, enum sasl_key key, const struct template **ret_template)
{
    struct arena *arena = map->compilation->arena;
    struct template *template;

    if (!map->given[key])
        return true;
    template = (struct template *)arena_new(arena, sizeof(*template));
    if (!template_parse(arena, map->values[key], map->places[key], TEMPLATE_SENT, map->error, template))
        return false;
    *ret_template = template;
    return true;
}

static bool take_initial(struct sasl_map *map, enum login_method method, bool *ret_initial)
{
    struct bytes value = map->values[KEY_INITIAL];

    if (!map->given[KEY_INITIAL] || bytes_equal(value, BYTES_LITERAL("false")))
        return true;
    if (!bytes_equal(value, BYTES_LITERAL("true")))
        return error_at(map->error, map->places[KEY_INITIAL], "'initial' is true or false");
    if (!login_client_first(method))
        return error_at(map->error, map->places[KEY_INITIAL],
                        "in %s the server speaks first: there is no initial response",
                        login_mechanism(method));
    *ret_initial = true;
    return true;
}

/* What ends the exchange, or hands it over: +OK, or the challenge of that number. */
static bool take_expectation(struct sasl_map *map, struct step *step)
{
    struct bytes demand = step->sasl->until > 0 ? BYTES_LITERAL("+") : BYTES_LITERAL("+OK");

    return pattern_parse_reply(
        map->compilation->arena, map->given[KEY_EXPECT] ? map->values[KEY_EXPECT] : demand,
        map->given[KEY_EXPECT] ? map->places[KEY_EXPECT] : step->place, map->error, &step->reply);
}

static bool read_map(struct sasl_map *map, struct bytes value, struct place place, const struct node *node)
{
    if (node != NULL)
        return read_node(map, node);
    return bytes_start_with(value, BYTES_LITERAL("{")) ? read_text(map, value, place)
                                                       : read_words(map, value, place);
}

bool sasl_arguments_parse(const struct compilation *compilation, struct bytes value, struct place place,
                          const struct node *node, struct step *step, struct error *error)
{
    struct sasl_arguments *arguments =
        (struct sasl_arguments *)arena_new(compilation->arena, sizeof(*arguments));
    struct sasl_map map = {.compilation = compilation, .error = error};
    enum login_method method;

    step->sasl = arguments;
    step->account = 1;
    return read_map(&map, value, place, node) && take_mechanism(&map, place, step, &method) &&
           take_number(&map, KEY_ACCOUNT, 9, &step->account) && take_text(&map, KEY_USER, &arguments->user) &&
           take_text(&map, KEY_PASS, &arguments->pass) && take_text(&map, KEY_TOKEN, &arguments->token) &&
           take_initial(&map, method, &arguments->initial) &&
           take_number(&map, KEY_UNTIL, UNTIL_MAX, &arguments->until) && take_expectation(&map, step);
}
