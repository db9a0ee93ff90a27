#include "report/text.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

static bool is_harmless(uint32_t character)
{
    if (character < 0xA0)
        return character >= 0x20 && character <= 0x7E;
    bool noncharacter = (character & 0xFFFE) == 0xFFFE || (character >= 0xFDD0 && character <= 0xFDEF);
    /* U+2028 and U+2029 end lines; U+200E to U+202E and U+2066 to U+2069 turn the direction of writing. */
    bool steering = (character >= 0x200E && character <= 0x200F) ||
                    (character >= 0x2028 && character <= 0x202E) ||
                    (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;

    return !noncharacter && !steering;
}

/* How much of the start of TEXT is printable ASCII. */
static size_t plain_octets(struct bytes text)
{
    size_t size = 0;

    while (size < text.size && text.data[size] >= 0x20 && text.data[size] <= 0x7E)
        size++;
    return size;
}

bool text_is_plain(const char *text)
{
    struct bytes octets = bytes_of(text);

    return plain_octets(octets) == octets.size;
}

void text_append(struct buf *out, const char *text)
{
    struct bytes rest = text != NULL ? bytes_of(text) : BYTES_EMPTY;

    for (;;) {
        size_t plain = plain_octets(rest);

        buf_append(out, bytes_slice(rest, 0, plain));
        rest = bytes_from(rest, plain);
        if (rest.size == 0)
            return;
        uint32_t character = 0;
        size_t size = utf8_character(rest, &character);

        if (size > 0 && is_harmless(character)) {
            buf_append(out, bytes_slice(rest, 0, size));
            rest = bytes_from(rest, size);
        } else {
            buf_append_format(out, "\\x%02X", rest.data[0]);
            rest = bytes_from(rest, 1);
        }
    }
}

void text_append_case_name(struct buf *out, const struct case_result *result)
{
    text_append(out, result->id);
    if (result->transport != NULL && strcmp(result->transport, "lines") != 0 &&
        strcmp(result->transport, "all") != 0) {
        buf_append_octet(out, '@');
        text_append(out, result->transport);
    }
}

void text_append_wire(struct buf *out, const struct transcript_line *line)
{
    const char *speaker = "";

    switch (line->direction) {
    case DIRECTION_CLIENT:
        speaker = "C";
        break;
    case DIRECTION_SERVER:
        speaker = "S";
        break;
    case DIRECTION_NOTE:
        speaker = "--";
        break;
    }
    int64_t at_ms = line->at_us / US_PER_MS;

    buf_append_format(out, "%" PRId64 ".%03" PRId64 "  %s", at_ms / 1000, at_ms > 0 ? at_ms % 1000 : 0,
                      speaker);
    if (line->connection > 1)
        buf_append_format(out, "%d", line->connection);
    buf_append_text(out, line->direction == DIRECTION_NOTE ? " " : ": ");
    text_append(out, line->text.text);
}

/* Below LINE, which took so many COLUMNS and ends with its text: points at what is marked. */
static void append_pointer(struct buf *out, const struct transcript_line *line, size_t columns)
{
    size_t before = columns - strlen(line->text.text) + line->mark.from;

    for (size_t i = 0; i < before; i++)
        buf_append_octet(out, ' ');
    for (size_t i = line->mark.from; i < line->mark.to; i++)
        buf_append_octet(out, '^');
    buf_append_octet(out, '\n');
}

void text_append_transcript(struct buf *out, const struct case_result *result, size_t first,
                            const char *margin)
{
    for (size_t i = first; i < result->transcript_count; i++) {
        const struct transcript_line *line = &result->transcript[i];
        size_t start = out->size;

        buf_append_format(out, "%s%-9s ", margin, i == first ? "wire" : "");
        text_append_wire(out, line);
        size_t columns = out->size - start;

        buf_append_octet(out, '\n');
        if (line->mark.to > line->mark.from)
            append_pointer(out, line, columns);
    }
}

void text_append_counts(struct buf *out, const struct run_result *result)
{
    const char *separator = "";

    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if (result->counts[i] == 0)
            continue;
        buf_append_format(out, "%s%" PRIu64 " %s", separator, result->counts[i],
                          verdict_name((enum verdict)i));
        separator = ", ";
    }
    if (result->flaky_count > 0)
        buf_append_format(out, "%s%" PRIu64 " of them flaky", separator, result->flaky_count);
    if (result->varying_count > 0)
        buf_append_format(out, ", %" PRIu64 " of them allowed to vary", result->varying_count);
    if (*separator == '\0')
        buf_append_text(out, "nothing ran");
}

bool case_is_finding(const struct case_result *result)
{
    return result->flaky || verdict_is_finding(result->verdict);
}

bool verdict_is_finding(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_FAIL:
    case VERDICT_WARN:
    case VERDICT_BLOCKED:
    case VERDICT_XPASS:
    case VERDICT_ERROR:
        return true;
    case VERDICT_PASS:
    case VERDICT_INFO:
    case VERDICT_SKIP:
    case VERDICT_XFAIL:
    case VERDICT_COUNT:
        return false;
    }
    return false;
}
