/* AUTH (RFC 5034 section 4): which mechanisms are offered, and the rounds of an exchange. */
#include "refserver/sasl.h"

#include "base/base64.h"
#include "refserver/reply.h"
#include "refserver/server.h"

/* ---- mechanisms ---- */

static const struct mechanism {
    const char *name;
    bool client_first;
    bool plaintext;
    bool bearer;                            /* it takes a token */
    void (*begin)(struct session *session); /* makes the first challenge; NULL: it is empty */
    void (*step)(struct session *session,
                 struct bytes message); /* the client's message number session->round */
} mechanisms[SASL_MECHANISM_COUNT] = {
    [SASL_NONE] = {"", false, false, false, NULL, NULL},
    [SASL_PLAIN] = {"PLAIN", true, true, false, NULL, sasl_step_plain},
    [SASL_LOGIN] = {"LOGIN", false, true, false, sasl_begin_login, sasl_step_login},
    [SASL_CRAM_MD5] = {"CRAM-MD5", false, false, false, sasl_begin_cram_md5, sasl_step_cram_md5},
    [SASL_SCRAM_SHA_1] = {"SCRAM-SHA-1", true, false, false, NULL, sasl_step_scram},
    [SASL_SCRAM_SHA_256] = {"SCRAM-SHA-256", true, false, false, NULL, sasl_step_scram},
    [SASL_DIGEST_MD5] = {"DIGEST-MD5", false, false, false, sasl_begin_digest_md5, sasl_step_digest_md5},
    [SASL_XOAUTH2] = {"XOAUTH2", true, false, true, NULL, sasl_step_xoauth2},
    [SASL_OAUTHBEARER] = {"OAUTHBEARER", true, false, true, NULL, sasl_step_oauthbearer},
};

static bool policy_has(const struct policy *policy, enum sasl_mechanism mechanism)
{
    switch (mechanism) {
    case SASL_PLAIN:
        return policy->auth_plain;
    case SASL_LOGIN:
        return policy->auth_login;
    case SASL_CRAM_MD5:
        return policy->auth_cram_md5;
    case SASL_SCRAM_SHA_1:
        return policy->auth_scram_sha_1;
    case SASL_SCRAM_SHA_256:
        return policy->auth_scram_sha_256;
    case SASL_DIGEST_MD5:
        return policy->auth_digest_md5;
    case SASL_XOAUTH2:
        return policy->auth_xoauth2;
    case SASL_OAUTHBEARER:
        return policy->auth_oauthbearer;
    case SASL_NONE:
    case SASL_MECHANISM_COUNT:
        break;
    }
    return false;
}

bool sasl_is_known(const struct policy *policy)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (policy_has(policy, (enum sasl_mechanism)i))
            return true;
    return false;
}

/* What a mechanism needs that the server may not have: digests, or users who can show a token. */
static bool is_equipped(const struct session *session, enum sasl_mechanism mechanism)
{
    const struct refserver *server = session->server;
    bool md5 = mechanism == SASL_CRAM_MD5 || mechanism == SASL_DIGEST_MD5;
    bool scram = mechanism == SASL_SCRAM_SHA_1 || mechanism == SASL_SCRAM_SHA_256;

    return (!md5 || server->digests != NULL) && (!scram || sasl_scram_digest(session, mechanism) != NULL) &&
           (!mechanisms[mechanism].bearer || server->has_tokens);
}

static bool offers(const struct session *session, enum sasl_mechanism mechanism)
{
    const struct policy *policy = &session->server->policy;

    return policy_has(policy, mechanism) && (session->tls || !policy->auth_needs_tls) &&
           (!mechanisms[mechanism].plaintext || authorization_plaintext_allowed(session)) &&
           (!mechanisms[mechanism].bearer || session->tls || !policy->tokens_need_tls) &&
           is_equipped(session, mechanism);
}

void sasl_append_mechanisms(const struct session *session, char separator, struct buf *text)
{
    bool first = true;

    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++) {
        if (!offers(session, (enum sasl_mechanism)i))
            continue;
        if (!first)
            buf_append_octet(text, (uint8_t)separator);
        buf_append_text(text, mechanisms[i].name);
        first = false;
    }
    if (session->server->policy.external_listed)
        buf_append_format(text, "%.*sEXTERNAL", first ? 0 : 1, &separator);
}

static enum sasl_mechanism find_mechanism(const struct session *session, struct bytes name)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (offers(session, (enum sasl_mechanism)i) && bytes_equal_nocase(bytes_of(mechanisms[i].name), name))
            return (enum sasl_mechanism)i;
    return SASL_NONE;
}

