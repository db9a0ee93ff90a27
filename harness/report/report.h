/*
 * Reports: each format is one sink over struct run_result. A sink decides nothing; it prints what run/ found into a
 * buffer, and cli/ alone writes it out. Octets of a target reach a sink as struct printable only. The other texts of
 * a result (titles, ids, file names) come from files that may be hostile as well: text_append() makes them harmless.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "result/result.h"

enum report_format {
#define REPORT(name, flag, write, what) REPORT_##name,
#include "report/reports.def"
#undef REPORT
    REPORT_FORMAT_COUNT
};

struct report_info {
    const char *flag; /* "junit" */
    const char *what; /* one line for help */
    /* Appends the whole report to OUT, which should be BUF_UNBOUNDED. VERSION is pop3spec's. */
    void (*write)(const struct run_result *result, const char *version, struct buf *out);
};

const struct report_info *report_info(enum report_format format);

struct console_options {
    bool colour;  /* ANSI colours: only on a terminal */
    bool verbose; /* a line for each case that passed or was skipped too */
};

/* Failures, warnings and what was blocked in full, then what was not tested and why, the counts and the exit code. */
void console_write(const struct run_result *result, const struct console_options *options, struct buf *out);

/* What an exit code of `pop3spec run` means, in a few words (design section 4). */
const char *exit_code_meaning(int exit_code);

#endif
