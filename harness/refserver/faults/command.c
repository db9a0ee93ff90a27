/* Faults of what is executed: lines cut, glued, lost or misread on their way in. */
#include "base/limits.h"
#include "refserver/faults/hooks.h"

enum {
    UINT32_WRAP_DIGITS = 10,
    SHORT_ARGUMENT_OCTETS = 32,
    SHORT_COMMAND_OCTETS = 200,
    LINE_BUFFER_OCTETS = 512,
};

/* Lets the line in scratch be executed in place of the one that was read. */
static bool execute_scratch(struct command_event *event)
{
    event->line = buf_bytes(event->scratch);
    event->facts = 0;
    event->verdict = LINE_EXECUTED;
    return true;
}

static bool is(const struct session *session, const struct command_event *event, enum command_verb verb)
{
    return !event->response && session->command.verb == verb;
}

static bool takes_number(const struct session *session, const struct command_event *event)
{
    enum command_verb verb = session->command.verb;

    return !event->response && session->command.argument_count > 0 &&
           (verb == COMMAND_LIST || verb == COMMAND_UIDL || verb == COMMAND_RETR || verb == COMMAND_DELE ||
            verb == COMMAND_TOP);
}

/* The command with NUMBER in place of its first argument; what follows stays. */
static bool execute_with_number(const struct session *session, struct command_event *event,
                                struct bytes number)
{
    const struct command *command = &session->command;

    buf_append(event->scratch, command->keyword);
    buf_append_octet(event->scratch, ' ');
    buf_append(event->scratch, number);
    for (size_t i = 1; i < command->argument_count && i < COMMAND_ARGUMENTS_MAX; i++) {
        buf_append_octet(event->scratch, ' ');
        buf_append(event->scratch, command->arguments[i]);
    }
    return execute_scratch(event);
}

static struct bytes leading_digits(struct bytes argument)
{
    size_t count = 0;

    while (count < argument.size && ascii_is_digit(argument.data[count]))
        count++;
    return bytes_slice(argument, 0, count);
}

HOOK(PASS_CUT_AT_SPACE, command)
{
    size_t space = bytes_find_octet(session->command.rest, ' ');

    if (!is(session, event, COMMAND_PASS) || space == BYTES_NOT_FOUND)
        return false;
    buf_append_text(event->scratch, "PASS ");
    buf_append(event->scratch, bytes_slice(session->command.rest, 0, space));
    return execute_scratch(event);
}

/* The first piece takes the place of the line, the others are executed behind it. */
static bool execute_pieces(struct command_event *event, size_t piece_octets)
{
    struct bytes rest = bytes_from(event->line, piece_octets);

    if (event->response || event->line.size <= piece_octets)
        return false;
    while (rest.size > 0) {
        buf_append(event->scratch, bytes_slice(rest, 0, piece_octets));
        buf_append_octet(event->scratch, '\n');
        rest = bytes_from(rest, piece_octets);
    }
    event->line = bytes_slice(event->line, 0, piece_octets);
    event->facts = 0;
    event->verdict = LINE_EXECUTED;
    event->further = buf_bytes(event->scratch);
    return true;
}

HOOK(OVERLONG_TAIL_EXECUTED, command)
{
    (void)session;
    return execute_pieces(event, COMMAND_OCTETS_MAX);
}

HOOK(OVERLONG_TAIL_AT_512, command)
{
    (void)session;
    return execute_pieces(event, LINE_BUFFER_OCTETS);
}

HOOK(OVERLONG_MIDDLE_EXECUTED, command)
{
    (void)session;
    if (event->response || event->line.size <= COMMAND_OCTETS_MAX)
        return false;
    buf_append(event->scratch, bytes_slice(event->line, COMMAND_OCTETS_MAX, 2 * (size_t)COMMAND_OCTETS_MAX));
    return execute_scratch(event);
}

