/* Faults of structured replies: indicators, texts, rows, and what stands around them. */
#include "refserver/faults/reply_hooks.h"
#include "refserver/server.h"

HOOK(PLUS_ERR, response)
{
    if (!is_status(session, event, COMMAND_UNKNOWN, false))
        return false;
    event->indicator = "+ERR";
    return true;
}

HOOK(TEXT_WITHOUT_SPACE, response)
{
    if (!is_status(session, event, COMMAND_NOOP, true))
        return false;
    event->indicator = "+OKnothing";
    return true;
}

HOOK(GREETING_IN_WORDS, response)
{
    (void)session;
    if (event->part != RESPONSE_GREETING)
        return false;
    event->indicator = "Welcome:";
    return true;
}

HOOK(GREETING_DOUBLED, response)
{
    (void)session;
    if (event->part != RESPONSE_GREETING)
        return false;
    event->behind = BYTES_LITERAL("+OK at your service\r\n");
    return true;
}

HOOK(GREETING_LOST, response)
{
    (void)session;
    if (event->part != RESPONSE_GREETING)
        return false;
    event->silent = true;
    return true;
}

HOOK(TIMESTAMP_MALFORMED, response)
{
    size_t at = bytes_find_octet(event->text, '@');

    if (event->part != RESPONSE_GREETING || session->timestamp[0] == '\0' || at == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, at));
    buf_append_text(event->scratch, " at ");
    buf_append(event->scratch, bytes_from(event->text, at + 1));
    return replace_text(event);
}

HOOK(SECOND_NOT_SERVED, response)
{
    if (!is_status(session, event, COMMAND_QUIT, true) || session->commands > 0 || session->user != NULL ||
        session->server->open_count < 2)
        return false;
    event->silent = true;
    return true;
}

HOOK(STLS_TWO_LINES, response)
{
    if (!is_status(session, event, COMMAND_STLS, true))
        return false;
    event->behind = BYTES_LITERAL("+OK go ahead\r\n");
    return true;
}

HOOK(STLS_HALF_A_LINE, response)
{
    if (!is_status(session, event, COMMAND_STLS, true))
        return false;
    event->behind = BYTES_LITERAL("+OK go ahea");
    return true;
}

HOOK(OK_FOR_CHALLENGE, response)
{
    (void)session;
    if (event->part != RESPONSE_CHALLENGE)
        return false;
    event->indicator = "+OK";
    return true;
}

HOOK(CHALLENGE_WITH_TEXT, response)
{
    (void)session;
    if (event->part != RESPONSE_CHALLENGE || event->text.size > 0)
        return false;
    event->text = BYTES_LITERAL("go ahead");
    return true;
}

HOOK(CHALLENGE_NOT_BASE64, response)
{
    if (event->part != RESPONSE_CHALLENGE || event->text.size == 0)
        return false;
    event->text = buf_bytes(&session->challenge);
    return true;
}

HOOK(QUIT_ERR_THEN_OK, response)
{
    if (!is_status(session, event, COMMAND_QUIT, true))
        return false;
    event->before = BYTES_LITERAL("-ERR something went wrong\r\n");
    return true;
}

HOOK(QUIT_REFUSED, response)
{
    return deny(session, event, COMMAND_QUIT);
}

HOOK(RSET_TWO_LINES, response)
{
    if (!is_status(session, event, COMMAND_RSET, true))
        return false;
    event->behind = BYTES_LITERAL("+OK\r\n");
    return true;
}

HOOK(RSET_ERR, response)
{
    return deny(session, event, COMMAND_RSET);
}

HOOK(STAT_TWICE, response)
{
    if (!is_status(session, event, COMMAND_STAT, true))
        return false;
    event->before = BYTES_LITERAL("+OK 0 0\r\n");
    return true;
}

HOOK(RETR_THEN_ERR, response)
{
    if (!is_status(session, event, COMMAND_RETR, true))
        return false;
    event->behind = BYTES_LITERAL("-ERR the rest is lost\r\n");
    return true;
}

HOOK(NOOP_ERR, response)
{
    return deny(session, event, COMMAND_NOOP);
}

