/*
 * Patterns and their holes: compiled, filled in, matched and described. Input: a letter that says what the pattern is of,
 * then lines parted by LF: the patterns up to a line ".", then what a server said.
 *
 *   R   first lines of replies: one pattern, which each line is held against; T: the same as the reply to STAT
 *   L   the lines of a body, S its scan listings, U its unique-id listings, G its languages: all lines are one body
 *
 * Oracles: patterns-line, patterns-bound, patterns-body, patterns-regex (a naive matcher says the same and binds the
 * same), patterns-final (a body that failed stays so), patterns-place (a mistake stands within the text), patterns-said
 * (what could not be filled in says why), patterns-described (what a pattern is said to demand meets it),
 * patterns-escapes (octets written as escapes come back), patterns-memory (the heap is bounded by the input). Each pattern and
 * each line ends where an allocation does.
 */
#include "allocated.h"
#include "check.h"
#include "chunks.h"
#include "naive_base64.h"
#include "naive_patterns.h"

#include "base/memory.h"
#include "scenario/pattern_parse.h"
#include "scenario/regex.h"
#include "scenario/template_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 2048,
    ESCAPE_OCTETS = 4,
    LINES_MAX = 64,
    BODY_PATTERNS_MAX = 32,
    COLUMN = 11,
    MEMORY_OCTETS = 4 * 1024 * 1024, /* of which a regular expression may take most */
    MEMORY_OCTETS_EACH = 16 * 1024,  /* for each octet of input */
    MADE_OCTETS_MAX = 64 * 1024,     /* what {fill} and {repeat} may make here */
};

/* Where patterns and lines of the server end: where an allocation does. */
struct rooms {
    struct chunk_room pattern;
    struct chunk_room line;
};

static struct rooms rooms;

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    (void)context;
    (void)connection;
    switch (hole->kind) {
    case HOLE_COUNT:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("2");
        break;
    case HOLE_OCTETS:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("320");
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("32");
        break;
    case HOLE_NUMBER:
        ret_value->any_number = true;
        break;
    case HOLE_UID:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("u");
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("u u");
        break;
    case HOLE_MESSAGE:
    case HOLE_TOP:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("a\r\n\r\na\r\n.b\r\n");
        break;
    case HOLE_NAME:
    case HOLE_USER:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("a");
        break;
    case HOLE_OTHER:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("12");
        break;
    case HOLE_PASS:
    case HOLE_TOKEN:
    case HOLE_APOP:
    case HOLE_CHALLENGE:
    case HOLE_SASL:
    case HOLE_BIND:
        ret_value->why_not = "it is not known";
        break;
    }
}

static void bind_name(void *context, const char *name, struct bytes value)
{
    struct buf *bound = context;

    buf_append_format(bound, "%s=", name);
    buf_append(bound, value);
    buf_append_octet(bound, ';');
}

/* ---- first lines ---- */

static void check_regex(const struct regex *regex, struct bytes text)
{
    enum regex_result result = regex_match(regex, text);
    enum naive_answer naive = naive_regex_match(bytes_of(regex_source(regex)), text);

    if (result != REGEX_GAVE_UP && naive != NAIVE_GAVE_UP)
        FUZZ_CHECK((result == REGEX_YES) == (naive == NAIVE_YES), "patterns-regex");
}

static enum naive_answer naive_regex(const struct regex *regex, struct bytes text)
{
    check_regex(regex, text);
    enum regex_result result = regex_match(regex, text);

    return result == REGEX_GAVE_UP ? NAIVE_GAVE_UP : result == REGEX_YES ? NAIVE_YES : NAIVE_NO;
}

static enum naive_answer naive_decoded(const struct regex *regex, struct bytes text)
{
    struct buf octets;
    enum naive_answer answer = NAIVE_NO;

    buf_init(&octets, BUF_UNBOUNDED);
    if (naive_base64(text, &octets))
        answer = naive_regex(regex, buf_bytes(&octets));
    buf_release(&octets);
    return answer;
}