HOOK(OVERLONG_UNANSWERED, command)
{
    (void)session;
    if (event->response || (event->octets <= COMMAND_OCTETS_MAX && event->line.size <= COMMAND_OCTETS_MAX))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(NUL_CUTS_LINE, command)
{
    size_t nul = bytes_find_octet(event->line, '\0');

    (void)session;
    if (nul == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->line, 0, nul));
    return execute_scratch(event);
}

HOOK(LETTERS_BEHIND_NUMBER, command)
{
    if (!takes_number(session, event))
        return false;
    struct bytes argument = session->command.arguments[0];
    struct bytes digits = leading_digits(argument);

    if (digits.size == 0 || digits.size == argument.size)
        return false;
    return execute_with_number(session, event, digits);
}

HOOK(NUMBER_WRAPS, command)
{
    uint64_t number;
    char wrapped[UINT32_WRAP_DIGITS + 1];

    if (!takes_number(session, event) || !command_number(session->command.arguments[0], &number, NULL) ||
        number <= UINT32_MAX)
        return false;
    snprintf(wrapped, sizeof(wrapped), "%u", (unsigned)(uint32_t)number);
    return execute_with_number(session, event, bytes_of(wrapped));
}

HOOK(NUMBER_SIGN_IGNORED, command)
{
    if (!takes_number(session, event))
        return false;
    struct bytes argument = session->command.arguments[0];

    if (argument.data[0] != '-' && argument.data[0] != '+')
        return false;
    return execute_with_number(session, event, bytes_from(argument, 1));
}

HOOK(NUMBER_HEXADECIMAL, command)
{
    if (!takes_number(session, event) ||
        !bytes_start_with(session->command.arguments[0], BYTES_LITERAL("0x")))
        return false;
    return execute_with_number(session, event, bytes_from(session->command.arguments[0], 2));
}

/* Keyword and as many arguments as the command takes. */
static bool execute_without_extra(const struct session *session, struct command_event *event)
{
    const struct command *command = &session->command;
    size_t count = command_info(command->verb)->arguments_max;

    buf_append(event->scratch, command->keyword);
    for (size_t i = 0; i < count && i < COMMAND_ARGUMENTS_MAX; i++) {
        buf_append_octet(event->scratch, ' ');
        buf_append(event->scratch, command->arguments[i]);
    }
    return execute_scratch(event);
}

static bool has_extra_argument(const struct session *session, const struct command_event *event)
{
    return !event->response && event->verdict == LINE_EXECUTED && session->command.verb != COMMAND_UNKNOWN &&
           (session->command.facts & COMMAND_FACT_TOO_MANY) != 0;
}

HOOK(EXTRA_ARGUMENT_IGNORED, command)
{
    return has_extra_argument(session, event) && execute_without_extra(session, event);
}

HOOK(CAPA_ARGUMENT_IGNORED, command)
{
    return is(session, event, COMMAND_CAPA) && has_extra_argument(session, event) &&
           execute_without_extra(session, event);
}

HOOK(STLS_ARGUMENT_IGNORED, command)
{
    return is(session, event, COMMAND_STLS) && has_extra_argument(session, event) &&
           execute_without_extra(session, event);
}

HOOK(TOP_WITHOUT_COUNT, command)
{
    if (!is(session, event, COMMAND_TOP) || session->command.argument_count != 1)
        return false;
    buf_append_text(event->scratch, "RETR ");
    buf_append(event->scratch, session->command.arguments[0]);
    return execute_scratch(event);
}

HOOK(RETR_WITH_COUNT, command)
{
    if (!is(session, event, COMMAND_RETR) || session->command.argument_count != 2)
        return false;
    buf_append_text(event->scratch, "TOP ");
    buf_append(event->scratch, session->command.rest);
    return execute_scratch(event);
}

HOOK(TOP_NEGATIVE_COUNT, command)
{
    if (!is(session, event, COMMAND_TOP) || session->command.argument_count != 2 ||
        session->command.arguments[1].data[0] != '-')
        return false;
    buf_append_text(event->scratch, "TOP ");
    buf_append(event->scratch, session->command.arguments[0]);
    buf_append_text(event->scratch, " 0");
    return execute_scratch(event);
}

