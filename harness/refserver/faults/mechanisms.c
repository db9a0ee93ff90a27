/* Faults of single SASL mechanisms: DIGEST-MD5 (RFC 2831), OAUTHBEARER (RFC 7628), XOAUTH2, PLAIN and LOGIN. */
#include "base/base64.h"
#include "refserver/bearer.h"
#include "refserver/digest_md5.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/server.h"

/* ---- responses ---- */

/* The client's message, decoded, if it answers challenge ROUND (from 0) of MECHANISM. */
static bool take_message(const struct session *session, const struct command_event *event,
                         enum sasl_mechanism mechanism, unsigned round, struct buf *message)
{
    buf_init(message, COMMAND_READER_OCTETS);
    return event->response && session->mechanism == mechanism && session->round == round &&
           base64_decode(event->line, message);
}

/* Lets MESSAGE be executed where something else was sent; releases it. */
static bool execute_message(struct command_event *event, struct buf *message)
{
    base64_encode(buf_bytes(message), event->scratch);
    buf_release(message);
    return execute_scratch(event);
}

static bool let_pass(struct buf *message)
{
    buf_release(message);
    return false;
}

static bool is_cancel(const struct command_event *event)
{
    return event->response && bytes_equal(event->line, BYTES_LITERAL("*"));
}

/* The asterisk where the server has proved itself, and waits for an empty line. */
HOOK(CANCEL_BEHIND_PROOF_TAKEN, command)
{
    if (!is_cancel(event) || session->round == 0 || session->mechanism == SASL_LOGIN || session->refusal_told)
        return false;
    return bytes_start_with(buf_bytes(&session->challenge), BYTES_LITERAL("v=")) ||
                   bytes_start_with(buf_bytes(&session->challenge), BYTES_LITERAL("rspauth="))
               ? execute_scratch(event)
               : false;
}

/* ---- LOGIN and PLAIN ---- */

HOOK(AUTH_NAME_SERVES_PASS, command)
{
    struct buf message;

    if (!is(session, event, COMMAND_PASS) || session->named || session->claimed.size == 0)
        return false;
    buf_init(&message, BUF_UNBOUNDED);
    buf_append_octet(&message, '\0');
    buf_append(&message, buf_bytes(&session->claimed));
    buf_append_octet(&message, '\0');
    buf_append(&message, session->command.rest);
    buf_append_text(event->scratch, "AUTH PLAIN ");
    return execute_message(event, &message);
}

HOOK(LOGIN_NAME_KEPT, command)
{
    if (!event->response || session->mechanism != SASL_LOGIN || session->round != 0 || event->line.size > 0 ||
        session->claimed.size == 0)
        return false;
    base64_encode(buf_bytes(&session->claimed), event->scratch);
    return execute_scratch(event);
}

/* The parts of a message of PLAIN. */
struct plain {
    struct bytes identity;
    struct bytes name;
    struct bytes password;
};

static bool take_plain(const struct buf *message, struct plain *ret_plain)
{
    struct bytes rest = buf_bytes(message);
    bool ok = bytes_split(&rest, '\0', &ret_plain->identity) && rest.data != NULL &&
              bytes_split(&rest, '\0', &ret_plain->name) && rest.data != NULL;

    ret_plain->password = rest;
    return ok;
}

HOOK(PLAIN_IDENTITY_IGNORED, command)
{
    struct buf message;
    struct plain plain;

    if (!take_message(session, event, SASL_PLAIN, 0, &message) || !take_plain(&message, &plain) ||
        plain.identity.size == 0 || authorization_find(session, plain.identity) == NULL ||
        bytes_equal(plain.identity, plain.name))
        return let_pass(&message);
    buf_consume(&message, plain.identity.size);
    return execute_message(event, &message);
}

HOOK(PLAIN_EMPTY_PASSWORD_TAKEN, command)
{
    struct buf message;
    struct plain plain;
    const struct user *user = NULL;

    if (take_message(session, event, SASL_PLAIN, 0, &message) && take_plain(&message, &plain) &&
        plain.password.size == 0)
        user = authorization_find(session, plain.name);
    if (user == NULL)
        return let_pass(&message);
    buf_append_text(&message, user->password);
    return execute_message(event, &message);
}

