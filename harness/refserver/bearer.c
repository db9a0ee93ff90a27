#include "refserver/bearer.h"

#include "refserver/gs2.h"

enum { SEPARATOR = 0x01, NAME_OCTETS = 4096 };

void bearer_init(struct bearer *bearer)
{
    *bearer = (struct bearer){.token = BYTES_EMPTY};
    buf_init(&bearer->name, NAME_OCTETS);
}

void bearer_release(struct bearer *bearer)
{
    buf_release(&bearer->name);
}

/* ---- pairs: a key of letters, an equals sign, a value, and the separator behind it ---- */

static bool is_key(struct bytes key)
{
    for (size_t i = 0; i < key.size; i++)
        if (!ascii_is_letter(key.data[i]))
            return false;
    return key.size > 0;
}

static bool is_value(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        uint8_t octet = value.data[i];

        if (!ascii_is_visible(octet) && octet != ' ' && octet != '\t' && octet != '\r' && octet != '\n')
            return false;
    }
    return true;
}

static bool take_pair(struct bytes *rest, struct bytes *ret_key, struct bytes *ret_value)
{
    struct bytes pair;

    if (!bytes_split(rest, SEPARATOR, &pair) || rest->data == NULL)
        return false;
    size_t equals = bytes_find_octet(pair, '=');

    if (equals == BYTES_NOT_FOUND)
        return false;
    *ret_key = bytes_slice(pair, 0, equals);
    *ret_value = bytes_from(pair, equals + 1);
    return is_key(*ret_key) && is_value(*ret_value);
}

/* ---- messages ---- */

/* RFC 6750 section 2.1: "Bearer", whose letters may be of any case (RFC 7235 section 2.1), spaces, the token. */
static bool take_authorization(struct bytes value, struct bytes *ret_token)
{
    static const struct bytes scheme = BYTES_LITERAL("Bearer ");
    size_t start = scheme.size;

    if (!bytes_equal_nocase(bytes_slice(value, 0, scheme.size), scheme))
        return false;
    while (start < value.size && value.data[start] == ' ')
        start++;
    *ret_token = bytes_from(value, start);
    return ret_token->size > 0 && bytes_find_octet(*ret_token, ' ') == BYTES_NOT_FOUND;
}

/* Pairs up to the separator that ends the message. What is not known is passed over, `auth` must come, once. */
static bool take_pairs(struct bearer *bearer, struct bytes rest)
{
    while (rest.size > 1 || (rest.size == 1 && rest.data[0] != SEPARATOR)) {
        struct bytes key;
        struct bytes value;

        if (!take_pair(&rest, &key, &value))
            return false;
        if (bytes_equal(key, BYTES_LITERAL("auth")) &&
            (bearer->token.data != NULL || !take_authorization(value, &bearer->token)))
            return false;
    }
    return rest.size == 1 && bearer->token.data != NULL;
}

bool bearer_take_oauthbearer(struct bearer *bearer, struct bytes message)
{
    struct bytes rest = message;

    return gs2_take_header(&rest, &bearer->name) && rest.size > 0 && rest.data[0] == SEPARATOR &&
           take_pairs(bearer, bytes_from(rest, 1));
}

/* The name is a pair as well, the first, and may hold any octet but the separator. */
bool bearer_take_xoauth2(struct bearer *bearer, struct bytes message)
{
    struct bytes rest = message;
    struct bytes user;

    return bytes_split(&rest, SEPARATOR, &user) && rest.data != NULL &&
           bytes_start_with(user, BYTES_LITERAL("user=")) && buf_append(&bearer->name, bytes_from(user, 5)) &&
           take_pairs(bearer, rest);
}
