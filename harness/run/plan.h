/*
 * The plan of a run: for each selected case where it runs and with which abilities, or why it does not. Probes run here,
 * before the first case. Private to run/.
 */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "run/abilities.h"
#include "run/leases.h"

struct schedule;

enum planned_state { PLANNED_WAITING, PLANNED_RUNNING, PLANNED_DONE };

struct planned {
    const struct run_case *wanted;
    size_t venue; /* index into the stage's */
    struct abilities *abilities;
    enum planned_state state;         /* DONE at once where it is not to run */
    uint32_t bad_logins;              /* wrong passwords it will send */
    time_us blocked_since_us;         /* since when its mailbox is locked; TIME_NEVER: it is not */
    time_us not_before_us;            /* not to be tried again before */
    struct lease lease;               /* while RUNNING */
    struct trial *trial;              /* while RUNNING */
    struct schedule *schedule;        /* while RUNNING: whose it is */
    uint32_t attempts;                /* how often it was begun */
    bool in_doubt;                    /* it fell silent, and is run once more while nothing else runs */
    const struct case_result *failed; /* the first try's, when it is tried again; NULL: it was not */
    uint64_t *breaches;               /* by rule, in tries before the last; NULL as above */
    struct case_result result;
};

struct plan {
    struct run_context *run;
    struct probes probes;
    struct abilities *abilities; /* by venue, then security */
    struct planned *cases;       /* in the order of the selection */
    size_t count;
};

/*
 * Plans SELECTION. False when nothing can run at all: ERROR_UNREACHABLE. PLAN must be released either way.
 */
bool plan_make(struct plan *plan, struct run_context *run, const struct run_selection *selection,
               struct error *error);
/* Frees what is still running too: the stage must not be run any more. */
void plan_release(struct plan *plan);

/* The abilities of the first venue over the connections that most cases use: for the report. */
const struct abilities *plan_base(const struct plan *plan);

#endif
