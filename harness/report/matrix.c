#include "report/matrix.h"

#include "base/check.h"
#include "report/text.h"

#include <stdlib.h>

/* ---- rows ---- */

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct matrix_row *)a)->clause->id, ((const struct matrix_row *)b)->clause->id);
}

static int compare_clause_to_row(const void *id, const void *row)
{
    return strcmp((const char *)id, ((const struct matrix_row *)row)->clause->id);
}

/* All clauses of all runs, each once. */
static void make_rows(struct matrix *matrix, struct arena *arena)
{
    size_t count = 0;
    size_t kept = 0;

    for (size_t i = 0; i < matrix->run_count; i++)
        count += matrix->runs[i].clause_count;
    matrix->rows = (struct matrix_row *)arena_new_array(arena, count, sizeof(*matrix->rows));
    count = 0;
    for (size_t i = 0; i < matrix->run_count; i++)
        for (size_t k = 0; k < matrix->runs[i].clause_count; k++)
            matrix->rows[count++].clause = &matrix->runs[i].clauses[k];
    if (count > 0)
        qsort(matrix->rows, count, sizeof(*matrix->rows), compare_rows);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_rows(&matrix->rows[kept - 1], &matrix->rows[i]) != 0)
            matrix->rows[kept++] = matrix->rows[i];
    matrix->row_count = kept;
}

static void fill_rows(struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->run_count; i++)
        for (size_t k = 0; k < matrix->runs[i].clause_count; k++) {
            const struct clause_result *clause = &matrix->runs[i].clauses[k];
            struct matrix_row *row = (struct matrix_row *)bsearch(
                clause->id, matrix->rows, matrix->row_count, sizeof(*matrix->rows), compare_clause_to_row);

            CHECK(row != NULL);
            row->of_run[i] = clause;
        }
}

/* ---- changes ---- */

static bool is_failure(enum verdict verdict)
{
    return verdict == VERDICT_FAIL || verdict == VERDICT_XPASS || verdict == VERDICT_BLOCKED ||
           verdict == VERDICT_ERROR;
}

static bool is_good(enum verdict verdict)
{
    return verdict == VERDICT_PASS || verdict == VERDICT_INFO;
}

static enum change_kind kind_of(enum verdict before, enum verdict after)
{
    if (is_failure(after) && !is_failure(before))
        return CHANGE_FAILS;
    if (is_good(after))
        return is_good(before) ? CHANGE_REMARK : CHANGE_MENDED;
    return is_good(before) && !is_good(after) ? CHANGE_WORSE : CHANGE_OTHER;
}

static int compare_cases(const struct case_result *a, const struct case_result *b)
{
    int order = strcmp(a->id, b->id);

    return order != 0 ? order : strcmp(a->transport, b->transport);
}

static int compare_case_pointers(const void *a, const void *b)
{
    return compare_cases(*(const struct case_result *const *)a, *(const struct case_result *const *)b);
}

static const struct case_result *case_of(const struct change *change)
{
    return change->after != NULL ? change->after : change->before;
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *left = (const struct change *)a;
    const struct change *right = (const struct change *)b;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return compare_cases(case_of(left), case_of(right));
}

static const struct case_result **sorted_cases(const struct run_result *run, struct arena *arena)
{
    const struct case_result **cases = (const struct case_result **)arena_new_array(
        arena, run->case_count, sizeof(const struct case_result *));

    for (size_t i = 0; i < run->case_count; i++)
        cases[i] = &run->cases[i];
    if (run->case_count > 0)
        qsort(cases, run->case_count, sizeof(const struct case_result *), compare_case_pointers);
    return cases;
}

static void add_change(struct comparison *comparison, enum change_kind kind, const struct case_result *before,
                       const struct case_result *after)
{
    comparison->changes[comparison->change_count++] = (struct change){kind, before, after};
    comparison->difference_count += kind != CHANGE_REMARK;
}

