/*
 * Rules about what CAPA lists: the form of its lines (RFC 2449 sections 3 and 5), the arguments that a registered capability
 * has, and what may be said otherwise after login (the announced states and possible differences of sections 6.1 to 6.9).
 * After login is compared with before login in the same session, and never across the beginning of TLS, behind which
 * everything may be announced otherwise (RFC 2595 section 4).
 */
#include "model/conversation_private.h"

#include "base/memory.h"

/* ---- lines ---- */

/* A blank at the end of a capability line keeps nobody from taking it apart. */
static struct bytes without_last_blank(struct bytes line)
{
    return bytes_end_with(line, BYTES_LITERAL(" ")) ? bytes_slice(line, 0, line.size - 1) : line;
}

static void check_line(struct conversation *conversation, const struct reply_event *event, time_us now_us)
{
    struct capability capability;
    const char *reason = capability_parse(without_last_blank(event->text), &capability);

    if (reason != NULL) {
        conversation_observe(conversation, RULE_CAPABILITY_FORM, event->offset, now_us, event->wire,
                             "a capability tag and its parameters, one space before each", "%s", reason);
        return;
    }
    const struct registered_capability *registered = capability_registered(capability.tag);

    if (registered != NULL && registered->arguments == CAPABILITY_ALONE && capability.parameters.size > 0)
        conversation_observe(conversation, RULE_CAPABILITY_ARGUMENTS, event->offset, now_us, event->wire,
                             "the tag alone, for the capability has no arguments",
                             "something stands behind %s", registered->tag);
}

OUT_OF_LINE void capabilities_line(struct conversation *conversation, const struct reply_event *event,
                                   time_us now_us)
{
    if (event->line_octets > REPLY_FIRST_LINE_OCTETS_MAX)
        conversation_observe(conversation, RULE_CAPABILITY_LENGTH, event->offset, now_us, event->wire,
                             "at most 512 octets with CRLF", "%llu octets",
                             (unsigned long long)event->line_octets);
    else if (event->first_piece)
        check_line(conversation, event, now_us);
}

/* ---- before and after login ---- */

/* True when every word of WORDS is one of OTHERS, compared without case. */
static bool words_are_among(struct bytes words, struct bytes others)
{
    struct bytes word;

    while (bytes_split(&words, ' ', &word)) {
        struct bytes rest = others;
        struct bytes other;
        bool found = word.size == 0;

        while (!found && bytes_split(&rest, ' ', &other))
            found = bytes_equal_nocase(word, other);
        if (!found)
            return false;
    }
    return true;
}

static void check_same(struct conversation *conversation, const struct registered_capability *registered,
                       time_us now_us)
{
    struct capability before;
    struct capability after;

    if (!capability_set_find(conversation->before_login, bytes_of(registered->tag), &before) ||
        !capability_set_find(conversation->capabilities, bytes_of(registered->tag), &after))
        return; /* whether it is listed at all is the business of scenarios */
    if (words_are_among(before.parameters, after.parameters) &&
        words_are_among(after.parameters, before.parameters))
        return;
    conversation_observe(conversation, RULE_CAPABILITY_SAME, conversation->reply_reader.offset, now_us,
                         BYTES_EMPTY, "the same arguments after login as before it",
                         "%s has others after login", registered->tag);
}

/* A number with or without USER behind it, or NEVER; false for anything else. */
static bool parse_bound(struct bytes parameters, uint64_t *ret_value, bool *ret_user)
{
    struct bytes rest = without_last_blank(parameters);
    struct bytes value = BYTES_EMPTY;
    struct bytes word = BYTES_EMPTY;
    bool more = bytes_split(&rest, ' ', &value) && bytes_split(&rest, ' ', &word);

    *ret_user = more && bytes_equal_nocase(word, BYTES_LITERAL("USER"));
    if ((more && !*ret_user) || rest.data != NULL)
        return false;
    if (bytes_equal_nocase(value, BYTES_LITERAL("NEVER")))
        *ret_value = UINT64_MAX;
    return bytes_equal_nocase(value, BYTES_LITERAL("NEVER")) || bytes_to_u64(value, ret_value);
}

/* What is announced before login is a bound for every user's value, and USER says that there are several. */
struct bound {
    const char *tag;
    bool largest; /* otherwise the smallest */
    enum rule beyond;
    enum rule unforeseen;
};

static void check_bound(struct conversation *conversation, const struct bound *bound, time_us now_us)
{
    struct capability before;
    struct capability after;
    uint64_t before_value = 0;
    uint64_t after_value = 0;
    bool before_user = false;
    bool after_user = false;

    if (!capability_set_find(conversation->before_login, bytes_of(bound->tag), &before) ||
        !capability_set_find(conversation->capabilities, bytes_of(bound->tag), &after) ||
        !parse_bound(before.parameters, &before_value, &before_user) ||
        !parse_bound(after.parameters, &after_value, &after_user) || before_value == after_value)
        return;
    if (bound->largest ? after_value > before_value : after_value < before_value)
        conversation_observe(conversation, bound->beyond, conversation->reply_reader.offset, now_us,
                             BYTES_EMPTY,
                             bound->largest ? "before login the largest value of any user"
                                            : "before login the smallest value of any user",
                             "the value of this user lies beyond it");
    else if (!before_user)
        conversation_observe(conversation, bound->unforeseen, conversation->reply_reader.offset, now_us,
                             BYTES_EMPTY, "USER behind the value before login, for another one follows",
                             "the value before login stands alone");
}

static void compare_with_before_login(struct conversation *conversation, time_us now_us)
{
    static const struct bound bounds[] = {
        {"LOGIN-DELAY", true, RULE_LOGIN_DELAY_LARGEST, RULE_LOGIN_DELAY_USER},
        {"EXPIRE", false, RULE_EXPIRE_SMALLEST, RULE_EXPIRE_USER},
    };

    for (size_t i = 0; i < REGISTERED_CAPABILITY_COUNT; i++) {
        const struct registered_capability *registered = &registered_capabilities[i];

        if (registered->behind_login == CAPABILITY_STAYS && registered->arguments == CAPABILITY_WITH_MORE)
            check_same(conversation, registered, now_us);
    }
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
        check_bound(conversation, &bounds[i], now_us);
}

/* ---- the end of a list ---- */

static bool announces(const struct conversation *conversation, struct bytes tag)
{
    return capability_set_find(conversation->capabilities, tag, &(struct capability){0});
}

void capabilities_end(struct conversation *conversation, time_us now_us)
{
    enum session_state state = conversation_state(conversation);

    conversation->capabilities_known = true;
    conversation->announced_codes = announces(conversation, BYTES_LITERAL("RESP-CODES"));
    /* What makes us accuse less stays: another state's list may leave it out. */
    conversation->announced_auth_codes =
        conversation->announced_auth_codes || announces(conversation, BYTES_LITERAL("AUTH-RESP-CODE"));
    conversation->announced_utf8 =
        conversation->announced_utf8 || announces(conversation, BYTES_LITERAL("UTF8"));
    conversation->announced_pipelining = announces(conversation, BYTES_LITERAL("PIPELINING"));
    if (conversation->capabilities->overflowed)
        return;
    if (state == SESSION_AUTHORIZATION) {
        if (conversation->before_login == NULL)
            conversation->before_login = memory_new(sizeof(*conversation->before_login));
        *conversation->before_login = *conversation->capabilities;
        conversation->before_login_known = true;
    } else if (state == SESSION_TRANSACTION && conversation->before_login_known) {
        compare_with_before_login(conversation, now_us);
    }
}
