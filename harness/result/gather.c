#include "result/gather.h"

#include <stdlib.h>
#include <string.h>

static int gravity(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_FAIL:
        return 8;
    case VERDICT_XPASS:
        return 7;
    case VERDICT_XFAIL:
        return 6;
    case VERDICT_WARN:
        return 5;
    case VERDICT_ERROR:
        return 4;
    case VERDICT_BLOCKED:
        return 3;
    case VERDICT_INFO:
        return 2;
    case VERDICT_PASS:
        return 1;
    case VERDICT_SKIP:
    case VERDICT_COUNT:
        break;
    }
    return 0;
}

enum verdict verdict_graver(enum verdict a, enum verdict b)
{
    return gravity(b) > gravity(a) ? b : a;
}

static int compare_clauses(const void *a, const void *b)
{
    return strcmp(((const struct clause_result *)a)->id, ((const struct clause_result *)b)->id);
}

void verdict_gather_clauses(struct run_result *result, struct arena *arena)
{
    size_t total = 0;
    size_t kept = 0;
    struct clause_result *all;

    for (size_t i = 0; i < result->case_count; i++)
        total += result->cases[i].clause_count;
    all = (struct clause_result *)arena_new_array(arena, total, sizeof(*all));
    for (size_t i = 0; i < result->case_count; i++)
        for (size_t j = 0; j < result->cases[i].clause_count; j++)
            all[kept++] = result->cases[i].clauses[j];
    if (total > 0)
        qsort(all, total, sizeof(*all), compare_clauses);
    kept = 0;
    for (size_t i = 0; i < total; i++)
        if (kept > 0 && compare_clauses(&all[kept - 1], &all[i]) == 0)
            all[kept - 1].verdict = verdict_graver(all[kept - 1].verdict, all[i].verdict);
        else
            all[kept++] = all[i];
    result->clauses = all;
    result->clause_count = kept;
}

void result_count(struct run_result *result)
{
    memset(result->counts, 0, sizeof(result->counts));
    result->flaky_count = 0;
    result->varying_count = 0;
    for (size_t i = 0; i < result->case_count; i++) {
        result->counts[result->cases[i].verdict]++;
        result->flaky_count += result->cases[i].flaky;
        result->varying_count += result->cases[i].varies;
    }
}
