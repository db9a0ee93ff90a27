#include "cli/signals.h"

#include "cli/cli.h"

#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t received_signal;
static struct termios terminal_before;
static volatile sig_atomic_t terminal_is_changed;

/* abort() was called by our own code, outside of any stdio function, so what was printed can still be flushed. */
static void on_abort(int number)
{
    (void)number;
    fflush(stdout);
    _exit(PROGRAM_INTERNAL);
}

static void on_stop(int number)
{
    received_signal = number;
}

/* Calls nothing but what POSIX lets a handler call. */
static void on_end(int number)
{
    if (terminal_is_changed)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
    _exit(PROGRAM_SIGNAL + number);
}

void signals_prepare(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction aborted = {.sa_handler = on_abort};

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGABRT, &aborted, NULL);
}

const volatile sig_atomic_t *signals_watch(void)
{
    struct sigaction stop = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    return &received_signal;
}

void signals_end_program(const struct termios *before)
{
    struct sigaction end = {.sa_handler = on_end};

    terminal_is_changed = 0;
    if (before != NULL) {
        terminal_before = *before;
        terminal_is_changed = 1;
    }
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
}
