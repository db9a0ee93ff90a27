/* Puts the results of a run's parts (--shard) together, as read back by recorded.h. */
#ifndef REPORT_JOIN_H
#define REPORT_JOIN_H

#include "base/arena.h"
#include "base/error.h"
#include "result/result.h"

/*
 * The whole of PARTS, COUNT of them, in ARENA, which may borrow from them; FILES names them in errors. A rule of the audit
 * has its gravest verdict of all parts, with what that part saw; the exit code is that of a run of everything. False with
 * ERROR_USAGE when they are not each part of one run, once.
 */
bool join_parts(const struct run_result *parts, const char *const *files, size_t count, struct arena *arena,
                struct run_result *ret_whole, struct error *error);

#endif
