/* Filling in a case's result: printable, redacted, in the run's arena. Private to run/. */
#ifndef RUN_CASE_REPORT_H
#define RUN_CASE_REPORT_H

#include "run/trial.h"

/* What is known before the case runs. */
void case_report_begin(const struct run_context *run, const struct run_case *one,
                       struct case_result *ret_result);

/* The case does not run: VERDICT (skip, blocked, error) with a REASON and perhaps EVIDENCE, NULL for none. */
void case_report_without(const struct run_context *run, const struct run_case *one, enum verdict verdict,
                         const char *reason, const char *evidence, struct case_result *result);

/* TRIAL of the case is done. */
void case_report_finish(const struct run_context *run, const struct trial *trial, struct case_result *result);

/*
 * RESULT came out well at try number ATTEMPTS, and the first try as FAILED says: marks it, and takes over what the first
 * try saw.
 */
void case_report_flaky(const struct run_context *run, const struct case_result *failed, uint32_t attempts,
                       struct case_result *result);

#endif
