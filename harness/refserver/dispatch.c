/* From a line to its command: whether it is one, whether this state knows it, and who executes it. */
#include "base/limits.h"
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <string.h>

enum { IN_AUTHORIZATION = 1U << SESSION_AUTHORIZATION, IN_TRANSACTION = 1U << SESSION_TRANSACTION };

struct handler {
    unsigned states;
    void (*execute)(struct session *session);
};

static const struct handler handlers[COMMAND_VERB_COUNT] = {
    [COMMAND_USER] = {IN_AUTHORIZATION, authorization_user},
    [COMMAND_PASS] = {IN_AUTHORIZATION, authorization_pass},
    [COMMAND_APOP] = {IN_AUTHORIZATION, authorization_apop},
    [COMMAND_AUTH] = {IN_AUTHORIZATION, sasl_auth},
    [COMMAND_STLS] = {IN_AUTHORIZATION, authorization_stls},
    [COMMAND_UTF8] = {IN_AUTHORIZATION, language_utf8},
    [COMMAND_LANG] = {IN_AUTHORIZATION | IN_TRANSACTION, language_lang},
    [COMMAND_CAPA] = {IN_AUTHORIZATION | IN_TRANSACTION, authorization_capa},
    [COMMAND_STAT] = {IN_TRANSACTION, transaction_stat},
    [COMMAND_LIST] = {IN_TRANSACTION, transaction_list},
    [COMMAND_RETR] = {IN_TRANSACTION, transaction_retr},
    [COMMAND_DELE] = {IN_TRANSACTION, transaction_dele},
    [COMMAND_NOOP] = {IN_TRANSACTION, transaction_noop},
    [COMMAND_RSET] = {IN_TRANSACTION, transaction_rset},
    [COMMAND_TOP] = {IN_TRANSACTION, transaction_top},
    [COMMAND_UIDL] = {IN_TRANSACTION, transaction_uidl},
    [COMMAND_LAST] = {IN_TRANSACTION, transaction_last},
    [COMMAND_QUIT] = {IN_AUTHORIZATION | IN_TRANSACTION, update_quit},
};

/* Optional commands are known or not, as the policy says; what isn't known is answered like any nonsense. */
static bool known(const struct session *session, enum command_verb verb)
{
    const struct policy *policy = &session->server->policy;
    bool is_known = handlers[verb].execute != NULL;

    if (verb == COMMAND_CAPA)
        is_known = policy->capa;
    else if (verb == COMMAND_TOP)
        is_known = policy->top;
    else if (verb == COMMAND_UIDL)
        is_known = policy->uidl;
    else if (verb == COMMAND_LAST)
        is_known = policy->last;
    else if (verb == COMMAND_UTF8)
        is_known = policy->utf8 != UTF8_UNKNOWN;
    else if (verb == COMMAND_LANG)
        is_known = policy->lang != LANG_UNKNOWN;
    else if (verb == COMMAND_USER || verb == COMMAND_PASS)
        is_known = policy->user_pass;
    else if (verb == COMMAND_APOP)
        is_known = session->timestamp[0] != '\0';
    else if (verb == COMMAND_AUTH)
        is_known = sasl_is_known(policy);
    else if (verb == COMMAND_STLS)
        is_known = policy->stls && (session->info.tls_ready || session->tls);
    return is_known;
}

/* What no reading of RFC 1939 section 3 accepts, and what only a generous one does. PASS takes its spaces as they are. */
static bool syntax_accepted(const struct session *session)
{
    const struct command *command = &session->command;
    unsigned refused = COMMAND_FACT_NUL | COMMAND_FACT_CONTROL | COMMAND_FACT_BARE_CR | COMMAND_FACT_EMPTY |
                       COMMAND_FACT_TOO_FEW | COMMAND_FACT_TOO_MANY;

    if (session->server->policy.surplus_ignored && command_info(command->verb)->arguments_max == 0)
        refused &= ~(unsigned)COMMAND_FACT_TOO_MANY;
    if (command->verb != COMMAND_PASS)
        refused |= COMMAND_FACT_TAB;
    if (!session->server->policy.spaces_accepted) {
        refused |= COMMAND_FACT_LEADING_SPACE;
        if (command->verb != COMMAND_PASS)
            refused |= COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE;
    }
    return (command->facts & refused) == 0;
}

