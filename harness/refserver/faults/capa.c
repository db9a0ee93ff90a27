/* Faults of the reply to CAPA: whether there is one, what it lists, and in what form. */
#include "refserver/faults/reply_hooks.h"

#include <string.h>

enum {
    CAPABILITY_TOO_LONG_OCTETS = 511, /* 513 with CRLF */
    COMMANDS_OF_A_LOGIN = 2,          /* USER, PASS */
};

HOOK(CAPA_REFUSED, response)
{
    return deny(session, event, COMMAND_CAPA);
}

HOOK(CAPA_UNANSWERED, response)
{
    if (!is_status(session, event, COMMAND_CAPA, true))
        return false;
    event->body = RESPONSE_BODY_NONE;
    event->silent = true;
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
    buf_append_text(event->scratch, " DIGEST-MD5");
    return replace_text(event);
}

HOOK(CAPA_OMITS_UIDL, response)
{
    return omit(session, event, "UIDL");
}

HOOK(CAPA_OMITS_USER, response)
{
    return omit(session, event, "USER");
}

HOOK(CAPA_OMITS_LOGIN_DELAY, response)
{
    return omit(session, event, "LOGIN-DELAY");
}

HOOK(CAPA_OMITS_SASL, response)
{
    return omit(session, event, "SASL");
}

HOOK(CAPA_OMITS_IMPLEMENTATION, response)
{
    return omit(session, event, "IMPLEMENTATION");
}

HOOK(CAPA_OMITS_UTF8, response)
{
    return omit(session, event, "UTF8");
}

/* Leaves MECHANISM out of the list behind SASL. */
static bool omit_mechanism(const struct session *session, struct response_event *event, const char *mechanism)
{
    struct bytes rest = event->text;
    struct bytes word;
    bool found = false;

    if (!is_capability(session, event, "SASL"))
        return false;
    while (bytes_split(&rest, ' ', &word)) {
        bool is_it = bytes_equal_nocase(word, bytes_of(mechanism));

        found = found || is_it;
        if (!is_it)
            buf_append_format(event->scratch, "%s%.*s", event->scratch->size > 0 ? " " : "", (int)word.size,
                              (const char *)word.data);
    }
    return found && replace_text(event);
}

HOOK(SASL_LIST_WITH_COMMAS, response)
{
    if (!is_capability(session, event, "SASL"))
        return false;
    buf_append(event->scratch, event->text);
    for (size_t i = strlen("SASL "); i < event->scratch->size; i++)
        if (event->scratch->data[i] == ' ')
            event->scratch->data[i] = ',';
    return replace_text(event);
}

HOOK(SASL_OMITS_PLAIN, response)
{
    return omit_mechanism(session, event, "PLAIN");
}

HOOK(SASL_OMITS_CRAM_MD5, response)
{
    return omit_mechanism(session, event, "CRAM-MD5");
}

