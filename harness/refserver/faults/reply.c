/* Faults of structured replies: indicators, texts, rows, and what stands around them. */
#include "refserver/faults/hooks.h"

enum {
    CAPABILITY_TOO_LONG_OCTETS = 511, /* 513 with CRLF */
    GREETINGS_APART = 5,              /* between wrong ones, so that a suite gets past the first look */
};

static bool is_status(const struct session *session, const struct response_event *event,
                      enum command_verb verb, bool positive)
{
    return event->part == RESPONSE_STATUS && session->command.verb == verb && event->positive == positive;
}

/* Turns a positive reply of VERB into -ERR, without what would follow it. */
static bool deny(const struct session *session, struct response_event *event, enum command_verb verb)
{
    if (!is_status(session, event, verb, true))
        return false;
    event->indicator = "-ERR";
    event->body = RESPONSE_BODY_NONE;
    return true;
}

/* Replaces the text by what was put into scratch. */
static bool replace_text(struct response_event *event)
{
    event->text = buf_bytes(event->scratch);
    return true;
}

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

HOOK(GREETING_WITHOUT_INDICATOR, response)
{
    if (event->part != RESPONSE_GREETING || session->serial % GREETINGS_APART != 0)
        return false;
    event->indicator = "Welcome:";
    return true;
}

HOOK(GREETING_TWO_LINES, response)
{
    if (event->part != RESPONSE_GREETING || session->serial % GREETINGS_APART != 0)
        return false;
    event->behind = BYTES_LITERAL("+OK at your service\r\n");
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

HOOK(QUIT_ERR_THEN_OK, response)
{
    if (!is_status(session, event, COMMAND_QUIT, true))
        return false;
    event->before = BYTES_LITERAL("-ERR something went wrong\r\n");
    return true;
}

HOOK(QUIT_AUTHORIZATION_ERR, response)
{
    return session->user == NULL && deny(session, event, COMMAND_QUIT);
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

static bool is_row(const struct response_event *event, enum response_body body)
{
    return event->part == RESPONSE_ROW && event->body == body;
}

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

HOOK(LIST_EMPTY_ERR, response)
{
    return session->maildrop.count == 0 && event->body == RESPONSE_BODY_LIST &&
           deny(session, event, COMMAND_LIST);
}

HOOK(LIST_ONE_MULTI, response)
{
    if (!is_status(session, event, COMMAND_LIST, true) || event->body != RESPONSE_BODY_NONE)
        return false;
    event->behind = BYTES_LITERAL(".\r\n");
    return true;
}

/* True for the row of CAPA's list that begins with TAG. */
static bool is_capability(const struct session *session, const struct response_event *event, const char *tag)
{
    size_t space = bytes_find_octet(event->text, ' ');

    return is_row(event, RESPONSE_BODY_LINES) && session->command.verb == COMMAND_CAPA &&
           bytes_equal_nocase(bytes_slice(event->text, 0, space), bytes_of(tag));
}

static bool omit(const struct session *session, struct response_event *event, const char *tag)
{
    event->silent = is_capability(session, event, tag);
    return event->silent;
}

HOOK(CAPA_LISTS_UNSUPPORTED, response)
{
    if (!is_capability(session, event, "SASL"))
        return false;
    buf_append(event->scratch, event->text);
    buf_append_text(event->scratch, " SCRAM-SHA-1 SCRAM-SHA-256 LOGIN DIGEST-MD5");
    return replace_text(event);
}

HOOK(CAPA_OMITS_UIDL, response)
{
    return omit(session, event, "UIDL");
}

HOOK(CAPA_OMITS_SASL_BEHIND_LOGIN, response)
{
    return session->state == SESSION_TRANSACTION && omit(session, event, "SASL");
}

HOOK(CAPA_OMITS_TOP_BEHIND_LOGIN, response)
{
    return session->state == SESSION_TRANSACTION && omit(session, event, "TOP");
}

/* Puts one more line before the first of CAPA's. */
static bool add_capability(const struct session *session, struct response_event *event, struct bytes line)
{
    if (!is_row(event, RESPONSE_BODY_LINES) || session->command.verb != COMMAND_CAPA || event->row != 0)
        return false;
    event->before = line;
    return true;
}

HOOK(CAPA_LISTS_APOP, response)
{
    return add_capability(session, event, BYTES_LITERAL("APOP\r\n"));
}

HOOK(CAPA_BEHIND_LOGIN_REFUSED, response)
{
    return session->state == SESSION_TRANSACTION && deny(session, event, COMMAND_CAPA);
}

HOOK(STLS_LISTED_BEHIND_LOGIN, response)
{
    return session->state == SESSION_TRANSACTION && add_capability(session, event, BYTES_LITERAL("STLS\r\n"));
}

HOOK(STLS_LISTED_UNDER_TLS, response)
{
    return session->tls && session->state == SESSION_AUTHORIZATION &&
           add_capability(session, event, BYTES_LITERAL("STLS\r\n"));
}

HOOK(NO_CAPA_BEHIND_STLS, response)
{
    return session->tls && !session->info.implicit_tls && deny(session, event, COMMAND_CAPA);
}

HOOK(CAPABILITY_TOO_LONG, response)
{
    if (!is_capability(session, event, "IMPLEMENTATION"))
        return false;
    buf_append(event->scratch, event->text);
    buf_append_octet(event->scratch, ' ');
    while (event->scratch->size < CAPABILITY_TOO_LONG_OCTETS)
        buf_append_octet(event->scratch, 'x');
    return replace_text(event);
}

HOOK(CAPABILITY_INDENTED, response)
{
    if (!is_row(event, RESPONSE_BODY_LINES) || session->command.verb != COMMAND_CAPA)
        return false;
    buf_append_octet(event->scratch, ' ');
    buf_append(event->scratch, event->text);
    return replace_text(event);
}

HOOK(EXPIRE_MALFORMED, response)
{
    if (!is_capability(session, event, "EXPIRE"))
        return false;
    event->text = BYTES_LITERAL("EXPIRE soon");
    return true;
}

HOOK(IMPLEMENTATION_EMPTY, response)
{
    if (!is_capability(session, event, "IMPLEMENTATION"))
        return false;
    event->text = BYTES_LITERAL("IMPLEMENTATION");
    return true;
}

static bool is_failed_login(const struct session *session, const struct response_event *event)
{
    return event->part == RESPONSE_STATUS && !event->positive &&
           bytes_start_with(event->text, BYTES_LITERAL("[AUTH]")) && session->state == SESSION_AUTHORIZATION;
}

/* Puts CODE in place of the response code that the text begins with. */
static bool replace_code(struct response_event *event, const char *code)
{
    size_t end = bytes_find_octet(event->text, ']');

    buf_append_text(event->scratch, code);
    if (end != BYTES_NOT_FOUND)
        buf_append(event->scratch, bytes_from(event->text, end + 1));
    return replace_text(event);
}

HOOK(RESPONSE_CODE_UNCLOSED, response)
{
    return is_failed_login(session, event) && replace_code(event, "[AUTH");
}

HOOK(IN_USE_FOR_WRONG_PASSWORD, response)
{
    return is_failed_login(session, event) && replace_code(event, "[IN-USE]");
}

HOOK(LOGIN_DELAY_FOR_UNKNOWN, response)
{
    if (!is_status(session, event, COMMAND_UNKNOWN, false))
        return false;
    buf_append_text(event->scratch, "[LOGIN-DELAY] ");
    buf_append(event->scratch, event->text);
    return replace_text(event);
}