static enum naive_answer naive_alternative(const struct alternative *alternative, bool listing,
                                           const struct resolver *resolver, struct bytes text,
                                           struct buf *bound)
{
    struct naive_line words = {
        .words = alternative->words,
        .word_count = alternative->word_count,
        .exact = alternative->exact,
        .size_last = listing && alternative->word_count > 1,
        .response_code = true,
    };

    if (alternative->regex != NULL)
        return alternative->decoded ? naive_decoded(alternative->regex, text)
                                    : naive_regex(alternative->regex, text);
    if (alternative->word_count == 0)
        return !alternative->exact || text.size == 0 ? NAIVE_YES : NAIVE_NO;
    return naive_line_match(&words, resolver, text, bound);
}

static bool is_of(enum alternative_kind kind, enum status_indicator indicator)
{
    return (kind == ALTERNATIVE_OK && indicator == STATUS_OK) ||
           (kind == ALTERNATIVE_ERR && indicator == STATUS_ERR) ||
           (kind == ALTERNATIVE_CONTINUE && indicator == STATUS_CONTINUE);
}

/* The first alternative that the line meets, or -1; false when that is not known. */
static bool naive_index(const struct reply_pattern *pattern, enum command_verb verb,
                        const struct status_line *status, struct buf *bound, int *ret_index)
{
    const struct resolver resolver = {resolve, bind_name, bound};

    *ret_index = -1;
    for (size_t i = 0; i < pattern->alternative_count; i++) {
        if (!is_of(pattern->alternatives[i].kind, status->indicator))
            continue;
        enum naive_answer answer = naive_alternative(&pattern->alternatives[i], verb == COMMAND_STAT,
                                                     &resolver, status->text, bound);

        if (answer == NAIVE_GAVE_UP)
            return false;
        if (answer == NAIVE_YES) {
            *ret_index = (int)i;
            return true;
        }
    }
    return true;
}

static void check_first_line(const struct reply_pattern *pattern, enum command_verb verb, struct bytes line)
{
    struct status_line status = status_line_parse(chunk_place(&rooms.line, line));
    struct buf bound;
    struct buf naive_bound;
    const struct resolver resolver = {resolve, bind_name, &bound};
    const char *why;
    int naive;

    buf_init(&bound, BUF_UNBOUNDED);
    buf_init(&naive_bound, BUF_UNBOUNDED);
    int index = reply_pattern_match(pattern, verb, &status, 1, &resolver, &why);

    FUZZ_CHECK(index < 0 || why == NULL, "patterns-said");
    if (naive_index(pattern, verb, &status, &naive_bound, &naive)) {
        FUZZ_CHECK(index == naive, "patterns-line");
        FUZZ_CHECK(bytes_equal(buf_bytes(&bound), buf_bytes(&naive_bound)), "patterns-bound");
    }
    buf_release(&bound);
    buf_release(&naive_bound);
}

/* Whether all holes of TEMPLATE, and of what is within it, have texts of their own. */
static void note_hole(void *context, const struct hole *hole, bool nested)
{
    bool *told = context;
    struct hole_value value = {.count = 0};

    (void)nested;
    resolve(NULL, 1, hole, &value);
    if (value.count == 0 || hole->kind == HOLE_OTHER)
        *told = false;
}

static bool is_told(const struct alternative *alternative)
{
    bool told = alternative->word_count > 0 && alternative->regex == NULL;

    for (size_t i = 0; i < alternative->word_count; i++)
        template_visit(&alternative->words[i], note_hole, &told);
    return told;
}

/* What a report says was demanded would have been right. */
static void check_described(const struct reply_pattern *pattern)
{
    struct buf bound;
    const struct resolver resolver = {resolve, bind_name, &bound};
    struct buf text;
    const char *why;

    buf_init(&bound, BUF_UNBOUNDED);
    buf_init(&text, BUF_UNBOUNDED);
    reply_pattern_describe(pattern, 1, &resolver, &text);
    if (pattern->alternative_count == 1 && is_told(&pattern->alternatives[0])) {
        if (pattern->alternatives[0].exact)
            text.size--;
        struct status_line status = status_line_parse(buf_bytes(&text));

        FUZZ_CHECK(reply_pattern_match(pattern, COMMAND_UNKNOWN, &status, 1, &resolver, &why) == 0,
                   "patterns-described");
    }
    buf_release(&text);
    buf_release(&bound);
}

