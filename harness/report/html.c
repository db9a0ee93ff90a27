/* The HTML report: reports/report.html, built into the program, with {{names}} replaced by what stands in the table. */
#include "report/html_text.h"
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The template's octets (harness/cmake/embed.cmake). */
extern const unsigned char report_html_template[];
extern const size_t report_html_template_size;

static void append_case_name(struct buf *out, const struct case_result *result)
{
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    html_append_escaped(out, buf_text(&name));
    buf_release(&name);
}

static void append_field(void *context, const char *label, const char *value)
{
    struct buf *out = context;

    buf_append_format(out, "<dt>%s</dt><dd>", label);
    html_append_escaped(out, value);
    buf_append_text(out, "</dd>\n");
}

static void append_fact(struct buf *out, const char *label, const char *value)
{
    if (value == NULL)
        return;
    buf_append_format(out, "<dt>%s</dt><dd>", label);
    html_append_text(out, value);
    buf_append_text(out, "</dd>\n");
}

static void append_target(struct buf *out, const struct run_result *result)
{
    html_append_text(out, result->target.name);
}

static void append_exit(struct buf *out, const struct run_result *result)
{
    buf_append_format(out, "<b class=\"%s\">Exit %d</b> ", result->exit_code == 0 ? "pass" : "fail",
                      result->exit_code);
    html_append_text(out, exit_code_meaning(result->exit_code));
}

static void append_counts(struct buf *out, const struct run_result *result)
{
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        const char *name = verdict_name((enum verdict)i);

        if (result->counts[i] > 0)
            buf_append_format(out, "<li><b class=\"%s\">%" PRIu64 "</b>%s</li>\n", name, result->counts[i],
                              name);
    }
}

static void append_facts(struct buf *out, const struct run_result *result)
{
    const struct target_result *target = &result->target;
    char run[96];

    append_fact(out, "software", target->software);
    append_fact(out, "address", target->address);
    append_fact(out, "TLS", target->tls);
    append_fact(out, "greeting", target->greeting.text);
    if (target->capability_count > 0)
        buf_append_text(out, "<dt>CAPA</dt><dd>");
    for (size_t i = 0; i < target->capability_count; i++) {
        buf_append_text(out, i > 0 ? ", " : "");
        html_append_text(out, target->capabilities[i].text);
    }
    if (target->capability_count > 0)
        buf_append_text(out, "</dd>\n");
    for (size_t i = 0; i < target->note_count; i++)
        append_fact(out, "note", target->notes[i]);
    append_fact(out, "selection", result->selection);
    append_fact(out, "command", result->command);
    append_fact(out, "started", result->started);
    snprintf(run, sizeof(run), "%zu cases in %" PRId64 ".%" PRId64 " s, seed %" PRIu64, result->case_count,
             result->elapsed_us / US_PER_S, result->elapsed_us / (US_PER_S / 10) % 10, result->seed);
    append_fact(out, "run", run);
}

static void append_transcript(struct buf *out, const struct case_result *result)
{
    struct buf line;

    if (result->transcript_count == 0)
        return;
    buf_init(&line, BUF_UNBOUNDED);
    buf_append_text(out, "<pre>");
    for (size_t i = 0; i < result->transcript_count; i++) {
        bool client = result->transcript[i].direction == DIRECTION_CLIENT;

        buf_clear(&line);
        text_append_wire(&line, &result->transcript[i]);
        buf_append_text(out, client ? "<span class=\"client\">" : "");
        html_append_escaped(out, buf_text(&line));
        buf_append_text(out, client ? "</span>\n" : "\n");
    }
    buf_append_text(out, "</pre>\n");
    buf_release(&line);
}

static void append_finding(struct buf *out, const struct case_result *result)
{
    struct field_sink sink = {.field = append_field, .context = out};
    const char *verdict = verdict_name(result->verdict);

    buf_append_format(out, "<details%s><summary><b class=\"%s\">%s</b> <span class=\"id\">",
                      result->unexpected ? " open" : "", verdict, verdict);
    append_case_name(out, result);
    buf_append_text(out, "</span> ");
    html_append_text(out, result->title);
    buf_append_text(out, "</summary><div>\n<dl>\n");
    case_fields(result, &sink);
    case_again(result, &sink);
    buf_append_text(out, "</dl>\n");
    append_transcript(out, result);
    buf_append_text(out, "</div></details>\n");
}

