/*
 * The Maildir adapter: a message is written under tmp/ and renamed into new/, as any delivery agent does. Names and
 * modification times increase in the order of delivery, because servers number by the one or the other. Nothing but
 * plain files in cur/, new/ and tmp/ is ever removed, and no symbolic link is followed there: a server's index files
 * and whatever else lives in the folder stay.
 */
#include "target/adapters.h"

#include "base/memory.h"
#include "target/mailbox_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* How far in the past the first message of a mailbox is dated, so that none is ever dated in the future. */
    FIRST_MESSAGE_AGE_S = 7200,
    MAILDIR_NAME_OCTETS = 96,
};

struct maildir {
    const struct target *target;
    int64_t start_us;
    uint64_t delivered_count;                  /* in the whole run: the names are made from it */
    uint64_t since_reset[TARGET_ACCOUNTS_MAX]; /* by account: the dates are made from it */
};

static const char *const folders[] = {"tmp", "new", "cur"};

static uint64_t *account_sequence(struct maildir *maildir, const char *user)
{
    for (size_t i = 0; i < maildir->target->account_count; i++)
        if (bytes_equal(bytes_of(maildir->target->accounts[i].user), bytes_of(user)))
            return &maildir->since_reset[i];
    return &maildir->since_reset[0];
}

static bool host_error(struct error *error, const char *what, const char *path, const char *name)
{
    return error_set(error, ERROR_HOST, "cannot %s %s%s%s: %s", what, path, name[0] == '\0' ? "" : "/", name,
                     strerror(errno));
}

/* New files and folders belong to whom the folder around them belongs, which matters when we run as root. */
static bool give_to_owner_of(int around, int made)
{
    struct stat status;

    if (geteuid() != 0)
        return true;
    return fstat(around, &status) == 0 && fchown(made, status.st_uid, status.st_gid) == 0;
}

