/*
 * Timing for the benchmarks, and the rows of the table that scripts/bench gathers from all of them, each printed as
 * `row<TAB>name<TAB>value<TAB>unit<TAB>aim`. The aim is what the project promises: `<=2.50`, `>=3.00`, or `-` where it
 * promises nothing.
 *
 * Work of microseconds is judged by the best of many rounds, since what disturbs a round only ever makes it slower;
 * work of seconds by the median of a few, taken in turn with what it is compared with.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
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

/* The median of COUNT values, which are put into order by this. */
static inline double bench_median(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = i; j > 0 && values[j] < values[j - 1]; j--) {
            double value = values[j];

            values[j] = values[j - 1];
            values[j - 1] = value;
        }
    }
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* A row that says something and promises nothing. Rows are seen when they are measured, not when all are. */
static inline void bench_row(const char *name, double value, const char *unit)
{
    printf("row\t%s\t%.2f\t%s\t-\n", name, value, unit);
    fflush(stdout);
}

static inline void bench_row_at_most(const char *name, double value, const char *unit, double most)
{
    printf("row\t%s\t%.2f\t%s\t<=%.2f\n", name, value, unit, most);
    fflush(stdout);
}

static inline void bench_row_at_least(const char *name, double value, const char *unit, double least)
{
    printf("row\t%s\t%.2f\t%s\t>=%.2f\n", name, value, unit, least);
    fflush(stdout);
}

#endif
