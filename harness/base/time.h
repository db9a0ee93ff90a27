/*
 * Time is handed in: a count of microseconds from a start that the driver chose (the wall's monotonic clock in
 * net/loop, a virtual one in net/memory). Nothing below net/ asks the host for the time.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

typedef int64_t time_us;

#define TIME_NEVER INT64_MAX
#define US_PER_MS  INT64_C(1000)
#define US_PER_S   INT64_C(1000000)

/* START plus SPAN, or TIME_NEVER where that would overflow or START is TIME_NEVER. */
static inline time_us time_after(time_us start, int64_t span_us)
{
    return start > TIME_NEVER - span_us ? TIME_NEVER : start + span_us;
}

static inline time_us time_earlier(time_us a, time_us b)
{
    return a < b ? a : b;
}

#endif
