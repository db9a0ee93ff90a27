#include "scenario/regex.h"

#include "base/check.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Enough for any honest expression over a line; a hostile line stops after some milliseconds. */
enum {
    MATCH_STEPS_MAX = 100 * 1000,
    MATCH_DEPTH_MAX = 1000,
    MATCH_HEAP_KIBIBYTES_MAX = 4096,
    NESTED_PARENTHESES_MAX = 50,
};

struct regex {
    const char *source;
    pcre2_code *code; /* in the arena, never freed by itself */
};

static void *arena_allocate(size_t size, void *arena)
{
    return arena_new(arena, size);
}

static void leave_to_arena(void *piece, void *arena)
{
    (void)piece;
    (void)arena;
}

const struct regex *regex_compile(struct arena *arena, struct bytes source, struct place place,
                                  struct error *error)
{
    pcre2_general_context *general = pcre2_general_context_create(arena_allocate, leave_to_arena, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    int code;
    PCRE2_SIZE offset;

    CHECK(general != NULL && context != NULL);
    pcre2_set_max_pattern_length(context, REGEX_SOURCE_OCTETS_MAX);
    pcre2_set_parens_nest_limit(context, NESTED_PARENTHESES_MAX);
    struct regex *regex = arena_new(arena, sizeof(*regex));

    regex->source = arena_text(arena, source);
    regex->code =
        pcre2_compile((PCRE2_SPTR)regex->source, source.size, PCRE2_DOLLAR_ENDONLY, &code, &offset, context);
    if (regex->code != NULL)
        return regex;
    char message[256] = "";

    pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof(message));
    place.column += (uint32_t)(offset < source.size ? offset : source.size);
    error_at(error, place, "the regular expression is wrong: %s", message);
    return NULL;
}

enum regex_result regex_match(const struct regex *regex, struct bytes text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);

    CHECK(data != NULL && context != NULL);
    pcre2_set_match_limit(context, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(context, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(context, MATCH_HEAP_KIBIBYTES_MAX);
    int found =
        pcre2_match(regex->code, text.size > 0 ? text.data : (PCRE2_SPTR) "", text.size, 0, 0, data, context);

    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    /* 0: it matched, and captured more than the one pair that was asked for. */
    if (found >= 0)
        return REGEX_YES;
    return found == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_GAVE_UP;
}

const char *regex_source(const struct regex *regex)
{
    return regex->source;
}
