#include "base/memory.h"
#include "scenario/line_pattern.h"
#include "scenario/message_lines.h"
#include "scenario/pattern.h"
#include "scenario/regex.h"

#include <stdlib.h>
#include <string.h>

/*
 * A set of places in the list of patterns, as of a finite automaton: waiting[i] says that the lines so far may have met
 * the patterns before i, so that the next line may meet pattern i. Messages keep their own place within. Each line costs
 * at most one look at each pattern.
 */
struct place_in_body {
    const struct body_pattern *pattern;
    struct line_pattern line;                       /* LINE, ROW */
    struct message_lines messages[HOLE_VALUES_MAX]; /* MESSAGE: one for each text that would be right */
    size_t message_count;
};

struct body_matcher {
    const struct reply_pattern *pattern;
    const struct resolver *resolver;
    struct place_in_body *places;
    size_t count;
    bool *waiting; /* count + 1 of them: the last is the terminator */
    bool *next;
    size_t line_number; /* of the line that came last */
    bool failed;
};

static bool binds_name(const struct body_pattern *pattern, const char *name)
{
    for (size_t i = 0; i < pattern->word_count; i++) {
        for (size_t j = 0; j < pattern->words[i].count; j++) {
            const struct template_part *part = &pattern->words[i].parts[j];

            if (part->kind == PART_HOLE && part->hole.kind == HOLE_BIND && strcmp(part->hole.name, name) == 0)
                return true;
        }
    }
    return false;
}

/* The patterns before one in its body, to find which names are bound there. */
struct patterns_before {
    const struct body_pattern *patterns;
    size_t count;
};

static bool bound_before(const void *context, const char *name)
{
    const struct patterns_before *before = context;

    for (size_t i = 0; i < before->count; i++) {
        if (binds_name(&before->patterns[i], name))
            return true;
    }
    return false;
}

static bool prepare_line(struct body_matcher *matcher, size_t index, int connection, const char **ret_why)
{
    const struct body_pattern *pattern = &matcher->pattern->body[index];
    struct patterns_before before = {matcher->pattern->body, index};
    struct line_pattern_source source = {
        .words = pattern->words,
        .count = pattern->word_count,
        .exact = pattern->exact || pattern->kind == BODY_LINE,
        .size_last = pattern->size_last,
        .tag_first = pattern->tag_first,
        .connection = connection,
        .resolver = matcher->resolver,
        .bound_earlier = bound_before,
        .context = &before,
    };

    return line_pattern_init(&matcher->places[index].line, &source, ret_why);
}

static bool prepare_message(struct body_matcher *matcher, size_t index, int connection, const char **ret_why)
{
    struct place_in_body *place = &matcher->places[index];
    const struct hole *hole = &place->pattern->words[0].parts[0].hole;
    bool searched = index > 0 && place[-1].pattern->kind == BODY_ANY && place[-1].pattern->regex == NULL;
    struct hole_value value = {.count = 0};

    matcher->resolver->resolve(matcher->resolver->context, connection, hole, &value);
    if (value.count == 0) {
        *ret_why = value.why_not != NULL ? value.why_not : "the message is not known";
        return false;
    }
    for (size_t i = 0; i < value.count && i < HOLE_VALUES_MAX; i++)
        message_lines_init(&place->messages[place->message_count++], value.texts[i], searched);
    return true;
}

static bool prepare(struct body_matcher *matcher, size_t index, int connection, const char **ret_why)
{
    switch (matcher->places[index].pattern->kind) {
    case BODY_LINE:
    case BODY_ROW:
        return prepare_line(matcher, index, connection, ret_why);
    case BODY_MESSAGE:
        return prepare_message(matcher, index, connection, ret_why);
    case BODY_REGEX:
    case BODY_ANY:
    case BODY_END:
        break;
    }
    return true;
}

