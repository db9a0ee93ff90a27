/* Faults of RFC 6856 section 2: UTF-8 mode, messages that need it, and names and passwords in UTF-8. */
#include "base/utf8.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/faults/transition_hooks.h"
#include "refserver/languages.h"
#include "refserver/server.h"

/* ---- the command ---- */

HOOK(UTF8_ARGUMENT_IGNORED, command)
{
    if (!is(session, event, COMMAND_UTF8) || session->command.argument_count == 0)
        return false;
    buf_append_text(event->scratch, "UTF8");
    return execute_scratch(event);
}

HOOK(UTF8_AFTER_LOGIN, transition)
{
    return open_gate(session, event, COMMAND_UTF8);
}

HOOK(UTF8_CHANGES_NOTHING, transition)
{
    (void)session;
    if (event->kind != TRANSITION_UTF8)
        return false;
    event->allowed = false;
    return true;
}

/* ---- messages ---- */

static const struct content_facts *facts_at(const struct session *session, size_t index)
{
    return &session->maildrop.messages[index].stored->facts;
}

/* The content of a message with UTF-8 in its header, about to be sent or refused. */
static bool is_utf8_content(const struct session *session, const struct view_event *event)
{
    return event->part == VIEW_CONTENT && facts_at(session, event->index)->header_8bit;
}

/* Sends such a message in another FORM than the right one. */
static bool set_form(const struct session *session, struct view_event *event, enum content_form form)
{
    if (!is_utf8_content(session, event) || event->form == form)
        return false;
    event->form = form;
    return true;
}

HOOK(UTF8_HEADER_SENT, view)
{
    return event->whole && set_form(session, event, CONTENT_AS_IS);
}

HOOK(UTF8_HEADER_SENT_BY_TOP, view)
{
    return !event->whole && set_form(session, event, CONTENT_AS_IS);
}

HOOK(UTF8_HEADER_AS_IT_IS, view)
{
    return set_form(session, event, CONTENT_AS_IS);
}

HOOK(SURROGATE_IN_UTF8_MODE, view)
{
    return session->utf8 && set_form(session, event, CONTENT_SURROGATE);
}

HOOK(SURROGATE_BY_TOP_IN_UTF8_MODE, view)
{
    return session->utf8 && !event->whole && set_form(session, event, CONTENT_SURROGATE);
}

HOOK(REFUSED_IN_UTF8_MODE, view)
{
    return session->utf8 && set_form(session, event, CONTENT_REFUSED);
}

static bool holds_utf8(const struct session *session)
{
    for (size_t i = 0; i < session->maildrop.count; i++)
        if (facts_at(session, i)->header_8bit)
            return true;
    return false;
}

HOOK(NEIGHBOURS_REFUSED, view)
{
    if (event->part != VIEW_CONTENT || is_utf8_content(session, event) || session->utf8 ||
        !holds_utf8(session))
        return false;
    event->form = CONTENT_REFUSED;
    return true;
}

HOOK(UTF8_MESSAGE_UNANSWERED, response)
{
    if (!is_status(session, event, COMMAND_RETR, false) || session->number == 0 ||
        session->number > session->maildrop.count ||
        !facts_at(session, (size_t)session->number - 1)->header_8bit)
        return false;
    event->silent = true;
    return true;
}

/* ---- sizes ---- */

HOOK(SIZE_OF_SURROGATE_IS_THE_STORED_ONE, view)
{
    if (event->part != VIEW_SIZE || event->octets == facts_at(session, event->index)->octets)
        return false;
    event->octets = facts_at(session, event->index)->octets;
    return true;
}

HOOK(SIZE_OFF_WHERE_UTF8_IS_LISTED, view)
{
    if (event->part != VIEW_SIZE || session->server->policy.utf8 == UTF8_UNKNOWN || event->octets == 0)
        return false;
    event->octets -= facts_at(session, event->index)->lines;
    return true;
}

/* ---- what leaves ---- */

HOOK(SURROGATE_EMPTY, view)
{
    (void)session;
    if (event->part != VIEW_CONTENT || event->form != CONTENT_SURROGATE)
        return false;
    event->octets_max = 0;
    return true;
}

HOOK(SURROGATE_MALFORMED, wire)
{
    if (event->part != WIRE_LINE_START || session->body.surrogate.size == 0 || event->line != 1)
        return false;
    event->octets = BYTES_LITERAL("surrogate of a field ");
    return true;
}

/* The message that is sent is all ASCII, and the session in UTF-8 mode. */
static bool is_ascii_in_utf8_mode(const struct session *session)
{
    return session->utf8 && session->body.stored != NULL && !session->body.stored->facts.header_8bit &&
           !session->body.stored->facts.body_8bit;
}

HOOK(BYTE_ORDER_MARK, wire)
{
    if (event->part != WIRE_LINE_START || event->line != 0 || !is_ascii_in_utf8_mode(session))
        return false;
    buf_append_text(event->scratch, "\xEF\xBB\xBF");
    buf_append(event->scratch, event->octets);
    event->octets = buf_bytes(event->scratch);
    return true;
}

/* ---- the response code ---- */

static bool put_code(struct response_event *event)
{
    buf_append_text(event->scratch, "[UTF8] ");
    buf_append(event->scratch, event->text);
    return replace_text(event);
}

HOOK(UTF8_CODE_FOR_NO_MESSAGE, response)
{
    return (is_status(session, event, COMMAND_RETR, false) || is_status(session, event, COMMAND_TOP, false) ||
            is_status(session, event, COMMAND_LIST, false)) &&
           session->number > session->maildrop.count && put_code(event);
}

