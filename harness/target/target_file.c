/* The target file: a YAML document turned into a struct target, every mistake with its place. */
#include "target/target.h"

#include "target/target_loader.h"
#include "target/target_text.h"
#include "yamldoc/files.h"
#include "yamldoc/node.h"

#include <regex.h>

enum { SECRET_FILE_OCTETS_MAX = 4096 };

bool loader_check_keys(const struct loader *loader, const struct node *map, const char *what,
                       const char *const *keys, size_t count)
{
    const struct node *cursor = NULL;

    return node_expect(map, NODE_MAP, what, loader->error) &&
           !map_next_unknown(map, keys, count, &cursor, loader->error);
}

const char *loader_keep(const struct loader *loader, const char *text)
{
    return arena_text(&loader->target->arena, bytes_of(text));
}

/* Text of KEY kept in the target; a key that is left out changes nothing. */
bool loader_keep_text(const struct loader *loader, const struct node *map, const char *key,
                      const char **ret_text)
{
    const char *text = NULL;

    if (!map_optional_text(map, key, loader->error, &text))
        return false;
    if (text != NULL)
        *ret_text = loader_keep(loader, text);
    return true;
}

/* A path is relative to the folder of the file that names it, so that a target file can be used from anywhere. */
static const char *keep_path(const struct loader *loader, const char *path)
{
    const char *slash = strrchr(loader->file, '/');

    if (path[0] == '/' || slash == NULL)
        return loader_keep(loader, path);
    return arena_format(&loader->target->arena, "%.*s/%s", (int)(slash - loader->file), loader->file, path);
}

bool loader_keep_path(const struct loader *loader, const struct node *map, const char *key,
                      const char **ret_path)
{
    const char *path = NULL;

    if (!map_optional_text(map, key, loader->error, &path))
        return false;
    if (path != NULL)
        *ret_path = keep_path(loader, path);
    return true;
}

static bool read_bool(const struct loader *loader, const struct node *map, const char *key, bool *ret_value)
{
    const struct node *value = map_get(map, key);

    return value == NULL || node_bool(value, key, loader->error, ret_value);
}

