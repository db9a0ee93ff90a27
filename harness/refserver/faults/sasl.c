/* Faults of AUTH: what is made of responses, and what challenges say (RFC 5034 section 4). */
#include "base/base64.h"
#include "base/limits.h"
#include "refserver/faults/command_hooks.h"
#include "refserver/faults/reply_hooks.h"
#include "refserver/server.h"

enum { LONG_RESPONSE_OCTETS = 1000 };

/* ---- command ---- */

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
        sasl_knows(command->arguments[0]))
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

/* The asterisk at any challenge but the first. */
HOOK(CANCEL_LATE_UNANSWERED, command)
{
    if (!event->response || session->round == 0 || !bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* Anything but base 64 at any challenge but the first. */
HOOK(BASE64_JUNK_LATE_IGNORED, command)
{
    if (!event->response || session->round == 0 || bytes_equal(event->line, BYTES_LITERAL("*")))
        return false;
    append_base64_octets(event->scratch, event->line);
    return event->scratch->size != event->line.size && execute_scratch(event);
}

HOOK(EMPTY_INITIAL_IS_NONE, command)
{
    return has_initial_response(session, event, "PLAIN") &&
           bytes_equal(session->command.arguments[1], BYTES_LITERAL("=")) &&
           execute_without_initial_response(event, "PLAIN");
}

HOOK(RESPONSE_LIKE_COMMAND_UNANSWERED, command)
{
    (void)session;
    if (!event->response || event->line.size <= COMMAND_OCTETS_MAX)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

HOOK(EMPTY_RESPONSE_UNANSWERED, command)
{
    if (!event->response || session->round > 0 || event->line.size > 0)
        return false;
    event->verdict = LINE_IGNORED;
    return true;
}

/* An authorization identity that begins with something else than ASCII is taken for none. */
HOOK(IDENTITY_EMPTIED, command)
{
    struct buf message;
    size_t nul;

    buf_init(&message, COMMAND_READER_OCTETS);
    if (!event->response || session->mechanism != SASL_PLAIN || !base64_decode(event->line, &message) ||
        message.size == 0 || message.data[0] < 0x80) {
        buf_release(&message);
        return false;
    }
    nul = bytes_find_octet(buf_bytes(&message), '\0');
    base64_encode(bytes_from(buf_bytes(&message), nul == BYTES_NOT_FOUND ? 0 : nul), event->scratch);
    buf_release(&message);
    return execute_scratch(event);
}

/* ---- reply ---- */

static bool is_challenge(const struct session *session, const struct response_event *event,
                         enum sasl_mechanism mechanism, unsigned round)
{
    return event->part == RESPONSE_CHALLENGE && session->mechanism == mechanism && session->round == round;
}

static bool is_scram(const struct session *session)
{
    return session->mechanism == SASL_SCRAM_SHA_1 || session->mechanism == SASL_SCRAM_SHA_256;
}

static bool challenge_by(struct response_event *event, const char *text)
{
    base64_encode(bytes_of(text), event->scratch);
    return replace_text(event);
}

HOOK(SECOND_CHALLENGE_NOT_BASE64, response)
{
    if (event->part != RESPONSE_CHALLENGE || session->round != 1)
        return false;
    event->text = buf_bytes(&session->challenge);
    return true;
}

HOOK(CHALLENGE_WITHOUT_SPACE, response)
{
    (void)session;
    if (event->part != RESPONSE_CHALLENGE || event->text.size > 0)
        return false;
    event->blank = false;
    return true;
}

HOOK(CRAM_MD5_CHALLENGE_REPEATED, response)
{
    return is_challenge(session, event, SASL_CRAM_MD5, 0) && challenge_by(event, "<1.1@pop.example>");
}

HOOK(CRAM_MD5_CHALLENGE_WITHOUT_BRACKETS, response)
{
    struct bytes text = buf_bytes(&session->challenge);

    if (!is_challenge(session, event, SASL_CRAM_MD5, 0))
        return false;
    base64_encode(bytes_slice(text, 1, text.size - 1), event->scratch);
    return replace_text(event);
}

/* The client's nonce is left out of the server's first message. */
HOOK(SCRAM_NONCE_REPLACED, response)
{
    return is_scram(session) && event->part == RESPONSE_CHALLENGE && session->round == 1 &&
           challenge_by(event, "r=AAAAAAAAAAAAAAAAAAAAAAAAAAAA,s=QUFBQUFBQUE=,i=4096");
}

HOOK(AUTH_OK_BEHIND_LOGIN, response)
{
    if (!is_status(session, event, COMMAND_AUTH, false) || session->state != SESSION_TRANSACTION)
        return false;
    event->indicator = "+OK";
    return true;
}

/* The challenge that carries SCRAM's signature, with one octet of it changed. */
static bool is_signature(const struct session *session, const struct response_event *event)
{
    return event->part == RESPONSE_CHALLENGE && session->round == 2 && is_scram(session) &&
           bytes_start_with(buf_bytes(&session->challenge), BYTES_LITERAL("v="));
}

static bool falsify_signature(const struct session *session, struct response_event *event)
{
    struct buf signature;

    buf_init(&signature, BUF_UNBOUNDED);
    buf_append(&signature, buf_bytes(&session->challenge));
    signature.data[2] = signature.data[2] == 'A' ? 'B' : 'A';
    base64_encode(buf_bytes(&signature), event->scratch);
    buf_release(&signature);
    return replace_text(event);
}

HOOK(SCRAM_SIGNATURE_WRONG, response)
{
    return is_signature(session, event) && falsify_signature(session, event);
}

HOOK(SCRAM_SHA_256_SIGNATURE_WRONG, response)
{
    return session->mechanism == SASL_SCRAM_SHA_256 && is_signature(session, event) &&
           falsify_signature(session, event);
}

HOOK(SCRAM_SIGNATURE_EMPTY, response)
{
    if (!is_signature(session, event))
        return false;
    event->text = BYTES_EMPTY;
    return true;
}
