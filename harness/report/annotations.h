/* Annotations: lines by which a GitHub workflow shows findings beside the scenarios that found them. */
#ifndef REPORT_ANNOTATIONS_H
#define REPORT_ANNOTATIONS_H

#include "base/buf.h"
#include "result/result.h"

/*
 * Appends a line `::error file=FILE,line=LINE,title=ID::...` for each unexpected case, and `::warning` for warnings and flaky
 * cases. Files below FOLDER are named from there; FOLDER may be NULL. GitHub shows ten of a kind for a step, so no more than
 * ANNOTATIONS_MAX of each are written.
 */
void annotations_write(const struct run_result *result, const char *folder, struct buf *out);

enum { ANNOTATIONS_MAX = 50 };

#endif
