/*
 * The command line: the only layer that prints, reads the clock and exits. One file for each subcommand; what they
 * share stands in the headers of this folder.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* What the build knows and the layers must not. */
struct program {
    const char *version;
    const char *commit;            /* of the source tree; "" if nobody knows */
    const char *build;             /* "gcc 12.2.0, Release, sanitizers: none" */
    const char *libraries;         /* "OpenSSL 3.0.17, ..." */
    const char *source_scenarios;  /* the source tree's */
    const char *install_scenarios; /* where `cmake --install` puts them by default */
};

/* Exit codes that mean the same for every subcommand (design section 4). */
enum program_exit {
    PROGRAM_OK = 0,
    PROGRAM_UNEXPECTED = 1,
    PROGRAM_USAGE = 2,
    PROGRAM_UNREACHABLE = 3,
    PROGRAM_INTERNAL = 70,
    PROGRAM_SIGNAL = 128, /* and the signal's number */
};

/* The whole program: finds the subcommand and runs it. Answers the exit code. */
int cli_main(const struct program *program, int argc, char **argv);

/* ARGV[0] is "pop3spec NAME". */
#define SUBCOMMAND(symbol, name, arguments, what)                                                            \
    int symbol##_main(const struct program *program, int argc, char **argv);
#include "cli/subcommands.def"
#undef SUBCOMMAND

#endif
