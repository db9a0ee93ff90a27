/* The matrix as a page: reports/matrix.html, built into the program. */
#include "report/html_text.h"
#include "report/matrix.h"
#include "report/text.h"

extern const unsigned char matrix_html_template[];
extern const size_t matrix_html_template_size;

struct page {
    const struct matrix *matrix;
    const char *version;
};

static void append_verdict(struct buf *out, enum verdict verdict)
{
    const char *name = verdict_name(verdict);

    buf_append_format(out, "<span class=\"%s\">%s</span>", name, name);
}

static void append_case_name(struct buf *out, const struct case_result *result)
{
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    buf_append_text(out, "<span class=\"id\">");
    html_append_escaped(out, buf_text(&name));
    buf_append_text(out, "</span>");
    buf_release(&name);
}

/* ---- the runs ---- */

static void append_run(struct buf *out, const struct run_result *run)
{
    struct buf counts;

    buf_init(&counts, BUF_UNBOUNDED);
    text_append_counts(&counts, run);
    buf_append_text(out, "<tr><td><b>");
    html_append_text(out, run->target.name);
    buf_append_text(out, "</b></td><td>");
    html_append_text(out, run->target.software != NULL ? run->target.software : run->target.greeting.text);
    buf_append_text(out, "</td><td>");
    html_append_text(out, run->started);
    buf_append_text(out, "</td><td>");
    html_append_escaped(out, buf_text(&counts));
    buf_append_text(out, "</td><td><code>");
    html_append_text(out, run->target.repeat != NULL ? run->target.repeat : run->command);
    buf_append_text(out, "</code></td></tr>\n");
    buf_release(&counts);
}

static void append_runs(struct buf *out, const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->run_count; i++)
        append_run(out, &matrix->runs[i]);
}

/* ---- differences ---- */

static void append_change(struct buf *out, const struct change *change)
{
    const struct case_result *named = change->after != NULL ? change->after : change->before;

    buf_append_format(out, "<li>%s: ", change_kind_name(change->kind));
    append_case_name(out, named);
    buf_append_text(out, " ");
    html_append_text(out, named->title);
    buf_append_text(out, ": ");
    if (change->after == NULL)
        buf_append_text(out, "not run");
    else
        append_verdict(out, change->after->verdict);
    buf_append_text(out, ", was ");
    if (change->before == NULL)
        buf_append_text(out, "not run");
    else
        append_verdict(out, change->before->verdict);
    buf_append_text(out, "</li>\n");
}

static void append_comparison(struct buf *out, const struct matrix *matrix,
                              const struct comparison *comparison)
{
    const struct run_result *after = &matrix->runs[comparison->after];

    buf_append_text(out, "<h3>");
    html_append_text(out, after->target.name);
    buf_append_format(out, ": run %zu against run %zu</h3>\n", comparison->after + 1, comparison->before + 1);
    buf_append_text(out, comparison->change_count == 0
                             ? "<p class=\"dim\">The same verdicts in all cases.</p>\n"
                             : "<ul>\n");
    for (size_t i = 0; i < comparison->change_count; i++)
        append_change(out, &comparison->changes[i]);
    buf_append_text(out, comparison->change_count == 0 ? "" : "</ul>\n");
}

static void append_differences(struct buf *out, const struct matrix *matrix)
{
    if (matrix->comparison_count > 0)
        buf_append_text(out, "<h2 id=\"differences\">Differences between runs of one server</h2>\n");
    for (size_t i = 0; i < matrix->comparison_count; i++)
        append_comparison(out, matrix, &matrix->comparisons[i]);
}

/* ---- clauses ---- */

static void append_case(struct buf *out, const struct case_result *result)
{
    buf_append_text(out, "<li>");
    append_verdict(out, result->verdict);
    buf_append_text(out, " ");
    append_case_name(out, result);
    buf_append_text(out, " ");
    html_append_text(out, result->title);
    if (result->reason.text != NULL) {
        buf_append_text(out, "<br><span class=\"dim\">");
        html_append_text(out, result->reason.text);
        buf_append_text(out, "</span>");
    }
    if (result->actual.text != NULL) {
        buf_append_text(out, "<br>expected <code>");
        html_append_text(out, result->expected.text);
        buf_append_text(out, "</code>, got <code>");
        html_append_text(out, result->actual.text);
        buf_append_text(out, "</code>");
    }
    buf_append_text(out, "</li>\n");
}

