#include "run/profile.h"

#include "base/check.h"
#include "result/gather.h"

#include <string.h>

struct profile_info {
    const char *name;
    const char *what;
    const char *const *documents; /* NULL: every one counts */
    enum verdict should;
};

#define EVERY_DOCUMENT NULL
#define DOCUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct profile_info PROFILES[] = {
#define PROFILE(name, text, documents, should, what) {text, what, documents, should},
#include "run/profiles.def"
#undef PROFILE
};

const char *profile_name(enum profile profile)
{
    CHECK(profile < PROFILE_COUNT);
    return PROFILES[profile].name;
}

const char *profile_what(enum profile profile)
{
    CHECK(profile < PROFILE_COUNT);
    return PROFILES[profile].what;
}

bool profile_of_name(const char *name, enum profile *ret_profile)
{
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        if (strcmp(PROFILES[i].name, name) == 0) {
            *ret_profile = (enum profile)i;
            return true;
        }
    }
    return false;
}

static bool counts(const struct profile_info *profile, const struct clause *clause)
{
    if (profile->documents == NULL || clause == NULL)
        return true;
    for (const char *const *document = profile->documents; *document != NULL; document++)
        if (strcmp(*document, clause->document) == 0)
            return true;
    return false;
}

static enum verdict verdict_under(const struct profile_info *profile, const struct clause *clause,
                                  enum verdict verdict)
{
    if (verdict != VERDICT_FAIL && verdict != VERDICT_WARN)
        return verdict;
    if (!counts(profile, clause))
        return VERDICT_INFO;
    return verdict == VERDICT_WARN ? profile->should : verdict;
}

void profile_apply(enum profile profile, const struct ledger *ledger, struct arena *arena,
                   struct case_result *result)
{
    const struct profile_info *info = &PROFILES[profile];
    enum verdict gravest = VERDICT_SKIP;

    if ((result->verdict != VERDICT_FAIL && result->verdict != VERDICT_WARN) || result->clause_count == 0)
        return;
    for (size_t i = 0; i < result->clause_count; i++) {
        struct clause_result *clause = &result->clauses[i];

        clause->verdict = verdict_under(info, ledger_find(ledger, clause->id), clause->verdict);
        gravest = verdict_graver(gravest, clause->verdict);
    }
    if (gravest == result->verdict)
        return;
    result->reason.text =
        arena_format(arena, "%s by its level, %s under --profile %s%s%s", verdict_name(result->verdict),
                     verdict_name(gravest), info->name, result->reason.text != NULL ? "; " : "",
                     result->reason.text != NULL ? result->reason.text : "");
    result->verdict = gravest;
}
