#include "scenario/compile.h"

#include "base/memory.h"
#include "scenario/arguments.h"
#include "scenario/diagnostics.h"
#include "scenario/flow.h"
#include "scenario/sasl_arguments.h"
#include "scenario/template_parse.h"
#include "scenario/verbs.h"
#include "yamldoc/suggestion.h"

#include <stdlib.h>
#include <string.h>

struct compiler {
    const struct compilation *compilation;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct flow flow;
    size_t line_count; /* lines looked at, those of used blocks each time */
    unsigned depth;    /* of steps with lines below them */
    bool too_long;
};

/* Lines of one level, with those of used blocks in their place. On the heap. */
struct line_list {
    const struct dialog_line **lines;
    size_t count;
    size_t capacity;
};

/* Steps of one level while they grow. On the heap. */
struct step_list {
    struct step *steps;
    size_t count;
    size_t capacity;
};

static struct step *step_list_add(struct step_list *list)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        list->steps = memory_resize_array(list->steps, list->capacity, sizeof(*list->steps));
    }
    struct step *step = &list->steps[list->count++];

    *step = (struct step){.kind = STEP_SEND};
    return step;
}

/* Moves the steps into the arena. */
static struct step *step_list_keep(struct step_list *list, struct arena *arena)
{
    struct step *kept = arena_new_array(arena, list->count, sizeof(*kept));

    if (list->count > 0)
        memcpy(kept, list->steps, list->count * sizeof(*kept));
    free(list->steps);
    return kept;
}

/* What stands behind the key of LINE, with the parameters of `each` filled in. */
static struct bytes value_of(const struct compiler *compiler, const struct dialog_line *line)
{
    return parameters_fill(&compiler->compilation->parameters, compiler->arena, line->value);
}

/* ---- use ---- */

static const struct named_block *find_block(const struct compilation *compilation, struct bytes name)
{
    for (size_t i = 0; i < compilation->block_count; i++) {
        if (bytes_equal(name, bytes_of(compilation->blocks[i].name)))
            return &compilation->blocks[i];
    }
    return NULL;
}

static void refuse_block(struct compiler *compiler, const struct dialog_line *line, struct bytes name)
{
    const struct compilation *compilation = compiler->compilation;
    struct suggestion suggestion;
    struct error error;

    error_at(&error, line->value_place, "there is no block '%.*s'", (int)(name.size < 60 ? name.size : 60),
             name.size > 0 ? (const char *)name.data : "");
    suggestion_init(&suggestion, name);
    for (size_t i = 0; i < compilation->block_count; i++)
        suggestion_offer(&suggestion, compilation->blocks[i].name);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean '%s'?", suggestion.nearest);
    diagnostics_add(compiler->diagnostics, &error);
}

/* Lines of blocks count each time they are used, those that use others too: a few lines could mean millions. */
static bool count_line(struct compiler *compiler, const struct dialog_line *line)
{
    if (compiler->line_count < STEPS_MAX) {
        compiler->line_count++;
        return true;
    }
    if (!compiler->too_long)
        diagnostics_say(compiler->diagnostics, line->place, NULL, "the dialog has more than %d steps",
                        STEPS_MAX);
    compiler->too_long = true;
    return false;
}

static void line_list_add(struct line_list *list, const struct dialog_line *line)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        list->lines = memory_resize_array(list->lines, list->capacity, sizeof(*list->lines));
    }
    list->lines[list->count++] = line;
}

static void flatten(struct compiler *compiler, const struct dialog_line *lines, unsigned depth,
                    struct line_list *list)
{
    for (; lines != NULL && count_line(compiler, lines); lines = lines->next) {
        if (!bytes_equal(lines->key, BYTES_LITERAL("use"))) {
            line_list_add(list, lines);
            continue;
        }
        struct bytes name = value_of(compiler, lines);
        const struct named_block *block = find_block(compiler->compilation, name);

        if (block == NULL || lines->inner != NULL) {
            refuse_block(compiler, lines, name);
        } else if (depth == USE_DEPTH_MAX) {
            diagnostics_say(compiler->diagnostics, lines->place, "a block must not use itself",
                            "blocks use each other too deeply");
            compiler->too_long = true;
        } else {
            flatten(compiler, block->lines, depth + 1, list);
        }
    }
}