static void compare_runs(const struct run_result *before, const struct run_result *after, struct arena *arena,
                         struct comparison *comparison)
{
    const struct case_result **old = sorted_cases(before, arena);
    const struct case_result **new = sorted_cases(after, arena);
    size_t i = 0;
    size_t k = 0;

    comparison->changes = (struct change *)arena_new_array(arena, before->case_count + after->case_count,
                                                           sizeof(*comparison->changes));
    while (i < before->case_count || k < after->case_count) {
        int order = i == before->case_count ? 1 : k == after->case_count ? -1 : compare_cases(old[i], new[k]);

        if (order < 0) {
            add_change(comparison, CHANGE_GONE, old[i++], NULL);
        } else if (order > 0) {
            add_change(comparison, is_failure(new[k]->verdict) ? CHANGE_FAILS : CHANGE_NEW, NULL, new[k]);
            k++;
        } else {
            if (old[i]->verdict != new[k]->verdict)
                add_change(comparison, kind_of(old[i]->verdict, new[k]->verdict), old[i], new[k]);
            i++;
            k++;
        }
    }
    if (comparison->change_count > 0)
        qsort(comparison->changes, comparison->change_count, sizeof(*comparison->changes), compare_changes);
}

/* Each run is compared with the one of the same server before it. */
static void make_comparisons(struct matrix *matrix, struct arena *arena)
{
    matrix->comparisons =
        (struct comparison *)arena_new_array(arena, matrix->run_count, sizeof(*matrix->comparisons));
    for (size_t after = 1; after < matrix->run_count; after++)
        for (size_t before = after; before-- > 0;)
            if (strcmp(matrix->runs[before].target.name, matrix->runs[after].target.name) == 0) {
                struct comparison *comparison = &matrix->comparisons[matrix->comparison_count++];

                *comparison = (struct comparison){.before = before, .after = after};
                compare_runs(&matrix->runs[before], &matrix->runs[after], arena, comparison);
                break;
            }
}

static bool has_other_runs(const struct matrix *matrix, size_t run)
{
    for (size_t i = 0; i < matrix->run_count; i++)
        if (i != run && strcmp(matrix->runs[i].target.name, matrix->runs[run].target.name) == 0)
            return true;
    return false;
}

static void name_runs(struct matrix *matrix, struct arena *arena)
{
    for (size_t i = 0; i < matrix->run_count; i++) {
        const char *name = matrix->runs[i].target.name;

        matrix->names[i] = has_other_runs(matrix, i) ? arena_format(arena, "%s, run %zu", name, i + 1) : name;
    }
}

void matrix_make(const struct run_result *runs, size_t run_count, struct arena *arena,
                 struct matrix *ret_matrix)
{
    CHECK(run_count <= MATRIX_RUNS_MAX);
    *ret_matrix = (struct matrix){.runs = runs, .run_count = run_count};
    name_runs(ret_matrix, arena);
    make_rows(ret_matrix, arena);
    fill_rows(ret_matrix);
    make_comparisons(ret_matrix, arena);
}

/* ---- questions ---- */

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[CHANGE_KIND_COUNT] = {
        [CHANGE_FAILS] = "new failure", [CHANGE_WORSE] = "worse", [CHANGE_OTHER] = "other",
        [CHANGE_MENDED] = "mended",     [CHANGE_NEW] = "new",     [CHANGE_GONE] = "gone",
        [CHANGE_REMARK] = "remark",
    };

    return names[kind];
}

bool matrix_row_is_kept(const struct matrix *matrix, const struct matrix_row *row)
{
    for (size_t i = 0; i < matrix->run_count; i++)
        if (row->of_run[i] != NULL && !is_good(row->of_run[i]->verdict) &&
            row->of_run[i]->verdict != VERDICT_SKIP)
            return false;
    return true;
}

bool matrix_case_matters(const struct case_result *result, const char *id)
{
    for (size_t i = 0; i < result->clause_count; i++)
        if (strcmp(result->clauses[i].id, id) == 0)
            return !is_good(result->clauses[i].verdict) && result->clauses[i].verdict != VERDICT_SKIP;
    return false;
}