static bool read_port(const struct loader *loader, const struct node *map, const char *key,
                      uint16_t *ret_port)
{
    const struct node *value = map_get(map, key);
    uint64_t port;

    if (value == NULL)
        return true;
    if (!node_number(value, key, 1, UINT16_MAX, loader->error, &port))
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

static bool read_span(const struct loader *loader, const struct node *map, const char *key,
                      int64_t *ret_span_us)
{
    const struct node *value = map_get(map, key);

    if (value == NULL)
        return true;
    if (value->kind == NODE_SCALAR && target_span_parse(value->text, ret_span_us))
        return true;
    error_at(loader->error, value->place, "%s must be a time", key);
    return error_hint(loader->error, "write a number with its unit, such as 300ms, 35s or 2m, at most a day");
}

bool loader_choose(const struct loader *loader, const struct node *map, const char *key,
                   const char *const *names, size_t count, size_t *ret_index)
{
    const struct node *value = map_get(map, key);

    return value == NULL || node_choice(value, key, names, count, loader->error, ret_index);
}

/* ---- tls ---- */

static bool load_tls(const struct loader *loader, const struct node *map)
{
    static const char *const keys[] = {"starttls", "implicit-port", "use",  "name",
                                       "ca",       "verify",        "cert", "key"};
    static const char *const uses[] = {
        [TARGET_TLS_NONE] = "none", [TARGET_TLS_STARTTLS] = "starttls", [TARGET_TLS_IMPLICIT] = "implicit"};
    struct target *target = loader->target;
    size_t use = target->tls;

    if (map == NULL)
        return true;
    if (!loader_check_keys(loader, map, "tls", keys, KEY_COUNT(keys)) ||
        !read_bool(loader, map, "starttls", &target->starttls) ||
        !read_port(loader, map, "implicit-port", &target->implicit_port) ||
        !loader_choose(loader, map, "use", uses, KEY_COUNT(uses), &use) ||
        !loader_keep_text(loader, map, "name", &target->tls_name) ||
        !loader_keep_path(loader, map, "ca", &target->tls_ca) ||
        !read_bool(loader, map, "verify", &target->tls_verify) ||
        !loader_keep_path(loader, map, "cert", &target->tls_cert) ||
        !loader_keep_path(loader, map, "key", &target->tls_key))
        return false;
    target->tls = (enum target_tls)use;
    return true;
}

/* ---- accounts ---- */

static bool secret_from_environment(const struct loader *loader, const struct node *node, const char *key,
                                    const char **ret_secret)
{
    const char *name;
    const char *value;

    if (!node_text(node, key, loader->error, &name))
        return false;
    value = getenv(name);
    if (value == NULL)
        return error_at(loader->error, node->place, "the environment has no variable %s", name);
    *ret_secret = loader_keep(loader, value);
    return true;
}

static bool secret_from_file(const struct loader *loader, const struct node *node, const char *key,
                             const char **ret_secret)
{
    const char *name;
    struct bytes rest;
    struct bytes line;
    struct buf text;
    bool ok;

    if (!node_text(node, key, loader->error, &name))
        return false;
    buf_init(&text, SECRET_FILE_OCTETS_MAX);
    ok = file_read(keep_path(loader, name), loader->error, &text);
    if (ok) {
        rest = buf_bytes(&text);
        if (!bytes_split(&rest, '\n', &line))
            line = BYTES_EMPTY;
        if (bytes_end_with(line, BYTES_LITERAL("\r")))
            line.size--;
        *ret_secret = arena_text(&loader->target->arena, line);
    }
    buf_release(&text);
    return ok;
}

/* The ways to give a secret: itself, by the environment, by a file. */
enum { SECRET_KEYS = 3 };

static const char *const pass_keys[SECRET_KEYS] = {"pass", "pass-env", "pass-file"};
static const char *const token_keys[SECRET_KEYS] = {"token", "token-env", "token-file"};

/* One of KEYS, or none: *ret_secret is left alone then. */
static bool load_secret(const struct loader *loader, const struct node *map, const char *const *keys,
                        const char **ret_secret)
{
    const struct node *found = NULL;
    size_t source = 0;

    for (size_t i = 0; i < SECRET_KEYS; i++) {
        const struct node *value = map_get(map, keys[i]);

        if (value == NULL)
            continue;
        if (found != NULL)
            return error_at(loader->error, map_key(map, keys[i])->place,
                            "the account's %s is given twice, by %s and by %s",
                            keys == pass_keys ? "password" : "token", keys[source], keys[i]);
        found = value;
        source = i;
    }
    if (found == NULL)
        return true;
    if (source == 0)
        return loader_keep_text(loader, map, keys[0], ret_secret);
    return source == 1 ? secret_from_environment(loader, found, keys[source], ret_secret)
                       : secret_from_file(loader, found, keys[source], ret_secret);
}

/* A password, unless a token is there to do without one. */
static bool load_secrets(const struct loader *loader, const struct node *map, struct target_account *account)
{
    const char *pass = NULL;

    if (!load_secret(loader, map, pass_keys, &pass) || !load_secret(loader, map, token_keys, &account->token))
        return false;
    if (pass == NULL && account->token == NULL)
        return error_at(loader->error, map->place, "the account has none of pass, pass-env and pass-file");
    account->pass = pass != NULL ? pass : "";
    return true;
}

/* `apop: true` means the password itself is the shared secret; any other text is the secret. */
static bool load_apop(const struct loader *loader, const struct node *map, struct target_account *account)
{
    const struct node *value = map_get(map, "apop");

    if (value == NULL)
        return true;
    if (value->kind == NODE_SCALAR && value->style == SCALAR_PLAIN) {
        if (bytes_equal(value->text, BYTES_LITERAL("false")))
            return true;
        if (bytes_equal(value->text, BYTES_LITERAL("true"))) {
            account->apop_secret = account->pass;
            return true;
        }
    }
    return loader_keep_text(loader, map, "apop", &account->apop_secret);
}

static bool check_account(const struct loader *loader, const struct node *map,
                          const struct target_account *account)
{
    if (!target_text_is_sendable(account->user) || !target_text_is_sendable(account->pass) ||
        (account->token != NULL && !target_text_is_sendable(account->token)))
        return error_at(loader->error, map->place, "the account's name or secret holds a line end");
    if (login_wants_token(account->login) && account->token == NULL) {
        error_at(loader->error, map->place, "account \"%s\" logs in by %s, but has no token", account->user,
                 login_mechanism(account->login));
        return error_hint(loader->error, "add token, token-env or token-file");
    }
    if (account->login == LOGIN_APOP && account->apop_secret == NULL) {
        error_at(loader->error, map->place, "account \"%s\" logs in by APOP, but has no secret for it",
                 account->user);
        return error_hint(loader->error, "add apop: true, or apop: SECRET where it is not the password");
    }
    for (size_t i = 0; i < loader->target->account_count; i++)
        if (bytes_equal(bytes_of(loader->target->accounts[i].user), bytes_of(account->user)))
            return error_at(loader->error, map->place, "account \"%s\" is named twice", account->user);
    return true;
}

static bool load_account(const struct loader *loader, const struct node *map, struct target_account *account)
{
    static const char *const keys[] = {"user",  "pass",      "pass-env",   "pass-file", "apop",
                                       "token", "token-env", "token-file", "login"};
    const char *logins[LOGIN_METHOD_COUNT];
    size_t login = LOGIN_USER_PASS;

    for (int i = 0; i < LOGIN_METHOD_COUNT; i++)
        logins[i] = login_keyword((enum login_method)i);
    *account = (struct target_account){.pass = ""};
    if (!loader_check_keys(loader, map, "an account", keys, KEY_COUNT(keys)) ||
        !map_text(map, "user", loader->error, &account->user) || !load_secrets(loader, map, account) ||
        !load_apop(loader, map, account) ||
        !loader_choose(loader, map, "login", logins, KEY_COUNT(logins), &login))
        return false;
    account->user = loader_keep(loader, account->user);
    account->login = (enum login_method)login;
    return check_account(loader, map, account);
}

static bool load_accounts(const struct loader *loader, const struct node *list)
{
    struct target *target = loader->target;

    if (list == NULL)
        return true;
    if (!node_expect(list, NODE_SEQUENCE, "accounts", loader->error))
        return false;
    if (list->count > TARGET_ACCOUNTS_MAX)
        return error_at(loader->error, list->place, "there are more than %d accounts", TARGET_ACCOUNTS_MAX);
    target->accounts =
        (struct target_account *)arena_new_array(&target->arena, list->count, sizeof(*target->accounts));
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        if (!load_account(loader, item, &target->accounts[target->account_count]))
            return false;
        target->account_count++;
    }
    return true;
}

