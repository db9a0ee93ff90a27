/*
 * Rewriting the expectation file as text: lines are taken out and put in, all others stay octet for octet, so that
 * comments, order and quoting are those of its author.
 */
#include "run/expectations.h"

enum { INDENTATION_MAX = 64 };

/* Offset of the start of line NUMBER (from 1), or the size of TEXT behind its last line. */
static size_t line_start(struct bytes text, uint32_t number)
{
    size_t offset = 0;

    for (uint32_t line = 1; line < number && offset < text.size; line++) {
        size_t end = bytes_find_octet(bytes_from(text, offset), '\n');

        offset = end == BYTES_NOT_FOUND ? text.size : offset + end + 1;
    }
    return offset;
}

static struct bytes line_at(struct bytes text, uint32_t number)
{
    return bytes_slice(text, line_start(text, number), line_start(text, number + 1));
}

static uint8_t first_visible(struct bytes line)
{
    for (size_t i = 0; i < line.size; i++)
        if (strchr(" \t\r\n", line.data[i]) == NULL)
            return line.data[i];
    return '\0';
}

/* The line of an entry's dash: its own, or one above it where the dash stands alone. 0: not in block style. */
static uint32_t dash_line(struct bytes text, const struct expectation *entry)
{
    for (uint32_t line = entry->place.line; line > 0; line--) {
        uint8_t octet = first_visible(line_at(text, line));

        if (octet == '-')
            return line;
        if (octet != '\0' && octet != '#' && line != entry->place.line)
            return 0;
    }
    return 0;
}

static bool is_out_of_date(const struct expectation *entry, const struct run_result *result)
{
    bool better = false;

    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *one = &result->cases[i];

        if (!expectation_names(entry, one))
            continue;
        if (one->verdict == VERDICT_XFAIL || (one->verdict == VERDICT_SKIP && entry->verdict == VERDICT_SKIP))
            return false;
        better = better || one->verdict == VERDICT_XPASS;
    }
    return better;
}

/* The lines that entry INDEX takes: from its dash to its last word, a closing brace of its own included. */
static bool entry_lines(const struct expectations *expectations, struct bytes text, size_t index,
                        uint32_t *ret_first, uint32_t *ret_last, struct error *error)
{
    const struct expectation *entry = &expectations->entries[index];
    uint32_t first = dash_line(text, entry);
    uint32_t last = entry->line_end;
    uint32_t limit = UINT32_MAX;

    if (index + 1 < expectations->count)
        limit = dash_line(text, &expectations->entries[index + 1]);
    if (first == 0 || limit <= first) {
        error_at(error, entry->place, "this entry cannot be taken out: the list is not in block style");
        return error_hint(error, "begin every entry with a dash on a line of its own");
    }
    while (last + 1 < limit && first_visible(line_at(text, last + 1)) == '}')
        last++;
    while (last > first && first_visible(line_at(text, last)) == '\0')
        last--; /* blank lines behind a block of text part the entries, and stay */
    *ret_first = first;
    *ret_last = last;
    return true;
}

static bool append_kept(const struct expectations *expectations, struct bytes old,
                        const struct run_result *result, struct buf *out, struct error *error)
{
    size_t kept_from = 0;

    for (size_t i = 0; i < expectations->count; i++) {
        uint32_t first = 0;
        uint32_t last = 0;

        if (!is_out_of_date(&expectations->entries[i], result))
            continue;
        if (!entry_lines(expectations, old, i, &first, &last, error))
            return false;
        buf_append(out, bytes_slice(old, kept_from, line_start(old, first)));
        kept_from = line_start(old, last + 1);
    }
    buf_append(out, bytes_from(old, kept_from));
    return true;
}

static const char *broken_clause(const struct case_result *result)
{
    for (size_t i = 0; i < result->clause_count; i++)
        if (result->clauses[i].verdict == VERDICT_FAIL)
            return result->clauses[i].id;
    return NULL;
}

/* Blanks in front of the dashes of OLD's entries, which those that are put in have as well. */
static int indentation(const struct expectations *expectations, struct bytes old)
{
    uint32_t line =
        expectations == NULL || expectations->count == 0 ? 0 : dash_line(old, &expectations->entries[0]);
    size_t column = line == 0 ? BYTES_NOT_FOUND : bytes_find_octet(line_at(old, line), '-');

    return column == BYTES_NOT_FOUND || column > INDENTATION_MAX ? 0 : (int)column;
}

static void append_entry(const struct case_result *result, int blanks, struct buf *out)
{
    const char *clause = broken_clause(result);

    buf_append_format(out, "%*s- case: %s@%s\n%*s  verdict: %s\n", blanks, "", result->id, result->transport,
                      blanks, "", verdict_name(result->verdict));
    if (clause != NULL && result->verdict == VERDICT_FAIL)
        buf_append_format(out, "%*s  clause: %s\n", blanks, "", clause);
    buf_append_format(out, "%*s  reason: recorded by --update-expectations, not looked into yet\n", blanks,
                      "");
}

/* Files in flow style, or of several documents, have no end to put entries at: better no change than a broken file. */
static bool check_readable(const struct buf *text, struct error *error)
{
    struct expectations expectations;
    struct error mistake;

    expectations_init(&expectations);
    bool ok = expectations_load_text(&expectations, buf_bytes(text), "", &mistake);

    expectations_release(&expectations);
    if (ok)
        return true;
    error_set(error, ERROR_USAGE,
              "the expectation file cannot be brought up to date: its list is not in block style");
    return error_hint(
        error, "begin every entry with a dash on a line of its own, and let nothing stand behind the last");
}

bool expectations_update(const struct expectations *expectations, struct bytes old,
                         const struct run_result *result, struct buf *ret_text, struct error *error)
{
    int blanks = indentation(expectations, old);

    if (expectations == NULL)
        buf_append(ret_text, old);
    else if (!append_kept(expectations, old, result, ret_text, error))
        return false;
    if (ret_text->size > 0 && ret_text->data[ret_text->size - 1] != '\n')
        buf_append_octet(ret_text, '\n');
    for (size_t i = 0; i < result->case_count; i++)
        if (result->cases[i].unexpected &&
            (result->cases[i].verdict == VERDICT_FAIL || result->cases[i].verdict == VERDICT_BLOCKED))
            append_entry(&result->cases[i], blanks, ret_text);
    if (ret_text->overflowed)
        return error_set(error, ERROR_HOST, "the expectation file would become too large");
    return check_readable(ret_text, error);
}
