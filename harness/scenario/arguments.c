#include "scenario/arguments.h"

#include "base/time.h"
#include "scenario/template_parse.h"
#include "yamldoc/node.h"

#include <string.h>

/* The index of VALUE among COUNT words; an empty one is the first. */
static bool choose(struct bytes value, struct place place, const char *const *words, size_t count,
                   struct error *error, size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(value, bytes_of(words[i])) || (i == 0 && value.size == 0)) {
            *ret_index = i;
            return true;
        }
    }
    struct buf list;

    buf_init(&list, ERROR_TEXT_SIZE - 32);
    for (size_t i = 0; i < count; i++)
        buf_append_format(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    error_at(error, place, "'%.*s' cannot stand here", (int)(value.size < 60 ? value.size : 60),
             (const char *)value.data);
    error_hint(error, "one of: %s", buf_text(&list));
    error_suggest(error, value, words, count);
    buf_release(&list);
    return false;
}

static bool parse_span(struct bytes value, struct place place, struct error *error, int64_t *ret_span_us)
{
    static const struct {
        const char *unit;
        int64_t span_us;
    } UNITS[] = {{"ms", US_PER_MS}, {"s", US_PER_S}, {"min", 60 * US_PER_S}};
    size_t digits = 0;
    uint64_t number;

    while (digits < value.size && ascii_is_digit(value.data[digits]))
        digits++;
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (!bytes_equal(bytes_from(value, digits), bytes_of(UNITS[i].unit)) || digits == 0 ||
            digits == value.size)
            continue;
        if (!bytes_to_u64(bytes_slice(value, 0, digits), &number) ||
            number > (uint64_t)(SPAN_S_MAX * US_PER_S / UNITS[i].span_us))
            return error_at(error, place, "this is more than an hour");
        *ret_span_us = (int64_t)number * UNITS[i].span_us;
        return true;
    }
    error_at(error, place, "this is not a time");
    return error_hint(error, "write a number and ms, s or min: 300ms, 60s, 10min");
}

/* "account N", or nothing: account 1. */
static bool parse_account(struct bytes value, struct place place, struct error *error, uint64_t *ret_account)
{
    *ret_account = 1;
    if (value.size == 0)
        return true;
    if (bytes_start_with(value, BYTES_LITERAL("account ")) &&
        bytes_to_u64(bytes_from(value, 8), ret_account) && *ret_account >= 1 && *ret_account <= 9)
        return true;
    error_at(error, place, "this is not an account");
    return error_hint(error, "write 'account 2'");
}

static bool parse_deliver(const struct compilation *compilation, struct bytes value, struct place place,
                          struct step *step, struct error *error)
{
    if (!name_is_valid(value))
        return error_at(error, place, "this is not the name of a fixture");
    step->name = arena_text(compilation->arena, value);
    if (fixture_find(compilation->fixtures, step->name) != NULL)
        return true;
    error_at(error, place, "there is no fixture '%.60s'", step->name);
    for (size_t i = 0; i < compilation->fixtures->count; i++)
        error_suggest(error, value, &compilation->fixtures->fixtures[i].name, 1);
    return false;
}

static bool parse_fence(const struct compilation *compilation, struct bytes value, struct place place,
                        struct step *step, struct error *error)
{
    static const char *const COMMANDS[] = {"NOOP", "QUIT"};
    size_t index;

    if (!choose(value, place, COMMANDS, 2, error, &index))
        return false;
    template_append(compilation->arena, &step->bytes, bytes_of(COMMANDS[index]));
    template_append(compilation->arena, &step->bytes, BYTES_LITERAL("\r\n"));
    return true;
}

static bool parse_nothing(struct bytes value, struct place place, struct error *error)
{
    return value.size == 0 || error_at(error, place, "nothing stands behind this verb");
}

bool condition_parse(struct bytes text, struct place place, enum alternative_kind *ret_kind,
                     struct error *error)
{
    /* In the order of enum alternative_kind. */
    static const char *const KINDS[] = {"+OK", "-ERR", "+", "closed"};
    size_t index;

