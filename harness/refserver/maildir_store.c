/*
 * A Maildir. Files may have LF or CRLF line ends; other programs may deliver at any time. Nothing but regular files is
 * opened, and names are only ever those that the folder itself listed.
 */
#include "base/buf.h"
#include "base/check.h"
#include "base/memory.h"
#include "refserver/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCAN_OCTETS = 64 * 1024 };

struct maildir_message {
    struct stored_message base;
    char *path;       /* owned */
    const char *name; /* in path, behind the last slash */
    char *away;       /* owned; where the file lies while it is being removed; NULL: in its place */
};

struct maildir_store {
    struct store base;
    char *folder; /* owned */
    uint64_t delivered;
};

static char *path_of(const char *folder, const char *subfolder, const char *name)
{
    struct buf path;

    buf_init(&path, BUF_UNBOUNDED);
    buf_append_format(&path, "%s/%s/%s", folder, subfolder, name);
    return buf_take_text(&path);
}

/* O_NONBLOCK, so that a FIFO in the folder cannot hang the server; it is refused as not regular. */
static int open_regular(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (descriptor < 0)
        return -1;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        return descriptor;
    close(descriptor);
    return -1;
}

static ssize_t read_again(int descriptor, uint8_t *out, size_t size, uint64_t offset)
{
    ssize_t size_read;

    do
        size_read = pread(descriptor, out, size, (off_t)offset);
    while (size_read < 0 && errno == EINTR);
    return size_read;
}

static bool scan_file(const char *path, struct content_facts *ret_facts)
{
    int descriptor = open_regular(path);
    uint8_t *piece = memory_new(SCAN_OCTETS);
    struct content_scan scan;
    uint64_t offset = 0;
    ssize_t size = -1;

    content_scan_init(&scan);
    while (descriptor >= 0 && (size = read_again(descriptor, piece, SCAN_OCTETS, offset)) > 0) {
        content_scan_next(&scan, bytes_make(piece, (size_t)size));
        offset += (uint64_t)size;
    }
    if (descriptor >= 0)
        close(descriptor);
    free(piece);
    if (size < 0)
        return false;
    *ret_facts = content_scan_end(&scan);
    return true;
}

/* The name up to its flags; a name that cannot be a unique-id (RFC 1939 section 7) is replaced by its hash. */
static void unique_id_of(const char *name, char *ret_unique_id, size_t size)
{
    size_t length = strcspn(name, ":");
    bool fits = length > 0 && length <= UNIQUE_ID_OCTETS_MAX;

    for (size_t i = 0; i < length; i++)
        fits = fits && ascii_is_visible((uint8_t)name[i]);
    if (fits) {
        snprintf(ret_unique_id, size, "%.*s", (int)length, name);
        return;
    }
    struct content_scan scan;

    content_scan_init(&scan);
    content_scan_next(&scan, bytes_make(name, length));
    snprintf(ret_unique_id, size, "hash-%016llx-%zu", (unsigned long long)content_scan_end(&scan).hash,
             length);
}

struct message_list {
    struct stored_message **messages;
    size_t count;
};

/* Leaves out what is no regular file, and what another program took away since the folder was read. */
static void list_file(struct maildir_store *store, const char *subfolder, const char *name,
                      struct message_list *list)
{
    char *path = path_of(store->folder, subfolder, name);
    struct content_facts facts;

    if (!scan_file(path, &facts)) {
        free(path);
        return;
    }
    struct maildir_message *message = memory_new(sizeof(struct maildir_message));

    message->base = (struct stored_message){store->base.ops, 1, "", facts};
    message->path = path;
    message->name = path + strlen(path) - strlen(name);
    unique_id_of(name, message->base.unique_id, sizeof(message->base.unique_id));
    list->messages = memory_resize_array(list->messages, list->count + 1, sizeof(struct stored_message *));
    list->messages[list->count++] = &message->base;
}

static bool list_subfolder(struct maildir_store *store, const char *subfolder, struct message_list *list,
                           struct error *error)
{
    char *path = path_of(store->folder, subfolder, "");
    DIR *directory = opendir(path);
    struct dirent *entry;

    if (directory == NULL) {
        error_set(error, ERROR_HOST, "%s: %s", path, strerror(errno));
        free(path);
        return false;
    }
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            list_file(store, subfolder, entry->d_name, list);
    closedir(directory);
    free(path);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const struct maildir_message *const *message_a = a;
    const struct maildir_message *const *message_b = b;

    return strcmp((*message_a)->name, (*message_b)->name);
}

static bool maildir_list(struct store *base, struct error *error, struct stored_message ***ret_messages,
                         size_t *ret_count)
{
    struct maildir_store *store = (struct maildir_store *)base;
    struct message_list list = {memory_new_array(1, sizeof(struct stored_message *)), 0};

    if (!list_subfolder(store, "new", &list, error) || !list_subfolder(store, "cur", &list, error)) {
        stored_messages_release(list.messages, list.count);
        return false;
    }
    qsort(list.messages, list.count, sizeof(struct stored_message *), compare_names);
    *ret_messages = list.messages;
    *ret_count = list.count;
    return true;
}

