/* What a run tells the machine that builds: annotations on standard output, and the summary of the job. */
#ifndef CLI_GITHUB_H
#define CLI_GITHUB_H

#include "result/result.h"

#include <stdio.h>

/*
 * With WANTED (--annotations), or in a job of GitHub Actions (GITHUB_ACTIONS is "true"), writes annotations to STREAM, with files
 * named from the workspace or the working folder. Where GITHUB_STEP_SUMMARY names a file, the summary is added to it. False
 * when something could not be written, which is said on standard error.
 */
bool github_tell(const struct run_result *result, const char *version, bool wanted, FILE *stream);

#endif
