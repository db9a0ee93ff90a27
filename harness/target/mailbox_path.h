/* The path of one account's mailbox, made from the pattern of the target file. Private to target/. */
#ifndef TARGET_MAILBOX_PATH_H
#define TARGET_MAILBOX_PATH_H

#include "base/buf.h"
#include "base/error.h"

enum { MAILBOX_PATH_OCTETS_MAX = 4096 };

/*
 * True when USER may stand in a path: not empty, no slash, no control octet, not "." or "..". Whatever a target file
 * names as an account, the suite then deletes nothing outside the folder that the same file named.
 */
bool mailbox_user_is_safe(const char *user);

/* Appends PATTERN with every {user} replaced. False with ERROR when the name is not safe or the path too long. */
bool mailbox_path(const char *pattern, const char *user, struct buf *ret_path, struct error *error);

#endif
