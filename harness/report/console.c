/* The console report: for a person who reads from the bottom up, so the summary comes last. */
#include "report/text.h"

#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIRE_LINES_SHOWN = 30,
    REASONS_SHOWN = 40,
    ALIKE_IN_FULL = 3, /* of findings in one scenario */
};

struct console {
    const struct console_options *options;
    struct buf *out;
};

static const char *colour_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return "32";
    case VERDICT_FAIL:
    case VERDICT_XPASS:
    case VERDICT_ERROR:
        return "1;31";
    case VERDICT_WARN:
        return "1;33";
    case VERDICT_BLOCKED:
        return "1;35";
    case VERDICT_INFO:
        return "36";
    case VERDICT_SKIP:
    case VERDICT_XFAIL:
    case VERDICT_COUNT:
        return "2";
    }
    return "0";
}

static void append_verdict(struct console *console, enum verdict verdict)
{
    if (console->options->colour)
        buf_append_format(console->out, "\033[%sm", colour_of(verdict));
    for (const char *name = verdict_name(verdict); *name != '\0'; name++)
        buf_append_octet(console->out, ascii_upper((uint8_t)*name));
    if (console->options->colour)
        buf_append_text(console->out, "\033[0m");
}

static void append_headline(struct console *console, const struct case_result *result)
{
    append_verdict(console, result->verdict);
    buf_append_text(console->out, result->flaky ? " FLAKY " : " ");
    text_append_case_name(console->out, result);
    buf_append_text(console->out, "   ");
    text_append(console->out, result->title);
    buf_append_octet(console->out, '\n');
}

static void append_field(void *context, const char *label, const char *value)
{
    struct console *console = context;

    buf_append_format(console->out, "     %-9s %s\n", label, value);
}

static void append_transcript(struct console *console, const struct case_result *result)
{
    size_t count = result->transcript_count;
    size_t first = count > WIRE_LINES_SHOWN ? count - WIRE_LINES_SHOWN : 0;

    text_append_transcript(console->out, result, first, "     ");
    if (first > 0)
        buf_append_format(console->out,
                          "     %-9s the last %d of %zu lines; --html and --json hold them all\n", "",
                          WIRE_LINES_SHOWN, count);
}

static void append_case(struct console *console, const struct case_result *result)
{
    struct field_sink sink = {.field = append_field, .context = console};

    append_headline(console, result);
    case_fields(result, &sink);
    append_transcript(console, result);
    case_again(result, &sink);
    buf_append_octet(console->out, '\n');
}

static void append_line(struct console *console, const struct case_result *result)
{
    append_verdict(console, result->verdict);
    buf_append_octet(console->out, ' ');
    text_append_case_name(console->out, result);
    if (result->reason.text != NULL) {
        buf_append_text(console->out, "   ");
        text_append(console->out, result->reason.text);
    }
    buf_append_octet(console->out, '\n');
}

static const char *group_of(const struct case_result *result)
{
    return result->group != NULL ? result->group : result->id;
}

static size_t count_alike(const struct case_result *cases, size_t count, const struct case_result *result)
{
    size_t alike = 0;

    for (size_t i = 0; i < count; i++)
        alike += cases[i].verdict == result->verdict && cases[i].flaky == result->flaky;
    return alike;
}

/*
 * The COUNT cases of one scenario. Of findings that came out alike the first are told in full, and a line for each of the
 * others. LINES and what is answered: that the last thing told was a line, with no blank one behind it.
 */
static bool append_group(struct console *console, const struct case_result *cases, size_t count, bool lines)
{
    bool verbose = console->options->verbose;

    for (size_t i = 0; i < count; i++) {
        size_t before = verbose ? 0 : count_alike(cases, i, &cases[i]);
        bool finding = case_is_finding(&cases[i]);

        if (finding && before < ALIKE_IN_FULL) {
            append_case(console, &cases[i]);
            lines = false;
        } else if (verbose || finding) {
            append_line(console, &cases[i]);
            lines = true;
        }
    }
    return lines;
}

