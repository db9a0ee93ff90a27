/* UTF8 and LANG: RFC 6856. */
#include "refserver/languages.h"
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

static const struct language_info languages[LANGUAGE_COUNT] = {
#define LANGUAGE(name, tag, description, own, rfc) [LANGUAGE_##name] = {tag, description, own, rfc},
#define SENTENCE(language, text, words)
#include "refserver/languages.def"
#undef SENTENCE
#undef LANGUAGE
};

static const char *const sentences[LANGUAGE_COUNT][REPLY_TEXT_COUNT] = {
#define LANGUAGE(name, tag, description, own, rfc)
#define SENTENCE(language, text, words) [LANGUAGE_##language][REPLY_TEXT_##text] = (words),
#include "refserver/languages.def"
#undef SENTENCE
#undef LANGUAGE
};

const struct language_info *language_info(enum language language)
{
    return &languages[language];
}

const char *language_sentence(const struct session *session, size_t text)
{
    return session->language < LANGUAGE_COUNT ? sentences[session->language][text] : NULL;
}

bool language_speaks_utf8(const struct session *session)
{
    return session->utf8 || session->language < LANGUAGE_COUNT;
}

void language_forget(struct session *session)
{
    session->utf8 = false;
    session->language = LANGUAGE_COUNT;
}

/* ---- UTF8 ---- */

const char *language_utf8_capability(const struct session *session)
{
    const struct refserver *server = session->server;

    return server->policy.utf8_user && server->saslprep != NULL ? "UTF8 USER" : "UTF8";
}

/* RFC 6856 section 2.1. */
void language_utf8(struct session *session)
{
    enum policy_utf8 policy = session->server->policy.utf8;
    struct transition_event event = {.kind = TRANSITION_UTF8, .allowed = true};

    if (policy == UTF8_REFUSED || (policy == UTF8_ONCE && session->utf8)) {
        reply_error(session, NULL, REPLY_TEXT_UTF8_REFUSED);
        return;
    }
    seam_transition(session, &event);
    session->utf8 = event.allowed;
    reply_ok(session, REPLY_TEXT_UTF8);
}

/* ---- LANG ---- */

static bool is_spoken(const struct session *session, enum language language)
{
    const struct policy *policy = &session->server->policy;

    if (policy->lang == LANG_NONE)
        return false;
    return policy->text == TEXT_RFC ? languages[language].rfc : languages[language].own;
}

/* RFC 4647 section 3.3.1: the tag itself, or one that goes on behind a hyphen. */
static bool range_matches(struct bytes range, struct bytes tag)
{
    return bytes_equal_nocase(range, bytes_slice(tag, 0, range.size)) &&
           (tag.size == range.size || tag.data[range.size] == '-');
}

static enum language find_language(const struct session *session, struct bytes range)
{
    for (enum language language = 0; range.size > 0 && language < LANGUAGE_COUNT; language++)
        if (is_spoken(session, language) && range_matches(range, bytes_of(languages[language].tag)))
            return language;
    return LANGUAGE_COUNT;
}

/* RFC 4647 section 3.4: as long as nothing is found, the range loses its last subtag. */
static enum language look_up_language(const struct session *session, struct bytes range)
{
    enum language language = find_language(session, range);

    while (language == LANGUAGE_COUNT && range.size > 0) {
        do
            range.size--;
        while (range.size > 0 && range.data[range.size] != '-');
        language = find_language(session, range);
    }
    return language;
}

static struct bytes preferred(const struct session *session)
{
    const struct policy *policy = &session->server->policy;
    bool own = session->user != NULL && policy->lang_of_the_user != NULL;

    return bytes_of(own ? policy->lang_of_the_user : policy->lang_preferred);
}

/* RFC 6856 section 3.2: the reply is in the new language already. */
static void select_language(struct session *session, struct bytes range)
{
    bool star = bytes_equal(range, BYTES_LITERAL("*"));
    struct bytes wanted = star ? preferred(session) : range;
    struct transition_event event = {
        .kind = TRANSITION_LANGUAGE,
        .language = session->server->policy.lang_lookup ? look_up_language(session, wanted)
                                                        : find_language(session, wanted),
    };

    event.allowed = event.language != LANGUAGE_COUNT;
    seam_transition(session, &event);
    if (!event.allowed) {
        reply_error(session, NULL, REPLY_TEXT_LANGUAGE_UNKNOWN);
        return;
    }
    session->language = event.language;
    reply_ok_language(session, languages[event.language].tag);
}

static void add_language(struct session *session, enum language language)
{
    const char *description = languages[language].description;
    bool capitals = session->server->policy.lang_capitals;

    if (!is_spoken(session, language))
        return;
    for (const char *tag = languages[language].tag; *tag != '\0'; tag++)
        buf_append_octet(&session->lines, capitals ? ascii_upper((uint8_t)*tag) : (uint8_t)*tag);
    buf_append_format(&session->lines, "%s%s\n", description[0] != '\0' ? " " : "", description);
}

static void list_languages(struct session *session)
{
    bool reversed = session->server->policy.lang_reversed;

    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        add_language(session, (enum language)(reversed ? LANGUAGE_COUNT - 1 - i : i));
    reply_ok_rows(session, REPLY_TEXT_LANGUAGES, RESPONSE_BODY_LINES);
}

void language_lang(struct session *session)
{
    if (session->command.argument_count > 0) {
        select_language(session, session->command.arguments[0]);
        return;
    }
    switch (session->server->policy.lang) {
    case LANG_UNKNOWN:
    case LANG_LIST_REFUSED:
        reply_error(session, NULL, REPLY_TEXT_LANGUAGES_REFUSED);
        return;
    case LANG_LISTED:
    case LANG_NONE:
        list_languages(session);
        return;
    case LANG_ONE_LINE:
        reply_ok(session, REPLY_TEXT_LANGUAGES);
        return;
    }
}