static void append_cases_of(struct buf *out, const struct run_result *run, const char *clause)
{
    bool any = false;

    for (size_t i = 0; i < run->case_count; i++) {
        if (!matrix_case_matters(&run->cases[i], clause))
            continue;
        if (!any) {
            buf_append_text(out, "<p><b>");
            html_append_text(out, run->target.name);
            buf_append_text(out, "</b></p><ul>\n");
        }
        any = true;
        append_case(out, &run->cases[i]);
    }
    buf_append_text(out, any ? "</ul>\n" : "");
}

static void append_cells(struct buf *out, const struct matrix *matrix, const struct matrix_row *row)
{
    for (size_t i = 0; i < matrix->run_count; i++) {
        if (row->of_run[i] == NULL)
            buf_append_text(out, "<span class=\"none\">&ndash;</span>");
        else
            append_verdict(out, row->of_run[i]->verdict);
    }
}

static void append_demand(struct buf *out, const struct clause_result *clause)
{
    html_append_text(out, clause->section);
    buf_append_text(out, " (");
    html_append_text(out, clause->level);
    buf_append_text(out, "): ");
    html_append_text(out, clause->demand);
}

static void append_row(struct buf *out, const struct matrix *matrix, const struct matrix_row *row)
{
    buf_append_text(out, "<details class=\"clause\"><summary class=\"row\"><span class=\"id\">");
    html_append_text(out, row->clause->id);
    buf_append_text(out, "</span>");
    append_cells(out, matrix, row);
    buf_append_text(out, "</summary><div><p>");
    append_demand(out, row->clause);
    buf_append_text(out, "</p>\n");
    for (size_t i = 0; i < matrix->run_count; i++)
        append_cases_of(out, &matrix->runs[i], row->clause->id);
    buf_append_text(out, "</div></details>\n");
}

static void append_rows(struct buf *out, const struct matrix *matrix, bool kept)
{
    size_t before;

    buf_append_format(out, "<div class=\"scroll\"><div class=\"matrix\" style=\"--runs:%zu\">\n",
                      matrix->run_count);
    buf_append_text(out, "<div class=\"row head\"><span>Clause</span>");
    for (size_t i = 0; i < matrix->run_count; i++) {
        buf_append_text(out, "<span>");
        html_append_text(out, matrix->runs[i].target.name);
        buf_append_text(out, "</span>");
    }
    buf_append_text(out, "</div>\n");
    before = out->size;
    for (size_t i = 0; i < matrix->row_count; i++)
        if (matrix_row_is_kept(matrix, &matrix->rows[i]) == kept)
            append_row(out, matrix, &matrix->rows[i]);
    buf_append_text(out, out->size == before ? "<p class=\"dim\">None.</p></div></div>\n" : "</div></div>\n");
}

static bool append_placeholder(struct buf *out, struct bytes name, const void *context)
{
    const struct page *page = context;

    if (bytes_equal(name, BYTES_LITERAL("runs")))
        append_runs(out, page->matrix);
    else if (bytes_equal(name, BYTES_LITERAL("differences")))
        append_differences(out, page->matrix);
    else if (bytes_equal(name, BYTES_LITERAL("broken")))
        append_rows(out, page->matrix, false);
    else if (bytes_equal(name, BYTES_LITERAL("kept")))
        append_rows(out, page->matrix, true);
    else if (bytes_equal(name, BYTES_LITERAL("version")))
        html_append_text(out, page->version);
    else
        return false;
    return true;
}

void matrix_html_write(const struct matrix *matrix, const char *version, struct buf *out)
{
    const struct page page = {matrix, version};

    html_fill_template(bytes_make(matrix_html_template, matrix_html_template_size), append_placeholder, &page,
                       out);
}
