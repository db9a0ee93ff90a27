/* Passwords that do not stand on the command line. */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "base/error.h"

enum { PASSWORD_OCTETS_MAX = 1024 };

/*
 * One line of standard input; from a terminal without echo, behind a prompt on standard error. SIGINT and SIGTERM end
 * the program meanwhile. The caller frees it. NULL with ERROR set.
 */
char *password_ask(struct error *error);

/* The first line of FILE. The caller frees it. NULL with ERROR set. */
char *password_read(const char *file, struct error *error);

#endif