HOOK(NOOP_UNANSWERED, response)
{
    if (!is_status(session, event, COMMAND_NOOP, true))
        return false;
    event->silent = true;
    return true;
}

HOOK(UNASKED_LINE, response)
{
    if (!is_status(session, event, COMMAND_PASS, true))
        return false;
    event->behind = BYTES_LITERAL("+OK there is new mail\r\n");
    return true;
}

HOOK(RETR_MISSING_OK, response)
{
    if (!is_status(session, event, COMMAND_RETR, false) || session->state != SESSION_TRANSACTION)
        return false;
    event->indicator = "+OK";
    event->body = RESPONSE_BODY_LINES;
    return true;
}

HOOK(DELE_MISSING_OK, response)
{
    if (!is_status(session, event, COMMAND_DELE, false) || session->state != SESSION_TRANSACTION)
        return false;
    event->indicator = "+OK";
    return true;
}

/* Turns the negative reply of VERB in STATE into +OK, of which nothing comes. */
static bool pretend(const struct session *session, struct response_event *event, enum command_verb verb,
                    enum session_state state)
{
    if (!is_status(session, event, verb, false) || session->state != state)
        return false;
    event->indicator = "+OK";
    return true;
}

HOOK(DELE_BEFORE_LOGIN, response)
{
    return pretend(session, event, COMMAND_DELE, SESSION_AUTHORIZATION);
}

HOOK(LOGIN_AGAIN, response)
{
    return pretend(session, event, COMMAND_PASS, SESSION_TRANSACTION) ||
           pretend(session, event, COMMAND_APOP, SESSION_TRANSACTION) ||
           pretend(session, event, COMMAND_RPOP, SESSION_TRANSACTION);
}

HOOK(UNKNOWN_BEFORE_LOGIN_OK, response)
{
    return session->command.keyword.size > 0 &&
           pretend(session, event, COMMAND_UNKNOWN, SESSION_AUTHORIZATION);
}

HOOK(MISSING_ARGUMENT_OK, response)
{
    enum command_verb verb = session->command.verb;

    if (event->part != RESPONSE_STATUS || event->positive ||
        (session->command.facts & COMMAND_FACT_TOO_FEW) == 0)
        return false;
    event->indicator = "+OK";
    if (verb == COMMAND_RETR || verb == COMMAND_TOP)
        event->body = RESPONSE_BODY_LINES;
    return true;
}

HOOK(STAT_IN_WORDS, response)
{
    size_t space = bytes_find_octet(event->text, ' ');

    if (!is_status(session, event, COMMAND_STAT, true) || space == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, space));
    buf_append_text(event->scratch, " messages,");
    buf_append(event->scratch, bytes_from(event->text, space));
    return replace_text(event);
}

/* Puts SPACES in place of the first space of the text. */
static bool widen(struct response_event *event, const char *spaces)
{
    size_t space = bytes_find_octet(event->text, ' ');

    if (space == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, space));
    buf_append_text(event->scratch, spaces);
    buf_append(event->scratch, bytes_from(event->text, space + 1));
    return replace_text(event);
}

HOOK(STAT_TWO_SPACES, response)
{
    return is_status(session, event, COMMAND_STAT, true) && widen(event, "  ");
}

/* Leaves the message-number out of the answer to VERB with a number. */
static bool drop_number(const struct session *session, struct response_event *event, enum command_verb verb)
{
    size_t space = bytes_find_octet(event->text, ' ');

    if (!is_status(session, event, verb, true) || event->body != RESPONSE_BODY_NONE ||
        space == BYTES_NOT_FOUND)
        return false;
    event->text = bytes_from(event->text, space + 1);
    return true;
}

HOOK(LIST_ONE_WITHOUT_NUMBER, response)
{
    return drop_number(session, event, COMMAND_LIST);
}

HOOK(UIDL_ONE_WITHOUT_NUMBER, response)
{
    return drop_number(session, event, COMMAND_UIDL);
}

/* ---- LAST ---- */

static bool answer_last(struct response_event *event, size_t number)
{
    buf_append_format(event->scratch, "%zu", number);
    bool same = bytes_equal(buf_bytes(event->scratch), event->text);

    return replace_text(event) && !same;
}

