#include "result/result.h"

#include "base/check.h"

#include <string.h>

static const char *const VERDICT_NAMES[] = {
#define VERDICT(name, text, what) text,
#include "result/verdicts.def"
#undef VERDICT
};

const char *verdict_name(enum verdict verdict)
{
    CHECK(verdict < VERDICT_COUNT);
    return VERDICT_NAMES[verdict];
}

bool verdict_of_name(const char *name, enum verdict *ret_verdict)
{
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if (strcmp(VERDICT_NAMES[i], name) == 0) {
            *ret_verdict = (enum verdict)i;
            return true;
        }
    }
    return false;
}

static const char *const FAIL_ON_NAMES[] = {
#define FAIL_ON(name, text, what) text,
#include "result/fail_on.def"
#undef FAIL_ON
};

const char *fail_on_name(enum fail_on fail_on)
{
    CHECK(fail_on < FAIL_ON_COUNT);
    return FAIL_ON_NAMES[fail_on];
}

bool fail_on_of_name(const char *name, enum fail_on *ret_fail_on)
{
    for (size_t i = 0; i < FAIL_ON_COUNT; i++) {
        if (strcmp(FAIL_ON_NAMES[i], name) == 0) {
            *ret_fail_on = (enum fail_on)i;
            return true;
        }
    }
    return false;
}