/* A message is met line by line from its first on; one without lines is met at once. */
static void begin_message(struct place_in_body *place, bool *waiting_behind)
{
    for (size_t i = 0; i < place->message_count; i++) {
        struct message_lines *message = &place->messages[i];

        if (message->count == 0)
            *waiting_behind = true;
        else if (!message->searched && !message->active) {
            message->active = true;
            message->progress = 0;
        }
    }
}

/* Steps over what can be met by no line at all. */
static void close_over(struct body_matcher *matcher, bool *waiting)
{
    for (size_t i = 0; i < matcher->count; i++) {
        if (!waiting[i])
            continue;
        if (matcher->places[i].pattern->kind == BODY_ANY || matcher->places[i].pattern->kind == BODY_END)
            waiting[i + 1] = true;
        else if (matcher->places[i].pattern->kind == BODY_MESSAGE)
            begin_message(&matcher->places[i], &waiting[i + 1]);
    }
}

struct body_matcher *body_matcher_new(const struct reply_pattern *pattern, int connection,
                                      const struct resolver *resolver, const char **ret_why)
{
    struct body_matcher *matcher = memory_new(sizeof(*matcher));

    *ret_why = NULL;
    *matcher = (struct body_matcher){.pattern = pattern, .resolver = resolver, .count = pattern->body_count};
    matcher->places = memory_new_array(matcher->count + 1, sizeof(*matcher->places));
    matcher->waiting = memory_new_array(matcher->count + 1, sizeof(*matcher->waiting));
    matcher->next = memory_new_array(matcher->count + 1, sizeof(*matcher->next));
    for (size_t i = 0; i < matcher->count; i++)
        matcher->places[i].pattern = &pattern->body[i];
    for (size_t i = 0; i < matcher->count; i++) {
        if (!prepare(matcher, i, connection, ret_why)) {
            body_matcher_free(matcher);
            return NULL;
        }
    }
    matcher->waiting[0] = true;
    close_over(matcher, matcher->waiting);
    return matcher;
}

void body_matcher_free(struct body_matcher *matcher)
{
    if (matcher == NULL)
        return;
    for (size_t i = 0; i < matcher->count; i++) {
        struct place_in_body *place = &matcher->places[i];

        line_pattern_release(&place->line);
        for (size_t j = 0; j < place->message_count; j++)
            message_lines_release(&place->messages[j]);
    }
    free(matcher->places);
    free(matcher->waiting);
    free(matcher->next);
    free(matcher);
}

/* Names are bound by the first line that meets their pattern. */
static void bind_words(struct body_matcher *matcher, size_t index)
{
    const struct line_pattern *line = &matcher->places[index].line;

    for (size_t i = 0; i < line->count; i++) {
        const struct line_item *item = &line->items[i];

        if (item->kind != ITEM_WORD)
            continue;
        matcher->resolver->bind(matcher->resolver->context, item->name, item->bound);
        for (size_t later = index + 1; later < matcher->count; later++)
            line_pattern_learn(&matcher->places[later].line, item->name, item->bound);
    }
}

static bool next_message_line(struct place_in_body *place, struct bytes wire_line, bool *ret_alive)
{
    bool complete = false;

    for (size_t i = 0; i < place->message_count; i++) {
        complete = message_lines_next(&place->messages[i], wire_line) || complete;
        *ret_alive = *ret_alive || place->messages[i].active;
    }
    return complete;
}

static bool line_meets(struct body_matcher *matcher, size_t index, struct bytes wire_line)
{
    struct place_in_body *place = &matcher->places[index];

    if (place->pattern->kind == BODY_END)
        return false;
    if (place->pattern->kind == BODY_REGEX)
        return regex_match(place->pattern->regex, wire_line) == REGEX_YES;
    if (!line_pattern_match(&place->line, wire_line))
        return false;
    bind_words(matcher, index);
    return true;
}

/* "..." takes every line, "... /regex/" those that meet it. */
static bool any_takes(const struct body_pattern *pattern, struct bytes wire_line)
{
    return pattern->regex == NULL || regex_match(pattern->regex, wire_line) == REGEX_YES;
}

