/* The summary in Markdown: what a person wants to know of a job at a glance, where GitHub and others show it. */
#include "report/sinks.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    FINDINGS_SHOWN = 50,
    CELL_CHARACTERS_MAX = 240,
    SKIP_REASONS_SHOWN = 40,
};

static bool is_word_octet(uint8_t octet)
{
    return ascii_is_letter(octet) || ascii_is_digit(octet);
}

static bool is_within_word(const struct buf *text, size_t index)
{
    return index > 0 && index + 1 < text->size && is_word_octet(text->data[index - 1]) &&
           is_word_octet(text->data[index + 1]);
}

/* TEXT, made harmless, with every character written out that Markdown or HTML could read as its own. */
static void append_plain(struct buf *out, const char *text)
{
    struct buf safe;

    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, text);
    for (size_t i = 0; i < safe.size; i++) {
        uint8_t octet = safe.data[i];

        if (octet > ' ' && octet < 0x7F && !ascii_is_letter(octet) && !ascii_is_digit(octet) &&
            strchr(",/", octet) == NULL && !(octet == '-' && is_within_word(&safe, i)))
            buf_append_format(out, "&#%d;", octet);
        else
            buf_append_octet(out, octet);
    }
    buf_release(&safe);
}

/* A table's cell: one that is too long is cut. */
static void append_cell(struct buf *out, const char *text)
{
    struct buf cell;

    if (text == NULL)
        return;
    buf_init(&cell, BUF_UNBOUNDED);
    buf_append_format(&cell, "%.*s%s", CELL_CHARACTERS_MAX, text,
                      strlen(text) > CELL_CHARACTERS_MAX ? " ..." : "");
    append_plain(out, buf_text(&cell));
    buf_release(&cell);
}

static void append_heading(struct buf *out, const struct run_result *result)
{
    buf_append_text(out, "## pop3spec: ");
    append_plain(out, result->target.name);
    buf_append_format(out, "\n\n%s **Exit %d**: %s.\n\n",
                      result->exit_code == 0 ? "\xE2\x9C\x85" : "\xE2\x9D\x8C", result->exit_code,
                      exit_code_meaning(result->exit_code));
}

static void append_counts(struct buf *out, const struct run_result *result)
{
    text_append_counts(out, result);
    buf_append_format(out, " of %zu cases in %" PRId64 ".%" PRId64 " s, TLS: ", result->case_count,
                      result->elapsed_us / US_PER_S, result->elapsed_us / (US_PER_S / 10) % 10);
    append_plain(out, result->target.tls != NULL ? result->target.tls : "none");
    buf_append_text(out, ".\n");
}

static void append_finding(struct buf *out, const struct case_result *result)
{
    struct buf name;

    buf_init(&name, BUF_UNBOUNDED);
    text_append_case_name(&name, result);
    buf_append_format(out, "| %s%s%s | ", result->unexpected ? "**" : "", verdict_name(result->verdict),
                      result->unexpected ? "**" : "");
    buf_append_text(out, result->flaky ? "flaky: " : "");
    append_cell(out, buf_text(&name));
    buf_append_text(out, " | ");
    append_cell(out, result->clause_count > 0 ? result->clauses[0].demand : result->title);
    buf_append_text(out, " | ");
    append_cell(out, result->expected.text != NULL ? result->expected.text : result->reason.text);
    buf_append_text(out, " | ");
    append_cell(out, result->actual.text);
    buf_append_text(out, " |\n");
    buf_release(&name);
}

/* What counts for the exit code first; then the other findings. */
static void append_findings(struct buf *out, const struct run_result *result)
{
    size_t count = 0;

    for (int unexpected = 1; unexpected >= 0; unexpected--)
        for (size_t i = 0; i < result->case_count; i++) {
            const struct case_result *one = &result->cases[i];

            if (!(one->unexpected || case_is_finding(one)) || one->unexpected != (unexpected == 1))
                continue;
            if (count == 0)
                buf_append_text(out,
                                "\n| verdict | case | demand | expected | actual |\n|---|---|---|---|---|\n");
            if (count++ < FINDINGS_SHOWN)
                append_finding(out, one);
        }
    if (count > FINDINGS_SHOWN)
        buf_append_format(out, "\nAnd %zu more.\n", count - FINDINGS_SHOWN);
}

static void append_skips(struct buf *out, const struct run_result *result)
{
    size_t count;
    struct reason_group *groups = reason_groups(result, VERDICT_SKIP, &count);

    if (count > 0)
        buf_append_format(out,
                          "\n<details><summary>Not tested: %" PRIu64
                          " cases</summary>\n\n| cases | why |\n|---|---|\n",
                          result->counts[VERDICT_SKIP]);
    for (size_t i = 0; i < count && i < SKIP_REASONS_SHOWN; i++) {
        buf_append_format(out, "| %zu | ", groups[i].count);
        append_cell(out, groups[i].reason);
        buf_append_text(out, " |\n");
    }
    if (count > 0)
        buf_append_text(out, "\n</details>\n");
    free(groups);
}

void summary_write(const struct run_result *result, const char *version, struct buf *out)
{
    append_heading(out, result);
    append_counts(out, result);
    append_findings(out, result);
    append_skips(out, result);
    buf_append_format(out, "\npop3spec %s\n", version);
}