/* ---- lines ---- */

static const char *text_of(const struct compiler *compiler, struct bytes key, struct bytes value)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append(&text, key);
    if (value.size > 0) {
        buf_append_text(&text, ": ");
        buf_append(&text, value);
    }
    const char *kept = arena_text(compiler->arena, buf_bytes(&text));

    buf_release(&text);
    return kept;
}

/* The verb of LINE; false with a diagnostic when there is none. */
static bool read_verb(struct compiler *compiler, const struct dialog_line *line, struct step *step,
                      struct bytes *ret_rest)
{
    struct error error;
    const char *nearest;

    step->place = line->place;
    if (verb_parse(line->key, &step->kind, &step->connection, ret_rest))
        return true;
    error_at(&error, line->place, "'%.*s' is not a step", (int)(line->key.size < 60 ? line->key.size : 60),
             (const char *)line->key.data);
    nearest = verb_suggest(line->key);
    size_t colon = bytes_find_octet(line->key, ':');

    if (colon != BYTES_NOT_FOUND && colon + 1 < line->key.size && line->key.data[colon + 1] != ' ')
        error_hint(&error, "a blank stands behind the colon");
    else if (nearest != NULL)
        error_hint(&error, "did you mean '%s'?", nearest);
    diagnostics_add(compiler->diagnostics, &error);
    return false;
}

static void compile_lines(struct compiler *compiler, const struct dialog_line *lines,
                          const struct step *around, struct step_list *steps);

static bool compile_sent(struct compiler *compiler, const struct dialog_line *line, struct step *step,
                         struct error *error)
{
    if (!template_parse(compiler->arena, value_of(compiler, line), line->value_place, TEMPLATE_SENT, error,
                        &step->bytes))
        return false;
    if (step->kind == STEP_SEND)
        template_append(compiler->arena, &step->bytes, BYTES_LITERAL("\r\n"));
    if (step->bytes.count == 0)
        return error_at(error, line->value_place, "'raw' sends nothing here");
    return true;
}

/* True when LINE goes on with the body of the reply that STEP expects. */
static bool is_body_line(const struct compiler *compiler, const struct dialog_line *line,
                         const struct step *step, struct bytes *ret_text)
{
    enum step_kind kind;
    int connection;
    struct bytes rest;

    if (!verb_parse(line->key, &kind, &connection, &rest) || kind != STEP_EXPECT ||
        connection != step->connection)
        return false;
    *ret_text = value_of(compiler, line);
    return !pattern_begins_reply(*ret_text);
}

/* True when line INDEX + 1 is a `point` behind which the body begins: it parts the first line from the lines below. */
static bool is_point_within(const struct compiler *compiler, const struct line_list *lines, size_t index,
                            const struct step *step)
{
    struct bytes text;

    return index + 2 < lines->count && lines->lines[index + 1]->value.size == 0 &&
           lines->lines[index + 1]->inner == NULL &&
           bytes_equal(lines->lines[index + 1]->key, bytes_of(verb_keyword(STEP_POINT))) &&
           is_body_line(compiler, lines->lines[index + 2], step, &text);
}

static bool may_have_body(const struct reply_pattern *reply)
{
    for (size_t i = 0; i < reply->alternative_count; i++) {
        if (reply->alternatives[i].kind == ALTERNATIVE_OK)
            return true;
    }
    return false;
}

static void refuse_body(struct compiler *compiler, const struct dialog_line *line, const struct step *step,
                        const struct due *due)
{
    if (!may_have_body(&step->reply))
        diagnostics_say(compiler->diagnostics, line->place, NULL, "only a positive reply has a body");
    else if (due != NULL ? !due->multi : !flow_is_loose(&compiler->flow, step->connection))
        diagnostics_say(compiler->diagnostics, line->place,
                        "put 'reply: multi' before the command if its reply has many lines",
                        "the reply to this command is one line");
}

