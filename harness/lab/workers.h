/*
 * Workers share a list of jobs among threads: each takes the next one that nobody has begun. What a job writes belongs to
 * its worker or to the job alone, so that it does not matter who did it, nor in which order.
 */
#ifndef LAB_WORKERS_H
#define LAB_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

/* Does job INDEX. False: it cannot be done, and no further one is begun. */
typedef bool (*job_work)(void *worker, size_t index);

/*
 * Does WORK for each index below COUNT, by WORKER_COUNT workers side by side, each with a context of its own: WORKERS[0]
 * is this thread. True when every job was done. Where the host gives no more threads, fewer do it all.
 */
bool workers_do(void *const *workers, size_t worker_count, size_t count, job_work work);

#endif
