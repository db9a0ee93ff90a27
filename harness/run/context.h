/* What the parts of one run share. Made and released by run.c. Private to run/. */
#ifndef RUN_CONTEXT_H
#define RUN_CONTEXT_H

#include "run/audit.h"
#include "run/run.h"
#include "run/stage.h"

struct probes;

struct run_context {
    const struct run_options *options;
    const struct stage *stage;
    struct arena *arena; /* of the result */
    struct redactor *redactor;
    struct audit audit;
    struct probes *probes; /* for sessions that only see to a mailbox; NULL before the plan is made */
};

#endif
