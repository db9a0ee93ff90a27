/* The AUTHORIZATION state: RFC 1939 sections 4 and 7, RFC 2449 section 5, RFC 2595 section 4. */
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <inttypes.h>

/* How long a fault lets STLS wait for its reply. */
#define STLS_LATE_US (US_PER_S / 2)

bool authorization_plaintext_allowed(const struct session *session)
{
    return session->tls || !session->server->policy.plaintext_needs_tls;
}

/* RFC 2595 section 4: announced where it is permitted, which is before login, once. */
static bool tls_could_begin(const struct session *session)
{
    return session->server->policy.stls && session->info.tls_ready && !session->tls;
}

bool authorization_stls_offered(const struct session *session)
{
    return tls_could_begin(session) && session->state == SESSION_AUTHORIZATION;
}

static bool is_stls_listed(const struct session *session)
{
    return authorization_stls_offered(session) ||
           (session->server->policy.stls_in_both_states && tls_could_begin(session));
}

static void add_capability(struct session *session, bool present, const char *line)
{
    if (present)
        buf_append_format(&session->lines, "%s\n", line);
}

static void add_mechanisms(struct session *session)
{
    struct buf mechanisms;

    buf_init(&mechanisms, BUF_UNBOUNDED);
    sasl_append_mechanisms(session, ' ', &mechanisms);
    if (mechanisms.size > 0)
        buf_append_format(&session->lines, "SASL %s\n", buf_text(&mechanisms));
    buf_release(&mechanisms);
}

static void add_capability_in_case(struct session *session, const char *line)
{
    size_t start = session->lines.size;

    add_capability(session, true, line);
    for (size_t i = start; session->server->policy.capabilities_lower_case && i < session->lines.size; i++)
        session->lines.data[i] = ascii_lower(session->lines.data[i]);
}

static void add_capabilities(struct session *session)
{
    const struct policy *policy = &session->server->policy;
    struct buf *lines = &session->lines;
    bool response_codes = policy->response_codes && policy->response_codes_announced;
    size_t start = lines->size;

    add_capability(session, policy->top && !policy->unlisted_optional_commands, "TOP");
    add_capability(session, policy->user_pass && authorization_plaintext_allowed(session), "USER");
    add_mechanisms(session);
    add_capability(session, response_codes, "RESP-CODES");
    add_capability(session, response_codes && policy->auth_resp_code_announced, "AUTH-RESP-CODE");
    add_capability(session, policy->pipelining_announced, "PIPELINING");
    add_capability(session, is_stls_listed(session), "STLS");
    add_capability(session, policy->private_capabilities, "XPOP3SPEC a=b,c [d] ..");
    add_capability(session, policy->private_capabilities, "X-POP3SPEC.2 ");
    for (size_t i = start; policy->capabilities_lower_case && i < lines->size; i++)
        lines->data[i] = ascii_lower(lines->data[i]);
}

/*
 * TAG with VALUE; before login, where users differ, with what holds for any of them (RFC 2449 sections 6.5 and 6.7). A limit of 0 says
 * something only where it is announced all the same.
 */
static void add_limit(struct session *session, const char *tag, int64_t value, int64_t of_users,
                      bool announced)
{
    bool differs = of_users > 0 && session->state == SESSION_AUTHORIZATION;

    if (value > 0 || announced)
        buf_append_format(&session->lines, "%s %" PRId64 "%s\n", tag, differs ? of_users : value,
                          differs ? " USER" : "");
}

static void add_capabilities_with_arguments(struct session *session)
{
    const struct policy *policy = &session->server->policy;
    bool lower = policy->capabilities_lower_case;
    bool grown = session->tls || !policy->capabilities_grow_under_tls;

    add_limit(session, lower ? "login-delay" : "LOGIN-DELAY", policy->login_delay_s,
              policy->login_delay_users_s, policy->login_delay_announced);
    if (grown)
        add_limit(session, lower ? "expire" : "EXPIRE", policy->expire_days, policy->expire_users_days,
                  policy->expire_days == 0);
    add_capability(session, grown && policy->expire_days == EXPIRE_NEVER,
                   lower ? "expire NEVER" : "EXPIRE NEVER");
    add_capability(session, policy->uidl && !policy->unlisted_optional_commands, lower ? "uidl" : "UIDL");
    if (policy->utf8 != UTF8_UNKNOWN)
        add_capability_in_case(session, language_utf8_capability(session));
    if (policy->lang != LANG_UNKNOWN)
        add_capability_in_case(session, "LANG");
    add_capability(session,
                   policy->implementation_announced && grown &&
                       (!policy->implementation_behind_login || session->state == SESSION_TRANSACTION),
                   lower ? "implementation pop3spec-refserver" : "IMPLEMENTATION pop3spec-refserver");
}

