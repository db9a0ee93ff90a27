/*
 * The HTML report: reports/report.html with its style and script (harness/cmake/embed.cmake), built into the program. Its head
 * is written here, so that it can be read where scripts do not run; the rest is shown from the data in the page.
 */
#include "report/html_data.h"
#include "report/html_text.h"
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SKIP_REASONS_SHOWN = 6 };

/* The template's octets (harness/cmake/embed.cmake). */
extern const unsigned char report_html_template[];
extern const size_t report_html_template_size;

/* ---- the head ---- */

static void append_target(struct buf *out, const struct run_result *result)
{
    html_append_text(out, result->target.name);
}

static void append_title(struct buf *out, const struct run_result *result)
{
    html_append_text(out, result->target.name);
    buf_append_text(out,
                    result->exit_code == 0 ? ": nothing unexpected (pop3spec)" : ": findings (pop3spec)");
}

static void append_verdict_class(struct buf *out, const struct run_result *result)
{
    buf_append_text(out, result->exit_code == 0 ? "pass" : "fail");
}

static uint64_t count_unexpected(const struct run_result *result, enum verdict verdict)
{
    uint64_t count = 0;

    for (size_t i = 0; i < result->case_count; i++)
        count += result->cases[i].unexpected && result->cases[i].verdict == verdict;
    return count;
}

/* "2 fail, 1 blocked: exit 1, ..." */
static void append_verdict(struct buf *out, const struct run_result *result)
{
    const char *separator = "";

    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        uint64_t count = count_unexpected(result, (enum verdict)i);

        if (count > 0)
            buf_append_format(out, "%s%" PRIu64 " %s", separator, count, verdict_name((enum verdict)i));
        separator = count > 0 ? ", " : separator;
    }
    if (*separator == '\0') {
        char first = exit_code_meaning(result->exit_code)[0];

        buf_append_octet(out, ascii_upper((uint8_t)first));
        html_append_text(out, exit_code_meaning(result->exit_code) + 1);
    }
    buf_append_format(out, " <span class=\"dim\">(exit %d)</span>", result->exit_code);
}

static void append_span(struct buf *out, const char *before, const char *text)
{
    if (text == NULL)
        return;
    buf_append_format(out, "<span>%s", before);
    html_append_text(out, text);
    buf_append_text(out, "</span>");
}

static void append_about(struct buf *out, const struct run_result *result)
{
    const struct target_result *target = &result->target;

    append_span(out, "", target->software);
    if (target->address != NULL && strcmp(target->address, target->name) != 0)
        append_span(out, "", target->address);
    append_span(out, "TLS: ", target->tls != NULL ? target->tls : "none");
    append_span(out, "", result->started);
    buf_append_format(out, "<span>%zu cases in %" PRId64 ".%" PRId64 " s</span>", result->case_count,
                      result->elapsed_us / US_PER_S, result->elapsed_us / (US_PER_S / 10) % 10);
}

static void append_bar(struct buf *out, const struct run_result *result)
{
    html_append_verdict_bar(out, result);
}

static void append_counts(struct buf *out, const struct run_result *result)
{
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        const char *name = verdict_name((enum verdict)i);

        if (result->counts[i] > 0)
            buf_append_format(out, "<li><b class=\"%s\">%" PRIu64 "</b>%s</li>\n", name, result->counts[i],
                              name);
    }
    if (result->varying_count > 0)
        buf_append_format(out, "<li><b>%" PRIu64 "</b>allowed to vary</li>\n", result->varying_count);
    if (result->flaky_count > 0)
        buf_append_format(out, "<li><b class=\"warn\">%" PRIu64 "</b>flaky</li>\n", result->flaky_count);
}

/* ---- what was not tested, and the run ---- */

static void append_skip_rows(struct buf *out, const struct reason_group *groups, size_t count)
{
    buf_append_text(out, "<table class=\"stacked\">\n<thead><tr><th class=\"number\">Cases</th>"
                         "<th>Reason</th><th>Seen</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count; i++) {
        buf_append_format(out, "<tr><td class=\"number\">%zu</td><td>", groups[i].count);
        html_append_text(out, groups[i].reason);
        buf_append_text(out, "</td><td class=\"dim\">");
        html_append_text(out, groups[i].first->evidence.text);
        buf_append_text(out, "</td></tr>\n");
    }
    buf_append_text(out, "</tbody></table>\n");
}

