#include "scenario/diagnostics.h"
#include "scenario/flow_internal.h"
#include "scenario/template_parse.h"

#include "base/memory.h"

#include <string.h>

/* In a sketch, what cannot be known before the run stands as this: it reads as a message-number or a word. */
static const struct bytes UNKNOWN = {(const uint8_t *)"1", 1};

/* Appends what TEMPLATE sends, as far as lint knows it; a full OUT ends it. */
static void append_sketch(const struct template *template, struct buf *out)
{
    for (size_t i = 0; i < template->count && !out->overflowed; i++) {
        const struct template_part *part = &template->parts[i];

        switch (part->kind) {
        case PART_LITERAL:
            buf_append(out, part->literal);
            break;
        case PART_HOLE:
        case PART_TURN:
        case PART_BASE64:
            buf_append(out, UNKNOWN);
            break;
        case PART_FILL:
            for (uint64_t n = 0; n < part->count && buf_append_octet(out, part->octet); n++)
                continue;
            break;
        case PART_REPEAT:
            for (uint64_t n = 0; n < part->count && !out->overflowed; n++)
                append_sketch(&part->inner, out);
            break;
        }
    }
}

static bool holds_nocase(struct bytes text, struct bytes word)
{
    for (size_t i = 0; i + word.size <= text.size; i++) {
        if (bytes_equal_nocase(bytes_slice(text, i, i + word.size), word))
            return true;
    }
    return false;
}

/* The mailbox index of the message that a DELE of this form names; -1 when lint cannot tell. */
static int named_message(const struct flow *flow, const struct template *bytes, const struct command *command)
{
    uint64_t number;

    for (size_t i = 0; i < bytes->count; i++) {
        const struct template_part *part = &bytes->parts[i];

        if (part->kind == PART_HOLE && part->hole.kind == HOLE_NUMBER)
            return flow_mailbox_index(flow, part->hole.name, part->hole.ordinal);
        if (part->kind != PART_LITERAL)
            return -1;
    }
    if (command->argument_count != 1 || !command_number(command->arguments[0], &number, NULL) ||
        number == 0 || !flow->scenario->mailbox_given || number > flow->scenario->mailbox_count ||
        number > MARKS_MAX)
        return -1;
    return (int)number - 1;
}

static void add_due(struct flow_connection *connection, const struct due *due)
{
    if (connection->due_count == DUE_MAX) {
        connection->loose = true;
        return;
    }
    if (connection->due_count == connection->due_capacity) {
        connection->due_capacity = connection->due_capacity > 0 ? 2 * connection->due_capacity : 8;
        connection->due =
            memory_resize_array(connection->due, connection->due_capacity, sizeof(*connection->due));
    }
    connection->due[connection->due_count++] = *due;
}

static enum body_form form_of(enum command_verb verb)
{
    if (verb == COMMAND_LIST)
        return BODY_FORM_LIST;
    if (verb == COMMAND_LANG)
        return BODY_FORM_LANG;
    return verb == COMMAND_UIDL ? BODY_FORM_UIDL : BODY_FORM_LINES;
}

/* AUTH tries a login when the response comes with it; without, the line that answers the challenge does. */
static bool tries_login(const struct flow_connection *connection, const struct command *command)
{
    if (connection->logged_in)
        return false;
    return (command->verb == COMMAND_PASS && connection->user_seen) || command->verb == COMMAND_APOP ||
           command->verb == COMMAND_RPOP || (command->verb == COMMAND_AUTH && command->argument_count > 1);
}

static void note_command(struct flow *flow, struct flow_connection *connection, const struct command *command)
{
    struct effects *effects = &flow->scenario->effects;

    if (command->verb == COMMAND_RETR || command->verb == COMMAND_TOP)
        effects->retrieves = true;
    if (command->verb == COMMAND_PASS || command->verb == COMMAND_APOP || command->verb == COMMAND_AUTH ||
        command->verb == COMMAND_RPOP)
        effects->logs_in = true;
    if (command->verb == COMMAND_CAPA)
        return;
    connection->user_seen = connection->user_seen || command->verb == COMMAND_USER;
    connection->stls_seen = connection->stls_seen || command->verb == COMMAND_STLS;
}