static void refuse(struct session *session, enum reply_text text)
{
    session->bad_commands++;
    reply_error(session, NULL, text);
}

/* RFC 1939 section 7: PASS comes immediately behind USER. CAPA is harmless, and a failed AUTH as if it never was. */
static void forget_user(struct session *session)
{
    bool capa = session->command.verb == COMMAND_CAPA && !session->server->policy.capa_forgets_user;
    bool stls = session->command.verb == COMMAND_STLS && session->server->policy.user_kept_over_stls;

    if (session->state == SESSION_AUTHORIZATION && !capa && !stls && session->command.verb != COMMAND_USER &&
        session->command.verb != COMMAND_PASS && session->command.verb != COMMAND_AUTH &&
        session->command.verb != COMMAND_APOP)
        session->named = false;
}

static void execute_command(struct session *session)
{
    enum command_verb verb = session->command.verb;
    struct transition_event gate = {
        .kind = TRANSITION_GATE,
        .allowed = known(session, verb) && (handlers[verb].states & 1U << session->state) != 0,
    };

    forget_user(session);
    if (!known(session, verb)) {
        refuse(session, REPLY_TEXT_UNKNOWN_COMMAND);
        return;
    }
    if (!syntax_accepted(session)) {
        refuse(session,
               command_info(verb)->arguments_max > 0 ? REPLY_TEXT_WRONG_ARGUMENTS : REPLY_TEXT_WRONG_SYNTAX);
        return;
    }
    seam_transition(session, &gate);
    if (gate.allowed) {
        handlers[verb].execute(session);
        return;
    }
    refuse(session, REPLY_TEXT_WRONG_STATE);
    if (gate.logs_out)
        session->state = SESSION_AUTHORIZATION;
}

/* Legal ends of a session that went wrong: RFC 1939 section 4 lets a server close after -ERR. */
static void after_command(struct session *session)
{
    const struct policy *policy = &session->server->policy;

    session->commands++;
    if (session->positive || session->state == SESSION_OVER)
        return;
    if (policy->bad_commands_max > 0 && session->bad_commands >= policy->bad_commands_max) {
        reply_farewell(session, REPLY_TEXT_FAREWELL);
        session_leave(session, LEAVE_REFUSAL);
    } else if (policy->close_after_error) {
        session_leave(session, LEAVE_REFUSAL);
    }
}

/* LINE as the policy reads it: RFC 1939 section 3 gives TAB no meaning, and some take it for a space. */
static struct command parse(struct session *session, struct bytes line, unsigned facts)
{
    struct command command = command_parse(line, facts);

    if (!session->server->policy.tabs_accepted || command.verb == COMMAND_PASS ||
        bytes_find_octet(line, '\t') == BYTES_NOT_FOUND)
        return command;
    buf_clear(&session->spaced);
    for (size_t i = 0; i < line.size; i++)
        buf_append_octet(&session->spaced, line.data[i] == '\t' ? ' ' : line.data[i]);
    return command_parse(buf_bytes(&session->spaced), facts);
}

static void execute_line(struct session *session, struct bytes line, unsigned facts)
{
    bool leading_zero;

    session->positive = true;
    buf_clear(&session->lines);
    if (session->mechanism != SASL_NONE) {
        sasl_response(session, line);
        after_command(session);
        return;
    }
    session->command = parse(session, line, facts);
    if (session->command.argument_count == 0 ||
        !command_number(session->command.arguments[0], &session->number, &leading_zero))
        session->number = 0;
    if (session->command.argument_count > 0 && session->number == 0 && session->state == SESSION_TRANSACTION)
        session->server->puzzled = true;
    if (session->live && session->state == SESSION_TRANSACTION)
        opened_maildrop_refresh(&session->maildrop, session->user->store);
    execute_command(session);
    after_command(session);
}

