/* Faults of arguments: numbers misread, one too many passed over, one too few made up for. */
#include "refserver/faults/command_hooks.h"

#include <inttypes.h>

enum { UINT64_DIGITS = 20 };

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

static bool execute_with_value(const struct session *session, struct command_event *event, uint64_t number)
{
    char digits[UINT64_DIGITS + 1];

    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    return execute_with_number(session, event, bytes_of(digits));
}

HOOK(NUMBER_WRAPS, command)
{
    uint64_t number;

    if (!takes_number(session, event) || !command_number(session->command.arguments[0], &number, NULL) ||
        number <= UINT32_MAX)
        return false;
    return execute_with_value(session, event, number & UINT32_MAX);
}

HOOK(NUMBER_OF_16_BITS, command)
{
    uint64_t number;

    if (!takes_number(session, event) || !command_number(session->command.arguments[0], &number, NULL) ||
        number <= UINT16_MAX || number > UINT32_MAX)
        return false;
    return execute_with_value(session, event, number & UINT16_MAX);
}

HOOK(NUMBER_OF_64_BITS, command)
{
    uint64_t number = 0;

    if (!takes_number(session, event))
        return false;
    struct bytes argument = session->command.arguments[0];

    if (argument.size != UINT64_DIGITS || leading_digits(argument).size != argument.size ||
        bytes_to_u64(argument, &number))
        return false;
    number = 0;
    for (size_t i = 0; i < argument.size; i++)
        number = number * 10 + (uint64_t)(argument.data[i] - '0');
    return execute_with_value(session, event, number);
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

HOOK(AUTH_ARGUMENT_IGNORED, command)
{
    return is(session, event, COMMAND_AUTH) && has_extra_argument(session, event) &&
           execute_without_extra(session, event);
}

HOOK(LAST_ARGUMENT_IGNORED, command)
{
    return is(session, event, COMMAND_LAST) && has_extra_argument(session, event) &&
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

HOOK(TOP_ALONE_UNANSWERED, command)
{
    if (!is(session, event, COMMAND_TOP) || session->command.argument_count > 0 ||
        session->state != SESSION_TRANSACTION)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
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
