#include "yamldoc/node.h"

#include "base/buf.h"
#include "yamldoc/suggestion.h"

#include <string.h>

const struct node *map_key(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    for (const struct node *found = map->first; found != NULL; found = found->next) {
        if (bytes_equal(found->text, bytes_of(key)))
            return found;
    }
    return NULL;
}

const struct node *map_get(const struct node *map, const char *key)
{
    const struct node *found = map_key(map, key);

    return found != NULL ? found->value : NULL;
}

bool error_suggest(struct error *error, struct bytes word, const char *const *names, size_t count)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, word);
    for (size_t i = 0; i < count; i++)
        suggestion_offer(&suggestion, names[i]);
    if (suggestion.nearest != NULL)
        error_hint(error, "did you mean '%s'?", suggestion.nearest);
    return false;
}

bool map_next_unknown(const struct node *map, const char *const *keys, size_t count,
                      const struct node **cursor, struct error *error)
{
    const struct node *key = *cursor != NULL ? (*cursor)->next : map->first;

    for (; key != NULL; key = key->next) {
        size_t i = 0;

        while (i < count && !bytes_equal(key->text, bytes_of(keys[i])))
            i++;
        if (i == count) {
            error_at(error, key->place, "unknown key '%.60s'", (const char *)key->text.data);
            error_suggest(error, key->text, keys, count);
            *cursor = key;
            return true;
        }
    }
    return false;
}

static const char *kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_SCALAR:
        return "text";
    case NODE_SEQUENCE:
        return "a list";
    case NODE_MAP:
        return "a map";
    }
    return "?";
}

bool node_expect(const struct node *node, enum node_kind kind, const char *what, struct error *error)
{
    if (node->kind == kind)
        return true;
    error_at(error, node->place, "'%s' must be %s, not %s", what, kind_name(kind), kind_name(node->kind));
    if (kind == NODE_SCALAR)
        error_hint(error, "quote text that begins with { or [");
    return false;
}

bool map_require(const struct node *map, const char *key, struct error *error, const struct node **ret_value)
{
    const struct node *value = map_get(map, key);

    if (value == NULL)
        return error_at(error, map->place, "the key '%s' is missing", key);
    *ret_value = value;
    return true;
}

bool node_text(const struct node *node, const char *what, struct error *error, const char **ret_text)
{
    if (!node_expect(node, NODE_SCALAR, what, error))
        return false;
    if (node->text.size == 0)
        return error_at(error, node->place, "'%s' must not be empty", what);
    if (bytes_find_octet(node->text, '\0') != BYTES_NOT_FOUND)
        return error_at(error, node->place, "'%s' must not hold a NUL", what);
    *ret_text = (const char *)node->text.data;
    return true;
}

bool map_text(const struct node *map, const char *key, struct error *error, const char **ret_text)
{
    const struct node *value = NULL;

    return map_require(map, key, error, &value) && node_text(value, key, error, ret_text);
}

bool map_optional_text(const struct node *map, const char *key, struct error *error, const char **ret_text)
{
    const struct node *value = map_get(map, key);

    return value == NULL || node_text(value, key, error, ret_text);
}

bool node_bool(const struct node *node, const char *what, struct error *error, bool *ret_value)
{
    if (!node_expect(node, NODE_SCALAR, what, error))
        return false;
    bool yes = bytes_equal(node->text, BYTES_LITERAL("true"));

    if (!yes && !bytes_equal(node->text, BYTES_LITERAL("false")))
        return error_at(error, node->place, "'%s' must be true or false", what);
    *ret_value = yes;
    return true;
}

bool node_number(const struct node *node, const char *what, uint64_t min, uint64_t max, struct error *error,
                 uint64_t *ret_number)
{
    uint64_t number;

    if (!node_expect(node, NODE_SCALAR, what, error))
        return false;
    if (!bytes_to_u64(node->text, &number) || number < min || number > max)
        return error_at(error, node->place, "'%s' must be a number from %llu to %llu", what,
                        (unsigned long long)min, (unsigned long long)max);
    *ret_number = number;
    return true;
}

bool node_choice(const struct node *node, const char *what, const char *const *names, size_t count,
                 struct error *error, size_t *ret_index)
{
    if (!node_expect(node, NODE_SCALAR, what, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(node->text, bytes_of(names[i]))) {
            *ret_index = i;
            return true;
        }
    }
    error_at(error, node->place, "'%.60s' is not a value of '%s'", (const char *)node->text.data, what);
    error_suggest(error, node->text, names, count);
    if (error->hint[0] == '\0') {
        struct buf list;

        buf_init(&list, ERROR_TEXT_SIZE - 32);
        for (size_t i = 0; i < count; i++)
            buf_append_format(&list, "%s%s", i > 0 ? ", " : "", names[i]);
        error_hint(error, "one of: %s", buf_text(&list));
        buf_release(&list);
    }
    return false;
}

bool name_is_valid(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        uint8_t octet = name.data[i];

        if (!(octet >= 'a' && octet <= 'z') && !ascii_is_digit(octet) && octet != '-')
            return false;
    }
    return name.size > 0;
}

bool node_name(const struct node *node, const char *what, struct error *error, const char **ret_name)
{
    if (!node_text(node, what, error, ret_name))
        return false;
    if (!name_is_valid(node->text)) {
        error_at(error, node->place, "'%.60s' is not a name", (const char *)node->text.data);
        return error_hint(error, "a %s is made of lower-case letters, digits and '-'", what);
    }
    return true;
}
