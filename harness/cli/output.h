/*
 * What the program says: results on standard output, errors on standard error. Texts may quote files and targets, so
 * all of them are made harmless (report/text.h) on the way, but for line ends and colours of our own.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/attributes.h"
#include "base/buf.h"
#include "base/error.h"
#include "result/result.h"
#include "scenario/suite.h"

#include <stdio.h>

/* Standard output. What was refused (a full disk, a closed pipe) is told by output_finish. */
void output_line(const char *format, ...) PRINTF_LIKE(1, 2);
/* Writes all of TEXT as it is; false when that failed. */
bool output_write(const struct buf *text);
bool output_error(const struct buf *text);
/* The report for people, on STREAM, which is standard output or error; false when that failed. */
bool output_result(const struct run_result *result, FILE *stream, bool verbose);
/* False when something did not get through; says so on standard error, unless the reader just closed the pipe. */
bool output_finish(void);

/* Prints ERROR with its place, the line that it is about with a caret, and what to do. Answers the exit code. */
int output_failure(const struct error *error);
/* The same for all of DIAGNOSTICS, with their number. */
int output_diagnostics(const struct diagnostics *diagnostics);

/* True when colours may be used on STREAM: a terminal that is not dumb, and NO_COLOR is unset or empty. */
bool output_has_colour(int descriptor);

#endif
