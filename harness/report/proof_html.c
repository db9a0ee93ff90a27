/* The proof as a page: reports/proof.html with its style and script, built into the program. Its data are those of the JSON. */
#include "report/html_data.h"
#include "report/html_text.h"
#include "report/proof.h"
#include "report/proof_data.h"

#include <inttypes.h>

extern const unsigned char proof_html_template[];
extern const size_t proof_html_template_size;

struct page {
    const struct proof *proof;
    const char *version;
};

static void append_verdict(struct buf *out, const struct proof *proof)
{
    if (proof->interrupted)
        buf_append_text(out, "Interrupted: not proved");
    else if (!proof->proved)
        buf_append_text(out, "Not proved");
    else
        buf_append_text(out, proof->whole ? "Proved" : "Proved, as far as it was asked for");
}

static void append_about(struct buf *out, const struct proof *proof)
{
    buf_append_text(out, "<span>over ");
    html_append_text(out, proof->over);
    buf_append_format(out,
                      "</span><span>%zu cases on the correct server, %zu of them flagged</span><span>%" PRId64
                      ".%" PRId64 " s</span>",
                      proof->case_count, proof->baseline_flag_count, proof->elapsed_us / US_PER_S,
                      proof->elapsed_us / (US_PER_S / 10) % 10);
}

/* "361 of 361 faults caught", in the colour of whether that is all. */
static void append_count(struct buf *out, size_t good, size_t of, const char *what)
{
    buf_append_format(out, "<li><b class=\"%s\">%zu of %zu</b>%s</li>\n", good == of ? "pass" : "fail", good,
                      of, what);
}

static void append_counts(struct buf *out, const struct proof *proof)
{
    append_count(out, proof_count_faults(proof, PROOF_CAUGHT), proof->fault_count,
                 "faults caught by their own clause");
    append_count(out, proof_count_clean(proof->variants, proof->variant_count), proof->variant_count,
                 "variants not accused");
    append_count(out, proof_count_clean(proof->combinations, proof->combination_count),
                 proof->combination_count, "combinations not accused");
    if (proof->whole)
        buf_append_format(out, "<li><b class=\"%s\">%zu</b>scenarios idle</li>\n",
                          proof->idle_count == 0 ? "pass" : "fail", proof->idle_count);
}

static bool append_placeholder(struct buf *out, struct bytes name, const void *context)
{
    const struct page *page = (const struct page *)context;

    if (bytes_equal(name, BYTES_LITERAL("verdict")))
        append_verdict(out, page->proof);
    else if (bytes_equal(name, BYTES_LITERAL("verdict-class")))
        buf_append_text(out, page->proof->proved ? "pass" : "fail");
    else if (bytes_equal(name, BYTES_LITERAL("about")))
        append_about(out, page->proof);
    else if (bytes_equal(name, BYTES_LITERAL("counts")))
        append_counts(out, page->proof);
    else if (bytes_equal(name, BYTES_LITERAL("data")))
        html_data_append(out, proof_data(page->proof, page->version));
    else if (bytes_equal(name, BYTES_LITERAL("version")))
        html_append_text(out, page->version);
    else
        return false;
    return true;
}

void proof_html_write(const struct proof *proof, const char *version, struct buf *out)
{
    const struct page page = {proof, version};

    html_fill_template(bytes_make(proof_html_template, proof_html_template_size), append_placeholder, &page,
                       out);
}
