#include "naive_patterns.h"

#include "scenario/regex.h"

#include <string.h>

enum { ITEMS_MAX = 128, STEPS_MAX = 20000 };

/* ---- one line ---- */

struct item {
    enum { TEXTS, DIGITS, WORD, OTHER_WORD } kind;
    struct bytes texts[HOLE_VALUES_MAX];
    size_t text_count;
    bool without_case;
    const char *name;
    struct bytes met;
};

struct attempt {
    const struct naive_line *pattern;
    const struct resolver *resolver;
    struct item items[ITEMS_MAX];
    size_t count;
    struct bytes line;
    size_t steps;
    bool odd; /* something that is not known here, or more than there is room for */
};

static struct item *add(struct attempt *attempt)
{
    static struct item spare;

    attempt->odd = attempt->odd || attempt->count == ITEMS_MAX;
    struct item *item = attempt->odd ? &spare : &attempt->items[attempt->count++];

    *item = (struct item){.kind = TEXTS};
    return item;
}

static void add_text(struct attempt *attempt, struct bytes text, bool without_case)
{
    struct item *item = add(attempt);

    item->texts[item->text_count++] = text;
    item->without_case = without_case;
}

/* False when the hole has no value. */
static bool add_hole(struct attempt *attempt, const struct hole *hole)
{
    struct hole_value value = {.count = 0};
    struct item *item = add(attempt);

    item->name = hole->name;
    if (hole->kind == HOLE_BIND) {
        item->kind = WORD;
        return true;
    }
    attempt->resolver->resolve(attempt->resolver->context, 1, hole, &value);
    if (value.count == 0) {
        item->kind = DIGITS;
        return value.any_number;
    }
    item->kind = hole->kind == HOLE_OTHER ? OTHER_WORD : TEXTS;
    for (size_t i = 0; i < value.count; i++)
        item->texts[item->text_count++] = value.texts[i];
    return true;
}

static bool has_bracket(struct bytes text)
{
    return text.size > 0 && memchr(text.data, ']', text.size) != NULL;
}

/* Writes the pattern's parts out as items; false when a hole has no value. */
static bool write_out(struct attempt *attempt)
{
    const struct naive_line *pattern = attempt->pattern;
    bool in_code = false;

    for (size_t i = 0; i < pattern->word_count; i++) {
        const struct template *word = &pattern->words[i];

        if (i > 0)
            add_text(attempt, BYTES_LITERAL(" "), false);
        for (size_t j = 0; j < word->count; j++) {
            const struct template_part *part = &word->parts[j];
            bool literal = part->kind == PART_LITERAL;

            if (i == 0 && j == 0 && literal && pattern->response_code)
                in_code = part->literal.size > 0 && part->literal.data[0] == '[';
            if (literal)
                add_text(attempt, part->literal, in_code);
            else if (part->kind != PART_HOLE)
                attempt->odd = true;
            else if (!add_hole(attempt, &part->hole))
                return false;
            in_code = in_code && !(literal && has_bracket(part->literal));
        }
        for (size_t j = 0; i == 0 && pattern->tag_first && j < attempt->count; j++)
            attempt->items[j].without_case = true;
    }
    return true;
}

static bool ends_well(const struct attempt *attempt, size_t at)
{
    struct bytes line = attempt->line;

    if (at == line.size)
        return true;
    if (attempt->pattern->exact)
        return false;
    uint8_t next = line.data[at];
    bool behind_digit = at > 0 && line.data[at - 1] >= '0' && line.data[at - 1] <= '9';
    bool is_text = next > 0x20 && next != 0x7F && (next < '0' || next > '9');

    return next == ' ' || (attempt->pattern->size_last && behind_digit && is_text);
}

static bool try_items(struct attempt *attempt, size_t which, size_t at);

static bool is_text(const struct item *item, size_t which, struct bytes octets)
{
    return item->without_case ? bytes_equal_nocase(octets, item->texts[which])
                              : bytes_equal(octets, item->texts[which]);
}

