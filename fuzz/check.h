/*
 * What a fuzz target holds against its input besides not crashing: an oracle has an id, a failed one prints it and
 * aborts, so that findings group by id. Unlike assert() it stays whatever the build.
 */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define FUZZ_CHECK(condition, id)                                                                            \
    (FUZZ_COUNT_CHECK(), (condition) ? (void)0 : fuzz_check_failed(#condition, id, __FILE__, __LINE__))

#ifdef FUZZ_SPEED
/* How many conditions were looked at; speed_main.c prints it. */
extern unsigned long long fuzz_check_count;
#define FUZZ_COUNT_CHECK() ((void)fuzz_check_count++)
#else
#define FUZZ_COUNT_CHECK() ((void)0)
#endif

static inline void fuzz_check_failed(const char *condition, const char *id, const char *file, int line)
{
    fprintf(stderr, "oracle %s failed at %s:%d: %s\n", id, file, line, condition);
    abort();
}

#endif