static void refuse_line(struct session *session, unsigned facts)
{
    bool too_long = (facts & (COMMAND_FACT_OVERLONG | COMMAND_FACT_CUT)) != 0;

    session->positive = false;
    sasl_end(session);
    session->named = false;
    if (too_long && session->server->policy.close_after_long_line) {
        session_leave(session, LEAVE_REFUSAL);
        return;
    }
    refuse(session, too_long ? REPLY_TEXT_LINE_TOO_LONG : REPLY_TEXT_WRONG_SYNTAX);
    after_command(session);
}

static enum line_verdict judge(const struct session *session, struct bytes line, unsigned line_facts)
{
    unsigned facts = command_parse(line, line_facts).facts;
    unsigned refused = COMMAND_FACT_CUT;

    /* RFC 5034 section 4: responses are not bound by the length of commands. */
    if (session->mechanism == SASL_NONE)
        refused |= COMMAND_FACT_NUL | (session->server->policy.long_lines_taken ? 0 : COMMAND_FACT_OVERLONG);
    if (session->server->policy.bare_lf == BARE_LF_REFUSED && !session->bare_lf_accepted)
        refused |= COMMAND_FACT_BARE_LF;
    return (facts & refused) != 0 ? LINE_REFUSED : LINE_EXECUTED;
}

/* RFC 1939 section 3 by the letter: only CRLF ends a command, so LF is an octet of it. True when there is a line. */
static bool join_bare_lf(struct session *session, struct command_line *line)
{
    bool bare = (line->facts & COMMAND_FACT_BARE_LF) != 0;

    if (session->server->policy.bare_lf != BARE_LF_IGNORED || (!bare && session->carried.size == 0))
        return true;
    if (!buf_append(&session->carried, line->line) || (bare && !buf_append_octet(&session->carried, '\n')))
        line->facts |= COMMAND_FACT_CUT;
    if (bare)
        return false;
    line->line = buf_bytes(&session->carried);
    if (session->carried.overflowed)
        line->facts |= COMMAND_FACT_CUT | COMMAND_FACT_OVERLONG;
    return true;
}

/* What a line was like, for faults that show on the next connection. */
static void note_line(struct refserver *server, const struct command_event *event)
{
    struct bytes line = event->line;

    if (event->octets > server->longest_line)
        server->longest_line = event->octets;
    if (event->octets <= strlen("\r\n"))
        server->line_empty = true;
    for (size_t i = 0; i < line.size; i++) {
        server->formatted = server->formatted || line.data[i] == '%';
        server->eighth_bit = server->eighth_bit || line.data[i] > 127;
        server->encoded_badly = server->encoded_badly || (event->response && line.data[i] == '!');
    }
}

void session_line(struct session *session, const struct command_line *read, bool in_pieces,
                  bool line_end_in_pieces)
{
    struct command_line line = *read;

    if (!join_bare_lf(session, &line))
        return;
    struct command_event event = {
        .line = line.line,
        .facts = line.facts,
        .octets = line.octets,
        .verdict = judge(session, line.line, line.facts),
        .response = session->mechanism != SASL_NONE,
        .pipelined = session->input.size > session->input_read,
        .in_pieces = in_pieces,
        .line_end_in_pieces = line_end_in_pieces,
    };

    session->command =
        event.response ? (struct command){.verb = COMMAND_AUTH} : command_parse(line.line, line.facts);
    session->number = 0;
    note_line(session->server, &event);
    seam_command(session, &event);
    session->behind_pipelined = session->command_pipelined;
    session->command_pipelined = event.pipelined;
    if (event.rest_dropped)
        session->input_read = session->input.size;
    if (event.verdict == LINE_EXECUTED)
        execute_line(session, event.line, event.facts);
    else if (event.verdict == LINE_REFUSED)
        refuse_line(session, event.facts);
    struct bytes further = event.further;
    struct bytes next;

    while (further.size > 0 && session->state != SESSION_OVER && bytes_split(&further, '\n', &next)) {
        body_fill(session);
        execute_line(session, next, 0);
    }
    buf_clear(&session->carried);
    /* The verb stays: what is still to be sent belongs to it. The octets don't. */
    session->command = (struct command){.verb = session->command.verb};
}