static bool try_texts(struct attempt *attempt, size_t which, size_t at)
{
    const struct item *item = &attempt->items[which];

    for (size_t i = 0; i < item->text_count; i++) {
        bool same = is_text(item, i, bytes_slice(attempt->line, at, at + item->texts[i].size));

        if (same && try_items(attempt, which + 1, at + item->texts[i].size))
            return true;
    }
    return false;
}

/* One octet more at a time, so that the shortest run that goes on is the one. */
static bool try_run(struct attempt *attempt, size_t which, size_t at)
{
    struct item *item = &attempt->items[which];

    for (size_t end = at; end < attempt->line.size; end++) {
        uint8_t octet = attempt->line.data[end];

        if (item->kind == DIGITS ? octet < '0' || octet > '9' : octet == ' ')
            return false;
        item->met = bytes_slice(attempt->line, at, end + 1);
        if (try_items(attempt, which + 1, end + 1))
            return true;
    }
    return false;
}

static bool try_other_word(struct attempt *attempt, size_t which, size_t at)
{
    size_t end = at;

    while (end < attempt->line.size && attempt->line.data[end] != ' ')
        end++;
    return end > at && !is_text(&attempt->items[which], 0, bytes_slice(attempt->line, at, end)) &&
           try_items(attempt, which + 1, end);
}

static bool try_items(struct attempt *attempt, size_t which, size_t at)
{
    if (++attempt->steps > STEPS_MAX || at > attempt->line.size)
        return false;
    if (which == attempt->count)
        return ends_well(attempt, at);
    switch (attempt->items[which].kind) {
    case TEXTS:
        return try_texts(attempt, which, at);
    case DIGITS:
    case WORD:
        return try_run(attempt, which, at);
    case OTHER_WORD:
        return try_other_word(attempt, which, at);
    }
    return false;
}

enum naive_answer naive_line_match(const struct naive_line *pattern, const struct resolver *resolver,
                                   struct bytes line, struct buf *bound)
{
    static struct attempt attempt;

    attempt.pattern = pattern;
    attempt.resolver = resolver;
    attempt.count = 0;
    attempt.line = line;
    attempt.steps = 0;
    attempt.odd = false;
    if (!write_out(&attempt))
        return NAIVE_NO;
    bool met = !attempt.odd && try_items(&attempt, 0, 0);

    if (attempt.odd || attempt.steps > STEPS_MAX)
        return NAIVE_GAVE_UP;
    for (size_t i = 0; met && i < attempt.count; i++) {
        if (attempt.items[i].kind != WORD)
            continue;
        buf_append_format(bound, "%s=", attempt.items[i].name);
        buf_append(bound, attempt.items[i].met);
        buf_append_octet(bound, ';');
    }
    return met ? NAIVE_YES : NAIVE_NO;
}

/* ---- regular expressions ---- */

struct search {
    struct bytes text;
    size_t steps;
};

static bool meets_here(struct search *search, struct bytes source, size_t at);

static bool meets_octet(struct search *search, uint8_t wanted, size_t at)
{
    return at < search->text.size &&
           (wanted == '.' ? search->text.data[at] != '\n' : search->text.data[at] == wanted);
}

static bool meets_star(struct search *search, uint8_t wanted, struct bytes behind, size_t at)
{
    for (;; at++) {
        if (meets_here(search, behind, at))
            return true;
        if (!meets_octet(search, wanted, at))
            return false;
    }
}

static bool meets_here(struct search *search, struct bytes source, size_t at)
{
    if (++search->steps > STEPS_MAX)
        return false;
    if (source.size == 0)
        return true;
    if (source.size == 1 && source.data[0] == '$')
        return at == search->text.size;
    if (source.size > 1 && source.data[1] == '*')
        return meets_star(search, source.data[0], bytes_from(source, 2), at);
    return meets_octet(search, source.data[0], at) && meets_here(search, bytes_from(source, 1), at + 1);
}

static bool is_simple(struct bytes source)
{
    for (size_t i = 0; i < source.size; i++) {
        uint8_t octet = source.data[i];
        bool atom = ascii_is_letter(octet) || ascii_is_digit(octet) || octet == ' ' || octet == '.';
        bool star = octet == '*' && i > 0 && source.data[i - 1] != '*' && source.data[i - 1] != '^';
        bool anchor = (octet == '^' && i == 0) || (octet == '$' && i + 1 == source.size);

        if (!atom && !star && !anchor)
            return false;
    }
    return true;
}

