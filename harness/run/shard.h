/*
 * Shards: a selection split into parts that machines run side by side. The parts depend on nothing but the selection:
 * whoever selects the same with the same suite gets the same parts, each case in one of them. Private to run/.
 */
#ifndef RUN_SHARD_H
#define RUN_SHARD_H

#include "run/run.h"

/*
 * Keeps of SELECTION what belongs to SHARD. Cases are dealt out one by one, first those that take their time (tags slow and
 * bad-login), then all others, so that no part gets more of either than another. False with ERROR_USAGE when nothing is
 * left for it.
 */
bool shard_take(const struct shard *shard, struct run_selection *selection, struct error *error);

#endif
