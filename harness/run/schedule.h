/*
 * The scheduler: starts planned cases on the stage, as many side by side as there are jobs and accounts, prepares the
 * mailbox of each, takes its result when it is done, and finds out whether the target is still alive. It never waits
 * itself: everything happens as actors of the stage end. Private to run/.
 */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include "run/plan.h"

struct schedule_end {
    bool interrupted; /* the stop flag was set: cases that were not done stay WAITING or RUNNING */
    bool target_died;
    const char *death; /* why, when it did */
};

/* Runs every case of PLAN that is WAITING. */
struct schedule_end schedule_run(struct plan *plan);

#endif
