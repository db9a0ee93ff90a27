/* The key `provision` of a target file: how mailboxes are emptied and filled. */
#include "target/command.h"
#include "target/mail_delivery.h"
#include "target/target_loader.h"
#include "target/target_text.h"

enum { LMTP_PORT = 24, SMTP_PORT = 25 };

/* ---- accounts ---- */

/* The place of account INDEX in the file, for what is wrong with its name in this use. */
static struct place account_place(const struct node *root, size_t index)
{
    const struct node *item = map_get(root, "accounts")->first;

    for (size_t i = 0; i < index; i++)
        item = item->next;
    return map_get(item, "user")->place;
}

/* Accounts that share one PATTERN would share one mailbox, and the suite would empty it under its own feet. */
static bool check_pattern_parts(const struct loader *loader, const struct node *value, const char *pattern)
{
    if (loader->target->account_count < 2 || strstr(pattern, "{user}") != NULL)
        return true;
    error_at(loader->error, value->place, "all accounts would share the mailbox %s", pattern);
    return error_hint(loader->error, "write {user} where the account's name stands in it");
}

/* ---- maildir, mbox ---- */

static bool load_maildir(const struct loader *loader, const struct node *map)
{
    static const char *const line_ends[] = {"lf", "crlf"};
    size_t line_end = 0;

    if (!loader_choose(loader, map, "line-ends", line_ends, KEY_COUNT(line_ends), &line_end))
        return false;
    loader->target->provision_crlf = line_end == 1;
    return loader_keep_path(loader, map, "maildir", &loader->target->provision_path);
}

static bool load_mbox(const struct loader *loader, const struct node *map)
{
    static const char *const locks[] = {
        [TARGET_LOCK_DOT] = "dot", [TARGET_LOCK_FCNTL] = "fcntl", [TARGET_LOCK_BOTH] = "both"};
    size_t lock = TARGET_LOCK_BOTH;

    if (!loader_choose(loader, map, "lock", locks, KEY_COUNT(locks), &lock))
        return false;
    loader->target->provision_lock = (enum target_lock)lock;
    return loader_keep_path(loader, map, "mbox", &loader->target->provision_path);
}

/* ---- lmtp, smtp ---- */

static bool load_mail_address(const struct loader *loader, const struct node *map, const char *key,
                              uint16_t default_port)
{
    struct target *target = loader->target;
    const char *text;
    struct bytes host;
    const char *why;

    if (!map_text(map, key, loader->error, &text))
        return false;
    why = target_split_port(bytes_of(text), &host, &target->mail_port);
    if (why == NULL)
        why = target_check_host(host);
    if (why != NULL) {
        error_at(loader->error, map_get(map, key)->place, "\"%s\" is no address of a mail server: %s", text,
                 why);
        return error_hint(loader->error, "write HOST:PORT");
    }
    target->mail_host = arena_text(&target->arena, host);
    if (target->mail_port == 0)
        target->mail_port = default_port;
    return true;
}

/* What stands between the brackets of RCPT TO must not end them, nor the line (RFC 5321 section 4.1.2, unquoted). */
static bool check_recipient(const struct loader *loader, const char *user, struct place place)
{
    struct error found;
    struct buf recipient;
    bool ok;

    buf_init(&recipient, MAIL_RECIPIENT_OCTETS_MAX);
    ok = mail_recipient(loader->target->mail_recipient, user, &recipient, &found);
    buf_release(&recipient);
    return ok || error_at(loader->error, place, "%s", found.text);
}

/* The pattern alone, since accounts may be named elsewhere, and then what becomes of it with each account. */
static bool check_recipients(const struct loader *loader, const struct node *root, struct place place)
{
    const struct target *target = loader->target;

    if (!check_recipient(loader, "user", place))
        return false;
    for (size_t i = 0; i < target->account_count; i++) {
        if (!check_recipient(loader, target->accounts[i].user, account_place(root, i)))
            return false;
    }
    return true;
}

static bool load_mail(const struct loader *loader, const struct node *map, const struct node *root,
                      const char *key, uint16_t default_port)
{
    struct target *target = loader->target;
    const struct node *recipient = map_get(map, "recipient");

    target->mail_recipient = "{user}";
    return load_mail_address(loader, map, key, default_port) &&
           loader_keep_text(loader, map, "recipient", &target->mail_recipient) &&
           (recipient == NULL || check_pattern_parts(loader, recipient, target->mail_recipient)) &&
           check_recipients(loader, root, recipient == NULL ? map->place : recipient->place);
}

/* ---- command ---- */

static bool names_user(const char *command)
{
    return command != NULL && strstr(command, "{user}") != NULL;
}

