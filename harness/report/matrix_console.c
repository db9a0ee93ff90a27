#include "report/matrix.h"
#include "report/text.h"

enum {
    COLUMN_WIDTH_MIN = sizeof("blocked") - 1,
    NAME_WIDTH_MIN = 10,
    CHANGES_SHOWN_MAX = 200,
};

static void append_padded(struct buf *out, const char *text, size_t width)
{
    size_t start = out->size;

    text_append(out, text);
    while (out->size - start < width)
        buf_append_octet(out, ' ');
}

/* Of a run's column: wide enough for its NAME. */
static size_t column_width(const char *name)
{
    size_t length = strlen(name);

    return length > COLUMN_WIDTH_MIN ? length : COLUMN_WIDTH_MIN;
}

static const char *cell(const struct clause_result *clause)
{
    return clause == NULL ? "-" : verdict_name(clause->verdict);
}

static size_t clause_width(const struct matrix *matrix, bool all)
{
    size_t width = sizeof("Clause");

    for (size_t i = 0; i < matrix->row_count; i++) {
        size_t length = strlen(matrix->rows[i].clause->id);

        if ((all || !matrix_row_is_kept(matrix, &matrix->rows[i])) && length > width)
            width = length;
    }
    return width + 2;
}

static void append_head(const struct matrix *matrix, size_t width, struct buf *out)
{
    append_padded(out, "Clause", width);
    for (size_t i = 0; i < matrix->run_count; i++) {
        append_padded(out, matrix->names[i], column_width(matrix->names[i]));
        buf_append_text(out, i + 1 < matrix->run_count ? "  " : "\n");
    }
}

static void append_counts(const struct matrix *matrix, struct buf *out)
{
    size_t width = NAME_WIDTH_MIN;

    for (size_t i = 0; i < matrix->run_count; i++)
        if (strlen(matrix->names[i]) > width)
            width = strlen(matrix->names[i]);
    for (size_t i = 0; i < matrix->run_count; i++) {
        buf_append_text(out, "  ");
        append_padded(out, matrix->names[i], width);
        buf_append_octet(out, ' ');
        text_append_counts(out, &matrix->runs[i]);
        buf_append_text(out, matrix->runs[i].started == NULL ? "" : ", ");
        text_append(out, matrix->runs[i].started);
        buf_append_octet(out, '\n');
    }
}

static void append_comparison(const struct matrix *matrix, const struct comparison *comparison,
                              struct buf *out)
{
    const struct run_result *before = &matrix->runs[comparison->before];

    buf_append_text(out, "\n");
    text_append(out, matrix->names[comparison->after]);
    buf_append_format(out, " against run %zu: ", comparison->before + 1);
    if (comparison->difference_count == 0)
        buf_append_format(out, "the same verdicts in all %zu cases\n", before->case_count);
    else
        buf_append_format(out, "%zu differ%s\n", comparison->difference_count,
                          comparison->difference_count == 1 ? "s" : "");
    for (size_t i = 0; i < comparison->change_count && i < CHANGES_SHOWN_MAX; i++) {
        const struct change *change = &comparison->changes[i];
        const struct case_result *named = change->after != NULL ? change->after : change->before;

        buf_append_text(out, "  ");
        append_padded(out, change_kind_name(change->kind), sizeof("new failure") + 1);
        text_append(out, named->id);
        buf_append_octet(out, '@');
        text_append(out, named->transport);
        buf_append_format(out, ": %s, was %s\n",
                          change->after == NULL ? "not run" : verdict_name(change->after->verdict),
                          change->before == NULL ? "not run" : verdict_name(change->before->verdict));
    }
    if (comparison->change_count > CHANGES_SHOWN_MAX)
        buf_append_format(out, "  and %zu more (--html shows all)\n",
                          comparison->change_count - CHANGES_SHOWN_MAX);
}

void matrix_console_write(const struct matrix *matrix, bool all, struct buf *out)
{
    size_t width = clause_width(matrix, all);
    size_t kept = 0;

    append_head(matrix, width, out);
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct matrix_row *row = &matrix->rows[i];

        if (matrix_row_is_kept(matrix, row)) {
            kept++;
            if (!all)
                continue;
        }
        append_padded(out, row->clause->id, width);
        for (size_t k = 0; k < matrix->run_count; k++) {
            append_padded(out, cell(row->of_run[k]), column_width(matrix->names[k]));
            buf_append_text(out, k + 1 < matrix->run_count ? "  " : "\n");
        }
    }
    buf_append_format(out, "%zu of %zu clauses are kept by all that were judged%s\n\n", kept,
                      matrix->row_count, all || kept == 0 ? "" : ", and not shown");
    append_counts(matrix, out);
    for (size_t i = 0; i < matrix->comparison_count; i++)
        append_comparison(matrix, &matrix->comparisons[i], out);
}
