/*
 * The mbox adapter: messages are appended under the lock that the server uses, as every delivery agent does. The file
 * is never replaced by a new one, since a server that has it open would go on with the old: what fails half-way is cut
 * off again, and owner and mode stay as they are. Lines that begin with "From " are quoted, line ends are LF, and a blank
 * line stands behind each message.
 */
#include "target/adapters.h"

#include "base/memory.h"
#include "target/mailbox_path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PASSWD_OCTETS = 16384, SECONDS_BACK = 2 };

struct mbox {
    const struct target *target;
    int64_t start_us;
};

/* One mailbox, open and locked. */
struct mbox_session {
    struct buf path;
    struct buf lock_path; /* empty: no dot-lock is held */
    int file;             /* -1: not open; fcntl's lock goes with it */
};

static enum provision_result host_error(struct error *error, const char *what, const char *path)
{
    error_set(error, ERROR_HOST, "cannot %s %s: %s", what, path, strerror(errno));
    return PROVISION_FAILED;
}

static enum provision_result busy(struct error *error, const char *path, const char *how)
{
    error_set(error, ERROR_HOST, "the mailbox %s stays locked (%s)", path, how);
    error_hint(error, "end the session that holds it, or remove a lock file that was left behind");
    return PROVISION_BUSY;
}

static bool wants_dot_lock(const struct mbox *mbox)
{
    return mbox->target->provision_lock != TARGET_LOCK_FCNTL;
}

static bool wants_fcntl_lock(const struct mbox *mbox)
{
    return mbox->target->provision_lock != TARGET_LOCK_DOT;
}

static enum provision_result take_dot_lock(struct mbox_session *session, struct error *error)
{
    enum provision_result result;
    int file;

    buf_append(&session->lock_path, buf_bytes(&session->path));
    buf_append_text(&session->lock_path, ".lock");
    file = open(buf_text(&session->lock_path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file >= 0) {
        close(file);
        return PROVISION_DONE;
    }
    result = errno == EEXIST ? busy(error, buf_text(&session->path), buf_text(&session->lock_path))
                             : host_error(error, "make", buf_text(&session->lock_path));
    buf_clear(&session->lock_path);
    return result;
}

static enum provision_result take_fcntl_lock(const struct mbox_session *session, struct error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(session->file, F_SETLK, &lock) == 0)
        return PROVISION_DONE;
    if (errno == EACCES || errno == EAGAIN)
        return busy(error, buf_text(&session->path), "fcntl");
    return host_error(error, "lock", buf_text(&session->path));
}

/* A mailbox made by root belongs to the system's user of that name, if there is one, as delivery agents have it. */
static bool give_to_user(int file, const char *user)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char *storage;
    bool ok = true;

    if (geteuid() != 0)
        return true;
    storage = (char *)memory_new(PASSWD_OCTETS);
    if (getpwnam_r(user, &entry, storage, PASSWD_OCTETS, &found) == 0 && found != NULL)
        ok = fchown(file, entry.pw_uid, entry.pw_gid) == 0;
    free(storage);
    return ok;
}

static bool open_file(struct mbox_session *session, const char *user)
{
    const char *path = buf_text(&session->path);

    session->file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (session->file >= 0 || errno != ENOENT)
        return session->file >= 0;
    session->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return session->file >= 0 && give_to_user(session->file, user);
}

static void close_mbox(struct mbox_session *session)
{
    if (session->file >= 0)
        close(session->file);
    if (session->lock_path.size > 0)
        unlink(buf_text(&session->lock_path));
    buf_release(&session->path);
    buf_release(&session->lock_path);
}

/* Opens and locks; SESSION must be closed whatever comes of it. */
static enum provision_result open_mbox(const struct mbox *mbox, const char *user,
                                       struct mbox_session *session, struct error *error)
{
    enum provision_result result = PROVISION_DONE;
    struct stat status;

    buf_init(&session->path, MAILBOX_PATH_OCTETS_MAX);
    buf_init(&session->lock_path, MAILBOX_PATH_OCTETS_MAX + sizeof(".lock"));
    session->file = -1;
    if (!mailbox_path(mbox->target->provision_path, user, &session->path, error))
        return PROVISION_FAILED;
    if (wants_dot_lock(mbox))
        result = take_dot_lock(session, error);
    if (result != PROVISION_DONE)
        return result;
    if (!open_file(session, user) || fstat(session->file, &status) != 0)
        return host_error(error, "open the mailbox", buf_text(&session->path));
    if (!S_ISREG(status.st_mode)) {
        error_set(error, ERROR_HOST, "the mailbox %s is not a plain file", buf_text(&session->path));
        return PROVISION_FAILED;
    }
    return wants_fcntl_lock(mbox) ? take_fcntl_lock(session, error) : PROVISION_DONE;
}