/* ---- the rest ---- */

static bool check_pattern(const struct loader *loader, const struct node *map)
{
    const char *pattern = loader->target->health_log_pattern;
    char why[128];
    regex_t regex;
    int status;

    if (pattern == NULL)
        return true;
    if (loader->target->health_log == NULL)
        return error_at(loader->error, map->place, "log-pattern is of no use without log");
    status = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (status == 0) {
        regfree(&regex);
        return true;
    }
    regerror(status, &regex, why, sizeof(why));
    return error_at(loader->error, map_get(map, "log-pattern")->place,
                    "log-pattern is no extended regular expression: %s", why);
}

static bool load_health(const struct loader *loader, const struct node *map)
{
    static const char *const keys[] = {"pid-file", "log", "log-pattern"};
    struct target *target = loader->target;

    if (map == NULL)
        return true;
    return loader_check_keys(loader, map, "health", keys, KEY_COUNT(keys)) &&
           loader_keep_path(loader, map, "pid-file", &target->health_pid_file) &&
           loader_keep_path(loader, map, "log", &target->health_log) &&
           loader_keep_text(loader, map, "log-pattern", &target->health_log_pattern) &&
           check_pattern(loader, map);
}

static bool load_delays(const struct loader *loader, const struct node *map)
{
    static const char *const keys[] = {"login", "bad-login"};

    if (map == NULL)
        return true;
    return loader_check_keys(loader, map, "delays", keys, KEY_COUNT(keys)) &&
           read_span(loader, map, "login", &loader->target->login_delay_us) &&
           read_span(loader, map, "bad-login", &loader->target->bad_login_delay_us);
}