/* ---- bodies ---- */

static bool match_body(const struct reply_pattern *pattern, const struct resolver *resolver,
                       const struct bytes *lines, size_t count, bool *ret_known)
{
    const char *why;
    struct body_matcher *matcher = body_matcher_new(pattern, 1, resolver, &why);
    struct buf text;
    bool alive = true;

    FUZZ_CHECK((matcher == NULL) == (why != NULL), "patterns-said");
    *ret_known = matcher != NULL;
    if (matcher == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool met = body_matcher_line(matcher, chunk_place(&rooms.line, lines[i]));

        FUZZ_CHECK(alive || !met, "patterns-final");
        alive = met;
    }
    bool met = body_matcher_end(matcher);

    FUZZ_CHECK(alive || !met, "patterns-final");
    buf_init(&text, BUF_UNBOUNDED);
    body_matcher_describe(matcher, &text);
    buf_release(&text);
    body_matcher_free(matcher);
    return met;
}

/* A message meets the hole that stands for it, as it is on the wire. */
static void check_message(const struct reply_pattern *pattern, const struct resolver *resolver)
{
    static const struct bytes wire[] = {BYTES_LITERAL("a"), BYTES_LITERAL(""), BYTES_LITERAL("a"),
                                        BYTES_LITERAL("..b")};
    bool known;

    if (pattern->body_count == 1 && pattern->body[0].kind == BODY_MESSAGE)
        FUZZ_CHECK(match_body(pattern, resolver, wire, 4, &known), "patterns-body");
}

static void check_body(const struct reply_pattern *pattern, const struct bytes *lines, size_t count)
{
    struct buf bound;
    const struct resolver resolver = {resolve, bind_name, &bound};
    bool known;

    buf_init(&bound, BUF_UNBOUNDED);
    bool met = match_body(pattern, &resolver, lines, count, &known);
    enum naive_answer naive = naive_body_match(pattern, &resolver, lines, count);

    if (known && naive != NAIVE_GAVE_UP)
        FUZZ_CHECK(met == (naive == NAIVE_YES), "patterns-body");
    check_message(pattern, &resolver);
    for (size_t i = 0; i < pattern->body_count; i++)
        for (size_t j = 0; pattern->body[i].regex != NULL && j < count; j++)
            check_regex(pattern->body[i].regex, chunk_place(&rooms.line, lines[j]));
    buf_release(&bound);
}

/* ---- compiling ---- */

static void check_mistake(const struct error *error, struct bytes text)
{
    FUZZ_CHECK(error->text[0] != '\0', "patterns-said");
    FUZZ_CHECK(error->line == 1 && error->column >= COLUMN && error->column <= COLUMN + text.size,
               "patterns-place");
}

static bool is_modest(const struct template *words, size_t count)
{
    size_t octets = 0;

    for (size_t i = 0; i < count; i++)
        octets += template_octets(&words[i]);
    return octets <= MADE_OCTETS_MAX;
}

static void run_reply(struct arena *arena, enum command_verb verb, struct bytes text,
                      const struct bytes *lines, size_t count)
{
    const struct place place = {.line = 1, .column = COLUMN};
    struct reply_pattern pattern;
    struct error error = {.text = ""};

    text = chunk_place(&rooms.pattern, text);
    if (!pattern_parse_reply(arena, text, place, &error, &pattern)) {
        check_mistake(&error, text);
        return;
    }
    for (size_t i = 0; i < pattern.alternative_count; i++)
        if (!is_modest(pattern.alternatives[i].words, pattern.alternatives[i].word_count))
            return;
    for (size_t i = 0; i < count; i++)
        check_first_line(&pattern, verb, lines[i]);
    check_described(&pattern);
}

