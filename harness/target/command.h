/*
 * A command of the target file, run by /bin/sh: an errand that waits for it. Standard input is the message, or empty; what it
 * prints is read for the error's sake only. Exit status 0 is success, 65 (EX_DATAERR of sysexits.h) says that the store
 * does not take the message; it is killed with its process group when the time is up. Private to target/.
 */
#ifndef TARGET_COMMAND_H
#define TARGET_COMMAND_H

#include "target/errand.h"
#include "target/target.h"

/* True when USER may replace {user} anywhere in a shell's command: letters, digits and . _ + @ -, not in front. */
bool command_user_is_safe(const char *user);

/* WHAT is "reset" or "deliver", for errors. Borrows all of them until it is freed. */
struct errand command_new(const struct target *target, const char *what, const char *command,
                          const char *user, struct bytes input);

#endif
