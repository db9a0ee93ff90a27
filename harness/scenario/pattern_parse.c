#include "scenario/pattern_parse.h"

#include "scenario/regex.h"
#include "scenario/template_parse.h"

#include <string.h>

enum { ALTERNATIVES_MAX = 8, WORDS_MAX = 32 };

struct pattern_parser {
    struct arena *arena;
    struct bytes whole; /* the text that `place` begins */
    struct place place;
    struct error *error;
};

static struct place place_at(const struct pattern_parser *parser, struct bytes part)
{
    struct place place = parser->place;

    place.column += (uint32_t)(part.data - parser->whole.data);
    return place;
}

static const struct {
    const char *word;
    enum alternative_kind kind;
} INDICATORS[] = {
    {"+OK", ALTERNATIVE_OK},
    {"-ERR", ALTERNATIVE_ERR},
    {"+", ALTERNATIVE_CONTINUE},
    {"closed", ALTERNATIVE_CLOSED},
};

/* The size of the indicator that TEXT begins with, 0 if it begins with none. */
static size_t indicator_at(struct bytes text, enum alternative_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof(INDICATORS) / sizeof(INDICATORS[0]); i++) {
        struct bytes word = bytes_of(INDICATORS[i].word);

        if (!bytes_start_with(text, word))
            continue;
        struct bytes behind = bytes_from(text, word.size);

        if (behind.size == 0 || behind.data[0] == ' ' || bytes_equal(behind, BYTES_LITERAL("$")) ||
            bytes_start_with(behind, BYTES_LITERAL("$ |"))) {
            *ret_kind = INDICATORS[i].kind;
            return word.size;
        }
    }
    return 0;
}

bool pattern_begins_reply(struct bytes text)
{
    enum alternative_kind kind;

    return indicator_at(text, &kind) > 0;
}

bool pattern_is_terminator(struct bytes text)
{
    return bytes_equal(text, BYTES_LITERAL("."));
}

/* Index behind the word at the front of TEXT: a space within braces or behind a backslash does not end it. */
static size_t word_end(struct bytes text)
{
    size_t at = 0;

    while (at < text.size && text.data[at] != ' ') {
        size_t end = text.data[at] == '{' ? hole_end(text, at) : BYTES_NOT_FOUND;

        if (end != BYTES_NOT_FOUND)
            at = end;
        else
            at += text.data[at] == '\\' && at + 1 < text.size ? 2 : 1;
    }
    return at;
}

/*
 * Index behind the regular expression at the front of TEXT, which begins with its slash: it ends at a slash that the
 * text's end or another alternative follows.
 */
static size_t regex_end(struct bytes text)
{
    for (size_t i = 1; i < text.size; i++) {
        struct bytes behind = bytes_from(text, i + 1);

        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '/' && (behind.size == 0 || bytes_start_with(behind, BYTES_LITERAL(" | "))))
            return i + 1;
    }
    return BYTES_NOT_FOUND;
}

static bool parse_regex(struct pattern_parser *parser, struct bytes *text, const struct regex **ret_regex)
{
    size_t end = regex_end(*text);

    if (end == BYTES_NOT_FOUND) {
        error_at(parser->error, place_at(parser, *text), "a regular expression without a slash at its end");
        return error_hint(parser->error, "write a slash that is meant as such as \\x2F");
    }
    struct bytes source = bytes_slice(*text, 1, end - 1);

    if (source.size == 0)
        return error_at(parser->error, place_at(parser, *text), "the regular expression is empty");
    *text = rest_of(*text, end);
    *ret_regex = regex_compile(parser->arena, source, place_at(parser, source), parser->error);
    return *ret_regex != NULL;
}

static bool parse_word(struct pattern_parser *parser, struct bytes word, struct template *ret_word)
{
    if (word.size == 0) {
        error_at(parser->error, place_at(parser, word), "two blanks: words have exactly one between them");
        return error_hint(parser->error, "write a blank that is meant as such as \\x20");
    }
    return template_parse(parser->arena, word, place_at(parser, word), TEMPLATE_MATCHED, parser->error,
                          ret_word);
}

/* True when TEXT is at the end of an alternative. */
static bool at_end(struct bytes text)
{
    return text.size == 0 || bytes_start_with(text, BYTES_LITERAL(" | "));
}

