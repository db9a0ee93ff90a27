#include "report/html_text.h"

#include "base/check.h"

#include "report/text.h"

#include <inttypes.h>

enum { BAR_WIDTH = 1000 };

void html_append_escaped(struct buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '&')
            buf_append_text(out, "&amp;");
        else if (*c == '<')
            buf_append_text(out, "&lt;");
        else if (*c == '>')
            buf_append_text(out, "&gt;");
        else if (*c == '"')
            buf_append_text(out, "&quot;");
        else if (*c == '\'')
            buf_append_text(out, "&#39;");
        else
            buf_append_octet(out, (uint8_t)*c);
    }
}

void html_append_text(struct buf *out, const char *text)
{
    struct buf safe;

    buf_init(&safe, BUF_UNBOUNDED);
    text_append(&safe, text);
    html_append_escaped(out, buf_text(&safe));
    buf_release(&safe);
}

void html_append_verdict_bar(struct buf *out, const struct run_result *result)
{
    uint64_t before = 0;
    uint64_t total = 0;

    for (size_t i = 0; i < VERDICT_COUNT; i++)
        total += result->counts[i];
    buf_append_text(
        out, "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    for (size_t i = 0; i < VERDICT_COUNT && total > 0; i++) {
        uint64_t start = before * BAR_WIDTH / total;

        before += result->counts[i];
        if (result->counts[i] > 0)
            buf_append_format(
                out, "<rect class=\"%s\" x=\"%" PRIu64 "\" width=\"%" PRIu64 "\" height=\"10\"></rect>",
                verdict_name((enum verdict)i), start, before * BAR_WIDTH / total - start);
    }
    buf_append_text(out, "</svg>");
}

void html_fill_template(struct bytes template,
                        bool (*append)(struct buf *out, struct bytes name, const void *context),
                        const void *context, struct buf *out)
{
    struct bytes rest = template;
    size_t open;

    while ((open = bytes_find(rest, bytes_of("{{"))) != BYTES_NOT_FOUND) {
        buf_append(out, bytes_slice(rest, 0, open));
        rest = bytes_from(rest, open + 2);
        size_t close = bytes_find(rest, bytes_of("}}"));

        CHECK(close != BYTES_NOT_FOUND);
        bool known = append(out, bytes_slice(rest, 0, close), context);

        CHECK(known);
        rest = bytes_from(rest, close + 2);
    }
    buf_append(out, rest);
}
