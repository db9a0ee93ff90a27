#include "scenario/verbs.h"

#include "yamldoc/suggestion.h"

static const struct bytes KEYWORDS[STEP_KIND_COUNT] = {
#define STEP(name, keyword, argument, what) BYTES_LITERAL(keyword),
#include "scenario/steps.def"
#undef STEP
};

const char *verb_keyword(enum step_kind kind)
{
    return (const char *)KEYWORDS[kind].data;
}

bool verb_has_connection(enum step_kind kind)
{
    switch (kind) {
    case STEP_SEND:
    case STEP_RAW:
    case STEP_EXPECT:
    case STEP_OPEN:
    case STEP_RECONNECT:
    case STEP_TLS:
    case STEP_LOGIN:
    case STEP_SASL:
    case STEP_CLOSE:
    case STEP_ABORT:
    case STEP_HALF_CLOSE:
    case STEP_CLOSED:
    case STEP_FENCE:
    case STEP_QUIET:
    case STEP_SPLIT:
    case STEP_SLOW:
    case STEP_REPLY:
    case STEP_WHEN:
        return true;
    case STEP_TIMEOUT:
    case STEP_DELIVER:
    case STEP_PROVOKE:
    case STEP_POINT:
    case STEP_PIPELINE:
    case STEP_TOGETHER:
    case STEP_KIND_COUNT:
        break;
    }
    return false;
}

bool verb_is_block(enum step_kind kind)
{
    return kind == STEP_PIPELINE || kind == STEP_TOGETHER || kind == STEP_WHEN;
}

static bool keyword_parse(struct bytes word, enum step_kind *ret_kind)
{
    for (int kind = 0; kind < STEP_KIND_COUNT; kind++) {
        if (bytes_equal(word, KEYWORDS[kind])) {
            *ret_kind = (enum step_kind)kind;
            return true;
        }
    }
    return false;
}

bool verb_parse(struct bytes key, enum step_kind *ret_kind, int *ret_connection, struct bytes *ret_rest)
{
    size_t blank = bytes_find_octet(key, ' ');
    struct bytes word = bytes_slice(key, 0, blank);
    int connection = 1;

    if (word.size > 1 && ascii_is_digit(word.data[word.size - 1]) && word.data[word.size - 1] != '0') {
        connection = word.data[word.size - 1] - '0';
        word.size--;
    }
    if (!keyword_parse(word, ret_kind) || (blank != BYTES_NOT_FOUND && *ret_kind != STEP_WHEN))
        return false;
    bool digit = bytes_slice(key, 0, blank).size != word.size;

    if (digit && !verb_has_connection(*ret_kind))
        return false;
    *ret_connection = verb_has_connection(*ret_kind) ? connection : 0;
    *ret_rest = blank != BYTES_NOT_FOUND ? bytes_from(key, blank + 1) : BYTES_EMPTY;
    return true;
}

const char *verb_suggest(struct bytes key)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, key);
    for (int kind = 0; kind < STEP_KIND_COUNT; kind++)
        suggestion_offer(&suggestion, verb_keyword((enum step_kind)kind));
    suggestion_offer(&suggestion, "use");
    return suggestion.nearest;
}
