#include "report/text.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char NO_REASON[] = "no reason given";

static int by_reason(const void *a, const void *b)
{
    const struct case_result *const *left = a;
    const struct case_result *const *right = b;
    const char *left_reason = (*left)->reason.text != NULL ? (*left)->reason.text : NO_REASON;
    const char *right_reason = (*right)->reason.text != NULL ? (*right)->reason.text : NO_REASON;
    int order = strcmp(left_reason, right_reason);

    if (order != 0)
        return order;
    return *left < *right ? -1 : *left > *right;
}

static int by_count(const void *a, const void *b)
{
    const struct reason_group *left = a;
    const struct reason_group *right = b;

    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->reason, right->reason);
}

struct reason_group *reason_groups(const struct run_result *result, enum verdict verdict, size_t *ret_count)
{
    const struct case_result **cases =
        memory_new_array(result->case_count, sizeof(const struct case_result *));
    struct reason_group *groups = memory_new_array(result->case_count, sizeof(*groups));
    size_t case_count = 0;
    size_t count = 0;

    for (size_t i = 0; i < result->case_count; i++)
        if (result->cases[i].verdict == verdict)
            cases[case_count++] = &result->cases[i];
    qsort(cases, case_count, sizeof(const struct case_result *), by_reason);
    for (size_t i = 0; i < case_count; i++) {
        const char *reason = cases[i]->reason.text != NULL ? cases[i]->reason.text : NO_REASON;

        if (count == 0 || strcmp(groups[count - 1].reason, reason) != 0)
            groups[count++] = (struct reason_group){.reason = reason, .first = cases[i]};
        groups[count - 1].count++;
    }
    free(cases);
    qsort(groups, count, sizeof(*groups), by_count);
    *ret_count = count;
    return groups;
}
