/* Faults of what is executed: lines cut, glued, lost or misread on their way in. */
#include "base/base64.h"
#include "base/limits.h"
#include "refserver/faults/hooks.h"
#include "refserver/server.h"

enum {
    UINT32_WRAP_DIGITS = 10,
    SHORT_ARGUMENT_OCTETS = 32,
    SHORT_COMMAND_OCTETS = 200,
    LINE_BUFFER_OCTETS = 512,
    LONG_RESPONSE_OCTETS = 1000,
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

HOOK(PIPELINED_PASS_LOST, command)
{
    if (!event->pipelined || !is(session, event, COMMAND_USER))
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

/* A bare CR, controls, octets above 127, blanks where none belong, or a NUL at the front. */
HOOK(ODD_LINE_UNANSWERED, command)
{
    unsigned odd = COMMAND_FACT_BARE_CR | COMMAND_FACT_CONTROL | COMMAND_FACT_8BIT | COMMAND_FACT_TAB |
                   COMMAND_FACT_LEADING_SPACE | COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE;
    bool starts_with_nul = event->line.size > 0 && event->line.data[0] == '\0';

    if (event->response || is(session, event, COMMAND_PASS) ||
        ((session->command.facts & odd) == 0 && !starts_with_nul))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(BARE_LF_DROPS_ALL, command)
{
    if (event->response || is(session, event, COMMAND_STLS) || (event->facts & COMMAND_FACT_BARE_LF) == 0)
        return false;
    event->verdict = LINE_IGNORED;
    event->rest_dropped = true;
    return true;
}

/* ---- logins ---- */

HOOK(PASS_IN_PIECES_REFUSED, command)
{
    if (!event->in_pieces || !is(session, event, COMMAND_PASS))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(SECOND_USER_UNANSWERED, command)
{
    if (!is(session, event, COMMAND_USER) || !session->named)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(PASS_BEHIND_SECOND_USER_REFUSED, command)
{
    if (!is(session, event, COMMAND_PASS) || !session->named || !session->named_twice)
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(PASS_UNANSWERED_BEHIND_CAPA, command)
{
    if (!is(session, event, COMMAND_PASS) || !session->named || session->capas == 0)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(STLS_UNDER_TLS_UNANSWERED, command)
{
    if (!is(session, event, COMMAND_STLS) || !session->tls)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(PASS_UNANSWERED_BEHIND_STLS, command)
{
    if (!is(session, event, COMMAND_PASS) || session->named || !session->tls)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(USER_BEHIND_UNKNOWN_REFUSED, command)
{
    if (!is(session, event, COMMAND_USER) || session->named || session->name[0] == '\0' ||
        authorization_named(session) != NULL)
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(UNKNOWN_NAME_IS_FIRST, command)
{
    const struct command *command = &session->command;

    if (event->verdict != LINE_EXECUTED || command->argument_count == 0 ||
        (!is(session, event, COMMAND_USER) && !is(session, event, COMMAND_APOP)) ||
        authorization_find(session, command->arguments[0]) != NULL)
        return false;
    buf_append(event->scratch, command->keyword);
    buf_append_format(event->scratch, " %s", session->server->users[0]->name);
    for (size_t i = 1; i < command->argument_count && i < COMMAND_ARGUMENTS_MAX; i++) {
        buf_append_octet(event->scratch, ' ');
        buf_append(event->scratch, command->arguments[i]);
    }
    return execute_scratch(event);
}

/* RPOP asks for no password, so that it is as good as AUTH with the right one. */
HOOK(RPOP_TRUSTS_ANYBODY, command)
{
    const struct user *user = authorization_find(session, session->command.arguments[0]);
    struct buf message;

    if (!is(session, event, COMMAND_RPOP) || session->state != SESSION_AUTHORIZATION || user == NULL)
        return false;
    buf_init(&message, COMMAND_OCTETS_MAX);
    buf_append_octet(&message, '\0');
    buf_append_text(&message, user->name);
    buf_append_octet(&message, '\0');
    buf_append_text(&message, user->password);
    buf_append_text(event->scratch, "AUTH PLAIN ");
    base64_encode(buf_bytes(&message), event->scratch);
    buf_release(&message);
    return execute_scratch(event);
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

static void append_base64_octets(struct buf *out, struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++)
        if (is_base64_octet(octets.data[i]))
            buf_append_octet(out, octets.data[i]);
}

HOOK(BASE64_JUNK_IGNORED, command)
{
    (void)session;
    if (!event->response || bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    append_base64_octets(event->scratch, event->line);
    if (event->scratch->size == event->line.size)
        return false;
    return execute_scratch(event);
}

static bool has_initial_response(const struct session *session, const struct command_event *event,
                                 const char *mechanism)
{
    return is(session, event, COMMAND_AUTH) && session->command.argument_count == 2 &&
           bytes_equal_nocase(session->command.arguments[0], bytes_of(mechanism));
}

HOOK(BASE64_JUNK_IN_INITIAL_IGNORED, command)
{
    if (!has_initial_response(session, event, "PLAIN"))
        return false;
    buf_append_text(event->scratch, "AUTH PLAIN ");
    append_base64_octets(event->scratch, session->command.arguments[1]);
    if (event->scratch->size == event->line.size)
        return false;
    return execute_scratch(event);
}

/* AUTH as if nothing stood behind the mechanism. */
static bool execute_without_initial_response(struct command_event *event, const char *mechanism)
{
    buf_append_format(event->scratch, "AUTH %s", mechanism);
    return execute_scratch(event);
}

HOOK(INITIAL_RESPONSE_IGNORED, command)
{
    return has_initial_response(session, event, "PLAIN") && execute_without_initial_response(event, "PLAIN");
}

HOOK(CRAM_MD5_INITIAL_IGNORED, command)
{
    return has_initial_response(session, event, "CRAM-MD5") &&
           execute_without_initial_response(event, "CRAM-MD5");
}

HOOK(INITIAL_RESPONSE_REFUSED, command)
{
    if (!has_initial_response(session, event, "PLAIN"))
        return false;
    event->verdict = LINE_REFUSED;
    return true;
}

HOOK(UNKNOWN_MECHANISM_IS_PLAIN, command)
{
    const struct command *command = &session->command;

    if (!is(session, event, COMMAND_AUTH) || command->argument_count != 1 ||
        bytes_equal_nocase(command->arguments[0], BYTES_LITERAL("PLAIN")) ||
        bytes_equal_nocase(command->arguments[0], BYTES_LITERAL("CRAM-MD5")))
        return false;
    return execute_without_initial_response(event, "PLAIN");
}

HOOK(MECHANISM_IN_LOWER_CASE_UNKNOWN, command)
{
    bool lower = false;

    if (!is(session, event, COMMAND_AUTH) || session->command.argument_count == 0)
        return false;
    for (size_t i = 0; i < session->command.arguments[0].size; i++)
        lower = lower ||
                ascii_upper(session->command.arguments[0].data[i]) != session->command.arguments[0].data[i];
    return lower && execute_without_initial_response(event, "LOWER");
}

HOOK(LONG_RESPONSE_UNANSWERED, command)
{
    (void)session;
    if (!event->response || event->line.size <= LONG_RESPONSE_OCTETS)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* A message of PLAIN that has one NUL only is taken for one whose first part is left out. */
HOOK(PLAIN_WITHOUT_FIRST_NUL, command)
{
    struct buf message;
    bool acts = false;

    buf_init(&message, COMMAND_READER_OCTETS);
    buf_append_octet(&message, '\0');
    if (event->response && session->mechanism == SASL_PLAIN && base64_decode(event->line, &message) &&
        message.size > 1 && message.data[1] != '\0') {
        struct bytes rest = bytes_from(buf_bytes(&message), 1);
        size_t nul = bytes_find_octet(rest, '\0');

        acts = nul != BYTES_NOT_FOUND && bytes_find_octet(bytes_from(rest, nul + 1), '\0') == BYTES_NOT_FOUND;
    }
    if (acts)
        base64_encode(buf_bytes(&message), event->scratch);
    buf_release(&message);
    return acts && execute_scratch(event);
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
