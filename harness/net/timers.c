#include "net/timers.h"

#include "base/memory.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void timers_init(struct timers *timers)
{
    *timers = (struct timers){.now_us = 0};
}

void timers_release(struct timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        timers->heap[i]->place = 0;
    free(timers->heap);
    timers_init(timers);
}

void timer_init(struct timer *timer, void (*fire)(void *context), void *context)
{
    *timer = (struct timer){.fire = fire, .context = context};
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

/* Places count from 1, so that the children of n are 2n and 2n+1. */
static void put(struct timers *timers, struct timer *timer, size_t place)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void move_up(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;

    while (place > 1 && is_before(timer, timers->heap[place / 2 - 1])) {
        put(timers, timers->heap[place / 2 - 1], place);
        place /= 2;
    }
    put(timers, timer, place);
}

static void move_down(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;

    for (;;) {
        size_t child = 2 * place;

        if (child > timers->count)
            break;
        if (child < timers->count && is_before(timers->heap[child], timers->heap[child - 1]))
            child++;
        if (!is_before(timers->heap[child - 1], timer))
            break;
        put(timers, timers->heap[child - 1], place);
        place = child;
    }
    put(timers, timer, place);
}

static void insert(struct timers *timers, struct timer *timer)
{
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity > 0 ? 2 * timers->capacity : FIRST_CAPACITY;
        timers->heap = memory_resize_array(timers->heap, timers->capacity, sizeof(timers->heap[0]));
    }
    timers->count++;
    put(timers, timer, timers->count);
    move_up(timers, timer);
}

void timer_off(struct timers *timers, struct timer *timer)
{
    if (timer->place == 0)
        return;
    struct timer *last = timers->heap[timers->count - 1];
    size_t place = timer->place;

    timers->count--;
    timer->place = 0;
    if (last == timer)
        return;
    put(timers, last, place);
    move_up(timers, last);
    move_down(timers, last);
}

void timer_set(struct timers *timers, struct timer *timer, time_us at_us)
{
    time_us earliest = time_after(timers->now_us, 1);

    if (at_us < earliest)
        at_us = earliest;
    if (timer->place != 0 && timer->at_us == at_us)
        return;
    timer_off(timers, timer);
    if (at_us == TIME_NEVER)
        return;
    timer->at_us = at_us;
    timer->order = timers->set_count++;
    insert(timers, timer);
}

time_us timers_next(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[0]->at_us : TIME_NEVER;
}

void timers_run(struct timers *timers, time_us due_us)
{
    while (timers->count > 0 && timers->heap[0]->at_us <= due_us) {
        struct timer *timer = timers->heap[0];

        timer_off(timers, timer);
        timer->fire(timer->context);
    }
}