/* One space at the end of every line. */
static void end_lines_in_blanks(struct buf *lines)
{
    struct buf plain = *lines;
    struct bytes rest = buf_bytes(&plain);
    struct bytes line;

    buf_init(lines, BUF_UNBOUNDED);
    while (rest.size > 0 && bytes_split(&rest, '\n', &line)) {
        buf_append(lines, line);
        buf_append_text(lines, bytes_end_with(line, BYTES_LITERAL(" ")) ? "\n" : " \n");
    }
    buf_release(&plain);
}

void authorization_capa(struct session *session)
{
    const struct policy *policy = &session->server->policy;

    if (policy->capabilities != NULL) {
        add_capability(session, true, policy->capabilities);
    } else {
        add_capabilities(session);
        add_capabilities_with_arguments(session);
    }
    if (policy->capabilities_end_in_blanks)
        end_lines_in_blanks(&session->lines);
    reply_ok_rows(session, REPLY_TEXT_CAPA, RESPONSE_BODY_LINES);
    session->capas++;
}

/* Where names and passwords may be UTF-8: appends TEXT as SASLprep has it. False when it can be neither. */
static bool prepare(const struct session *session, struct bytes text, bool stored, struct buf *ret_prepared)
{
    const struct refserver *server = session->server;

    if (server->policy.utf8 == UTF8_UNKNOWN || !server->policy.utf8_user || server->saslprep == NULL)
        return buf_append(ret_prepared, text);
    return server->saslprep(text, stored, ret_prepared);
}

struct user *authorization_find(const struct session *session, struct bytes name)
{
    struct buf prepared;
    struct user *user = NULL;

    buf_init(&prepared, COMMAND_READER_OCTETS);
    if (prepare(session, name, false, &prepared))
        user = refserver_find_user(session->server, buf_bytes(&prepared));
    buf_release(&prepared);
    return user;
}

/* RFC 6856 section 2.2: what is typed is compared as a query, what is kept as a stored string. */
static bool password_right(const struct session *session, const struct user *user, struct bytes password)
{
    struct buf typed;
    struct buf kept;

    buf_init(&typed, COMMAND_READER_OCTETS);
    buf_init(&kept, COMMAND_READER_OCTETS);
    bool right = prepare(session, password, false, &typed) &&
                 prepare(session, bytes_of(user->password), true, &kept) &&
                 bytes_equal(buf_bytes(&typed), buf_bytes(&kept));

    buf_release(&typed);
    buf_release(&kept);
    return right;
}

struct user *authorization_named(const struct session *session)
{
    return authorization_find(session, bytes_of(session->name));
}

/* Prepared by SASLprep where it may be UTF-8. A name that cannot be kept cannot be a user's either. */
static bool keep_name(struct session *session, struct bytes name)
{
    struct buf prepared;

    buf_init(&prepared, NAME_OCTETS_MAX);
    bool ok = prepare(session, name, false, &prepared) && prepared.size > 0;

    if (!ok)
        buf_clear(&prepared);
    snprintf(session->name, sizeof(session->name), "%s", buf_text(&prepared));
    buf_release(&prepared);
    return ok;
}

static bool is_locked(const struct session *session, const struct user *user)
{
    return user->lock_owner != 0 && session->now_us < user->lock_until_us;
}

static bool name_accepted(struct session *session)
{
    const struct policy *policy = &session->server->policy;
    struct user *user = authorization_named(session);
    struct transition_event event = {
        .kind = TRANSITION_NAME,
        .allowed = user != NULL ? !policy->user_refused_while_locked || !is_locked(session, user)
                                : !policy->unknown_user_refused,
    };

    if (user != NULL)
        user->named_count++;
    seam_transition(session, &event);
    return event.allowed;
}

static void refuse_login(struct session *session, const char *code, enum reply_text text)
{
    session->failed_logins++;
    reply_error(session, code, text);
    if (session->server->policy.close_after_failed_login)
        session_leave(session, LEAVE_REFUSAL);
}

/* RFC 2449 section 6.5. */
static bool too_soon(struct session *session, const struct user *user)
{
    int64_t delay_us = session->server->policy.login_delay_s * US_PER_S;
    struct transition_event event = {
        .kind = TRANSITION_LOGIN_DELAY,
        .allowed = !user->logged_in_before || session->now_us >= time_after(user->last_login_us, delay_us),
    };

    seam_transition(session, &event);
    return !event.allowed;
}

