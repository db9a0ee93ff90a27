/* The matrix as a page: reports/matrix.html with its style and script, built into the program. */
#include "report/html_data.h"
#include "report/html_text.h"
#include "report/json_text.h"
#include "report/matrix.h"
#include "report/text.h"

extern const unsigned char matrix_html_template[];
extern const size_t matrix_html_template_size;

struct page {
    const struct matrix *matrix;
    const char *version;
};

/* ---- the runs ---- */

static void append_run(struct buf *out, const struct run_result *run)
{
    struct buf counts;

    buf_init(&counts, BUF_UNBOUNDED);
    text_append_counts(&counts, run);
    buf_append_text(out, "<tr><td><b>");
    html_append_text(out, run->target.name);
    buf_append_text(out, "</b> </td><td>");
    html_append_text(out, run->target.software != NULL ? run->target.software : run->target.greeting.text);
    buf_append_text(out, " </td><td class=\"dim when\">");
    html_append_text(out, run->started);
    buf_append_text(out, " </td><td>");
    html_append_escaped(out, buf_text(&counts));
    html_append_verdict_bar(out, run);
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

/* ---- the data ---- */

static json_t *runs_json(const struct matrix *matrix)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < matrix->run_count; i++) {
        json_t *run = json_object();

        json_set_text(run, "name", matrix->runs[i].target.name);
        json_array_append_new(runs, run);
    }
    return runs;
}

static void set_case_name(json_t *object, const struct case_result *result)
{
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    json_set_text(object, "name", buf_text(&name));
    buf_release(&name);
}

static json_t *case_json(const struct case_result *result)
{
    json_t *object = json_object();

    set_case_name(object, result);
    json_set_text(object, "title", result->title);
    json_set_text(object, "verdict", verdict_name(result->verdict));
    json_set_text(object, "reason", result->reason.text);
    json_set_text(object, "expected", result->expected.text);
    json_set_text(object, "actual", result->actual.text);
    return object;
}

static json_t *cases_json(const struct run_result *run, const char *clause)
{
    json_t *cases = json_array();

    for (size_t i = 0; i < run->case_count; i++)
        if (matrix_case_matters(&run->cases[i], clause))
            json_array_append_new(cases, case_json(&run->cases[i]));
    return cases;
}

static json_t *row_json(const struct matrix *matrix, const struct matrix_row *row)
{
    json_t *object = json_object();
    json_t *verdicts = json_array();
    json_t *cases = json_array();

    json_set_text(object, "id", row->clause->id);
    json_set_text(object, "level", row->clause->level);
    json_set_text(object, "section", row->clause->section != NULL ? row->clause->section : "");
    json_set_text(object, "demand", row->clause->demand != NULL ? row->clause->demand : "");
    for (size_t i = 0; i < matrix->run_count; i++) {
        const struct clause_result *of_run = row->of_run[i];

        json_array_append_new(verdicts, json_text(of_run == NULL ? NULL : verdict_name(of_run->verdict)));
        json_array_append_new(cases, cases_json(&matrix->runs[i], row->clause->id));
    }
    json_object_set_new(object, "verdicts", verdicts);
    json_object_set_new(object, "cases", cases);
    return object;
}

static json_t *change_json(const struct change *change)
{
    const struct case_result *named = change->after != NULL ? change->after : change->before;
    json_t *object = json_object();

    json_set_text(object, "kind", change_kind_name(change->kind));
    set_case_name(object, named);
    json_set_text(object, "title", named->title);
    json_set_text(object, "before", change->before == NULL ? NULL : verdict_name(change->before->verdict));
    json_set_text(object, "after", change->after == NULL ? NULL : verdict_name(change->after->verdict));
    return object;
}

static json_t *comparison_json(const struct comparison *comparison)
{
    json_t *object = json_object();
    json_t *changes = json_array();

    for (size_t i = 0; i < comparison->change_count; i++)
        json_array_append_new(changes, change_json(&comparison->changes[i]));
    json_object_set_new(object, "before", json_integer((json_int_t)comparison->before));
    json_object_set_new(object, "after", json_integer((json_int_t)comparison->after));
    json_object_set_new(object, "changes", changes);
    return object;
}

static void append_data(struct buf *out, const struct matrix *matrix)
{
    json_t *root = json_object();
    json_t *clauses = json_array();
    json_t *comparisons = json_array();

    for (size_t i = 0; i < matrix->row_count; i++)
        json_array_append_new(clauses, row_json(matrix, &matrix->rows[i]));
    for (size_t i = 0; i < matrix->comparison_count; i++)
        json_array_append_new(comparisons, comparison_json(&matrix->comparisons[i]));
    json_object_set_new(root, "runs", runs_json(matrix));
    json_object_set_new(root, "clauses", clauses);
    json_object_set_new(root, "comparisons", comparisons);
    html_data_append(out, root);
}

/* ---- the page ---- */

static bool append_placeholder(struct buf *out, struct bytes name, const void *context)
{
    const struct page *page = (const struct page *)context;

    if (bytes_equal(name, BYTES_LITERAL("runs")))
        append_runs(out, page->matrix);
    else if (bytes_equal(name, BYTES_LITERAL("data")))
        append_data(out, page->matrix);
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