static void run_body(struct arena *arena, enum body_form form, const struct bytes *texts, size_t text_count,
                     const struct bytes *lines, size_t line_count)
{
    const struct place place = {.line = 1, .column = COLUMN};
    struct body_pattern body[BODY_PATTERNS_MAX];
    struct reply_pattern pattern = {.has_body = true, .body = body, .text = "+OK"};

    for (size_t i = 0; i < text_count && i < BODY_PATTERNS_MAX; i++) {
        struct bytes text = chunk_place(&rooms.pattern, texts[i]);
        struct error error = {.text = ""};

        if (!pattern_parse_body(arena, text, place, form, &error, &body[i])) {
            check_mistake(&error, text);
            return;
        }
        if (!is_modest(body[i].words, body[i].word_count))
            return;
        pattern.body_count++;
    }
    check_body(&pattern, lines, line_count);
}

/* Any octets, written as the language writes them, are sent as they are. */
static void check_escapes(struct arena *arena, struct bytes octets)
{
    const struct place place = {.line = 1, .column = 1};
    const struct resolver resolver = {resolve, bind_name, NULL};
    struct template template;
    struct error error;
    const char *why;
    struct buf text;
    struct buf sent;

    buf_init(&text, BUF_UNBOUNDED);
    buf_init(&sent, BUF_UNBOUNDED);
    for (size_t i = 0; i < octets.size; i++)
        buf_append_format(&text, "\\x%02X", octets.data[i]);
    FUZZ_CHECK(template_parse(arena, chunk_place(&rooms.pattern, buf_bytes(&text)), place, TEMPLATE_SENT,
                              &error, &template) &&
                   template_expand(&template, 1, &resolver, &sent, &why) &&
                   bytes_equal(buf_bytes(&sent), octets),
               "patterns-escapes");
    buf_release(&text);
    buf_release(&sent);
}

static bool form_of(uint8_t letter, enum body_form *ret_form)
{
    switch (letter) {
    case 'L':
        *ret_form = BODY_FORM_LINES;
        return true;
    case 'S':
        *ret_form = BODY_FORM_LIST;
        return true;
    case 'U':
        *ret_form = BODY_FORM_UIDL;
        return true;
    case 'G':
        *ret_form = BODY_FORM_LANG;
        return true;
    default:
        return false;
    }
}

static void run(struct arena *arena, uint8_t letter, struct bytes text)
{
    struct bytes lines[LINES_MAX];
    size_t count = 0;
    size_t patterns = 0;
    enum body_form form;

    while (count < LINES_MAX && bytes_split(&text, '\n', &lines[count]))
        count++;
    while (patterns < count && !pattern_is_terminator(lines[patterns]))
        patterns++;
    const struct bytes *said = lines + patterns + (patterns < count ? 1 : 0);
    size_t said_count = count - patterns - (patterns < count ? 1 : 0);

    /* No file of the language holds a NUL octet. */
    for (size_t i = 0; i < patterns; i++)
        if (bytes_find_octet(lines[i], '\0') != BYTES_NOT_FOUND)
            return;
    if (form_of(letter, &form))
        run_body(arena, form, lines, patterns, said, said_count);
    else if (patterns > 0)
        run_reply(arena, letter == 'T' ? COMMAND_STAT : COMMAND_UNKNOWN, lines[0], said, said_count);
    if (count > 0)
        check_escapes(arena, lines[count - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;

    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    chunk_room_have(&rooms.pattern, ESCAPE_OCTETS * INPUT_OCTETS_MAX);
    chunk_room_have(&rooms.line, INPUT_OCTETS_MAX);
    allocated_begin();
    arena_init(&arena, BUF_UNBOUNDED);
    run(&arena, data[0], bytes_make(data + 1, size - 1));
    arena_release(&arena);
    FUZZ_CHECK(allocated_octets() <= MEMORY_OCTETS + size * MEMORY_OCTETS_EACH, "patterns-memory");
    return 0;
}