/* The lines of the body behind line *index, which is the reply's first; steps over them. */
static void compile_body(struct compiler *compiler, const struct line_list *lines, size_t *index,
                         struct step *step)
{
    const struct due *due = flow_next_due(&compiler->flow, step->connection);
    struct body_pattern *body = NULL;
    size_t count = 0;
    struct bytes text;

    while (*index + 1 < lines->count && is_body_line(compiler, lines->lines[*index + 1], step, &text)) {
        const struct dialog_line *line = lines->lines[++*index];
        struct error error;

        if (!step->reply.has_body)
            refuse_body(compiler, line, step, due);
        step->reply.has_body = true;
        if (pattern_is_terminator(text))
            break;
        if (count == BODY_PATTERNS_MAX) {
            diagnostics_say(compiler->diagnostics, line->place, NULL, "a body has at most %d lines",
                            BODY_PATTERNS_MAX);
            break;
        }
        body = memory_resize_array(body, count + 1, sizeof(*body));
        if (pattern_parse_body(compiler->arena, text, line->value_place,
                               due != NULL ? due->form : BODY_FORM_LINES, &error, &body[count]))
            count++;
        else
            diagnostics_add(compiler->diagnostics, &error);
    }
    step->reply.body = arena_new_array(compiler->arena, count, sizeof(*body));
    if (count > 0)
        memcpy(step->reply.body, body, count * sizeof(*body));
    step->reply.body_count = count;
    free(body);
}

static bool compile_expect(struct compiler *compiler, const struct line_list *lines, size_t *index,
                           struct step *step, struct error *error)
{
    const struct dialog_line *line = lines->lines[*index];
    bool ok = pattern_parse_reply(compiler->arena, value_of(compiler, line), line->value_place, error,
                                  &step->reply);

    if (ok && is_point_within(compiler, lines, *index, step)) {
        step->point_within = true;
        flow_step(&compiler->flow,
                  &(struct step){.kind = STEP_POINT, .place = lines->lines[++*index]->place});
    }
    if (ok)
        compile_body(compiler, lines, index, step);
    return ok;
}

/* The connection that all lines of a pipeline are about; 0 with a diagnostic when they are not. */
static int pipeline_connection(struct compiler *compiler, const struct dialog_line *line)
{
    int connection = 0;
    struct line_list lines = {NULL, 0, 0};

    flatten(compiler, line->inner, 0, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        struct step step = {.kind = STEP_SEND};
        struct bytes rest;

        if (!verb_parse(lines.lines[i]->key, &step.kind, &step.connection, &rest))
            continue;
        if (step.kind != STEP_SEND && step.kind != STEP_RAW) {
            diagnostics_say(compiler->diagnostics, lines.lines[i]->place, "S lines follow behind the block",
                            "a pipeline holds C and raw lines only");
        } else if (connection != 0 && step.connection != connection) {
            diagnostics_say(compiler->diagnostics, lines.lines[i]->place, NULL,
                            "a pipeline is sent on one connection");
        } else {
            connection = step.connection;
        }
    }
    free(lines.lines);
    return connection;
}

static bool compile_block(struct compiler *compiler, const struct dialog_line *line, struct bytes rest,
                          struct step *step, struct error *error)
{
    struct step_list inner = {NULL, 0, 0};
    struct flow_fork fork;

    if (line->inner == NULL)
        return error_at(error, line->place, "lines must stand below '%s', indented",
                        verb_keyword(step->kind));
    if (line->value.size > 0)
        return error_at(error, line->value_place, "nothing stands behind this verb");
    /* Used blocks can hold steps with lines below them that use the same blocks. */
    if (compiler->depth == DIALOG_DEPTH_MAX)
        return error_at(error, line->place, "steps are nested too deeply");
    if (step->kind == STEP_WHEN && !condition_parse(rest, line->place, &step->when, error))
        return false;
    if (step->kind == STEP_PIPELINE)
        step->connection = pipeline_connection(compiler, line);
    flow_enter_block(&compiler->flow, step, &fork);
    compiler->depth++;
    compile_lines(compiler, line->inner, step, &inner);
    compiler->depth--;
    flow_leave_block(&compiler->flow, step, &fork);
    step->inner_count = inner.count;
    step->inner = step_list_keep(&inner, compiler->arena);
    return true;
}