/*
 * A server that goes by whole seconds of the file's time cannot tell what it read from what was written within the same
 * second, and waits for that second to pass. To it, this was written a little earlier. Where the host refuses, it waits.
 */
static void date_back(const struct mbox_session *session)
{
    struct stat status;

    if (fstat(session->file, &status) != 0)
        return;
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {status.st_mtim.tv_sec - SECONDS_BACK, status.st_mtim.tv_nsec},
    };

    futimens(session->file, times);
}

static enum provision_result mbox_reset(void *context, const char *user, struct error *error)
{
    const struct mbox *mbox = (const struct mbox *)context;
    struct mbox_session session;
    enum provision_result result = open_mbox(mbox, user, &session, error);

    if (result == PROVISION_DONE && ftruncate(session.file, 0) != 0)
        result = host_error(error, "empty", buf_text(&session.path));
    date_back(&session);
    close_mbox(&session);
    return result;
}

static void append_separator(const struct mbox *mbox, struct buf *out)
{
    time_t start_s = (time_t)(mbox->start_us / US_PER_S);
    struct tm date;
    char text[64] = "Thu Jan  1 00:00:00 1970";

    if (gmtime_r(&start_s, &date) != NULL)
        strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &date);
    buf_append_format(out, "From pop3spec@localhost %s\n", text);
}

static void append_message(struct bytes message, struct buf *out)
{
    struct bytes line;

    while (bytes_split(&message, '\n', &line)) {
        if (line.size == 0 && message.data == NULL)
            break; /* nothing behind the last line end */
        if (bytes_end_with(line, BYTES_LITERAL("\r")) && message.data != NULL)
            line = bytes_slice(line, 0, line.size - 1);
        if (bytes_start_with(line, BYTES_LITERAL("From ")))
            buf_append_octet(out, '>');
        buf_append(out, line);
        buf_append_octet(out, '\n');
    }
    buf_append_octet(out, '\n');
}

static enum provision_result append_or_cut(const struct mbox_session *session, struct bytes text,
                                           struct error *error)
{
    off_t end = lseek(session->file, 0, SEEK_END);
    int cause;

    if (end < 0)
        return host_error(error, "deliver into", buf_text(&session->path));
    if (adapter_write(session->file, text))
        return PROVISION_DONE;
    cause = errno;
    if (ftruncate(session->file, end) != 0)
        cause = errno;
    errno = cause;
    return host_error(error, "deliver into", buf_text(&session->path));
}

static enum provision_result mbox_deliver(void *context, const char *user, struct bytes message,
                                          struct error *error)
{
    const struct mbox *mbox = (const struct mbox *)context;
    struct mbox_session session;
    enum provision_result result = open_mbox(mbox, user, &session, error);
    struct buf text;

    if (result == PROVISION_DONE) {
        buf_init(&text, BUF_UNBOUNDED);
        append_separator(mbox, &text);
        append_message(message, &text);
        result = append_or_cut(&session, buf_bytes(&text), error);
        buf_release(&text);
        date_back(&session);
    }
    close_mbox(&session);
    return result;
}

bool mbox_check(void *context, const char *user, struct error *error)
{
    const struct mbox *mbox = (const struct mbox *)context;
    struct mbox_session session;
    enum provision_result result = open_mbox(mbox, user, &session, error);

    close_mbox(&session);
    /* A lock that a session holds for now says that the path is right. */
    return result != PROVISION_FAILED;
}

static const struct provisioner_ops mbox_ops = {
    .reset = mbox_reset,
    .deliver = mbox_deliver,
    .provoke = NULL,
    .free = free,
};

struct provisioner mbox_provisioner(const struct target *target, int64_t start_us)
{
    struct mbox *mbox = (struct mbox *)memory_new(sizeof(*mbox));

    mbox->target = target;
    mbox->start_us = start_us;
    return (struct provisioner){&mbox_ops, mbox};
}
