#include "target/target.h"

#include "target/target_text.h"

enum {
    /* What a target file can make us keep; DOCUMENT_OCTETS_MAX bounds the file itself. */
    TARGET_ARENA_OCTETS_MAX = 4 * 1024 * 1024,
    DEFAULT_PORT = 110,          /* RFC 1939 section 3 */
    DEFAULT_IMPLICIT_PORT = 995, /* RFC 8314 section 7.1 */
};

static const char *const tls_names[] = {
    [TARGET_TLS_NONE] = "none",
    [TARGET_TLS_STARTTLS] = "starttls",
    [TARGET_TLS_IMPLICIT] = "implicit",
};

static const char *const tls_unverified_texts[] = {
    [TARGET_TLS_NONE] = "none",
    [TARGET_TLS_STARTTLS] = "starttls, not verified",
    [TARGET_TLS_IMPLICIT] = "implicit, not verified",
};

void target_init(struct target *target)
{
    *target = (struct target){
        .name = "",
        .host = "",
        .port = DEFAULT_PORT,
        .starttls = true,
        .tls_verify = true,
        .connect_timeout_us = 10 * US_PER_S,
        .reply_timeout_us = 10 * US_PER_S,
        .login_patience_us = 35 * US_PER_S,
        .provision_timeout_us = 30 * US_PER_S,
    };
    arena_init(&target->arena, TARGET_ARENA_OCTETS_MAX);
}

void target_release(struct target *target)
{
    arena_release(&target->arena);
    *target = (struct target){0};
}

bool target_tls_of_name(const char *name, enum target_tls *ret_tls)
{
    for (size_t i = 0; i < sizeof(tls_names) / sizeof(tls_names[0]); i++)
        if (bytes_equal(bytes_of(tls_names[i]), bytes_of(name))) {
            *ret_tls = (enum target_tls)i;
            return true;
        }
    return false;
}

const char *target_tls_text(const struct target *target)
{
    return target->tls_verify ? tls_names[target->tls] : tls_unverified_texts[target->tls];
}

const char *target_address_print(const struct target *target, struct arena *arena)
{
    bool bracketed = strchr(target->host, ':') != NULL;
    unsigned port =
        target->tls == TARGET_TLS_IMPLICIT || target->port == 0 ? target->implicit_port : target->port;

    return arena_format(arena, "%s%s%s:%u", bracketed ? "[" : "", target->host, bracketed ? "]" : "", port);
}

const char *target_address_text(struct target *target)
{
    return target_address_print(target, &target->arena);
}

/* ---- HOST[:PORT] and URLs ---- */

static bool address_error(struct error *error, const char *address, const char *why)
{
    error_set(error, ERROR_USAGE, "\"%s\" is no address of a target: %s", address, why);
    return error_hint(error, "write HOST, HOST:PORT, [::1]:110, pop3://[user@]host[:port] or pop3s://...");
}

const char *target_split_port(struct bytes text, struct bytes *ret_host, uint16_t *ret_port)
{
    struct bytes digits = BYTES_EMPTY;
    uint64_t port;
    size_t colon;

    *ret_port = 0;
    *ret_host = text;
    if (bytes_start_with(text, BYTES_LITERAL("["))) {
        size_t bracket = bytes_find_octet(text, ']');

        if (bracket == BYTES_NOT_FOUND)
            return "the bracket is not closed";
        *ret_host = bytes_slice(text, 1, bracket);
        digits = bytes_from(text, bracket + 1);
        if (digits.size > 0 && digits.data[0] != ':')
            return "something other than a port stands behind the bracket";
        if (digits.size == 0)
            return NULL;
    } else {
        colon = bytes_find_octet(text, ':');
        if (colon == BYTES_NOT_FOUND || bytes_find_octet(bytes_from(text, colon + 1), ':') != BYTES_NOT_FOUND)
            return NULL; /* no port, or an IPv6 address without brackets */
        *ret_host = bytes_slice(text, 0, colon);
        digits = bytes_from(text, colon);
    }
    if (!bytes_to_u64(bytes_from(digits, 1), &port) || port == 0 || port > UINT16_MAX)
        return "the port is not a number from 1 to 65535";
    *ret_port = (uint16_t)port;
    return NULL;
}

const char *target_check_host(struct bytes host)
{
    if (host.size == 0)
        return "the host is missing";
    if (host.size > 255)
        return "the host is longer than 255 octets";
    for (size_t i = 0; i < host.size; i++)
        if (!ascii_is_visible(host.data[i]) || strchr("/\\@[]\"'<>", host.data[i]) != NULL)
            return "the host holds a character that no host name has";
    return NULL;
}