static void refuse_too_soon(struct session *session)
{
    refuse_login(session, "[LOGIN-DELAY]", REPLY_TEXT_LOGIN_TOO_SOON);
}

/* RFC 1939 section 7: only behind the greeting, or behind USER or PASS that failed. */
void authorization_user(struct session *session)
{
    const struct policy *policy = &session->server->policy;
    const struct user *user = authorization_find(session, session->command.arguments[0]);

    if (session->named && !session->server->policy.user_again_accepted) {
        session->named = false;
        reply_error(session, NULL, REPLY_TEXT_USER_AGAIN);
        return;
    }
    bool possible = keep_name(session, session->command.arguments[0]);

    session->named_twice = session->named;
    session->named = false;
    if (!authorization_plaintext_allowed(session))
        reply_error(session, NULL, REPLY_TEXT_PLAINTEXT_REFUSED);
    else if (!possible)
        reply_error(session, NULL, REPLY_TEXT_MALFORMED_NAME);
    else if (!name_accepted(session))
        reply_error(session, policy->unknown_user_told ? "[AUTH]" : NULL, REPLY_TEXT_USER_UNKNOWN);
    else if (policy->login_delay_at_user && user != NULL && too_soon(session, user))
        refuse_too_soon(session);
    else {
        session->named = true;
        reply_ok(session, REPLY_TEXT_USER_WELCOME);
    }
}

/* The rest of the line is the password, spaces and all, or it is refused: never cut (RFC 1939 section 7). */
void authorization_pass(struct session *session)
{
    struct bytes password = session->command.arguments[0];
    struct bytes name = bytes_of(session->name);
    bool refused =
        session->server->policy.pass_spaces_refused && bytes_find_octet(password, ' ') != BYTES_NOT_FOUND;
    const struct user *user = authorization_find(session, name);

    if (!session->named) {
        reply_error(session, NULL, REPLY_TEXT_PASS_FIRST_USER);
        return;
    }
    session->named = false;
    authorization_login(session, name, !refused && user != NULL && password_right(session, user, password));
}

static bool apop_digest_right(const struct session *session, const struct user *user, struct bytes digest)
{
    const char *secret = user->apop_secret != NULL ? user->apop_secret : user->password;
    uint8_t octets[REFSERVER_DIGEST_OCTETS];
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, session->timestamp);
    if (!prepare(session, bytes_of(secret), true, &text)) {
        buf_release(&text);
        return false;
    }
    session->server->digests->md5(buf_bytes(&text), octets);
    buf_clear(&text);
    for (size_t i = 0; i < sizeof(octets); i++)
        buf_append_format(&text, "%02x", octets[i]);
    bool right = bytes_equal(buf_bytes(&text), digest);

    buf_release(&text);
    return right;
}

/* RFC 1939 section 7: valid where USER is; lower-case hexadecimal digits. */
void authorization_apop(struct session *session)
{
    struct bytes name = session->command.arguments[0];
    const struct user *user = authorization_find(session, name);

    if (session->named) {
        session->named = false;
        reply_error(session, NULL, REPLY_TEXT_USER_AGAIN);
        return;
    }
    authorization_login(session, name,
                        user != NULL && apop_digest_right(session, user, session->command.arguments[1]));
}

/*
 * RFC 2595 section 4. What the client knew and said before is forgotten, and what stands behind STLS is thrown away
 * here, before the handshake: executed later, it would look as if it had come through TLS (CVE-2021-38084).
 */
void authorization_stls(struct session *session)
{
    bool injected = session->input.size > session->input_read;
    struct transition_event event = {.kind = TRANSITION_START_TLS, .rest_dropped = true, .begins = true};

    if (session->tls) {
        reply_error(session, NULL, REPLY_TEXT_STLS_ACTIVE);
        return;
    }
    if (session->server->policy.stls_fails) {
        reply_error(session, NULL, REPLY_TEXT_STLS_FAILED);
        return;
    }
    if (session->utf8 && session->server->policy.utf8_bars_stls) {
        reply_error(session, NULL, REPLY_TEXT_UTF8_BARS_STLS);
        return;
    }
    if (injected && session->server->policy.injection == INJECTION_REFUSED) {
        reply_error(session, NULL, REPLY_TEXT_STLS_INJECTION);
        return;
    }
    if (injected && session->server->policy.injection == INJECTION_CLOSED) {
        session_leave(session, LEAVE_REFUSAL);
        return;
    }
    if (injected && session->server->policy.injection == INJECTION_FATAL) {
        reply_ok(session, REPLY_TEXT_STLS);
        session_leave(session, LEAVE_REFUSAL);
        return;
    }
    seam_transition(session, &event);
    session->rest_dropped = event.rest_dropped;
    session->bare_lf_accepted = event.bare_lf_accepted;
    if (event.rest_dropped)
        session->input_read = session->input.size;
    session->named = session->named && session->server->policy.user_kept_over_stls;
    language_forget(session);
    session->stls_late = event.late;
    session->stls_begins = event.begins;
    session->stls_greets = event.greets;
    session->handshake = event.handshake;
    if (event.late)
        session_wait(session, STLS_LATE_US);
    else
        authorization_stls_answer(session);
}

