#include "report/html_text.h"
#include "report/proof.h"

static const char STYLE[] = ":root{color-scheme:light dark}body{font:15px/1.5 "
                            "system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
                            "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem "
                            ".6rem;border-bottom:1px solid #8884;"
                            "vertical-align:top}code{font-size:.9em}.caught,.clean{color:#2a7d2a}.missed,."
                            "flagged,.untouched,.stray{color:#c0392b;"
                            "font-weight:600}@media(prefers-color-scheme:dark){.caught,.clean{color:#7dcf7d}."
                            "missed,.flagged,.untouched,.stray{color:#ff8a7a}}";

static void append_cell(struct buf *out, const char *element, const char *text)
{
    buf_append_format(out, "<td><%s>", element);
    html_append_text(out, text);
    buf_append_format(out, "</%s></td>", element);
}

static void append_state(struct buf *out, const char *state)
{
    buf_append_format(out, "<td class=\"%s\">%s</td>", state, state);
}

static void append_faults(struct buf *out, const struct proof *proof)
{
    buf_append_text(out, "<h2>Faults</h2><table><thead><tr><th>State</th><th>Fault</th><th>What it does "
                         "wrong</th><th>Clause</th>"
                         "<th>Caught by</th><th>Other clauses that failed</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < proof->fault_count; i++) {
        const struct proof_fault *fault = &proof->faults[i];

        buf_append_text(out, "<tr>");
        append_state(out, proof_fault_state_name(fault->state));
        append_cell(out, "code", fault->id);
        append_cell(out, "span", fault->what);
        append_cell(out, "code", fault->clause);
        append_cell(out, "code", fault->caught_by);
        buf_append_text(out, "<td>");
        for (size_t k = 0; k < fault->stray_count; k++) {
            buf_append_text(out, "<code>");
            html_append_text(out, fault->strays[k]);
            buf_append_text(out, "</code> ");
        }
        buf_append_text(out, "</td></tr>\n");
    }
    buf_append_text(out, "</tbody></table>\n");
}

static void append_variants(struct buf *out, const struct proof *proof)
{
    buf_append_text(out, "<h2>Variants</h2><table><thead><tr><th>State</th><th>Variant</th><th>What is "
                         "legal</th><th>Clause</th>"
                         "<th>Flagged cases</th>"
                         "</tr></thead><tbody>\n");
    for (size_t i = 0; i < proof->variant_count; i++) {
        const struct proof_variant *variant = &proof->variants[i];

        buf_append_text(out, "<tr>");
        append_state(out, variant->clean ? "clean" : "flagged");
        append_cell(out, "code", variant->id);
        append_cell(out, "span", variant->what);
        append_cell(out, "code", variant->clause);
        buf_append_text(out, "<td>");
        for (size_t k = 0; k < variant->flag_count; k++) {
            buf_append_format(out, "%s <code>", verdict_name(variant->flags[k].verdict));
            html_append_text(out, variant->flags[k].id);
            buf_append_text(out, "</code><br>");
        }
        buf_append_text(out, "</td></tr>\n");
    }
    buf_append_text(out, "</tbody></table>\n");
}

void proof_html_write(const struct proof *proof, const char *version, struct buf *out)
{
    buf_append_text(out,
                    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width,initial-scale=1\"><title>pop3spec prove</title><style>");
    buf_append_text(out, STYLE);
    buf_append_text(out, "</style><h1>Proof of the suite</h1>\n");
    buf_append_format(
        out, "<p>pop3spec %s, over %s: <strong>%s</strong>. %zu of %zu faults caught by their own clause, ",
        version, proof->over, proof->proved ? "proved" : "not proved",
        proof_count_faults(proof, PROOF_CAUGHT), proof->fault_count);
    buf_append_format(
        out, "%zu of %zu variants clean, %zu cases on the correct server, %zu of them flagged.</p>\n",
        proof_count_clean(proof->variants, proof->variant_count), proof->variant_count, proof->case_count,
        proof->baseline_flag_count);
    append_faults(out, proof);
    append_variants(out, proof);
    buf_append_text(out, "</html>\n");
}
