/* The data that a page shows, as JSON within a <script> element, private to report/. */
#ifndef REPORT_HTML_DATA_H
#define REPORT_HTML_DATA_H

#include "base/buf.h"
#include "result/result.h"

#include <jansson.h>

/* Appends ROOT, and releases it: no "<" in it, so that nothing ends the element. */
void html_data_append(struct buf *out, json_t *root);

/* [microseconds, "C", "S" or "-", connection, text], and [first, behind last] of the marked characters. The caller owns it. */
json_t *html_data_wire(const struct case_result *result);

/* All of RESULT that reports/report.js shows, without what is not there. */
void html_data_append_run(struct buf *out, const struct run_result *result);

#endif
