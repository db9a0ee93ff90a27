/* What a person sees while a run goes on: one line that changes, on a terminal only; with -v the wire, anywhere. */
#ifndef CLI_RUN_PROGRESS_H
#define CLI_RUN_PROGRESS_H

#include "run/run.h"

struct run_progress {
    FILE *stream;
    bool live;            /* the changing line is wanted */
    bool verbose;         /* the wire is wanted */
    bool shown;           /* the line stands there now */
    time_us began_us;     /* when the first case began; 0: none has */
    time_us shown_us;     /* when the line was last changed */
    size_t skipped_count; /* cases that were done by then, without having run */
};

/* The watcher that shows PROGRESS, which must outlive the run. */
struct run_watcher run_progress_watcher(struct run_progress *progress);
/* Takes the changing line away. */
void run_progress_clear(struct run_progress *progress);

#endif