/* In a shell's command a name is only harmless if no character of it means anything to a shell, quoted or not. */
static bool check_command_users(const struct loader *loader, const struct node *root)
{
    const struct target *target = loader->target;

    if (!names_user(target->command_reset) && !names_user(target->command_deliver))
        return true;
    for (size_t i = 0; i < target->account_count; i++)
        if (!command_user_is_safe(target->accounts[i].user)) {
            error_at(loader->error, account_place(root, i),
                     "the account name \"%s\" cannot stand in a command as {user}", target->accounts[i].user);
            return error_hint(loader->error,
                              "use \"$POP3SPEC_USER\" in the command: it may hold any name; {user} may hold "
                              "letters, digits and . _ + @ -");
        }
    return true;
}

/* The folder of the target file, so that it can be used from anywhere. */
static const char *folder_of(const struct loader *loader)
{
    const char *slash = strrchr(loader->file, '/');

    return slash == NULL ? NULL
                         : arena_text(&loader->target->arena,
                                      bytes_make(loader->file, (size_t)(slash - loader->file) + 1));
}

static bool load_command(const struct loader *loader, const struct node *map, const struct node *root)
{
    static const char *const keys[] = {"reset", "deliver"};
    const struct node *commands = map_get(map, "command");
    struct target *target = loader->target;

    if (!loader_check_keys(loader, commands, "command", keys, KEY_COUNT(keys)) ||
        !map_text(commands, "deliver", loader->error, &target->command_deliver) ||
        !loader_keep_text(loader, commands, "reset", &target->command_reset))
        return false;
    target->command_deliver = loader_keep(loader, target->command_deliver);
    target->command_folder = folder_of(loader);
    return check_command_users(loader, root);
}

/* ---- which of them ---- */

/* Keys that say more about one way make no sense with another. */
static bool check_companions(const struct loader *loader, const struct node *map)
{
    static const struct {
        const char *key;
        enum target_provision ways[2];
        const char *what;
    } companions[] = {
        {"line-ends", {TARGET_PROVISION_MAILDIR}, "line-ends is for maildir; an mbox has LF"},
        {"lock", {TARGET_PROVISION_MBOX}, "lock is for mbox; a maildir needs none"},
        {"recipient", {TARGET_PROVISION_LMTP, TARGET_PROVISION_SMTP}, "recipient is for lmtp and smtp"},
    };

    for (size_t i = 0; i < KEY_COUNT(companions); i++)
        if (map_get(map, companions[i].key) != NULL && loader->target->provision != companions[i].ways[0] &&
            loader->target->provision != companions[i].ways[1])
            return error_at(loader->error, map_key(map, companions[i].key)->place, "%s", companions[i].what);
    return true;
}

static bool load_way(const struct loader *loader, const struct node *map, const struct node *root)
{
    switch (loader->target->provision) {
    case TARGET_PROVISION_MAILDIR:
        return load_maildir(loader, map) &&
               check_pattern_parts(loader, map_get(map, "maildir"), loader->target->provision_path);
    case TARGET_PROVISION_MBOX:
        return load_mbox(loader, map) &&
               check_pattern_parts(loader, map_get(map, "mbox"), loader->target->provision_path);
    case TARGET_PROVISION_LMTP:
        return load_mail(loader, map, root, "lmtp", LMTP_PORT);
    case TARGET_PROVISION_SMTP:
        return load_mail(loader, map, root, "smtp", SMTP_PORT);
    case TARGET_PROVISION_COMMAND:
        return load_command(loader, map, root);
    case TARGET_PROVISION_NONE:
        break;
    }
    return true;
}

bool loader_read_provision(const struct loader *loader, const struct node *root)
{
    static const char *const keys[] = {"maildir", "mbox",      "line-ends", "lock",
                                       "command", "recipient", "lmtp",      "smtp"};
    static const struct {
        const char *key;
        enum target_provision provision;
    } ways[] = {{"maildir", TARGET_PROVISION_MAILDIR},
                {"mbox", TARGET_PROVISION_MBOX},
                {"lmtp", TARGET_PROVISION_LMTP},
                {"smtp", TARGET_PROVISION_SMTP},
                {"command", TARGET_PROVISION_COMMAND}};
    const struct node *map = map_get(root, "provision");
    const char *found = NULL;

    if (map == NULL)
        return true;
    if (!loader_check_keys(loader, map, "provision", keys, KEY_COUNT(keys)))
        return false;
    for (size_t i = 0; i < KEY_COUNT(ways); i++) {
        if (map_get(map, ways[i].key) == NULL)
            continue;
        if (found != NULL)
            return error_at(loader->error, map_key(map, ways[i].key)->place,
                            "mailboxes are filled in one way; provision names both %s and %s", found,
                            ways[i].key);
        found = ways[i].key;
        loader->target->provision = ways[i].provision;
    }
    if (found == NULL)
        return error_at(loader->error, map->place,
                        "provision names none of maildir, mbox, lmtp, smtp and command");
    return check_companions(loader, map) && load_way(loader, map, root);
}
