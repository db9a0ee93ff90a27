/* Which server `pop3spec run` tests: the built-in one, a target file's, or an address with flags. */
#ifndef CLI_RUN_TARGET_H
#define CLI_RUN_TARGET_H

#include "cli/run_arguments.h"
#include "lab/builtin.h"

struct run_target {
    struct builtin *builtin; /* NULL: `own` is the target */
    struct target own;
    const struct target *target; /* one of the two */
    const struct stage *stage;   /* NULL: TCP */
};

/*
 * ADDRESS is the positional TARGET, or NULL. Reads files and, for `-p -`, the terminal. False with ERROR; must be
 * released either way.
 */
bool run_target_open(struct run_target *target, const struct run_arguments *arguments, const char *address,
                     uint64_t seed, struct error *error);
void run_target_release(struct run_target *target);

#endif
