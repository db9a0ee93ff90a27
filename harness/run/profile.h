/*
 * Profiles: the same breaches, counted otherwise, for those who hold a server to less than all documents or to more than
 * their levels say. Data in profiles.def; what a profile changes is said in the case's reason.
 */
#ifndef RUN_PROFILE_H
#define RUN_PROFILE_H

#include "base/arena.h"
#include "ledger/ledger.h"
#include "result/result.h"

enum profile {
#define PROFILE(name, text, documents, should, what) PROFILE_##name,
#include "run/profiles.def"
#undef PROFILE
    PROFILE_COUNT
};

const char *profile_name(enum profile profile);
/* One line for help. */
const char *profile_what(enum profile profile);
bool profile_of_name(const char *name, enum profile *ret_profile);

/* Judges the breaches in RESULT, which is judged by levels already, as PROFILE has it. Texts go to ARENA. */
void profile_apply(enum profile profile, const struct ledger *ledger, struct arena *arena,
                   struct case_result *result);

#endif
