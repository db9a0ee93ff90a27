/* How long a subcommand took to a person who waits for it; the target's time may be virtual. */
#ifndef CLI_WALL_CLOCK_H
#define CLI_WALL_CLOCK_H

#include "base/time.h"

/* Microseconds since some moment before the program began. */
time_us wall_clock_us(void);

#endif