HOOK(PIPELINED_COMMAND_LOST, command)
{
    if (!event->pipelined || session->state != SESSION_TRANSACTION)
        return false;
    event->rest_dropped = true;
    return true;
}

HOOK(PIPELINED_LOGIN_LOST, command)
{
    if (!event->pipelined || !is(session, event, COMMAND_PASS))
        return false;
    event->rest_dropped = true;
    return true;
}

HOOK(LOWER_CASE_UNKNOWN, command)
{
    if (event->response || (session->command.facts & COMMAND_FACT_LOWER_CASE) == 0)
        return false;
    buf_append_text(event->scratch, "LOWER");
    return execute_scratch(event);
}

HOOK(LONG_KEYWORD_CUT, command)
{
    struct bytes keyword = session->command.keyword;

    if (event->response || keyword.size <= 4 ||
        command_verb_of(bytes_slice(keyword, 0, 4)) == COMMAND_UNKNOWN)
        return false;
    buf_append(event->scratch, bytes_slice(keyword, 0, 4));
    buf_append(event->scratch,
               bytes_from(event->line, (size_t)(keyword.data - event->line.data) + keyword.size));
    return execute_scratch(event);
}

HOOK(UNKNOWN_COMMAND_OK, command)
{
    if (event->verdict != LINE_EXECUTED || !is(session, event, COMMAND_UNKNOWN) ||
        session->state != SESSION_TRANSACTION || event->line.size == 0)
        return false;
    buf_append_text(event->scratch, "NOOP");
    return execute_scratch(event);
}

HOOK(EMPTY_LINE_UNANSWERED, command)
{
    (void)session;
    if (event->response || event->line.size > 0)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(NOOP_IN_PIECES_REFUSED, command)
{
    if (!event->in_pieces || !is(session, event, COMMAND_NOOP))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(NOOP_LINE_END_CUT, command)
{
    if (!event->line_end_in_pieces || !is(session, event, COMMAND_NOOP))
        return false;
    event->further = BYTES_LITERAL("\n");
    return true;
}

static bool is_base64_octet(uint8_t octet)
{
    return ascii_is_letter(octet) || ascii_is_digit(octet) || octet == '+' || octet == '/' || octet == '=';
}

HOOK(BASE64_JUNK_IGNORED, command)
{
    (void)session;
    if (!event->response || bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    for (size_t i = 0; i < event->line.size; i++)
        if (is_base64_octet(event->line.data[i]))
            buf_append_octet(event->scratch, event->line.data[i]);
    if (event->scratch->size == event->line.size)
        return false;
    return execute_scratch(event);
}

HOOK(CANCEL_UNANSWERED, command)
{
    (void)session;
    if (!event->response || !bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(LONG_ARGUMENT_UNANSWERED, command)
{
    bool too_long = false;

    if (event->response || event->line.size > COMMAND_OCTETS_MAX)
        return false;
    for (size_t i = 0; i < session->command.argument_count && i < COMMAND_ARGUMENTS_MAX; i++)
        too_long = too_long || session->command.arguments[i].size > SHORT_ARGUMENT_OCTETS;
    if (too_long)
        event->verdict = LINE_IGNORED;
    return too_long;
}

HOOK(LONG_COMMAND_UNANSWERED, command)
{
    (void)session;
    if (event->response || event->octets <= SHORT_COMMAND_OCTETS)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(LIST_NUMBER_IGNORED, command)
{
    if (!is(session, event, COMMAND_LIST) || session->command.argument_count != 1)
        return false;
    buf_append_text(event->scratch, "LIST");
    return execute_scratch(event);
}

HOOK(UIDL_NUMBER_IGNORED, command)
{
    if (!is(session, event, COMMAND_UIDL) || session->command.argument_count != 1)
        return false;
    buf_append_text(event->scratch, "UIDL");
    return execute_scratch(event);
}
