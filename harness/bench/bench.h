/*
 * Timing for the benchmarks: the best of many rounds, since what disturbs a round only ever makes it slower. Each row
 * of a table is printed as `row<TAB>name<TAB>value<TAB>unit<TAB>limit`, which scripts/bench gathers into one table.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Something to time: does its work once and answers a number that depends on all of it. */
typedef uint64_t (*bench_work)(void *subject);

/* Nanoseconds that WORK on SUBJECT takes at best in ROUNDS rounds. What it answers is added to *sum, so that the
 * compiler cannot leave the work out. */
static inline uint64_t bench_best_ns(bench_work work, void *subject, unsigned rounds, uint64_t *sum)
{
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < rounds; i++) {
        uint64_t start = bench_now_ns();

        *sum += work(subject);
        uint64_t taken = bench_now_ns() - start;

        if (taken < best)
            best = taken;
    }
    return best;
}

/* LIMIT is what the project promises; 0 where it promises nothing. */
static inline void bench_row(const char *name, double value, const char *unit, double limit)
{
    printf("row\t%s\t%.2f\t%s\t%.2f\n", name, value, unit, limit);
}

#endif
