/* A temporary folder for tests that touch files, and what stands in them. */
#ifndef TESTS_TARGET_FOLDER_H
#define TESTS_TARGET_FOLDER_H

#include "base/buf.h"
#include "yamldoc/files.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
};

static inline void folder_make(struct folder *folder)
{
    snprintf(folder->path, sizeof(folder->path), "/tmp/pop3spec-test-XXXXXX");
    if (mkdtemp(folder->path) == NULL)
        abort();
}

static inline int folder_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void folder_remove(const struct folder *folder)
{
    nftw(folder->path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* "FOLDER/NAME", in storage of the caller. */
static inline const char *folder_name(const struct folder *folder, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", folder->path, name);
    return out;
}

static inline void folder_write(const struct folder *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file = fopen(folder_name(folder, name, path, sizeof(path)), "wb");

    if (file == NULL || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file) != 0)
        abort();
}

/* The octets of a file in the folder; false when it cannot be read. */
static inline bool folder_read(const struct folder *folder, const char *name, struct buf *ret_octets)
{
    char path[256];
    struct error error;

    buf_clear(ret_octets);
    return file_read(folder_name(folder, name, path, sizeof(path)), &error, ret_octets);
}

static inline bool folder_has(const struct folder *folder, const char *name)
{
    char path[256];

    return access(folder_name(folder, name, path, sizeof(path)), F_OK) == 0;
}

#endif
