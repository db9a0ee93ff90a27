#include "cli/coverage.h"

#include "result/observation.h"

#include <string.h>

bool scenario_proves(const struct scenario *scenario, const char *clause)
{
    for (size_t i = 0; i < scenario->prove_count; i++)
        if (strcmp(scenario->proves[i], clause) == 0)
            return true;
    return false;
}

bool clause_is_covered(const struct suite *suite, const char *clause)
{
    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (strcmp(rule_info((enum rule)i)->clause, clause) == 0)
            return true;
    for (size_t i = 0; i < suite->scenario_count; i++)
        if (scenario_proves(&suite->scenarios[i], clause))
            return true;
    return false;
}

bool id_list_holds(const char *list, const char *id)
{
    struct bytes rest = bytes_of(list);
    struct bytes field;

    while (bytes_split(&rest, ' ', &field))
        if (bytes_equal(field, bytes_of(id)))
            return true;
    return false;
}
