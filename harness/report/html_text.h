/* Texts in HTML reports, private to report/. */
#ifndef REPORT_HTML_TEXT_H
#define REPORT_HTML_TEXT_H

#include "result/result.h"

/* Appends TEXT, which must be harmless already (text.h), with what HTML would read as markup written out. */
void html_append_escaped(struct buf *out, const char *text);
/* Makes TEXT harmless first. NULL appends nothing. */
void html_append_text(struct buf *out, const char *text);

/* A picture of the counts of RESULT, each verdict a part of a bar; the numbers are told elsewhere. */
void html_append_verdict_bar(struct buf *out, const struct run_result *result);

/*
 * Appends TEMPLATE with each {{name}} replaced by what APPEND puts in its place; a name that APPEND does not know is a mistake
 * in the template, which is ours.
 */
void html_fill_template(struct bytes template,
                        bool (*append)(struct buf *out, struct bytes name, const void *context),
                        const void *context, struct buf *out);

#endif