static void append_findings(struct buf *out, const struct run_result *result)
{
    size_t before = out->size;

    for (size_t i = 0; i < result->case_count; i++)
        if (verdict_is_finding(result->cases[i].verdict) || result->cases[i].verdict == VERDICT_XFAIL)
            append_finding(out, &result->cases[i]);
    if (out->size == before)
        buf_append_text(out, "<p class=\"dim\">None.</p>\n");
}

static void append_skips(struct buf *out, const struct run_result *result)
{
    size_t count;
    struct reason_group *groups = reason_groups(result, VERDICT_SKIP, &count);

    buf_append_text(out, count > 0
                             ? "<table>\n<thead><tr><th>Cases</th><th>Reason</th><th>Seen</th></tr></thead>\n"
                             : "<p class=\"dim\">Everything that was selected ran.</p>\n");
    for (size_t i = 0; i < count; i++) {
        buf_append_format(out, "<tr><td class=\"number\">%zu</td><td>", groups[i].count);
        html_append_text(out, groups[i].reason);
        buf_append_text(out, "</td><td class=\"dim\">");
        html_append_text(out, groups[i].first->evidence.text);
        buf_append_text(out, "</td></tr>\n");
    }
    if (count > 0)
        buf_append_text(out, "</table>\n");
    free(groups);
}

/* Begins a row: the verdict, and a second cell with ATTRIBUTES, left open. */
static void append_verdict_cell(struct buf *out, enum verdict verdict, const char *attributes)
{
    const char *name = verdict_name(verdict);

    buf_append_format(out, "<tr><td class=\"word %s\">%s</td><td%s>", name, name, attributes);
}

static void append_clauses(struct buf *out, const struct run_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *clause = &result->clauses[i];

        append_verdict_cell(out, clause->verdict, " class=\"word\"");
        html_append_text(out, clause->level);
        buf_append_text(out, "</td><td>");
        html_append_text(out, clause->section);
        buf_append_text(out, "</td><td>");
        html_append_text(out, clause->demand);
        buf_append_text(out, " <span class=\"id dim\">");
        html_append_text(out, clause->id);
        buf_append_text(out, "</span></td></tr>\n");
    }
}

static void append_cases(struct buf *out, const struct run_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *each = &result->cases[i];

        append_verdict_cell(out, each->verdict, "");
        buf_append_text(out, "<span class=\"id\">");
        append_case_name(out, each);
        buf_append_text(out, "</span><br>");
        html_append_text(out, each->title);
        if (each->reason.text != NULL) {
            buf_append_text(out, "<br><span class=\"dim\">");
            html_append_text(out, each->reason.text);
            buf_append_text(out, "</span>");
        }
        buf_append_format(out, "</td><td class=\"number\">%" PRId64 " ms</td></tr>\n",
                          each->elapsed_us / US_PER_MS);
    }
}

struct placeholder {
    struct bytes name;
    void (*append)(struct buf *out, const struct run_result *result);
};

static const struct placeholder PLACEHOLDERS[] = {
    {BYTES_LITERAL("target"), append_target},     {BYTES_LITERAL("verdict"), append_exit},
    {BYTES_LITERAL("counts"), append_counts},     {BYTES_LITERAL("facts"), append_facts},
    {BYTES_LITERAL("findings"), append_findings}, {BYTES_LITERAL("skips"), append_skips},
    {BYTES_LITERAL("clauses"), append_clauses},   {BYTES_LITERAL("cases"), append_cases},
};

enum { PLACEHOLDER_COUNT = sizeof(PLACEHOLDERS) / sizeof(PLACEHOLDERS[0]) };

struct page {
    const struct run_result *result;
    const char *version;
};

static bool append_placeholder(struct buf *out, struct bytes name, const void *context)
{
    const struct page *page = context;
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
