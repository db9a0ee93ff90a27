#include "report/html_text.h"

#include "report/text.h"

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