void authorization_stls_answer(struct session *session)
{
    session->stls_late = false;
    session->tls_wanted = session->stls_begins;
    reply_ok(session, REPLY_TEXT_STLS);
}

/* RFC 1939 section 4: the lock, then the messages. A lock is never kept by a login that failed. */
static bool acquire(struct session *session, struct user *user)
{
    bool exclusive = session->server->policy.exclusive_lock;
    struct transition_event event = {
        .kind = TRANSITION_LOCK,
        .exclusive = exclusive,
        .allowed = !exclusive || !is_locked(session, user),
    };
    struct error error;

    seam_transition(session, &event);
    if (!event.allowed) {
        refuse_login(session, session->server->policy.in_use_code ? "[IN-USE]" : NULL, REPLY_TEXT_IN_USE);
        return false;
    }
    opened_maildrop_close(&session->maildrop);
    session->maildrop.newest_first = session->server->policy.newest_first;
    if (!opened_maildrop_open(&session->maildrop, user->store, &error)) {
        refuse_login(session, "[SYS/TEMP]", REPLY_TEXT_UNREADABLE_MAILDROP);
        return false;
    }
    if (event.exclusive) {
        user->lock_owner = session->serial;
        user->lock_until_us = TIME_NEVER;
    }
    session->read_only = session->server->policy.second_session_read_only && user->session_count > 0;
    session->live = event.live;
    if (event.marked > 0 && event.marked <= session->maildrop.count)
        session->maildrop.messages[event.marked - 1].marked = true;
    return true;
}

/* Whoever logged in is in the TRANSACTION state from here on (section 3). */
static void enter_transaction(struct session *session, struct user *user)
{
    session->user = user;
    user->session_count++;
    session->ordinal = ++user->opened_count;
    session->state = SESSION_TRANSACTION;
    user->logged_in_before = true;
    if (session->server->policy.last_remembers)
        session->maildrop.last = session->maildrop.last_before = user->last;
    user->last_login_us = session->now_us;
}

/* After a wrong password even the right one is refused for a while. */
static bool is_penalised(const struct session *session, const struct user *user)
{
    return session->server->policy.penalty_s > 0 && session->now_us < user->penalty_until_us;
}

/* Trouble that passes, which only a response code can tell from a password that is wrong. */
static bool is_busy(const struct session *session, const struct user *user)
{
    const struct policy *policy = &session->server->policy;

    return policy->busy_once && policy->response_codes && user->login_count == 1;
}

void authorization_login(struct session *session, struct bytes name, bool right)
{
    struct user *user = authorization_find(session, name);
    struct transition_event event = {
        .kind = TRANSITION_CREDENTIALS, .allowed = right && user != NULL, .opens = true};

    (void)keep_name(session, name);
    if (user != NULL)
        user->login_count++;
    seam_transition(session, &event);
    if (!event.allowed || user == NULL) {
        refuse_login(session, "[AUTH]", REPLY_TEXT_LOGIN_FAILED);
        if (user != NULL)
            user->penalty_until_us =
                time_after(session->now_us, session->server->policy.penalty_s * US_PER_S);
    } else if (is_penalised(session, user)) {
        refuse_login(session, NULL, REPLY_TEXT_LOGIN_FAILED);
    } else if (too_soon(session, user)) {
        refuse_too_soon(session);
    } else if (is_busy(session, user)) {
        refuse_login(session, "[SYS/TEMP]", REPLY_TEXT_BUSY);
    } else if (!event.opens || acquire(session, user)) {
        if (event.opens)
            enter_transaction(session, user);
        reply_ok(session, session->command.verb == COMMAND_PASS || session->command.verb == COMMAND_APOP
                              ? REPLY_TEXT_LOGGED_IN
                              : REPLY_TEXT_AUTH_LOGGED_IN);
    }
}