enum naive_answer naive_regex_match(struct bytes source, struct bytes text)
{
    struct search search = {text, 0};
    bool anchored = source.size > 0 && source.data[0] == '^';
    bool met = false;

    if (!is_simple(source))
        return NAIVE_GAVE_UP;
    for (size_t at = 0; !met && at <= (anchored ? 0 : text.size); at++)
        met = meets_here(&search, bytes_from(source, anchored ? 1 : 0), at);
    if (search.steps > STEPS_MAX)
        return NAIVE_GAVE_UP;
    return met ? NAIVE_YES : NAIVE_NO;
}

/* ---- bodies ---- */

struct body_attempt {
    const struct reply_pattern *pattern;
    const struct resolver *resolver;
    const struct bytes *lines;
    size_t line_count;
    size_t steps;
    bool odd;
};

static bool regex_meets(struct body_attempt *attempt, const struct regex *regex, struct bytes line)
{
    enum regex_result result = regex_match(regex, line);

    attempt->odd = attempt->odd || result == REGEX_GAVE_UP;
    return result == REGEX_YES;
}

static bool line_meets(struct body_attempt *attempt, const struct body_pattern *pattern, struct bytes line)
{
    struct naive_line words = {
        .words = pattern->words,
        .word_count = pattern->word_count,
        .exact = pattern->exact || pattern->kind == BODY_LINE,
        .size_last = pattern->size_last,
        .tag_first = pattern->tag_first,
    };
    struct buf bound;

    if (pattern->kind == BODY_REGEX)
        return regex_meets(attempt, pattern->regex, line);
    buf_init(&bound, BUF_UNBOUNDED);
    enum naive_answer answer = naive_line_match(&words, attempt->resolver, line, &bound);

    attempt->odd = attempt->odd || answer == NAIVE_GAVE_UP;
    buf_release(&bound);
    return answer == NAIVE_YES;
}

static bool try_body(struct body_attempt *attempt, size_t which, size_t at)
{
    const struct body_pattern *pattern = &attempt->pattern->body[which];

    if (++attempt->steps > STEPS_MAX || attempt->odd)
        return false;
    if (which == attempt->pattern->body_count)
        return at == attempt->line_count;
    if (pattern->kind == BODY_END)
        return at == attempt->line_count || try_body(attempt, which + 1, at);
    if (pattern->kind != BODY_ANY)
        return at < attempt->line_count && line_meets(attempt, pattern, attempt->lines[at]) &&
               try_body(attempt, which + 1, at + 1);
    if (try_body(attempt, which + 1, at))
        return true;
    return at < attempt->line_count &&
           (pattern->regex == NULL || regex_meets(attempt, pattern->regex, attempt->lines[at])) &&
           try_body(attempt, which, at + 1);
}

static bool has_name(const struct body_pattern *pattern)
{
    for (size_t i = 0; i < pattern->word_count; i++)
        for (size_t j = 0; j < pattern->words[i].count; j++) {
            const struct template_part *part = &pattern->words[i].parts[j];

            if (part->kind == PART_HOLE && (part->hole.kind == HOLE_BIND || part->hole.kind == HOLE_NAME ||
                                            part->hole.kind == HOLE_OTHER))
                return true;
        }
    return false;
}

enum naive_answer naive_body_match(const struct reply_pattern *pattern, const struct resolver *resolver,
                                   const struct bytes *lines, size_t line_count)
{
    struct body_attempt attempt = {pattern, resolver, lines, line_count, 0, false};

    for (size_t i = 0; i < pattern->body_count; i++)
        if (pattern->body[i].kind == BODY_MESSAGE || has_name(&pattern->body[i]))
            return NAIVE_GAVE_UP;
    bool met = try_body(&attempt, 0, 0);

    if (attempt.odd || attempt.steps > STEPS_MAX)
        return NAIVE_GAVE_UP;
    return met ? NAIVE_YES : NAIVE_NO;
}