/* One line that is a command: its reply is due from here on. */
static void sent_command(struct flow *flow, struct flow_connection *connection, const struct template *bytes,
                         struct bytes line)
{
    struct command command = command_parse(line, 0);
    struct due due = {.verb = command.verb,
                      .multi = command_reply_is_multi(&command),
                      .form = form_of(command.verb),
                      .tries_login = tries_login(connection, &command),
                      .mark = -1};

    if (connection->shape != SHAPE_BY_COMMAND)
        due.multi = connection->shape == SHAPE_FORCE_MULTI;
    connection->shape = SHAPE_BY_COMMAND;
    if (command.verb == COMMAND_DELE && bytes != NULL)
        due.mark = named_message(flow, bytes, &command);
    note_command(flow, connection, &command);
    add_due(connection, &due);
}

/* The answer to a challenge; "*" gives up (RFC 5034 section 4). */
static void sent_answer(struct flow_connection *connection, struct bytes line)
{
    struct due due = {.verb = COMMAND_AUTH, .mark = -1};

    due.tries_login = !connection->logged_in && !bytes_equal(line, BYTES_LITERAL("*"));
    connection->challenged = false;
    add_due(connection, &due);
}

static void sent_line(struct flow *flow, struct flow_connection *connection, const struct template *bytes,
                      struct bytes line)
{
    struct effects *effects = &flow->scenario->effects;

    /* What can be read as DELE or QUIT by any server counts, wherever it stands in the line. */
    if (holds_nocase(line, BYTES_LITERAL("DELE"))) {
        effects->marks = true;
        connection->may_be_marked = true;
    }
    if (holds_nocase(line, BYTES_LITERAL("RETR")) || holds_nocase(line, BYTES_LITERAL("TOP ")))
        effects->retrieves = true;
    if (connection->may_be_marked && holds_nocase(line, BYTES_LITERAL("QUIT")))
        effects->commits = true;
    if (bytes_find_octet(line, '\r') != BYTES_NOT_FOUND || bytes_find_octet(line, '\0') != BYTES_NOT_FOUND)
        connection->loose = true;
    if (connection->challenged)
        sent_answer(connection, line);
    else
        sent_command(flow, connection, bytes, line);
    if (flow->in_pipeline)
        flow->pipeline_commands++;
}

/* Takes complete lines off what was sent and not yet ended. */
static void sent_octets(struct flow *flow, struct flow_connection *connection, const struct template *bytes)
{
    struct bytes rest = buf_bytes(&connection->partial);
    size_t used = 0;

    for (;;) {
        size_t end = bytes_find_octet(rest, '\n');

        if (end == BYTES_NOT_FOUND)
            break;
        bool crlf = end > 0 && rest.data[end - 1] == '\r';

        /* A bare LF may end a line or not. */
        if (!crlf)
            connection->loose = true;
        sent_line(flow, connection, bytes, bytes_slice(rest, 0, crlf ? end - 1 : end));
        used += end + 1;
        rest = bytes_from(rest, end + 1);
    }
    buf_consume(&connection->partial, used);
}

/* A name in the place of the keyword may turn out to be any command. */
static bool keyword_is_open(const struct template *bytes)
{
    return bytes->count > 0 && bytes->parts[0].kind == PART_HOLE && bytes->parts[0].hole.kind == HOLE_NAME;
}

void flow_sent(struct flow *flow, const struct step *step, const struct template *bytes, bool raw)
{
    struct flow_connection *connection = &flow->connections[step->connection];
    struct effects *effects = &flow->scenario->effects;

    effects->sent_octets += template_octets(bytes);
    flow_holes_sent(flow, step, bytes);
    append_sketch(bytes, &connection->partial);
    if (connection->partial.overflowed) {
        connection->loose = true;
        buf_clear(&connection->partial);
        /* A command line that is too long to follow is one line still. */
        if (!raw)
            sent_command(flow, connection, NULL, BYTES_EMPTY);
        return;
    }
    if (keyword_is_open(bytes)) {
        effects->marks = true;
        connection->may_be_marked = true;
    }
    sent_octets(flow, connection, raw ? NULL : bytes);
    if (holds_nocase(buf_bytes(&connection->partial), BYTES_LITERAL("DELE"))) {
        effects->marks = true;
        connection->may_be_marked = true;
    }
}

void flow_connection_reset(struct flow_connection *connection)
{
    struct due *due = connection->due;
    size_t capacity = connection->due_capacity;
    struct buf partial = connection->partial;

    buf_clear(&partial);
    *connection = (struct flow_connection){.due = due, .due_capacity = capacity, .partial = partial};
}