static bool maildir_read(const struct stored_message *base, uint64_t offset, uint8_t *out, size_t size,
                         size_t *ret_size)
{
    const struct maildir_message *message = (const struct maildir_message *)base;
    int descriptor = open_regular(message->path);

    if (descriptor < 0)
        return false;
    ssize_t size_read = read_again(descriptor, out, size, offset);

    close(descriptor);
    if (size_read < 0)
        return false;
    *ret_size = (size_t)size_read;
    return true;
}

/* Out of the maildrop, but not yet lost. A file that is gone already is what was wanted. */
static bool put_away(struct maildir_store *store, struct maildir_message *message)
{
    message->away = path_of(store->folder, "tmp", message->name);
    if (rename(message->path, message->away) == 0)
        return true;
    int reason = errno;

    free(message->away);
    message->away = NULL;
    return reason == ENOENT;
}

static void put_back(struct maildir_message *message)
{
    if (message->away == NULL)
        return;
    (void)!rename(message->away, message->path);
    free(message->away);
    message->away = NULL;
}

/* Two steps, so that all are removed or none: each is moved away, and only when all are, they are deleted. */
static bool maildir_remove(struct store *base, struct stored_message *const *messages, size_t count)
{
    struct maildir_store *store = (struct maildir_store *)base;
    size_t moved = 0;

    while (moved < count && put_away(store, (struct maildir_message *)messages[moved]))
        moved++;
    bool all = moved == count;

    for (size_t i = 0; i < moved; i++) {
        struct maildir_message *message = (struct maildir_message *)messages[i];

        if (!all) {
            put_back(message);
        } else if (message->away != NULL) {
            (void)!unlink(message->away);
            free(message->away);
            message->away = NULL;
        }
    }
    return all;
}

static bool write_all(int descriptor, struct bytes octets)
{
    while (octets.size > 0) {
        ssize_t written = write(descriptor, octets.data, octets.size);

        if (written < 0 && errno != EINTR)
            return false;
        octets = bytes_from(octets, written > 0 ? (size_t)written : 0);
    }
    return true;
}

/* Written whole in tmp/, then linked into new/: nobody ever sees a part of it, and no file is replaced. */
static bool maildir_deliver_as(struct maildir_store *store, const char *name, struct bytes octets)
{
    char *path = path_of(store->folder, "tmp", name);
    char *place = path_of(store->folder, "new", name);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = false;
    int reason = errno;

    if (descriptor >= 0) {
        done = write_all(descriptor, octets);
        done = close(descriptor) == 0 && done && link(path, place) == 0;
        reason = errno;
        unlink(path);
    }
    free(path);
    free(place);
    errno = reason;
    return done;
}

static bool maildir_deliver(struct store *base, struct bytes octets, const char *unique_id,
                            struct error *error)
{
    struct maildir_store *store = (struct maildir_store *)base;
    char name[UNIQUE_ID_OCTETS_MAX + 1];
    bool done;

    if (unique_id != NULL &&
        (strpbrk(unique_id, "/:") != NULL || unique_id[0] == '.' || unique_id[0] == '\0'))
        return error_set(error, ERROR_HOST, "%s: '%s' cannot be a file name", store->folder, unique_id);
    do {
        if (unique_id != NULL)
            snprintf(name, sizeof(name), "%s", unique_id);
        else
            snprintf(name, sizeof(name), "%010llu.pop3spec", (unsigned long long)++store->delivered);
        done = maildir_deliver_as(store, name, octets);
    } while (!done && errno == EEXIST && unique_id == NULL);
    return done || error_set(error, ERROR_HOST, "%s: cannot deliver: %s", store->folder, strerror(errno));
}

static void maildir_free_message(struct stored_message *base)
{
    struct maildir_message *message = (struct maildir_message *)base;

    free(message->path);
    free(message->away);
    free(message);
}

static void maildir_free(struct store *base)
{
    struct maildir_store *store = (struct maildir_store *)base;

    free(store->folder);
    free(store);
}

static const struct store_ops maildir_ops = {
    .list = maildir_list,
    .read = maildir_read,
    .remove = maildir_remove,
    .deliver = maildir_deliver,
    .free_message = maildir_free_message,
    .free = maildir_free,
};

bool maildir_store_new(const char *folder, struct error *error, struct store **ret_store)
{
    static const char *const subfolders[] = {"new", "cur", "tmp"};

    for (size_t i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++) {
        char *path = path_of(folder, subfolders[i], "");
        struct stat status;
        bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);

        free(path);
        if (!is_folder)
            return error_set(error, ERROR_HOST, "%s is no Maildir: it has no folder %s/", folder,
                             subfolders[i]);
    }
    struct maildir_store *store = memory_new(sizeof(struct maildir_store));

    store->base.ops = &maildir_ops;
    store->folder = memory_copy_text(folder);
    *ret_store = &store->base;
    return true;
}