/* A line, and with an S line those of the body behind it. */
static bool compile_step(struct compiler *compiler, const struct line_list *lines, size_t *index,
                         struct bytes rest, struct step *step, struct error *error)
{
    const struct dialog_line *line = lines->lines[*index];

    if (verb_is_block(step->kind))
        return compile_block(compiler, line, rest, step, error);
    if (line->inner != NULL)
        return error_at(error, line->inner->place, "no lines stand below '%s'", verb_keyword(step->kind));
    switch (step->kind) {
    case STEP_SEND:
    case STEP_RAW:
        return compile_sent(compiler, line, step, error);
    case STEP_EXPECT:
        return compile_expect(compiler, lines, index, step, error);
    case STEP_SASL:
        return sasl_arguments_parse(compiler->compilation, value_of(compiler, line), line->value_place,
                                    line->map, step, error);
    case STEP_OPEN:
    case STEP_RECONNECT:
    case STEP_TLS:
    case STEP_LOGIN:
    case STEP_CLOSE:
    case STEP_ABORT:
    case STEP_HALF_CLOSE:
    case STEP_CLOSED:
    case STEP_FENCE:
    case STEP_QUIET:
    case STEP_SPLIT:
    case STEP_SLOW:
    case STEP_REPLY:
    case STEP_TIMEOUT:
    case STEP_DELIVER:
    case STEP_PROVOKE:
    case STEP_POINT:
    case STEP_PIPELINE:
    case STEP_TOGETHER:
    case STEP_WHEN:
    case STEP_KIND_COUNT:
        break;
    }
    return arguments_parse(compiler->compilation, value_of(compiler, line), line->value_place, step, error);
}

static void compile_line(struct compiler *compiler, const struct line_list *lines, size_t *index,
                         const struct step *around, struct step_list *steps)
{
    const struct dialog_line *line = lines->lines[*index];
    struct step step = {.kind = STEP_SEND};
    struct bytes rest;
    struct error error;

    if (!read_verb(compiler, line, &step, &rest))
        return;
    if (around != NULL && around->kind == STEP_PIPELINE && step.kind != STEP_SEND && step.kind != STEP_RAW)
        return;
    step.text = text_of(compiler, line->key, value_of(compiler, line));
    if (!compile_step(compiler, lines, index, rest, &step, &error)) {
        diagnostics_add(compiler->diagnostics, &error);
        flow_lost(&compiler->flow, step.connection);
        return;
    }
    flow_step(&compiler->flow, &step);
    *step_list_add(steps) = step;
}

static void compile_lines(struct compiler *compiler, const struct dialog_line *lines,
                          const struct step *around, struct step_list *steps)
{
    struct line_list list = {NULL, 0, 0};

    flatten(compiler, lines, 0, &list);
    for (size_t i = 0;
         i < list.count && !diagnostics_full(compiler->diagnostics) && !arena_full(compiler->arena); i++)
        compile_line(compiler, &list, &i, around, steps);
    free(list.lines);
}

void compile_dialog(struct compilation *compilation, const struct dialog_line *lines)
{
    struct compiler *compiler = memory_new(sizeof(*compiler));
    struct step_list steps = {NULL, 0, 0};
    struct scenario *scenario = compilation->scenario;

    compiler->compilation = compilation;
    compiler->arena = compilation->arena;
    compiler->diagnostics = compilation->diagnostics;
    flow_init(&compiler->flow, scenario, compilation->fixtures, compilation->diagnostics);
    compile_lines(compiler, lines, NULL, &steps);
    flow_finish(&compiler->flow, compilation->arena);
    flow_release(&compiler->flow);
    scenario->step_count = steps.count;
    scenario->steps = step_list_keep(&steps, compilation->arena);
    free(compiler);
}