    if (text.size == 0) {
        error_at(error, place, "'when' lacks its condition");
        return error_hint(error, "write 'when +OK:', 'when -ERR:' or 'when closed:'");
    }
    if (!choose(text, place, KINDS, 4, error, &index))
        return false;
    *ret_kind = (enum alternative_kind)index;
    return true;
}

/* [ok|fail|either] [1.2|1.3] */
static bool parse_tls(struct bytes value, struct place place, struct step *step, struct error *error)
{
    static const char *const OUTCOMES[] = {"ok", "fail", "either"};
    static const char *const VERSIONS[] = {"", "1.2", "1.3"};
    static const enum tls_version NUMBERS[] = {TLS_VERSION_ANY, TLS_VERSION_1_2, TLS_VERSION_1_3};
    struct bytes version = value;
    struct bytes outcome = BYTES_EMPTY;
    size_t index = 0;

    if (value.size > 0 && !ascii_is_digit(value.data[0]))
        bytes_split(&version, ' ', &outcome);
    if (!choose(outcome, place, OUTCOMES, 3, error, &index))
        return false;
    step->tls = (enum tls_expectation)index;
    if (!choose(version, place, VERSIONS, 3, error, &index))
        return false;
    step->tls_version = NUMBERS[index];
    return true;
}

bool arguments_parse(const struct compilation *compilation, struct bytes value, struct place place,
                     struct step *step, struct error *error)
{
    /* Each in the order of its enum; the first is what an empty value means, but where one must be said. */
    static const char *const CLOSED[] = {"any", "fin", "reset"};
    static const char *const SPLIT[] = {"none", "octets", "crlf", "lines"};
    static const char *const SHAPES[] = {"single", "multi"};
    static const char *const PROVOKED[] = {"update-failure", "update-recovery"};
    size_t index = 0;

    switch (step->kind) {
    case STEP_OPEN:
        step->implicit_tls = bytes_equal(value, BYTES_LITERAL("tls"));
        if (value.size > 0 && !step->implicit_tls) {
            error_at(error, place, "only 'tls' may stand behind 'open'");
            return error_hint(error, "the connection is a digit behind the verb: 'open2'");
        }
        return true;
    case STEP_TLS:
        return parse_tls(value, place, step, error);
    case STEP_CLOSED:
        if (!choose(value, place, CLOSED, 3, error, &index))
            return false;
        step->closed = (enum closed_expectation)index;
        return true;
    case STEP_SPLIT:
        if (bytes_to_u64(value, &step->split_at) && step->split_at > 0) {
            step->split = SPLIT_AT;
            return true;
        }
        if (!choose(value, place, SPLIT, 4, error, &index))
            return false;
        step->split = (enum split_mode)index;
        return true;
    case STEP_REPLY:
        if (!choose(value, place, SHAPES, 2, error, &index))
            return false;
        step->shape = index == 0 ? SHAPE_FORCE_SINGLE : SHAPE_FORCE_MULTI;
        return true;
    case STEP_PROVOKE:
        if (!choose(value, place, PROVOKED, 2, error, &index))
            return false;
        step->name = PROVOKED[index];
        return true;
    case STEP_LOGIN:
        return parse_account(value, place, error, &step->account);
    case STEP_FENCE:
        return parse_fence(compilation, value, place, step, error);
    case STEP_QUIET:
    case STEP_SLOW:
    case STEP_TIMEOUT:
        return parse_span(value, place, error, &step->span_us);
    case STEP_DELIVER:
        return parse_deliver(compilation, value, place, step, error);
    case STEP_SEND:
    case STEP_RAW:
    case STEP_EXPECT:
    case STEP_SASL:
    case STEP_RECONNECT:
    case STEP_CLOSE:
    case STEP_ABORT:
    case STEP_HALF_CLOSE:
    case STEP_POINT:
    case STEP_PIPELINE:
    case STEP_TOGETHER:
    case STEP_WHEN:
    case STEP_KIND_COUNT:
        break;
    }
    return parse_nothing(value, place, error);
}
