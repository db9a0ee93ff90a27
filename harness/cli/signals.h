/* Signals: the program's one mutable global, because a handler can reach nothing else. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* SIGPIPE is ignored (a write tells), and SIGABRT, which a failed CHECK raises, becomes exit code 70. */
void signals_prepare(void);

/*
 * From here on SIGINT and SIGTERM set the flag, which is 0 or the signal's number; a second one ends the program at
 * once. System calls that wait are interrupted.
 */
const volatile sig_atomic_t *signals_watch(void);

#endif
