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
