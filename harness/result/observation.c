#include "result/observation.h"

#include "base/check.h"

#include <string.h>

static const struct rule_info RULES[] = {
#define RULE(name, id, clause, what) {id, clause, what},
#include "result/rules.def"
#undef RULE
};

const struct rule_info *rule_info(enum rule rule)
{
    CHECK(rule < RULE_COUNT);
    return &RULES[rule];
}

bool rule_of_id(const char *id, enum rule *ret_rule)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(RULES[i].id, id) == 0) {
            *ret_rule = (enum rule)i;
            return true;
        }
    }
    return false;
}