bool body_matcher_line(struct body_matcher *matcher, struct bytes wire_line)
{
    bool alive = false;

    if (matcher->failed)
        return false;
    matcher->line_number++;
    memset(matcher->next, 0, (matcher->count + 1) * sizeof(*matcher->next));
    /* From the end, so that a name bound by this line is not yet known to a pattern behind it. */
    for (size_t i = matcher->count; i-- > 0;) {
        struct place_in_body *place = &matcher->places[i];

        if (place->pattern->kind == BODY_MESSAGE)
            matcher->next[i + 1] = next_message_line(place, wire_line, &alive) || matcher->next[i + 1];
        else if (matcher->waiting[i] && place->pattern->kind == BODY_ANY)
            matcher->next[i] = any_takes(place->pattern, wire_line) || matcher->next[i];
        else if (matcher->waiting[i] && line_meets(matcher, i, wire_line))
            matcher->next[i + 1] = true;
    }
    for (size_t i = 0; i <= matcher->count; i++)
        alive = alive || matcher->next[i];
    if (!alive) {
        matcher->failed = true;
        return false;
    }
    bool *used = matcher->waiting;

    matcher->waiting = matcher->next;
    matcher->next = used;
    close_over(matcher, matcher->waiting);
    return true;
}

static bool may_end(const struct body_matcher *matcher)
{
    for (size_t i = 0; i < matcher->count; i++) {
        if (matcher->waiting[i] && matcher->places[i].pattern->kind == BODY_END)
            return true;
    }
    return matcher->waiting[matcher->count];
}

bool body_matcher_end(struct body_matcher *matcher)
{
    if (matcher->failed)
        return false;
    if (may_end(matcher))
        return true;
    matcher->line_number++;
    return false;
}

/* Of several texts that would be right, the one that was met furthest. */
static const struct message_lines *furthest_message(const struct place_in_body *place)
{
    const struct message_lines *furthest = &place->messages[0];

    for (size_t i = 1; i < place->message_count; i++) {
        if (place->messages[i].progress > furthest->progress)
            furthest = &place->messages[i];
    }
    return furthest;
}

static void describe_message(const struct place_in_body *place, struct buf *out)
{
    const struct message_lines *message = furthest_message(place);

    buf_append_text(out, place->pattern->text);
    if (message->progress >= message->count)
        return;
    struct bytes line = message_lines_get(message, message->progress);

    buf_append_format(out, " at its line %zu: %s", message->progress + 1,
                      bytes_start_with(line, BYTES_LITERAL(".")) ? "." : "");
    buf_append(out, line);
}

static void describe_place(const struct place_in_body *place, struct buf *out)
{
    switch (place->pattern->kind) {
    case BODY_LINE:
    case BODY_ROW:
        line_pattern_describe(&place->line, out);
        break;
    case BODY_MESSAGE:
        describe_message(place, out);
        break;
    case BODY_REGEX:
    case BODY_ANY:
        buf_append_text(out, place->pattern->text);
        break;
    case BODY_END:
        break;
    }
}

/* A message is demanded while some of its lines, not all, were met. That the body may end is said behind all else. */
static bool is_demanded(const struct body_matcher *matcher, size_t index)
{
    const struct place_in_body *place = &matcher->places[index];

    if (place->pattern->kind == BODY_END)
        return false;
    if (matcher->waiting[index])
        return place->pattern->kind != BODY_ANY || place->pattern->regex != NULL;
    if (place->message_count == 0)
        return false;
    const struct message_lines *message = furthest_message(place);

    return message->progress > 0 && message->progress < message->count;
}

void body_matcher_describe(const struct body_matcher *matcher, struct buf *out)
{
    const char *joint = "";

    buf_append_format(out, "line %zu: ", matcher->line_number);
    for (size_t i = 0; i < matcher->count; i++) {
        if (!is_demanded(matcher, i))
            continue;
        buf_append_text(out, joint);
        describe_place(&matcher->places[i], out);
        joint = " or ";
    }
    if (may_end(matcher))
        buf_append_format(out, "%sthe terminator", joint);
}