static void append_cases(struct console *console, const struct run_result *result)
{
    bool lines = false;

    for (size_t i = 0, count; i < result->case_count; i += count) {
        const struct case_result *first = &result->cases[i];

        for (count = 1; i + count < result->case_count; count++)
            if (strcmp(group_of(first), group_of(&first[count])) != 0)
                break;
        lines = append_group(console, first, count, lines);
    }
    if (lines)
        buf_append_octet(console->out, '\n');
}

/* In brackets what was seen in the first case with a reason, or, of a remark, which case that is. */
static void append_aside(struct console *console, const struct case_result *first)
{
    if (first->evidence.text == NULL && first->verdict != VERDICT_INFO)
        return;
    buf_append_text(console->out, " (");
    if (first->evidence.text != NULL)
        text_append(console->out, first->evidence.text);
    else
        text_append_case_name(console->out, first);
    buf_append_octet(console->out, ')');
}

/* The cases with VERDICT, under TITLE and by their reasons. */
static void append_reasons(struct console *console, const struct run_result *result, enum verdict verdict,
                           const char *title)
{
    size_t count;
    struct reason_group *groups = reason_groups(result, verdict, &count);

    if (count > 0)
        buf_append_format(console->out, "%s (%" PRIu64 "):\n", title, result->counts[verdict]);
    for (size_t i = 0; i < count && i < REASONS_SHOWN; i++) {
        buf_append_format(console->out, "  %5zu  ", groups[i].count);
        text_append(console->out, groups[i].reason);
        append_aside(console, groups[i].first);
        buf_append_octet(console->out, '\n');
    }
    if (count > REASONS_SHOWN)
        buf_append_format(console->out, "         and %zu more reasons; -v lists every case\n",
                          count - REASONS_SHOWN);
    if (count > 0)
        buf_append_octet(console->out, '\n');
    free(groups);
}

static void append_target(struct console *console, const struct target_result *target)
{
    buf_append_text(console->out, "Target   ");
    text_append(console->out, target->name);
    if (target->address != NULL && strcmp(target->address, target->name) != 0) {
        buf_append_text(console->out, ", ");
        text_append(console->out, target->address);
    }
    buf_append_text(console->out, ", TLS ");
    text_append(console->out, target->tls != NULL ? target->tls : "none");
    buf_append_octet(console->out, '\n');
    for (size_t i = 0; i < target->note_count; i++) {
        buf_append_text(console->out, "         ");
        text_append(console->out, target->notes[i]);
        buf_append_octet(console->out, '\n');
    }
}

static void append_clauses(struct console *console, const struct run_result *result)
{
    size_t kept = 0;
    size_t broken = 0;

    for (size_t i = 0; i < result->clause_count; i++) {
        enum verdict verdict = result->clauses[i].verdict;

        kept += verdict == VERDICT_PASS || verdict == VERDICT_INFO;
        broken += verdict == VERDICT_FAIL || verdict == VERDICT_WARN || verdict == VERDICT_XFAIL;
    }
    buf_append_format(console->out, "Clauses  %zu kept, %zu broken, %zu not judged\n", kept, broken,
                      result->clause_count - kept - broken);
}

static void append_summary(struct console *console, const struct run_result *result)
{
    append_target(console, &result->target);
    if (result->profile != NULL && strcmp(result->profile, "modern") != 0)
        buf_append_format(console->out, "Profile  %s\n", result->profile);
    append_clauses(console, result);
    buf_append_format(console->out, "Cases    %zu: ", result->case_count);
    text_append_counts(console->out, result);
    buf_append_format(console->out, " in %" PRId64 ".%" PRId64 " s (seed %" PRIu64 ")\n",
                      result->elapsed_us / US_PER_S, result->elapsed_us / (US_PER_S / 10) % 10, result->seed);
    buf_append_format(console->out, "Exit %-3d %s\n", result->exit_code,
                      exit_code_meaning(result->exit_code));
}

void console_write(const struct run_result *result, const struct console_options *options, struct buf *out)
{
    struct console console = {.options = options, .out = out};

    append_cases(&console, result);
    append_reasons(&console, result, VERDICT_INFO, "Kept, or not demanded here, with a remark");
    append_reasons(&console, result, VERDICT_XFAIL, "Known failures");
    append_reasons(&console, result, VERDICT_SKIP, "Not tested");
    append_summary(&console, result);
}