bool sasl_knows(struct bytes name)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (bytes_equal_nocase(bytes_of(mechanisms[i].name), name))
            return true;
    return false;
}

/* ---- rounds ---- */

void sasl_end(struct session *session)
{
    session->mechanism = SASL_NONE;
    session->round = 0;
    session->refusal_told = false;
}

void sasl_challenge(struct session *session)
{
    struct buf encoded;

    buf_init(&encoded, BUF_UNBOUNDED);
    base64_encode(buf_bytes(&session->challenge), &encoded);
    reply_challenge(session, buf_bytes(&encoded));
    buf_release(&encoded);
}

void sasl_challenge_by(struct session *session, struct bytes text)
{
    buf_clear(&session->challenge);
    buf_append(&session->challenge, text);
    sasl_challenge(session);
}

void sasl_finish(struct session *session, struct bytes name, bool right)
{
    authorization_login(session, name, right);
    session->failed_auths += session->positive ? 0 : 1;
    sasl_end(session);
}

void sasl_refuse_by(struct session *session, struct bytes name, struct bytes reason)
{
    buf_clear(&session->claimed);
    buf_append(&session->claimed, name);
    session->refusal_told = true;
    sasl_challenge_by(session, reason);
}

/* The exchange is over before anybody could prove anything. */
static void give_up(struct session *session, enum reply_text why)
{
    session->failed_auths++;
    sasl_end(session);
    reply_error(session, NULL, why);
}

/* ---- AUTH ---- */

static void take_response(struct session *session, struct bytes encoded)
{
    struct buf response;

    buf_init(&response, COMMAND_READER_OCTETS);
    session->round++;
    if (!base64_decode(encoded, &response))
        give_up(session, REPLY_TEXT_AUTH_BAD_BASE64);
    else if (session->refusal_told)
        sasl_finish(session, buf_bytes(&session->claimed), false);
    else
        mechanisms[session->mechanism].step(session, buf_bytes(&response));
    buf_release(&response);
}

static void begin(struct session *session)
{
    const struct mechanism *mechanism = &mechanisms[session->mechanism];

    if (mechanism->begin != NULL)
        mechanism->begin(session);
    else
        sasl_challenge_by(session, BYTES_EMPTY);
}

static void auth_alone(struct session *session)
{
    if (!session->server->policy.auth_alone_lists) {
        reply_error(session, NULL, REPLY_TEXT_WRONG_ARGUMENTS);
        return;
    }
    sasl_append_mechanisms(session, '\n', &session->lines);
    buf_append_octet(&session->lines, '\n');
    reply_ok_rows(session, REPLY_TEXT_AUTH_MECHANISMS, RESPONSE_BODY_LINES);
}

/* Where the server speaks first, no initial response is due; LOGIN has no standard, DIGEST-MD5 a use for one. */
static bool initial_response_refused(const struct session *session, enum sasl_mechanism mechanism)
{
    const struct policy *policy = &session->server->policy;

    if (mechanism == SASL_LOGIN)
        return !policy->login_initial_accepted;
    if (mechanism == SASL_DIGEST_MD5)
        return policy->digest_initial_refused;
    return !mechanisms[mechanism].client_first;
}

void sasl_auth(struct session *session)
{
    const struct command *command = &session->command;

    if (command->argument_count == 0) {
        auth_alone(session);
        return;
    }
    enum sasl_mechanism mechanism = find_mechanism(session, command->arguments[0]);
    bool initial = command->argument_count > 1;

    if (mechanism == SASL_NONE) {
        reply_error(session, NULL, REPLY_TEXT_AUTH_UNKNOWN);
    } else if (session->server->policy.auth_in_trouble && session->server->policy.response_codes) {
        reply_error(session, "[SYS/TEMP]", REPLY_TEXT_BUSY);
    } else if (initial && initial_response_refused(session, mechanism)) {
        reply_error(session, NULL, REPLY_TEXT_AUTH_NO_INITIAL);
    } else {
        session->mechanism = mechanism;
        session->round = 0;
        /* RFC 2831 section 2.2: who comes back to a server that knows nothing of it begins anew. */
        if (!initial || mechanism == SASL_DIGEST_MD5)
            begin(session);
        else if (bytes_equal(command->arguments[1], BYTES_LITERAL("=")))
            take_response(session, BYTES_EMPTY);
        else
            take_response(session, command->arguments[1]);
    }
}

void sasl_response(struct session *session, struct bytes line)
{
    session->command.verb = COMMAND_AUTH;
    if (bytes_equal(line, BYTES_LITERAL("*"))) {
        give_up(session, REPLY_TEXT_AUTH_CANCELLED);
    } else {
        take_response(session, line);
    }
}