HOOK(UTF8_CODE_IN_UTF8_MODE, response)
{
    return session->utf8 && is_status(session, event, COMMAND_RETR, false) && put_code(event);
}

HOOK(UTF8_CODE_FOR_DELE, response)
{
    if (session->number == 0 || session->number > session->maildrop.count ||
        !facts_at(session, (size_t)session->number - 1)->header_8bit || !deny(session, event, COMMAND_DELE))
        return false;
    return put_code(event);
}

HOOK(UTF8_CODE_FOR_UIDL, response)
{
    return holds_utf8(session) && deny(session, event, COMMAND_UIDL) && put_code(event);
}

HOOK(UTF8_CODE_FOR_UTF8, response)
{
    return is_status(session, event, COMMAND_UTF8, false) && put_code(event);
}

HOOK(UTF8_CODE_BEHIND_OK, response)
{
    return session->body.surrogate.size > 0 && is_status(session, event, COMMAND_RETR, true) &&
           put_code(event);
}

HOOK(UTF8_CODE_FOR_ASCII, response)
{
    return !session->utf8 && session->maildrop.count > 0 && !holds_utf8(session) &&
           deny(session, event, COMMAND_TOP) && put_code(event);
}

/* ---- names and passwords ---- */

/* The line of VERB without those characters of its arguments that ARE_DROPPED. */
static bool drop_characters(const struct session *session, struct command_event *event,
                            enum command_verb verb, bool (*is_dropped)(struct bytes rest, size_t *ret_size))
{
    struct bytes rest = event->line;
    bool dropped = false;

    if (!is(session, event, verb))
        return false;
    while (rest.size > 0) {
        size_t size = 1;

        if (is_dropped(rest, &size))
            dropped = true;
        else
            buf_append(event->scratch, bytes_slice(rest, 0, size));
        rest = bytes_from(rest, size);
    }
    return dropped && execute_scratch(event);
}

static bool is_malformed(struct bytes rest, size_t *ret_size)
{
    size_t size = utf8_character(rest, NULL);

    *ret_size = size > 0 ? size : 1;
    return size == 0;
}

/* Some of what RFC 4013 section 2.3 prohibits: C.2.2, C.3 and C.4 of RFC 3454, as far as the first plane goes. */
static bool is_prohibited(struct bytes rest, size_t *ret_size)
{
    uint32_t code = 0;
    size_t size = utf8_character(rest, &code);

    *ret_size = size > 0 ? size : 1;
    return (code >= 0x80 && code < 0xA0) || (code >= 0xE000 && code <= 0xF8FF) ||
           (code >= 0xFDD0 && code <= 0xFDEF);
}

HOOK(MALFORMED_OCTETS_DROPPED, command)
{
    return drop_characters(session, event, COMMAND_PASS, is_malformed);
}

HOOK(MALFORMED_OCTETS_DROPPED_IN_NAMES, command)
{
    return drop_characters(session, event, COMMAND_USER, is_malformed);
}

HOOK(MALFORMED_OCTETS_DROPPED_IN_APOP, command)
{
    return drop_characters(session, event, COMMAND_APOP, is_malformed);
}

HOOK(PROHIBITED_DROPPED, command)
{
    return drop_characters(session, event, COMMAND_PASS, is_prohibited);
}

HOOK(PROHIBITED_DROPPED_IN_NAMES, command)
{
    return drop_characters(session, event, COMMAND_USER, is_prohibited);
}

HOOK(PROHIBITED_DROPPED_IN_APOP, command)
{
    return drop_characters(session, event, COMMAND_APOP, is_prohibited);
}

static bool is_utf8_name(const struct session *session)
{
    return ascii_prefix(bytes_of(session->name)) < strlen(session->name);
}

HOOK(UTF8_NAMES_REFUSED, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || !event->allowed || !is_utf8_name(session))
        return false;
    event->allowed = false;
    return true;
}

HOOK(UTF8_NAMES_REFUSED_BEFORE_UTF8, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || !event->allowed || !is_utf8_name(session) || session->utf8)
        return false;
    event->allowed = false;
    return true;
}

/* True when what was sent as argument INDEX is not TEXT, octet for octet. */
static bool differs(const struct session *session, size_t index, const char *text)
{
    return !bytes_equal(session->command.arguments[index], bytes_of(text));
}

HOOK(NAMES_UNPREPARED, transition)
{
    if (event->kind != TRANSITION_NAME || !event->allowed || !differs(session, 0, session->name))
        return false;
    event->allowed = false;
    return true;
}

HOOK(PASSWORDS_UNPREPARED, transition)
{
    const struct user *user = authorization_named(session);

    if (event->kind != TRANSITION_CREDENTIALS || session->command.verb != COMMAND_PASS || !event->allowed ||
        user == NULL || !differs(session, 0, user->password))
        return false;
    event->allowed = false;
    return true;
}

HOOK(APOP_NAMES_UNPREPARED, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || session->command.verb != COMMAND_APOP || !event->allowed ||
        !differs(session, 0, session->name))
        return false;
    event->allowed = false;
    return true;
}

HOOK(NAME_REPEATED_AS_IT_IS, response)
{
    struct bytes name = session->command.arguments[0];

    if (event->part != RESPONSE_STATUS || session->command.verb != COMMAND_USER ||
        session->command.argument_count == 0 || ascii_prefix(name) == name.size ||
        language_speaks_utf8(session))
        return false;
    buf_append_text(event->scratch, "hello, ");
    buf_append(event->scratch, name);
    return replace_text(event);
}
