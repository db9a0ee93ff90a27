/* TAP version 14: a test point for each case, with YAML diagnostics where there is more to say. */
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>

/* In a description, # begins a directive and a backslash escapes. */
static void append_description(struct buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '#' || *c == '\\')
            buf_append_octet(out, '\\');
        buf_append_octet(out, (uint8_t)*c);
    }
}

/* A double-quoted scalar: the text has no control octets, so the quote and the backslash are all there is to escape. */
static void append_quoted(struct buf *out, const char *text)
{
    buf_append_octet(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buf_append_octet(out, '\\');
        buf_append_octet(out, (uint8_t)*c);
    }
    buf_append_octet(out, '"');
}

static void append_safe_description(struct buf *out, const char *text)
{
    struct buf safe;

    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, text);
    append_description(out, buf_text(&safe));
    buf_release(&safe);
}

static void append_point(struct buf *out, const struct case_result *result, size_t number)
{
    bool ok = !result->unexpected && result->verdict != VERDICT_XFAIL;
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    buf_append_format(out, "%s %zu - ", ok ? "ok" : "not ok", number);
    append_description(out, buf_text(&name));
    if (result->verdict == VERDICT_SKIP)
        buf_append_text(out, " # SKIP ");
    else if (result->verdict == VERDICT_XFAIL)
        buf_append_text(out, " # TODO ");
    if ((result->verdict == VERDICT_SKIP || result->verdict == VERDICT_XFAIL) && result->reason.text != NULL)
        append_safe_description(out, result->reason.text);
    buf_append_octet(out, '\n');
    buf_release(&name);
}

struct diagnostics_writer {
    struct buf *out;
    const char *last_label; /* several demands are one list */
};

static void append_field(void *context, const char *label, const char *value)
{
    struct diagnostics_writer *writer = context;

    if (label != writer->last_label)
        buf_append_format(writer->out, "  %s:\n", label);
    writer->last_label = label;
    buf_append_text(writer->out, "    - ");
    append_quoted(writer->out, value);
    buf_append_octet(writer->out, '\n');
}

static void append_diagnostics(struct buf *out, const struct case_result *result)
{
    struct diagnostics_writer writer = {.out = out};
    struct field_sink sink = {.field = append_field, .context = &writer};
    struct buf line;

    buf_append_text(out, "  ---\n  verdict: ");
    buf_append_text(out, verdict_name(result->verdict));
    buf_append_format(out, "\n  duration_ms: %" PRId64 "\n  title: ", result->elapsed_us / US_PER_MS);
    buf_init(&line, BUF_UNBOUNDED);
    text_append(&line, result->title);
    append_quoted(out, buf_text(&line));
    buf_append_octet(out, '\n');
    case_fields(result, &sink);
    case_again(result, &sink);
    if (result->transcript_count > 0)
        buf_append_text(out, "  wire:\n");
    for (size_t i = 0; i < result->transcript_count; i++) {
        buf_clear(&line);
        text_append_wire(&line, &result->transcript[i]);
        buf_append_text(out, "    - ");
        append_quoted(out, buf_text(&line));
        buf_append_octet(out, '\n');
    }
    buf_append_text(out, "  ...\n");
    buf_release(&line);
}

static void append_comments(struct buf *out, const struct run_result *result, const char *version)
{
    buf_append_format(out, "# pop3spec %s against ", version);
    text_append(out, result->target.name);
    buf_append_text(out, ": ");
    text_append_counts(out, result);
    buf_append_format(out, "\n# exit %d: %s\n", result->exit_code, exit_code_meaning(result->exit_code));
}

void tap_write(const struct run_result *result, const char *version, struct buf *out)
{
    buf_append_text(out, "TAP version 14\n");
    buf_append_format(out, "1..%zu%s\n", result->case_count,
                      result->case_count == 0 ? " # SKIP nothing ran" : "");
    for (size_t i = 0; i < result->case_count; i++) {
        append_point(out, &result->cases[i], i + 1);
        if (result->cases[i].flaky ||
            (result->cases[i].verdict != VERDICT_PASS && result->cases[i].verdict != VERDICT_SKIP))
            append_diagnostics(out, &result->cases[i]);
    }
    append_comments(out, result, version);
}
