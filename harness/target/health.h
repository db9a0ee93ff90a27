/*
 * The health of a server on this host, seen from outside the wire: its process file and its log, as the target file names
 * them. A crash that a supervisor mends within a second shows here and nowhere else.
 */
#ifndef TARGET_HEALTH_H
#define TARGET_HEALTH_H

#include "base/buf.h"
#include "target/target.h"

struct health;

/*
 * Notes how things stand now: the process's number and the log's end. NULL with ERROR when a file that the target names
 * cannot be read. Borrows TARGET; freed with health_free (NULL is allowed).
 */
struct health *health_begin(const struct target *target, struct error *error);
void health_free(struct health *health);

enum { HEALTH_TEXT_OCTETS_MAX = 4096 };

/*
 * True while the process file names the same process as at the beginning, or none is watched; otherwise what changed is
 * appended to RET_WHAT.
 */
bool health_process_lives(const struct health *health, struct buf *ret_what);

/*
 * Reads what the log gained since the last call. False when lines meet the pattern: they are appended to RET_LINES, as
 * far as they fit.
 */
bool health_log_is_quiet(struct health *health, struct buf *ret_lines);

#endif