/* A part of more than 128 octets. */
HOOK(PLAIN_LONG_PART_UNANSWERED, command)
{
    enum { PART_OCTETS_MAX = 128 };
    struct buf message;
    struct plain plain;
    bool acts = take_message(session, event, SASL_PLAIN, 0, &message) && take_plain(&message, &plain) &&
                (plain.identity.size > PART_OCTETS_MAX || plain.name.size > PART_OCTETS_MAX ||
                 plain.password.size > PART_OCTETS_MAX);

    buf_release(&message);
    if (acts)
        event->verdict = LINE_IGNORED;
    return acts;
}

/* ---- DIGEST-MD5 ---- */

/* An answer that is right for another nonce is turned into the one that is right for this. */
static bool renew_answer(const struct session *session, struct digest_md5_answer *answer, struct buf *message)
{
    const struct refserver_digests *digests = session->server->digests;
    const struct user *user = authorization_find(session, digest_md5_value(answer, DIGEST_MD5_USERNAME));
    const struct digest_md5_terms terms = {
        .realm = digest_md5_value(answer, DIGEST_MD5_REALM),
        .nonce = digest_md5_value(answer, DIGEST_MD5_NONCE),
        .service = BYTES_LITERAL("pop"),
    };

    if (user == NULL || bytes_equal(terms.nonce, bytes_of(session->nonce)) ||
        !digest_md5_is_right(answer, &terms, digests, bytes_of(user->password)))
        return false;
    buf_clear(&answer->values[DIGEST_MD5_NONCE]);
    buf_append_text(&answer->values[DIGEST_MD5_NONCE], session->nonce);
    buf_clear(message);
    buf_append_format(message,
                      "username=\"%s\",realm=\"%s\",nonce=\"%s\",cnonce=\"%s\",nc=00000001,digest-uri=\"%s\","
                      "response=",
                      user->name, buf_text(&answer->values[DIGEST_MD5_REALM]), session->nonce,
                      buf_text(&answer->values[DIGEST_MD5_CNONCE]),
                      buf_text(&answer->values[DIGEST_MD5_DIGEST_URI]));
    answer->given[DIGEST_MD5_CHARSET] = false;
    digest_md5_make_proof(answer, digests, bytes_of(user->password), message);
    return true;
}

HOOK(DIGEST_MD5_NONCE_UNCHECKED, command)
{
    struct digest_md5_answer answer;
    struct buf message;

    digest_md5_answer_init(&answer);
    bool acts = take_message(session, event, SASL_DIGEST_MD5, 0, &message) &&
                digest_md5_take_answer(&answer, buf_bytes(&message)) &&
                renew_answer(session, &answer, &message);

    digest_md5_answer_release(&answer);
    return acts ? execute_message(event, &message) : let_pass(&message);
}

HOOK(DIGEST_MD5_UNCHECKED, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || event->allowed || session->mechanism != SASL_DIGEST_MD5)
        return false;
    event->allowed = true;
    return true;
}

static bool is_challenge(const struct session *session, const struct response_event *event,
                         enum sasl_mechanism mechanism, unsigned round)
{
    return event->part == RESPONSE_CHALLENGE && session->mechanism == mechanism && session->round == round;
}

static bool challenge_with(struct response_event *event, struct bytes text)
{
    base64_encode(text, event->scratch);
    return replace_text(event);
}

static bool is_response_auth(const struct session *session, const struct response_event *event)
{
    return is_challenge(session, event, SASL_DIGEST_MD5, 1) &&
           bytes_start_with(buf_bytes(&session->challenge), BYTES_LITERAL("rspauth="));
}

HOOK(DIGEST_MD5_RSPAUTH_WRONG, response)
{
    return is_response_auth(session, event) &&
           challenge_with(event, BYTES_LITERAL("rspauth=00000000000000000000000000000000"));
}

HOOK(DIGEST_MD5_RSPAUTH_EMPTY, response)
{
    return is_response_auth(session, event) && challenge_with(event, BYTES_EMPTY);
}

HOOK(DIGEST_MD5_NONCE_REPEATED, response)
{
    return is_challenge(session, event, SASL_DIGEST_MD5, 0) &&
           challenge_with(event,
                          BYTES_LITERAL("realm=\"pop.example\",nonce=\"0123456789abcdef\",qop=\"auth\","
                                        "algorithm=md5-sess,charset=utf-8"));
}

