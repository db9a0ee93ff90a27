#include "report/text.h"

#include <inttypes.h>

static void give(const struct field_sink *sink, const char *label, struct buf *value)
{
    sink->field(sink->context, label, buf_text(value));
    buf_clear(value);
}

static void give_text(const struct field_sink *sink, const char *label, const char *text, struct buf *value)
{
    if (text == NULL)
        return;
    text_append(value, text);
    give(sink, label, value);
}

/* Only the clauses that came out as the case did: a case that fails may prove others that were kept. */
static void give_demands(const struct case_result *result, const struct field_sink *sink, struct buf *value)
{
    for (size_t i = 0; i < result->clause_count; i++) {
        const struct clause_result *clause = &result->clauses[i];

        if (clause->verdict == VERDICT_PASS && result->verdict != VERDICT_XPASS && !result->flaky)
            continue;
        text_append(value, clause->section);
        buf_append_text(value, " (");
        text_append(value, clause->level);
        buf_append_text(value, "): ");
        text_append(value, clause->demand);
        buf_append_text(value, " [");
        text_append(value, clause->id);
        buf_append_text(value, "]");
        give(sink, "demand", value);
    }
}

static void give_place(const struct case_result *result, const struct field_sink *sink, struct buf *value)
{
    if (result->file == NULL)
        return;
    text_append(value, result->file);
    if (result->line > 0)
        buf_append_format(value, ":%" PRIu32, result->line);
    give(sink, "at", value);
}

void case_fields(const struct case_result *result, const struct field_sink *sink)
{
    struct buf value;

    buf_init(&value, BUF_UNBOUNDED);
    give_demands(result, sink, &value);
    give_text(sink, "reason", result->reason.text, &value);
    give_text(sink, "matters", result->impact, &value);
    give_place(result, sink, &value);
    give_text(sink, "expected", result->expected.text, &value);
    give_text(sink, "actual", result->actual.text, &value);
    give_text(sink, "seen", result->evidence.text, &value);
    if (result->occurrences > 1) {
        buf_append_format(&value, "%" PRIu64 " in this run; the first is shown", result->occurrences);
        give(sink, "times", &value);
    }
    buf_release(&value);
}

void case_again(const struct case_result *result, const struct field_sink *sink)
{
    struct buf value;

    buf_init(&value, BUF_UNBOUNDED);
    give_text(sink, "again", result->again.text, &value);
    buf_release(&value);
}
