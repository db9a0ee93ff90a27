/* What argp leaves open: long options are spelled out, and values are numbers, times and the like, or an error. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "base/error.h"

#include <argp.h>

/*
 * Parses ARGV by ARGP into INPUT. Long options must stand as they are, never abbreviated, so that an option added later
 * cannot change what a script means. Exits with code 2 on wrong usage, and with 0 behind --help.
 */
void command_line_parse(const struct argp *argp, int argc, char **argv, void *input);

/*
 * Alone behind a subcommand, it prints a line for each thing there is to know of its command line: "arguments", "about" and
 * "more" with a text, "group" with its title, and "option" with its long name, its letter, what it takes, and what it does;
 * between them TABs. For completion and manuals, which so follow the tables of options. Not in the help.
 */
#define DESCRIBE_OPTION "--describe-options"

/* Each ends the program by argp_error() when TEXT is not what OPTION takes. */
unsigned long long argument_number(const struct argp_state *state, const char *option, const char *text,
                                   unsigned long long smallest, unsigned long long largest);
/* Seconds, with "ms", "s" or "m" behind it if wanted ("10", "1.5s", "300ms"); in microseconds, at least 1 ms. */
int64_t argument_span_us(const struct argp_state *state, const char *option, const char *text);

/* ERROR with the file that FLAG named: says so, unless it is about a line of it or says already what to do. Always false. */
bool arguments_hint_flag(struct error *error, const char *flag);

#endif