/* SASL is another clause's business. */
HOOK(CAPA_OMITS_ALL_BEHIND_LOGIN, response)
{
    if (session->state != SESSION_TRANSACTION || !is_row(event, RESPONSE_BODY_LINES) ||
        session->command.verb != COMMAND_CAPA || is_capability(session, event, "SASL") ||
        is_capability(session, event, "IMPLEMENTATION"))
        return false;
    event->silent = true;
    return true;
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

HOOK(CAPA_LISTS_MORE_BEFORE_LOGIN, response)
{
    return session->state == SESSION_AUTHORIZATION &&
           add_capability(session, event, BYTES_LITERAL("UTF8\r\nLANG\r\n"));
}

HOOK(CAPA_LISTS_STLS, response)
{
    return add_capability(session, event, BYTES_LITERAL("STLS\r\n"));
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

/* USER says before login that the value differs from user to user; behind login it is the user's own. */
static bool add_user(const struct session *session, struct response_event *event, const char *tag)
{
    if (session->state != SESSION_TRANSACTION || !is_capability(session, event, tag))
        return false;
    buf_append(event->scratch, event->text);
    buf_append_text(event->scratch, " USER");
    return replace_text(event);
}

HOOK(EXPIRE_OF_USERS_BEHIND_LOGIN, response)
{
    return add_user(session, event, "EXPIRE");
}

HOOK(LOGIN_DELAY_OF_USERS_BEHIND_LOGIN, response)
{
    return add_user(session, event, "LOGIN-DELAY");
}

HOOK(LOGIN_DELAY_MALFORMED, response)
{
    if (!is_capability(session, event, "LOGIN-DELAY"))
        return false;
    buf_append(event->scratch, event->text);
    buf_append_text(event->scratch, " seconds");
    return replace_text(event);
}

HOOK(IMPLEMENTATION_EMPTY, response)
{
    if (!is_capability(session, event, "IMPLEMENTATION"))
        return false;
    event->text = BYTES_LITERAL("IMPLEMENTATION");
    return true;
}

HOOK(AUTH_RESP_CODE_UNLISTED, response)
{
    return omit(session, event, "AUTH-RESP-CODE");
}

/* Puts LINE in place of the row that begins with TAG, in STATE only. */
static bool replace_in(const struct session *session, struct response_event *event, enum session_state state,
                       const char *tag, struct bytes line)
{
    if (session->state != state || !is_capability(session, event, tag))
        return false;
    event->text = line;
    return true;
}

HOOK(TOP_LISTED_WITH_ARGUMENT, response)
{
    return replace_in(session, event, SESSION_AUTHORIZATION, "TOP", BYTES_LITERAL("TOP 100"));
}

HOOK(UIDL_LISTED_WITH_ARGUMENT, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "UIDL", BYTES_LITERAL("UIDL 70"));
}

HOOK(SASL_SHRINKS_BEHIND_LOGIN, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "SASL", BYTES_LITERAL("SASL CRAM-MD5"));
}

HOOK(IMPLEMENTATION_CHANGES_BEHIND_LOGIN, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "IMPLEMENTATION",
                      BYTES_LITERAL("IMPLEMENTATION another-process"));
}

HOOK(LOGIN_DELAY_GROWS_BEHIND_LOGIN, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "LOGIN-DELAY", BYTES_LITERAL("LOGIN-DELAY 900"));
}

HOOK(LOGIN_DELAY_SHRINKS_UNFORETOLD, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "LOGIN-DELAY", BYTES_LITERAL("LOGIN-DELAY 4"));
}

HOOK(EXPIRE_SHRINKS_BEHIND_LOGIN, response)
{
    return replace_in(session, event, SESSION_TRANSACTION, "EXPIRE", BYTES_LITERAL("EXPIRE 60"));
}

HOOK(EXPIRE_GROWS_UNFORETOLD, response)
{
    return replace_in(session, event, SESSION_AUTHORIZATION, "EXPIRE", BYTES_LITERAL("EXPIRE 60"));
}

/* Behind the connection or the login itself it is answered. */
HOOK(CAPA_BEHIND_OTHERS_REFUSED, response)
{
    bool first = session->commands == 0 || session->commands == COMMANDS_OF_A_LOGIN;

    return !first && !session->tls && deny(session, event, COMMAND_CAPA);
}

/* ---- RFC 6856 ---- */

static bool replace_line(const struct session *session, struct response_event *event, const char *tag,
                         struct bytes line)
{
    if (!is_capability(session, event, tag) || bytes_equal(event->text, line))
        return false;
    event->text = line;
    return true;
}

HOOK(UTF8_LISTED_WITH_ENCODINGS, response)
{
    return replace_line(session, event, "UTF8", BYTES_LITERAL("UTF8 USER ALL"));
}

HOOK(UTF8_LISTED_WITH_ENCODINGS_BEHIND_LOGIN, response)
{
    return session->state == SESSION_TRANSACTION &&
           replace_line(session, event, "UTF8", BYTES_LITERAL("UTF8 ALL"));
}

HOOK(UTF8_USER_LOST_BEHIND_LOGIN, response)
{
    return session->state == SESSION_TRANSACTION &&
           replace_line(session, event, "UTF8", BYTES_LITERAL("UTF8"));
}

HOOK(LANG_LISTED_WITH_LANGUAGES, response)
{
    return replace_line(session, event, "LANG", BYTES_LITERAL("LANG en de"));
}
