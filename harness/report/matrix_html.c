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

/* "2026-11-22T10:03:14Z" in words that a narrow column can break; anything else as it is. */
static void append_time(struct buf *out, const char *started)
{
    struct bytes text = bytes_of(started != NULL ? started : "");
    bool utc =
        text.size == sizeof("YYYY-MM-DDTHH:MM:SSZ") - 1 && text.data[10] == 'T' && text.data[19] == 'Z';

    if (!utc) {
        html_append_text(out, started);
        return;
    }
    struct buf spoken;

    buf_init(&spoken, BUF_UNBOUNDED);
    buf_append(&spoken, bytes_slice(text, 0, 10));
    buf_append_octet(&spoken, ' ');
    buf_append(&spoken, bytes_slice(text, 11, 19));
    buf_append_text(&spoken, "\u00A0UTC");
    html_append_text(out, buf_text(&spoken));
    buf_release(&spoken);
}

static void append_run(struct buf *out, const struct run_result *run, const char *name)
{
    struct buf counts;

    buf_init(&counts, BUF_UNBOUNDED);
    text_append_counts(&counts, run);
    buf_append_text(out, "<tr><td><b>");
    html_append_text(out, name);
    buf_append_text(out, "</b> </td><td>");
    html_append_text(out, run->target.software != NULL ? run->target.software : run->target.greeting.text);
    buf_append_text(out, " </td><td class=\"dim when\">");
    append_time(out, run->started);
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
        append_run(out, &matrix->runs[i], matrix->names[i]);
}

/* ---- the data ---- */

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
    if (result->transcript_count > 0)
        json_object_set_new(object, "wire", html_data_wire(result));
    if (result->again.text != NULL)
        json_set_text(object, "again", result->again.text);
    return object;
}

/* Whether the page shows RESULT's case: below some clause it stands. */
static bool is_shown(const struct case_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++)
        if (matrix_case_matters(result, result->clauses[i].id))
            return true;
    return false;
}

static json_t *runs_json(const struct matrix *matrix)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < matrix->run_count; i++) {
        const struct run_result *from = &matrix->runs[i];
        json_t *run = json_object();
        json_t *cases = json_array();

        for (size_t k = 0; k < from->case_count; k++)
            if (is_shown(&from->cases[k]))
                json_array_append_new(cases, case_json(&from->cases[k]));
        json_set_text(run, "name", matrix->names[i]);
        json_object_set_new(run, "cases", cases);
        json_array_append_new(runs, run);
    }
    return runs;
}

/* Where among RUN's cases on the page those about CLAUSE stand. */
static json_t *indexes_json(const struct run_result *run, const char *clause)
{
    json_t *indexes = json_array();
    json_int_t index = 0;

    for (size_t i = 0; i < run->case_count; i++) {
        if (matrix_case_matters(&run->cases[i], clause))
            json_array_append_new(indexes, json_integer(index));
        index += is_shown(&run->cases[i]);
    }
    return indexes;
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
        json_array_append_new(cases, indexes_json(&matrix->runs[i], row->clause->id));
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