/* The reasons that leave out most, and the others behind a row that opens. */
static void append_skips(struct buf *out, const struct run_result *result)
{
    size_t count;
    struct reason_group *groups = reason_groups(result, VERDICT_SKIP, &count);
    size_t shown = count > SKIP_REASONS_SHOWN + 1 ? SKIP_REASONS_SHOWN : count;

    if (count == 0)
        buf_append_text(out, "<p class=\"dim\">Every case that was selected ran.</p>\n");
    else
        append_skip_rows(out, groups, shown);
    if (count > shown) {
        buf_append_format(out, "<details class=\"others\"><summary>%zu more reasons</summary>\n",
                          count - shown);
        append_skip_rows(out, groups + shown, count - shown);
        buf_append_text(out, "</details>\n");
    }
    free(groups);
}

static void append_fact(struct buf *out, const char *label, const char *value)
{
    if (value == NULL)
        return;
    buf_append_format(out, "<dt>%s</dt><dd>", label);
    html_append_text(out, value);
    buf_append_text(out, "</dd>\n");
}

static void append_capabilities(struct buf *out, const struct target_result *target)
{
    if (target->capability_count == 0)
        return;
    buf_append_text(out, "<dt>CAPA</dt><dd>");
    for (size_t i = 0; i < target->capability_count; i++) {
        buf_append_text(out, i > 0 ? ", " : "");
        html_append_text(out, target->capabilities[i].text);
    }
    buf_append_text(out, "</dd>\n");
}

static void append_facts(struct buf *out, const struct run_result *result)
{
    const struct target_result *target = &result->target;
    char seed[24];

    append_fact(out, "Address", target->address);
    append_fact(out, "Software", target->software);
    append_fact(out, "TLS", target->tls);
    append_fact(out, "Greeting", target->greeting.text);
    append_capabilities(out, target);
    for (size_t i = 0; i < target->note_count; i++)
        append_fact(out, "Note", target->notes[i]);
    append_fact(out, "Selection", result->selection);
    append_fact(out, "Command", result->command);
    append_fact(out, "Started", result->started);
    snprintf(seed, sizeof(seed), "%" PRIu64, result->seed);
    append_fact(out, "Seed", seed);
    append_fact(out, "Exit code means", exit_code_meaning(result->exit_code));
}

/* ---- the page ---- */

struct placeholder {
    struct bytes name;
    void (*append)(struct buf *out, const struct run_result *result);
};

static const struct placeholder PLACEHOLDERS[] = {
    {BYTES_LITERAL("title"), append_title},     {BYTES_LITERAL("target"), append_target},
    {BYTES_LITERAL("verdict"), append_verdict}, {BYTES_LITERAL("verdict-class"), append_verdict_class},
    {BYTES_LITERAL("about"), append_about},     {BYTES_LITERAL("bar"), append_bar},
    {BYTES_LITERAL("counts"), append_counts},   {BYTES_LITERAL("skips"), append_skips},
    {BYTES_LITERAL("facts"), append_facts},     {BYTES_LITERAL("data"), html_data_append_run},
};

enum { PLACEHOLDER_COUNT = sizeof(PLACEHOLDERS) / sizeof(PLACEHOLDERS[0]) };

struct page {
    const struct run_result *result;
    const char *version;
};

static bool append_placeholder(struct buf *out, struct bytes name, const void *context)
{
    const struct page *page = (const struct page *)context;
    size_t i = 0;

    if (bytes_equal(name, bytes_of("version"))) {
        html_append_text(out, page->version);
        return true;
    }
    while (i < PLACEHOLDER_COUNT && !bytes_equal(name, PLACEHOLDERS[i].name))
        i++;
    if (i < PLACEHOLDER_COUNT)
        PLACEHOLDERS[i].append(out, page->result);
    return i < PLACEHOLDER_COUNT;
}

void html_write(const struct run_result *result, const char *version, struct buf *out)
{
    const struct page page = {result, version};

    html_fill_template(bytes_make(report_html_template, report_html_template_size), append_placeholder, &page,
                       out);
}
