/*
 * Files that a user or a repository hands in, read whole and with a bound. Nothing but regular files is read: a
 * directory, a FIFO or a device would block or never end.
 */
#ifndef YAMLDOC_FILES_H
#define YAMLDOC_FILES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Appends the octets of the regular file PATH to RET_OCTETS. False with ERROR when it cannot be read, is not a regular
 * file, or has more octets than RET_OCTETS may hold.
 */
bool file_read(const char *path, struct error *error, struct buf *ret_octets);

/* Names in a directory, sorted by octet value, so that every host loads in the same order. */
struct file_list {
    const char **names; /* relative to the directory listed, with "/" between folders */
    size_t count;
};

/* Whether a folder NAME (relative to the directory listed) is to be looked into. */
typedef bool (*folder_filter)(const char *name);

enum { FILE_LIST_MAX = 20000, FOLDER_DEPTH_MAX = 16 };

/*
 * Lists the files in DIRECTORY whose names end in SUFFIX; with ENTER also those in folders below that it accepts (NULL:
 * none). Hidden names and symbolic links to folders are left out. Names live in ARENA.
 */
bool file_list_read(const char *directory, const char *suffix, folder_filter enter, struct arena *arena,
                    struct error *error, struct file_list *ret_list);

#endif
