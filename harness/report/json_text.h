/* Texts in JSON reports, private to report/: made harmless (text.h) on the way. */
#ifndef REPORT_JSON_TEXT_H
#define REPORT_JSON_TEXT_H

#include "result/printable.h"

#include <jansson.h>

/* A string; null for a text that is not there. The caller owns it. */
json_t *json_text(const char *text);
void json_set_text(json_t *object, const char *key, const char *text);

/* [first, behind last] character. The caller owns it. */
json_t *json_span(const struct printable_span *span);

#endif