/* The challenge with BEHIND at its end. */
static bool lengthen_challenge(const struct session *session, struct response_event *event,
                               const char *behind, int octets)
{
    struct buf text;

    if (!is_challenge(session, event, SASL_DIGEST_MD5, 0))
        return false;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append(&text, buf_bytes(&session->challenge));
    buf_append_format(&text, ",%s%*s", behind, octets, "");
    challenge_with(event, buf_bytes(&text));
    buf_release(&text);
    return true;
}

HOOK(DIGEST_MD5_NONCE_TWICE, response)
{
    return lengthen_challenge(session, event, "nonce=\"x\"", 0);
}

HOOK(DIGEST_MD5_CHARSET_TWICE, response)
{
    return lengthen_challenge(session, event, "charset=utf-8", 0);
}

HOOK(DIGEST_MD5_CHALLENGE_LONG, response)
{
    return lengthen_challenge(session, event, "x=y", 2048);
}

HOOK(DIGEST_MD5_ALGORITHM_MISSING, response)
{
    struct bytes text = buf_bytes(&session->challenge);
    struct bytes algorithm = BYTES_LITERAL(",algorithm=md5-sess");
    size_t at = bytes_find(text, algorithm);
    struct buf rest;

    if (!is_challenge(session, event, SASL_DIGEST_MD5, 0) || at == BYTES_NOT_FOUND)
        return false;
    buf_init(&rest, BUF_UNBOUNDED);
    buf_append(&rest, bytes_slice(text, 0, at));
    buf_append(&rest, bytes_from(text, at + algorithm.size));
    challenge_with(event, buf_bytes(&rest));
    buf_release(&rest);
    return true;
}

/* Whoever says that he was here before is let in. */
HOOK(DIGEST_MD5_VISIT_BELIEVED, response)
{
    if (!is_challenge(session, event, SASL_DIGEST_MD5, 0) || session->command.argument_count < 2)
        return false;
    event->indicator = "+OK";
    event->text = BYTES_LITERAL("welcome back");
    return true;
}

/* ---- tokens ---- */

/* The message of a client that shows a token, by either mechanism. */
static bool take_bearer(const struct session *session, const struct command_event *event, struct buf *message,
                        struct bearer *bearer)
{
    bearer_init(bearer);
    if (!take_message(session, event, session->mechanism, 0, message))
        return false;
    if (session->mechanism == SASL_OAUTHBEARER)
        return bearer_take_oauthbearer(bearer, buf_bytes(message));
    return session->mechanism == SASL_XOAUTH2 && bearer_take_xoauth2(bearer, buf_bytes(message));
}

/* The message that USER would send. */
static void write_bearer(const struct session *session, const struct user *user, struct buf *message)
{
    buf_clear(message);
    buf_append_format(message, session->mechanism == SASL_OAUTHBEARER ? "n,a=%s," : "user=%s", user->name);
    buf_append_format(message, "\001auth=Bearer %s\001\001", user->token);
}

static const struct user *named_owner(const struct session *session, const struct bearer *bearer)
{
    return authorization_find(session, buf_bytes(&bearer->name));
}

static const struct user *token_owner(const struct session *session, const struct bearer *bearer)
{
    const struct refserver *server = session->server;

    for (size_t i = 0; i < server->user_count; i++)
        if (server->users[i]->token != NULL && bytes_equal(bytes_of(server->users[i]->token), bearer->token))
            return server->users[i];
    return NULL;
}

/* Lets WHO's own message be executed where somebody else's name or another token was sent. */
static bool execute_as(const struct session *session, struct command_event *event,
                       const struct user *(*who)(const struct session *session, const struct bearer *bearer))
{
    struct buf message;
    struct bearer bearer;
    const struct user *user = take_bearer(session, event, &message, &bearer) ? who(session, &bearer) : NULL;
    bool acts = user != NULL && user->token != NULL &&
                (named_owner(session, &bearer) != user || token_owner(session, &bearer) != user);

    if (acts)
        write_bearer(session, user, &message);
    bearer_release(&bearer);
    return acts ? execute_message(event, &message) : let_pass(&message);
}

HOOK(OAUTHBEARER_TOKEN_UNCHECKED, command)
{
    return session->mechanism == SASL_OAUTHBEARER && execute_as(session, event, named_owner);
}

