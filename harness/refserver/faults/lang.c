/* Faults of RFC 6856 section 3: LANG, the list of languages, and the texts in them. */
#include "base/utf8.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/faults/transition_hooks.h"
#include "refserver/languages.h"
#include "refserver/server.h"

/* ---- which language ---- */

HOOK(LANG_SECOND_ARGUMENT_IGNORED, command)
{
    if (!is(session, event, COMMAND_LANG) || session->command.argument_count < 2)
        return false;
    buf_append_text(event->scratch, "LANG ");
    buf_append(event->scratch, session->command.arguments[0]);
    return execute_scratch(event);
}

HOOK(LANG_REFUSED, transition)
{
    return close_gate(session, event, COMMAND_LANG);
}

static bool select_instead(struct transition_event *event, enum language language)
{
    if (event->kind != TRANSITION_LANGUAGE || event->language == language)
        return false;
    event->language = language;
    event->allowed = true;
    return true;
}

HOOK(UNKNOWN_LANGUAGE_IS_ENGLISH, transition)
{
    (void)session;
    return event->language == LANGUAGE_COUNT && select_instead(event, LANGUAGE_EN);
}

HOOK(UNKNOWN_LANGUAGE_CHANGES_NOTHING, transition)
{
    return session->language != LANGUAGE_COUNT && event->language == LANGUAGE_COUNT &&
           select_instead(event, (enum language)session->language);
}

HOOK(OTHER_LANGUAGE_SELECTED, transition)
{
    (void)session;
    return event->language == LANGUAGE_FR && select_instead(event, LANGUAGE_DE);
}

static bool is_range(const struct session *session, const char *range)
{
    return session->command.argument_count > 0 && bytes_equal(session->command.arguments[0], bytes_of(range));
}

HOOK(LANGUAGE_TAGS_WITH_CASE, transition)
{
    if (event->kind != TRANSITION_LANGUAGE || !event->allowed || is_range(session, "*") ||
        is_range(session, language_info((enum language)event->language)->tag))
        return false;
    event->allowed = false;
    return true;
}

static bool refuse_language(struct transition_event *event, enum language language)
{
    if (event->kind != TRANSITION_LANGUAGE || event->language != language)
        return false;
    event->allowed = false;
    return true;
}

HOOK(LISTED_FIRST_REFUSED, transition)
{
    return is_range(session, "en") && refuse_language(event, LANGUAGE_EN);
}

HOOK(LISTED_LAST_REFUSED, transition)
{
    (void)session;
    return refuse_language(event, LANGUAGE_FR);
}

HOOK(PREFERRED_LANGUAGE_REVEALS, transition)
{
    return session->user == NULL && is_range(session, "*") && authorization_named(session) != NULL &&
           select_instead(event, LANGUAGE_DE);
}

/* ---- the reply ---- */

/* Puts PARTS around the text behind the tag of a positive reply to LANG with an argument. */
static bool reword(const struct session *session, struct response_event *event, const char *tag,
                   const char *joint)
{
    size_t space = bytes_find_octet(event->text, ' ');

    if (!is_status(session, event, COMMAND_LANG, true) || event->body != RESPONSE_BODY_NONE ||
        session->command.argument_count == 0 || space == BYTES_NOT_FOUND)
        return false;
    if (tag != NULL)
        buf_append_text(event->scratch, tag);
    else
        buf_append(event->scratch, bytes_slice(event->text, 0, space));
    buf_append_text(event->scratch, joint);
    buf_append(event->scratch, bytes_from(event->text, space + 1));
    return replace_text(event);
}

HOOK(LANG_OK_WITHOUT_TAG, response)
{
    return reword(session, event, "language", ": ");
}

HOOK(LANG_OK_TWO_SPACES, response)
{
    return reword(session, event, NULL, "  ");
}

HOOK(LANG_OK_COLON, response)
{
    return reword(session, event, NULL, ": ");
}

HOOK(LANG_OK_REPEATS_STAR, response)
{
    return is_range(session, "*") && reword(session, event, "*", " ");
}

/* ---- the list ---- */

static bool is_language_row(const struct session *session, const struct response_event *event)
{
    return is_row(event, RESPONSE_BODY_LINES) && session->command.verb == COMMAND_LANG;
}

/* Puts JOINT in the place of the space between tag and description. */
static bool rejoin(const struct session *session, struct response_event *event, const char *joint)
{
    size_t space = bytes_find_octet(event->text, ' ');

    if (!is_language_row(session, event) || space == BYTES_NOT_FOUND)
        return false;
    buf_append(event->scratch, bytes_slice(event->text, 0, space));
    buf_append_text(event->scratch, joint);
    buf_append(event->scratch, bytes_from(event->text, space + 1));
    return replace_text(event);
}

HOOK(LANGUAGES_WITH_TABS, response)
{
    return rejoin(session, event, "\t");
}

HOOK(LANGUAGES_WITH_TWO_SPACES, response)
{
    return rejoin(session, event, "  ");
}

HOOK(LANGUAGES_NUMBERED, response)
{
    if (!is_language_row(session, event))
        return false;
    buf_append_format(event->scratch, "%zu) ", event->row + 1);
    buf_append(event->scratch, event->text);
    return replace_text(event);
}

/* Characters up to U+00FF as single octets, others as question marks. */
static bool turn_into_latin_1(struct response_event *event)
{
    struct bytes rest = event->text;

    if (ascii_prefix(rest) == rest.size || !utf8_is_well_formed(rest))
        return false;
    while (rest.size > 0) {
        uint32_t code = 0;
        size_t size = utf8_character(rest, &code);

        buf_append_octet(event->scratch, code <= 0xFF ? (uint8_t)code : '?');
        rest = bytes_from(rest, size);
    }
    return replace_text(event);
}

HOOK(LANGUAGES_IN_LATIN_1, response)
{
    return is_language_row(session, event) && turn_into_latin_1(event);
}

HOOK(LANGUAGES_OMIT_ENGLISH, response)
{
    if (!is_language_row(session, event) || event->row != 0)
        return false;
    event->silent = true;
    return true;
}

HOOK(LANGUAGES_ADD_KLINGON, response)
{
    if (!is_language_row(session, event) || event->row != 0)
        return false;
    event->before = BYTES_LITERAL("tlh Klingon\r\n");
    return true;
}

/* ---- the texts ---- */

HOOK(TEXTS_IN_LATIN_1, response)
{
    return session->language != LANGUAGE_COUNT && event->part == RESPONSE_STATUS && turn_into_latin_1(event);
}

HOOK(TEXTS_IN_LATIN_1_BEHIND_LOGIN, response)
{
    return session->user != NULL && session->command.verb == COMMAND_QUIT && event->part == RESPONSE_STATUS &&
           turn_into_latin_1(event);
}

HOOK(REFUSALS_IN_LATIN_1, response)
{
    (void)session;
    return event->part == RESPONSE_STATUS && !event->positive && turn_into_latin_1(event);
}

HOOK(TEXT_CUT_WITHIN_CHARACTER, response)
{
    size_t size = ascii_prefix(event->text) + 1;

    if (!is_status(session, event, COMMAND_LANG, true) || event->body != RESPONSE_BODY_NONE ||
        size > event->text.size)
        return false;
    event->text = bytes_slice(event->text, 0, size);
    return true;
}