/* A "$" that ends the words, not an escaped one. */
static bool takes_dollar(struct bytes word)
{
    size_t backslashes = 0;

    if (word.size == 0 || word.data[word.size - 1] != '$')
        return false;
    while (backslashes + 1 < word.size && word.data[word.size - 2 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 0;
}

struct words {
    struct template words[WORDS_MAX];
    size_t count;
    bool exact;
};

/* Reads words, each with one blank before it but for the first, up to the end of the alternative. */
static bool parse_words(struct pattern_parser *parser, struct bytes *text, struct words *ret_words)
{
    ret_words->count = 0;
    ret_words->exact = false;
    for (;;) {
        size_t end = word_end(*text);
        struct bytes word = bytes_slice(*text, 0, end);

        *text = rest_of(*text, end);
        if (at_end(*text) && takes_dollar(word)) {
            ret_words->exact = true;
            word.size--;
        }
        if (ret_words->count == WORDS_MAX)
            return error_at(parser->error, place_at(parser, word), "a pattern has at most %d words",
                            WORDS_MAX);
        if (!parse_word(parser, word, &ret_words->words[ret_words->count]))
            return false;
        ret_words->count++;
        if (at_end(*text))
            return true;
        *text = rest_of(*text, 1);
    }
}

static struct template *keep_words(struct arena *arena, const struct words *words)
{
    struct template *kept = arena_new_array(arena, words->count, sizeof(*kept));

    if (words->count > 0)
        memcpy(kept, words->words, words->count * sizeof(*kept));
    return kept;
}

static bool parse_behind_indicator(struct pattern_parser *parser, struct bytes *text,
                                   struct alternative *alternative)
{
    struct words words;

    if (text->size > 0 && text->data[0] == '$') {
        alternative->exact = true;
        *text = rest_of(*text, 1);
        return true;
    }
    if (at_end(*text))
        return true;
    *text = rest_of(*text, 1);
    if (alternative->kind == ALTERNATIVE_CLOSED)
        return error_at(parser->error, place_at(parser, *text), "nothing stands behind 'closed'");
    if (alternative->kind == ALTERNATIVE_CONTINUE && bytes_start_with(*text, BYTES_LITERAL("b64 /"))) {
        alternative->decoded = true;
        *text = rest_of(*text, 4);
    }
    if (text->size > 0 && text->data[0] == '/')
        return parse_regex(parser, text, &alternative->regex);
    if (!parse_words(parser, text, &words))
        return false;
    alternative->words = keep_words(parser->arena, &words);
    alternative->word_count = words.count;
    alternative->exact = words.exact;
    return true;
}

static bool refuse_indicator(struct pattern_parser *parser, struct bytes text)
{
    error_at(parser->error, place_at(parser, text), "a reply begins with +OK, -ERR, + or closed");
    if (bytes_equal_nocase(bytes_slice(text, 0, 2), BYTES_LITERAL("OK")) ||
        bytes_equal_nocase(bytes_slice(text, 0, 3), BYTES_LITERAL("+OK")))
        return error_hint(parser->error, "did you mean '+OK'?");
    if (bytes_equal_nocase(bytes_slice(text, 0, 3), BYTES_LITERAL("ERR")) ||
        bytes_equal_nocase(bytes_slice(text, 0, 4), BYTES_LITERAL("-ERR")))
        return error_hint(parser->error, "did you mean '-ERR'?");
    return false;
}

static bool parse_alternative(struct pattern_parser *parser, struct bytes *text,
                              struct alternative *alternative)
{
    struct bytes start = *text;
    size_t size = indicator_at(*text, &alternative->kind);

    if (size == 0)
        return refuse_indicator(parser, *text);
    *text = rest_of(*text, size);
    if (alternative->kind == ALTERNATIVE_CLOSED && text->size > 0 && text->data[0] == '$')
        return refuse_indicator(parser, start);
    if (!parse_behind_indicator(parser, text, alternative))
        return false;
    alternative->text = arena_text(parser->arena, bytes_slice(start, 0, start.size - text->size));
    return true;
}

bool pattern_parse_reply(struct arena *arena, struct bytes text, struct place place, struct error *error,
                         struct reply_pattern *ret_pattern)
{
    struct pattern_parser parser = {arena, text, place, error};
    struct alternative alternatives[ALTERNATIVES_MAX];
    size_t count = 0;

    *ret_pattern = (struct reply_pattern){.text = arena_text(arena, text)};
    memset(alternatives, 0, sizeof(alternatives));
    for (;;) {
        if (count == ALTERNATIVES_MAX)
            return error_at(error, place, "a pattern has at most %d alternatives", ALTERNATIVES_MAX);
        if (!parse_alternative(&parser, &text, &alternatives[count++]))
            return false;
        if (text.size == 0)
            break;
        if (!bytes_start_with(text, BYTES_LITERAL(" | ")))
            return error_at(error, place_at(&parser, text), "nothing but ' | ' may stand here");
        text = rest_of(text, 3);
    }
    ret_pattern->alternatives = arena_new_array(arena, count, sizeof(*alternatives));
    memcpy(ret_pattern->alternatives, alternatives, count * sizeof(*alternatives));
    ret_pattern->alternative_count = count;
    return true;
}

static bool parse_line(struct pattern_parser *parser, struct bytes text, struct body_pattern *pattern)
{
    pattern->kind = BODY_LINE;
    pattern->words = arena_new(parser->arena, sizeof(*pattern->words));
    pattern->word_count = 1;
    return template_parse(parser->arena, text, place_at(parser, text), TEMPLATE_MATCHED, parser->error,
                          pattern->words);
}

static bool is_message_hole(const struct template *template)
{
    return template->count == 1 && template->parts[0].kind == PART_HOLE &&
           (template->parts[0].hole.kind == HOLE_MESSAGE || template->parts[0].hole.kind == HOLE_TOP);
}

static bool parse_row(struct pattern_parser *parser, struct bytes text, enum body_form form,
                      struct body_pattern *pattern)
{
    struct words words;

    if (!parse_words(parser, &text, &words))
        return false;
    if (text.size > 0)
        return error_at(parser->error, place_at(parser, text), "a line of a body has no alternatives");
    pattern->kind = BODY_ROW;
    pattern->words = keep_words(parser->arena, &words);
    pattern->word_count = words.count;
    pattern->exact = form == BODY_FORM_UIDL || words.exact;
    pattern->size_last = form == BODY_FORM_LIST && words.count > 1;
    pattern->tag_first = form == BODY_FORM_LANG;
    return true;
}

bool pattern_parse_body(struct arena *arena, struct bytes text, struct place place, enum body_form form,
                        struct error *error, struct body_pattern *ret_pattern)
{
    struct pattern_parser parser = {arena, text, place, error};

    *ret_pattern = (struct body_pattern){.text = arena_text(arena, text), .place = place};
    if (bytes_equal(text, BYTES_LITERAL("..."))) {
        ret_pattern->kind = BODY_ANY;
        return true;
    }
    if (bytes_equal(text, BYTES_LITERAL(".?"))) {
        ret_pattern->kind = BODY_END;
        return true;
    }
    if (bytes_start_with(text, BYTES_LITERAL("... /"))) {
        struct bytes regex = bytes_from(text, 4);

        ret_pattern->kind = BODY_ANY;
        if (!parse_regex(&parser, &regex, &ret_pattern->regex))
            return false;
        return regex.size == 0 ||
               error_at(error, place_at(&parser, regex), "a line of a body has no alternatives");
    }
    if (bytes_start_with(text, BYTES_LITERAL("= ")) || bytes_equal(text, BYTES_LITERAL("=")))
        return parse_line(&parser, bytes_from(text, 2), ret_pattern);
    if (bytes_start_with(text, BYTES_LITERAL("/"))) {
        ret_pattern->kind = BODY_REGEX;
        if (!parse_regex(&parser, &text, &ret_pattern->regex))
            return false;
        return text.size == 0 ||
               error_at(error, place_at(&parser, text), "a line of a body has no alternatives");
    }
    if (form != BODY_FORM_LINES && !bytes_start_with(text, BYTES_LITERAL("{message ")) &&
        !bytes_start_with(text, BYTES_LITERAL("{top ")))
        return parse_row(&parser, text, form, ret_pattern);
    if (!parse_line(&parser, text, ret_pattern))
        return false;
    if (is_message_hole(ret_pattern->words))
        ret_pattern->kind = BODY_MESSAGE;
    return true;
}
