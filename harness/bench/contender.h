/*
 * A program to be measured runs in a process of its own, so that its memory and its time are its own: this program
 * again with other arguments, or another program.
 */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>

struct contender_cost {
    double wall_s;
    double processor_s; /* user and system */
    double memory_mib;  /* the most that was resident */
};

/*
 * Runs ARGUMENTS (the program, found by PATH, first; NULL at the end) to its end. False when it could not be run or
 * did not end with 0.
 */
bool contender_run(const char *const *arguments, struct contender_cost *ret_cost);

#endif
