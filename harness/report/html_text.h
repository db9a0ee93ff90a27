/* Texts in HTML reports, private to report/. */
#ifndef REPORT_HTML_TEXT_H
#define REPORT_HTML_TEXT_H

#include "base/buf.h"

/* Appends TEXT, which must be harmless already (text.h), with what HTML would read as markup written out. */
void html_append_escaped(struct buf *out, const char *text);
/* Makes TEXT harmless first. NULL appends nothing. */
void html_append_text(struct buf *out, const char *text);

#endif