HOOK(XOAUTH2_TOKEN_UNCHECKED, command)
{
    return session->mechanism == SASL_XOAUTH2 && execute_as(session, event, named_owner);
}

HOOK(TOKEN_FOR_ANYBODY, command)
{
    return execute_as(session, event, token_owner);
}

static bool is_known_key(struct bytes pair)
{
    return pair.size == 0 || bytes_start_with(pair, BYTES_LITERAL("auth=")) ||
           bytes_start_with(pair, BYTES_LITERAL("host=")) || bytes_start_with(pair, BYTES_LITERAL("port="));
}

HOOK(OAUTHBEARER_UNKNOWN_KEY_REFUSED, command)
{
    struct buf message;
    struct bytes rest;
    struct bytes pair;
    bool unknown = false;
    bool taken = take_message(session, event, SASL_OAUTHBEARER, 0, &message);

    rest = buf_bytes(&message);
    (void)bytes_split(&rest, '\001', &pair); /* the header */
    while (taken && rest.data != NULL && bytes_split(&rest, '\001', &pair))
        unknown = unknown || !is_known_key(pair);
    buf_release(&message);
    if (unknown)
        event->verdict = LINE_REFUSED;
    return unknown;
}

HOOK(OAUTHBEARER_NAMELESS_UNANSWERED, command)
{
    struct buf message;
    bool acts = take_message(session, event, SASL_OAUTHBEARER, 0, &message) &&
                bytes_start_with(buf_bytes(&message), BYTES_LITERAL("n,,"));

    buf_release(&message);
    if (acts)
        event->verdict = LINE_IGNORED;
    return acts;
}

HOOK(OAUTHBEARER_SEPARATOR_UNANSWERED, command)
{
    if (!event->response || session->mechanism != SASL_OAUTHBEARER || session->round != 0 ||
        !bytes_equal(event->line, BYTES_LITERAL("AQ==")))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* What the client says to the error result is taken for its consent. */
HOOK(TOKEN_REFUSAL_FORGOTTEN, transition)
{
    if (event->kind != TRANSITION_CREDENTIALS || event->allowed || !session->refusal_told ||
        session->mechanism != SASL_OAUTHBEARER)
        return false;
    event->allowed = true;
    return true;
}

static bool is_error_result(const struct session *session, const struct response_event *event)
{
    return event->part == RESPONSE_CHALLENGE && session->refusal_told &&
           session->mechanism == SASL_OAUTHBEARER;
}

HOOK(OAUTHBEARER_ERROR_IN_WORDS, response)
{
    return is_error_result(session, event) && challenge_with(event, BYTES_LITERAL("invalid token"));
}

HOOK(OAUTHBEARER_ERROR_WITHOUT_STATUS, response)
{
    return is_error_result(session, event) && challenge_with(event, BYTES_LITERAL("{\"scope\":\"mail\"}"));
}

/* ---- SCRAM ---- */

/* The message without the extension that it wants to be understood. */
HOOK(SCRAM_EXTENSION_IGNORED, command)
{
    struct buf message;
    struct buf rest;
    size_t start;

    if (!is(session, event, COMMAND_AUTH) || session->command.argument_count != 2 ||
        !bytes_start_with(session->command.arguments[0], BYTES_LITERAL("SCRAM-")))
        return false;
    buf_init(&message, COMMAND_READER_OCTETS);
    buf_init(&rest, COMMAND_READER_OCTETS);
    bool decoded = base64_decode(session->command.arguments[1], &message);

    start = bytes_find(buf_bytes(&message), BYTES_LITERAL("m="));
    if (decoded && start == 3) {
        struct bytes behind = bytes_from(buf_bytes(&message), start);
        size_t comma = bytes_find_octet(behind, ',');

        buf_append(&rest, bytes_slice(buf_bytes(&message), 0, start));
        buf_append(&rest, bytes_from(behind, comma == BYTES_NOT_FOUND ? behind.size : comma + 1));
        buf_append_format(event->scratch, "AUTH %.*s ", (int)session->command.arguments[0].size,
                          (const char *)session->command.arguments[0].data);
        base64_encode(buf_bytes(&rest), event->scratch);
    }
    buf_release(&message);
    buf_release(&rest);
    return event->scratch->size > 0 && execute_scratch(event);
}