static void set_address(struct target *target, struct bytes host, uint16_t port, bool implicit)
{
    target->host = arena_text(&target->arena, host);
    if (implicit) {
        target->tls = TARGET_TLS_IMPLICIT;
        target->port = 0;
        target->implicit_port = port != 0 ? port : DEFAULT_IMPLICIT_PORT;
    } else {
        target->port = port != 0 ? port : DEFAULT_PORT;
    }
}

bool target_parse_address(struct target *target, const char *address, struct error *error)
{
    struct bytes rest = bytes_of(address);
    struct bytes host;
    struct bytes user = BYTES_EMPTY;
    bool secure = bytes_equal_nocase(bytes_slice(rest, 0, 8), BYTES_LITERAL("pop3s://"));
    bool url = secure || bytes_equal_nocase(bytes_slice(rest, 0, 7), BYTES_LITERAL("pop3://"));
    const char *why;
    uint16_t port;
    size_t at;

    if (url) {
        rest = bytes_from(rest, secure ? 8 : 7);
        if (bytes_end_with(rest, BYTES_LITERAL("/")))
            rest = bytes_slice(rest, 0, rest.size - 1);
        at = bytes_find_octet(rest, '@');
        if (at != BYTES_NOT_FOUND) {
            user = bytes_slice(rest, 0, at);
            rest = bytes_from(rest, at + 1);
        }
        if (bytes_find_octet(user, ':') != BYTES_NOT_FOUND)
            return address_error(error, address, "a password does not belong into an address");
        if (bytes_find_octet(user, ';') != BYTES_NOT_FOUND)
            return address_error(error, address, "ways of login are chosen in a target file");
    }
    why = target_split_port(rest, &host, &port);
    if (why == NULL)
        why = target_check_host(host);
    if (why != NULL)
        return address_error(error, address, why);
    set_address(target, host, port, secure);
    if (target->name[0] == '\0')
        target->name = target_address_text(target);
    return user.size == 0 || target_set_login(target, arena_text(&target->arena, user), NULL, error);
}

/* ---- flags ---- */

bool target_set_login(struct target *target, const char *user, const char *pass, struct error *error)
{
    struct target_account *account;

    if (user != NULL && !target_text_is_sendable(user))
        return error_set(error, ERROR_USAGE, "the user name holds a line end");
    if (pass != NULL && !target_text_is_sendable(pass))
        return error_set(error, ERROR_USAGE, "the password holds a line end");
    if (target->account_count == 0) {
        if (user == NULL)
            return error_set(error, ERROR_USAGE, "a password is of no use without a user; say -u USER too");
        target->accounts =
            (struct target_account *)arena_new_array(&target->arena, 1, sizeof(*target->accounts));
        target->accounts[0] = (struct target_account){.pass = ""};
        target->account_count = 1;
    }
    account = &target->accounts[0];
    if (user != NULL)
        account->user = arena_text(&target->arena, bytes_of(user));
    if (pass != NULL)
        account->pass = arena_text(&target->arena, bytes_of(pass));
    return true;
}

bool target_account_allows(const struct target_account *account, enum login_method method)
{
    if (method == LOGIN_APOP)
        return account->apop_secret != NULL;
    return !login_wants_token(method) || account->token != NULL;
}

bool target_check(const struct target *target, struct error *error)
{
    if (target->host[0] == '\0')
        return error_set(error, ERROR_USAGE, "the target has no host");
    if (target->tls == TARGET_TLS_IMPLICIT && target->implicit_port == 0)
        return error_set(
            error, ERROR_USAGE,
            "implicit TLS is wanted, but no port for it is known: say tls: {implicit-port: 995}");
    if (target->tls != TARGET_TLS_IMPLICIT && target->port == 0)
        return error_set(error, ERROR_USAGE,
                         "a connection without TLS is wanted, but only a port for implicit TLS is known");
    if (target->tls == TARGET_TLS_STARTTLS && !target->starttls)
        return error_set(error, ERROR_USAGE, "STLS is to be used, but the target says starttls: false");
    if (target->tls_key != NULL && target->tls_cert == NULL)
        return error_set(error, ERROR_USAGE, "a client's key is of no use without its certificate");
    for (size_t i = 0; i < target->account_count; i++)
        if (!target_account_allows(&target->accounts[i], target->accounts[i].login))
            return error_set(error, ERROR_USAGE, "account \"%s\" logs in by %s, but has no secret for it",
                             target->accounts[i].user, login_keyword(target->accounts[i].login));
    return true;
}
