/* Passwords that do not stand on the command line. */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "base/error.h"

#include <signal.h>

enum { PASSWORD_OCTETS_MAX = 1024 };

/*
 * One line of standard input; from a terminal without echo, behind a prompt on standard error. The caller frees it.
 * NULL with ERROR set; when STOP was set meanwhile, the terminal is as it was before.
 */
char *password_ask(const volatile sig_atomic_t *stop, struct error *error);

/* The first line of FILE. The caller frees it. NULL with ERROR set. */
char *password_read(const char *file, struct error *error);

#endif
