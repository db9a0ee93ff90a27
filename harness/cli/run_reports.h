/*
 * The files that reports go to: tried before the first connection, written at the end and renamed into place. In between
 * nothing is there that a program which ends at once, for whatever reason, could leave behind.
 */
#ifndef CLI_RUN_REPORTS_H
#define CLI_RUN_REPORTS_H

#include "base/error.h"
#include "report/report.h"

#include <argp.h>

struct pending_file {
    const char *path; /* borrowed; NULL: not wanted */
    int descriptor;   /* of what is written in place (standard output, a device, a pipe); else -1 */
};

/* Opens PATH ("-": standard output), or sees that it can be made. False with ERROR, which names OPTION. */
bool pending_file_open(struct pending_file *file, const char *option, const char *path, struct error *error);
/* Writes TEXT, closes, and puts the file into place. False with ERROR; nothing is left behind then. */
bool pending_file_finish(struct pending_file *file, struct bytes text, struct error *error);
/* Gives it up. */
void pending_file_abandon(struct pending_file *file);

struct run_reports {
    struct pending_file files[REPORT_FORMAT_COUNT];
};

/*
 * Takes FILE for FORMAT into PATHS, an entry for each format. Ends the program by argp_error() when another goes to standard
 * output already.
 */
void run_reports_choose(const char **paths, enum report_format format, const char *file,
                        const struct argp_state *state);
/* True when there is one of PATHS at all. */
bool run_reports_wanted(const char *const *paths);
/* True when one of PATHS is standard output. */
bool run_reports_use_output(const char *const *paths);

/* PATHS has an entry for each format, NULL where none is wanted. */
bool run_reports_open(struct run_reports *reports, const char *const *paths, struct error *error);
/* Writes all of them. False with the first ERROR; the others are written nevertheless. */
bool run_reports_finish(struct run_reports *reports, const struct run_result *result, const char *version,
                        struct error *error);
void run_reports_abandon(struct run_reports *reports);

#endif
