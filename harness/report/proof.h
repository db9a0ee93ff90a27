/*
 * Reports of `pop3spec prove`: sinks over struct proof, as report.h's are over struct run_result.
 */
#ifndef REPORT_PROOF_H
#define REPORT_PROOF_H

#include "base/buf.h"
#include "result/proof.h"

/* What went wrong in full, then the counts. VERBOSE: a line for each fault and variant. */
void proof_console_write(const struct proof *proof, bool verbose, struct buf *out);
/* Everything, as JSON. */
void proof_json_write(const struct proof *proof, const char *version, struct buf *out);
/* One self-contained page: the matrix of faults and the list of variants. */
void proof_html_write(const struct proof *proof, const char *version, struct buf *out);

/* How many faults of PROOF are in STATE. */
size_t proof_count_faults(const struct proof *proof, enum proof_fault_state state);
size_t proof_count_clean(const struct proof_variant *variants, size_t variant_count);

#endif
