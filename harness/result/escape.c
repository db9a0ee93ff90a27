#include "result/escape.h"

void escape_append_octet(struct buf *text, uint8_t octet)
{
    if (octet == '\r')
        buf_append_text(text, "\\r");
    else if (octet == '\n')
        buf_append_text(text, "\\n");
    else if (octet == '\0')
        buf_append_text(text, "\\0");
    else if (octet == '\\')
        buf_append_text(text, "\\\\");
    else if (octet < 0x20 || octet > 0x7E)
        buf_append_format(text, "\\x%02X", octet);
    else
        buf_append_octet(text, octet);
}
