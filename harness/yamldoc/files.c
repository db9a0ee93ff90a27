#include "yamldoc/files.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_OCTETS = 64 * 1024 };

static bool trouble(struct error *error, const char *path, const char *text)
{
    error_set(error, ERROR_HOST, "%s", text);
    snprintf(error->file, sizeof(error->file), "%s", path);
    return false;
}

static bool read_all(int descriptor, const char *path, struct error *error, struct buf *ret_octets)
{
    uint8_t octets[READ_OCTETS];

    for (;;) {
        ssize_t count = read(descriptor, octets, sizeof(octets));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return trouble(error, path, strerror(errno));
        if (count == 0)
            return true;
        if (!buf_append(ret_octets, bytes_make(octets, (size_t)count))) {
            trouble(error, path, "the file is too large");
            return error_hint(error, "at most %zu octets are read", ret_octets->size_max);
        }
    }
}

bool file_read(const char *path, struct error *error, struct buf *ret_octets)
{
    /* O_NONBLOCK: opening a FIFO without a writer must not wait; it is refused below. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    bool ok;

    if (descriptor < 0)
        return trouble(error, path, strerror(errno));
    if (fstat(descriptor, &status) != 0)
        ok = trouble(error, path, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        ok = trouble(error, path, "this is a directory, not a file");
    else if (!S_ISREG(status.st_mode))
        ok = trouble(error, path, "this is not a regular file");
    else
        ok = read_all(descriptor, path, error, ret_octets);
    close(descriptor);
    return ok;
}

struct lister {
    const char *suffix;
    folder_filter enter;
    struct arena *arena;
    struct error *error;
    const char **names; /* on the heap while it grows */
    size_t count;
    size_t capacity;
};

static bool lister_add(struct lister *lister, const char *directory, const char *name)
{
    if (lister->count == FILE_LIST_MAX)
        return trouble(lister->error, directory, "there are too many files in this directory");
    if (lister->count == lister->capacity) {
        lister->capacity = lister->capacity > 0 ? 2 * lister->capacity : 64;
        lister->names = memory_resize_array(lister->names, lister->capacity, sizeof(*lister->names));
    }
    lister->names[lister->count++] = name;
    return true;
}

static bool lister_enter(struct lister *lister, int parent, const char *path, const char *prefix,
                         unsigned depth);

static bool lister_entry(struct lister *lister, int directory, const char *path, const char *prefix,
                         const char *name, unsigned depth)
{
    struct stat status;

    if (name[0] == '.' || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    bool link = S_ISLNK(status.st_mode);

    if (link && fstatat(directory, name, &status, 0) != 0)
        return true;
    const char *full = arena_format(lister->arena, "%s%s", prefix, name);

    if (S_ISREG(status.st_mode) && bytes_end_with(bytes_of(name), bytes_of(lister->suffix)))
        return lister_add(lister, path, full);
    /* Links to folders could lead round in a circle. */
    if (!S_ISDIR(status.st_mode) || link || lister->enter == NULL || !lister->enter(full))
        return true;
    int below = openat(directory, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
    const char *below_path = arena_format(lister->arena, "%s/%s", path, name);

    if (below < 0)
        return trouble(lister->error, below_path, strerror(errno));
    return lister_enter(lister, below, below_path, arena_format(lister->arena, "%s/", full), depth + 1);
}

/* Takes over DIRECTORY, an open descriptor. */
static bool lister_enter(struct lister *lister, int directory, const char *path, const char *prefix,
                         unsigned depth)
{
    DIR *stream = fdopendir(directory);
    const struct dirent *entry;
    bool ok = true;

    if (stream == NULL) {
        close(directory);
        return trouble(lister->error, path, strerror(errno));
    }
    if (depth > FOLDER_DEPTH_MAX)
        ok = trouble(lister->error, path, "folders are nested too deeply");
    while (ok && (entry = readdir(stream)) != NULL)
        ok = lister_entry(lister, directory, path, prefix, entry->d_name, depth);
    closedir(stream);
    return ok;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool file_list_read(const char *directory, const char *suffix, folder_filter enter, struct arena *arena,
                    struct error *error, struct file_list *ret_list)
{
    struct lister lister = {.suffix = suffix, .enter = enter, .arena = arena, .error = error};
    int descriptor = open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

    if (descriptor < 0)
        return trouble(error, directory, strerror(errno));
    bool ok = lister_enter(&lister, descriptor, directory, "", 0);

    if (ok) {
        ret_list->names = arena_new_array(arena, lister.count, sizeof(*ret_list->names));
        ret_list->count = lister.count;
        if (lister.count > 0) {
            memcpy(ret_list->names, lister.names, lister.count * sizeof(*lister.names));
            qsort(ret_list->names, lister.count, sizeof(*lister.names), compare_names);
        }
    }
    free(lister.names);
    return ok;
}
