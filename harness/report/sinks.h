/* The sinks of reports.def, private to report/. */
#ifndef REPORT_SINKS_H
#define REPORT_SINKS_H

#include "report/report.h"

#define REPORT(name, flag, write, what)                                                                      \
    void write(const struct run_result *result, const char *version, struct buf *out);
#include "report/reports.def"
#undef REPORT

#endif