HOOK(LAST_IN_WORDS, response)
{
    if (!is_status(session, event, COMMAND_LAST, true))
        return false;
    buf_append_text(event->scratch, "message ");
    buf_append(event->scratch, event->text);
    return replace_text(event);
}

HOOK(LAST_ANSWERS_COUNT, response)
{
    return is_status(session, event, COMMAND_LAST, true) && answer_last(event, session->maildrop.count);
}

HOOK(LAST_IGNORES_RETR, response)
{
    return is_status(session, event, COMMAND_LAST, true) && session->retrieved > 0 && answer_last(event, 0);
}

HOOK(LAST_ANSWERS_LATEST, response)
{
    return is_status(session, event, COMMAND_LAST, true) && session->retrieved > 0 && !session->rset_seen &&
           answer_last(event, session->subject + 1);
}

HOOK(LAST_KEPT_BEHIND_RSET, response)
{
    size_t highest = 0;

    for (size_t i = 0; i < session->maildrop.count; i++)
        if (session->maildrop.messages[i].retrieved)
            highest = i + 1;
    return is_status(session, event, COMMAND_LAST, true) && session->rset_seen && answer_last(event, highest);
}

/* ---- listings ---- */

HOOK(LIST_THREE_SPACES, response)
{
    (void)session;
    return is_row(event, RESPONSE_BODY_LIST) && widen(event, "   ");
}

HOOK(LIST_SIZE_GARBAGE, response)
{
    size_t space = bytes_find_octet(event->text, ' ');

    (void)session;
    if (!is_row(event, RESPONSE_BODY_LIST) || space == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, space));
    buf_append_text(event->scratch, " %!d(float64=");
    buf_append(event->scratch, bytes_from(event->text, space + 1));
    buf_append_octet(event->scratch, ')');
    return replace_text(event);
}

HOOK(LIST_SIZE_HEXADECIMAL, response)
{
    size_t space = bytes_find_octet(event->text, ' ');
    uint64_t size;

    (void)session;
    if (!is_row(event, RESPONSE_BODY_LIST) || space == BYTES_NOT_FOUND ||
        !bytes_to_u64(bytes_from(event->text, space + 1), &size))
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, space + 1));
    buf_append_format(event->scratch, "%llx", (unsigned long long)size);
    return replace_text(event);
}

HOOK(UIDL_TRAILING_TEXT, response)
{
    (void)session;
    if (!is_row(event, RESPONSE_BODY_UIDL))
        return false;
    buf_append(event->scratch, event->text);
    buf_append_text(event->scratch, " unread");
    return replace_text(event);
}

HOOK(UIDL_EMPTY_HAS_ROW, response)
{
    if (!is_status(session, event, COMMAND_UIDL, true) || event->body != RESPONSE_BODY_UIDL ||
        session->maildrop.count > 0)
        return false;
    event->body = RESPONSE_BODY_NONE;
    event->behind = BYTES_LITERAL("1 none\r\n.\r\n");
    return true;
}

HOOK(LIST_ONE_MULTI, response)
{
    if (!is_status(session, event, COMMAND_LIST, true) || event->body != RESPONSE_BODY_NONE)
        return false;
    event->behind = BYTES_LITERAL(".\r\n");
    return true;
}

/* ---- logins ---- */

HOOK(PASS_WITHOUT_USER, response)
{
    return (session->command.facts & COMMAND_FACT_TOO_FEW) == 0 && !session->named &&
           !bytes_start_with(event->text, BYTES_LITERAL("[")) &&
           pretend(session, event, COMMAND_PASS, SESSION_AUTHORIZATION);
}

/* Answers a response that is not base 64 by asking for another. */
HOOK(BAD_BASE64_ASKED_FOR_AGAIN, response)
{
    if (!is_status(session, event, COMMAND_AUTH, false) ||
        !bytes_equal(event->text, BYTES_LITERAL("that is not base 64")))
        return false;
    event->indicator = "+";
    event->blank = true;
    event->text = BYTES_EMPTY;
    return true;
}
