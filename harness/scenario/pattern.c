#include "scenario/pattern.h"

#include "base/base64.h"
#include "base/limits.h"
#include "scenario/line_pattern.h"
#include "scenario/regex.h"

static enum alternative_kind kind_of(enum status_indicator indicator, bool *ret_known)
{
    *ret_known = true;
    switch (indicator) {
    case STATUS_OK:
        return ALTERNATIVE_OK;
    case STATUS_ERR:
        return ALTERNATIVE_ERR;
    case STATUS_CONTINUE:
        return ALTERNATIVE_CONTINUE;
    case STATUS_NONE:
        break;
    }
    *ret_known = false;
    return ALTERNATIVE_CLOSED;
}

static struct line_pattern_source words_of(const struct alternative *alternative, int connection,
                                           const struct resolver *resolver)
{
    return (struct line_pattern_source){.words = alternative->words,
                                        .count = alternative->word_count,
                                        .exact = alternative->exact,
                                        .response_code = true,
                                        .connection = connection,
                                        .resolver = resolver};
}

static bool match_regex(const struct regex *regex, struct bytes text, const char **ret_why)
{
    enum regex_result result = regex_match(regex, text);

    if (result == REGEX_GAVE_UP)
        *ret_why = "the regular expression passed its limits on this line";
    return result == REGEX_YES;
}

/* What is not base 64 meets no expression over what it means. */
static bool match_decoded(const struct regex *regex, struct bytes text, const char **ret_why)
{
    struct buf octets;

    buf_init(&octets, text.size);
    bool matched = base64_decode(text, &octets) && match_regex(regex, buf_bytes(&octets), ret_why);

    buf_release(&octets);
    return matched;
}

static bool match_words(const struct alternative *alternative, struct bytes text,
                        const struct line_pattern_source *source, const char **ret_why)
{
    const struct resolver *resolver = source->resolver;
    struct line_pattern words;
    bool matched = false;

    if (alternative->word_count == 0)
        return !alternative->exact || text.size == 0;
    if (line_pattern_init(&words, source, ret_why))
        matched = line_pattern_match(&words, text);
    for (size_t i = 0; matched && i < words.count; i++) {
        if (words.items[i].kind == ITEM_WORD)
            resolver->bind(resolver->context, words.items[i].name, words.items[i].bound);
    }
    line_pattern_release(&words);
    return matched;
}

static bool match_alternative(const struct alternative *alternative, struct bytes text,
                              const struct line_pattern_source *source, const char **ret_why)
{
    if (alternative->regex == NULL)
        return match_words(alternative, text, source, ret_why);
    return alternative->decoded ? match_decoded(alternative->regex, text, ret_why)
                                : match_regex(alternative->regex, text, ret_why);
}

int reply_pattern_match(const struct reply_pattern *pattern, enum command_verb verb,
                        const struct status_line *status, int connection, const struct resolver *resolver,
                        const char **ret_why)
{
    bool listing = verb == COMMAND_STAT || verb == COMMAND_LIST;
    const char *why = NULL;
    bool known;
    enum alternative_kind kind = kind_of(status->indicator, &known);

    *ret_why = NULL;
    for (size_t i = 0; known && i < pattern->alternative_count; i++) {
        const struct alternative *alternative = &pattern->alternatives[i];

        if (alternative->kind != kind)
            continue;
        struct line_pattern_source source = words_of(alternative, connection, resolver);

        source.size_last = listing && alternative->word_count > 1;
        source.tag_first = verb == COMMAND_LANG;
        if (match_alternative(alternative, status->text, &source, &why))
            return (int)i;
    }
    *ret_why = why;
    return -1;
}

int reply_pattern_closed(const struct reply_pattern *pattern)
{
    for (size_t i = 0; i < pattern->alternative_count; i++) {
        if (pattern->alternatives[i].kind == ALTERNATIVE_CLOSED)
            return (int)i;
    }
    return -1;
}

static void describe_alternative(const struct alternative *alternative, int connection,
                                 const struct resolver *resolver, struct buf *out)
{
    struct line_pattern_source source = words_of(alternative, connection, resolver);
    struct line_pattern words;
    const char *why = NULL;

    if (alternative->kind == ALTERNATIVE_CLOSED || alternative->regex != NULL ||
        alternative->word_count == 0) {
        buf_append_text(out, alternative->text);
        return;
    }
    if (line_pattern_init(&words, &source, &why)) {
        buf_append_text(out, alternative->kind == ALTERNATIVE_OK    ? "+OK "
                             : alternative->kind == ALTERNATIVE_ERR ? "-ERR "
                                                                    : "+ ");
        line_pattern_describe(&words, out);
        buf_append_text(out, alternative->exact ? "$" : "");
    } else {
        buf_append_text(out, alternative->text);
    }
    line_pattern_release(&words);
}

void reply_pattern_describe(const struct reply_pattern *pattern, int connection,
                            const struct resolver *resolver, struct buf *out)
{
    for (size_t i = 0; i < pattern->alternative_count; i++) {
        buf_append_text(out, i > 0 ? " | " : "");
        describe_alternative(&pattern->alternatives[i], connection, resolver, out);
    }
}