static int open_folder_at(int around, const char *name)
{
    return openat(around, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens the folder NAME, which is made if it is not there. */
static int make_folder_at(int around, const char *name)
{
    int folder = open_folder_at(around, name);

    if (folder >= 0 || errno != ENOENT)
        return folder;
    if (mkdirat(around, name, 0700) != 0)
        return -1;
    folder = open_folder_at(around, name);
    if (folder >= 0 && !give_to_owner_of(around, folder)) {
        close(folder);
        return -1;
    }
    return folder;
}

/* Opens the maildir at PATH itself, made if only its last component is missing: servers make it at the first login. */
static int open_root(const char *path)
{
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *around_path;
    char *slash;
    int around;

    if (root >= 0 || errno != ENOENT)
        return root;
    around_path = memory_copy_text(path);
    for (size_t size = strlen(around_path); size > 1 && around_path[size - 1] == '/'; size--)
        around_path[size - 1] = '\0';
    slash = strrchr(around_path, '/');
    if (slash == NULL)
        around = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    else {
        *slash = '\0';
        around = open(slash == around_path ? "/" : around_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (around >= 0) {
        root = make_folder_at(around, slash == NULL ? around_path : slash + 1);
        close(around);
    }
    free(around_path);
    return root;
}

static bool open_maildir(const struct maildir *maildir, const char *user, struct buf *path, int *ret_root,
                         struct error *error)
{
    int root;

    if (!mailbox_path(maildir->target->provision_path, user, path, error))
        return false;
    root = open_root(buf_text(path));
    if (root < 0)
        return host_error(error, "open the maildir", buf_text(path), "");
    *ret_root = root;
    return true;
}

static bool empty_folder(int root, const char *path, const char *name, struct error *error)
{
    int folder = make_folder_at(root, name);
    DIR *listing = folder < 0 ? NULL : fdopendir(folder);
    const struct dirent *entry;
    bool ok = true;

    if (listing == NULL) {
        host_error(error, "open", path, name);
        if (folder >= 0)
            close(folder);
        return false;
    }
    while (ok && (entry = readdir(listing)) != NULL) {
        struct stat status;

        if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
            continue;
        ok = unlinkat(folder, entry->d_name, 0) == 0 || errno == ENOENT;
    }
    if (!ok)
        host_error(error, "empty", path, name);
    closedir(listing);
    return ok;
}

static enum provision_result maildir_reset(void *context, const char *user, struct error *error)
{
    struct maildir *maildir = (struct maildir *)context;
    struct buf path;
    int root;
    bool ok;

    buf_init(&path, MAILBOX_PATH_OCTETS_MAX);
    ok = open_maildir(maildir, user, &path, &root, error);
    if (ok) {
        for (size_t i = 0; ok && i < sizeof(folders) / sizeof(folders[0]); i++)
            ok = empty_folder(root, buf_text(&path), folders[i], error);
        close(root);
    }
    buf_release(&path);
    *account_sequence(maildir, user) = 0;
    return ok ? PROVISION_DONE : PROVISION_FAILED;
}

/* Writes MESSAGE with LF line ends in place of CRLF; a bare CR or LF stays what it is. */
static bool write_with_lf(int file, struct bytes message)
{
    struct buf text;
    bool ok;

    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < message.size; i++)
        if (message.data[i] != '\r' || i + 1 == message.size || message.data[i + 1] != '\n')
            buf_append_octet(&text, message.data[i]);
    ok = adapter_write(file, buf_bytes(&text));
    buf_release(&text);
    return ok;
}

static bool write_message(const struct maildir *maildir, int folder, const char *name, struct bytes message,
                          int64_t date_s)
{
    const struct timespec times[2] = {{.tv_sec = (time_t)date_s}, {.tv_sec = (time_t)date_s}};
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok;

    if (file < 0)
        return false;
    ok = maildir->target->provision_crlf ? adapter_write(file, message) : write_with_lf(file, message);
    ok = give_to_owner_of(folder, file) && ok;
    ok = futimens(file, times) == 0 && ok;
    ok = close(file) == 0 && ok;
    if (!ok)
        unlinkat(folder, name, 0);
    return ok;
}

static bool deliver_into(struct maildir *maildir, int root, const char *path, const char *user,
                         struct bytes message, struct error *error)
{
    uint64_t *sequence = account_sequence(maildir, user);
    int64_t date_s = maildir->start_us / US_PER_S - FIRST_MESSAGE_AGE_S + (int64_t)*sequence;
    int temporary = make_folder_at(root, "tmp");
    int new = make_folder_at(root, "new");
    char name[MAILDIR_NAME_OCTETS];
    bool ok;

    snprintf(name, sizeof(name), "%lld.M%06lldQ%010llu.pop3spec", (long long)(maildir->start_us / US_PER_S),
             (long long)(maildir->start_us % US_PER_S), (unsigned long long)maildir->delivered_count);
    maildir->delivered_count++;
    ++*sequence;
    ok = temporary >= 0 && new >= 0 && write_message(maildir, temporary, name, message, date_s);
    if (ok && renameat(temporary, name, new, name) != 0) {
        int cause = errno;

        unlinkat(temporary, name, 0);
        errno = cause;
        ok = false;
    }
    if (!ok)
        host_error(error, "deliver into", path, "new");
    if (temporary >= 0)
        close(temporary);
    if (new >= 0)
        close(new);
    return ok;
}

static enum provision_result maildir_deliver(void *context, const char *user, struct bytes message,
                                             struct error *error)
{
    struct maildir *maildir = (struct maildir *)context;
    struct buf path;
    int root;
    bool ok;

    buf_init(&path, MAILBOX_PATH_OCTETS_MAX);
    ok = open_maildir(maildir, user, &path, &root, error);
    if (ok) {
        ok = deliver_into(maildir, root, buf_text(&path), user, message, error);
        close(root);
    }
    buf_release(&path);
    return ok ? PROVISION_DONE : PROVISION_FAILED;
}

static bool check_folder(int root, const char *path, const char *name, struct error *error)
{
    int folder = make_folder_at(root, name);
    bool ok = folder >= 0 && faccessat(folder, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0;

    if (!ok)
        host_error(error, "write to", path, name);
    if (folder >= 0)
        close(folder);
    return ok;
}

bool maildir_check(void *context, const char *user, struct error *error)
{
    struct buf path;
    int root;
    bool ok;

    buf_init(&path, MAILBOX_PATH_OCTETS_MAX);
    ok = open_maildir((struct maildir *)context, user, &path, &root, error);
    if (ok) {
        for (size_t i = 0; ok && i < sizeof(folders) / sizeof(folders[0]); i++)
            ok = check_folder(root, buf_text(&path), folders[i], error);
        close(root);
    }
    buf_release(&path);
    return ok;
}

static const struct provisioner_ops maildir_ops = {
    .reset = maildir_reset,
    .deliver = maildir_deliver,
    .provoke = NULL,
    .free = free,
};

struct provisioner maildir_provisioner(const struct target *target, int64_t start_us)
{
    struct maildir *maildir = (struct maildir *)memory_new(sizeof(*maildir));

    maildir->target = target;
    maildir->start_us = start_us;
    return (struct provisioner){&maildir_ops, maildir};
}
