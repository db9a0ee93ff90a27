/*
 * The timers of one driver and its notion of now: a heap, so that thousands of deadlines cost little. A timer is part
 * of what it belongs to and never moves. Timers that are due fire in the order of their times, those of the same time
 * in the order they were set. One that is set for now or earlier, even by another timer, fires in a later run: no
 * deadline can keep the driver from its other work.
 */
#ifndef NET_TIMERS_H
#define NET_TIMERS_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

struct timer {
    void (*fire)(void *context); /* called with the timer off */
    void *context;
    time_us at_us;
    uint64_t order; /* of setting, among equal times */
    size_t place;   /* in the heap, from 1; 0: off */
};

struct timers {
    time_us now_us; /* written by the driver alone */
    struct timer **heap;
    size_t count;
    size_t capacity;
    uint64_t set_count;
};

void timers_init(struct timers *timers);
/* Every timer is off afterwards. */
void timers_release(struct timers *timers);

void timer_init(struct timer *timer, void (*fire)(void *context), void *context);
/* Sets it anew; TIME_NEVER turns it off. A time that is not after now becomes the next microsecond. */
void timer_set(struct timers *timers, struct timer *timer, time_us at_us);
void timer_off(struct timers *timers, struct timer *timer);

/* When the next timer is due; TIME_NEVER without one. */
time_us timers_next(const struct timers *timers);
/* Fires what is due at DUE_US, which is now or earlier. */
void timers_run(struct timers *timers, time_us due_us);

#endif
