#include "plants.h"

#include "report/annotations.h"
#include "report/html_text.h"
#include "report/look.h"
#include "report/matrix.h"
#include "report/proof.h"
#include "report/recorded.h"
#include "report/sinks.h"
#include "result/redactor.h"

/* What an escape begins with becomes BROKEN. */
static void replace(struct buf *out, uint8_t escape, uint8_t broken)
{
    for (size_t i = 0; i < out->size; i++)
        if (out->data[i] == escape)
            out->data[i] = broken;
}

WRAP(void, console_write, const struct run_result *result, const struct console_options *options,
     struct buf *out)
{
    REAL(console_write)(result, options, out);
    if (PLANTED("shows-controls", "reports-console"))
        replace(out, '\\', '\a');
}

WRAP(void, matrix_html_write, const struct matrix *matrix, const char *version, struct buf *out)
{
    REAL(matrix_html_write)(matrix, version, out);
    if (PLANTED("leaves-markup-in-the-matrix", "reports-matrix"))
        replace(out, '&', '<');
}

WRAP(void, proof_json_write, const struct proof *proof, const char *version, struct buf *out)
{
    REAL(proof_json_write)(proof, version, out);
    if (PLANTED("forgets-an-escape-in-the-proof", "reports-proof"))
        replace(out, '\\', '"');
}

WRAP(void, html_append_text, struct buf *out, const char *text)
{
    if (text != NULL && PLANTED("leaves-markup", "reports-html"))
        buf_append_text(out, text);
    else
        REAL(html_append_text)(out, text);
}

WRAP(void, json_write, const struct run_result *result, const char *version, struct buf *out)
{
    REAL(json_write)(result, version, out);
    if (PLANTED("forgets-an-escape", "reports-json"))
        replace(out, '\\', '"');
}

WRAP(void, junit_write, const struct run_result *result, const char *version, struct buf *out)
{
    REAL(junit_write)(result, version, out);
    if (PLANTED("forgets-a-reference", "reports-junit"))
        replace(out, '&', '<');
}

WRAP(void, tap_write, const struct run_result *result, const char *version, struct buf *out)
{
    REAL(tap_write)(result, version, out);
    if (PLANTED("quotes-nothing", "reports-tap"))
        replace(out, '\\', '"');
}

WRAP(bool, recorded_read, struct bytes text, const char *file, struct arena *arena,
     struct run_result *ret_result, struct error *error)
{
    bool ok = REAL(recorded_read)(text, file, arena, ret_result, error);

    if (PLANTED("loses-a-case", "reports-recorded") && ret_result->case_count > 0)
        ret_result->case_count--;
    for (size_t i = 0; PLANTED("loses-reasons", "reports-recorded") && i < ret_result->case_count; i++)
        ret_result->cases[i].reason = (struct printable){.text = NULL};
    return ok;
}

WRAP(void, redactor_mask, const struct redactor *redactor, struct bytes octets, unsigned ragged_edges,
     bool *mask)
{
    if (!PLANTED("knows-no-secrets", "reports-secret"))
        REAL(redactor_mask)(redactor, octets, ragged_edges, mask);
}

WRAP(void, summary_write, const struct run_result *result, const char *version, struct buf *out)
{
    REAL(summary_write)(result, version, out);
    if (PLANTED("leaves-markup-in-the-summary", "reports-summary"))
        replace(out, ';', '|');
}

/* A line of a text that is one of the report's. */
WRAP(void, annotations_write, const struct run_result *result, const char *folder, struct buf *out)
{
    REAL(annotations_write)(result, folder, out);
    if (PLANTED("lets-commands-in", "reports-annotations"))
        replace(out, '%', '\n');
}

WRAP(void, look_json_write, const struct look_report *report, const char *version, struct buf *out)
{
    REAL(look_json_write)(report, version, out);
    if (PLANTED("forgets-an-escape-in-the-look", "reports-look"))
        replace(out, '\\', '"');
}