static bool load_bad_logins(const struct loader *loader, const struct node *root)
{
    static const char *const ways[] = {"alone", "together"};
    size_t way = 0;

    if (!loader_choose(loader, root, "bad-logins", ways, KEY_COUNT(ways), &way))
        return false;
    loader->target->bad_logins_together = way == 1;
    return true;
}

static bool load_timeouts(const struct loader *loader, const struct node *map)
{
    static const char *const keys[] = {"connect", "reply", "login", "provision"};

    if (map == NULL)
        return true;
    return loader_check_keys(loader, map, "timeouts", keys, KEY_COUNT(keys)) &&
           read_span(loader, map, "connect", &loader->target->connect_timeout_us) &&
           read_span(loader, map, "reply", &loader->target->reply_timeout_us) &&
           read_span(loader, map, "login", &loader->target->login_patience_us) &&
           read_span(loader, map, "provision", &loader->target->provision_timeout_us);
}

static bool load_address(const struct loader *loader, const struct node *root)
{
    const struct node *node = map_get(root, "host");
    const char *host;

    if (!map_text(root, "host", loader->error, &host))
        return false;
    const char *why = target_check_host(bytes_of(host));

    if (why != NULL) {
        error_at(loader->error, node->place, "%s", why);
        return error_hint(loader->error, "host is a name or an address, without scheme, brackets and port");
    }
    loader->target->host = loader_keep(loader, host);
    return read_port(loader, root, "port", &loader->target->port);
}

static bool load_root(const struct loader *loader, const struct node *root)
{
    static const char *const keys[] = {"target",   "software",  "repeat", "host",   "port",       "tls",
                                       "accounts", "provision", "health", "delays", "bad-logins", "timeouts"};
    struct target *target = loader->target;

    if (!loader_check_keys(loader, root, "a target file", keys, KEY_COUNT(keys)) ||
        !load_address(loader, root) || !loader_keep_text(loader, root, "target", &target->name) ||
        !loader_keep_text(loader, root, "software", &target->software) ||
        !loader_keep_text(loader, root, "repeat", &target->repeat) ||
        !load_tls(loader, map_get(root, "tls")) || !load_accounts(loader, map_get(root, "accounts")) ||
        !loader_read_provision(loader, root) || !load_health(loader, map_get(root, "health")) ||
        !load_delays(loader, map_get(root, "delays")) || !load_bad_logins(loader, root) ||
        !load_timeouts(loader, map_get(root, "timeouts")))
        return false;
    if (target->name[0] == '\0')
        target->name = target_address_text(target);
    if (arena_full(&target->arena))
        return error_at(loader->error, root->place, "the target file is too large");
    return true;
}

/* What cannot work together is said with the file's name; a place inside it would be arbitrary. */
static bool check_whole(const struct loader *loader)
{
    struct error found;

    if (target_check(loader->target, &found))
        return true;
    return error_at(loader->error, (struct place){.file = loader->file}, "%s", found.text);
}

static bool load_document(struct target *target, const struct document *document, const char *file,
                          struct error *error)
{
    const struct loader loader = {target, file, error};

    return load_root(&loader, document->root) && check_whole(&loader);
}

bool target_load(struct target *target, const char *file, struct error *error)
{
    struct document document;
    bool ok = document_load_file(&document, file, error) && load_document(target, &document, file, error);

    document_release(&document);
    return ok;
}

bool target_load_text(struct target *target, struct bytes text, const char *file, struct error *error)
{
    struct document document;
    bool ok =
        document_load_text(&document, text, file, error) && load_document(target, &document, file, error);

    document_release(&document);
    return ok;
}
