/* Signals, with the program's only mutable globals, because a handler can reach nothing else. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

/* SIGPIPE is ignored (a write tells), and SIGABRT, which a failed CHECK raises, becomes exit code 70. */
void signals_prepare(void);

/*
 * From here on SIGINT and SIGTERM set the flag, which is 0 or the signal's number; a second one ends the program at
 * once. System calls that wait are interrupted.
 */
const volatile sig_atomic_t *signals_watch(void);

/*
 * Until signals_watch() is called again, SIGINT and SIGTERM end the program at once: for a wait that they might come
 * just too early to interrupt. The terminal at standard input is put back to BEFORE (NULL: there is none) first.
 */
void signals_end_program(const struct termios *before);

#endif
