/* Reads what json_write() wrote, or somebody says it wrote: results of earlier runs, for comparisons. */
#ifndef REPORT_RECORDED_H
#define REPORT_RECORDED_H

#include "base/arena.h"
#include "base/error.h"
#include "result/result.h"

enum {
    RECORDED_OCTETS_MAX = 128 * 1024 * 1024, /* of a file */
    RECORDED_CASES_MAX = 100 * 1000,
    RECORDED_CLAUSES_MAX = 10 * 1000, /* of a run, and of a case */
    RECORDED_LINES_MAX = 10 * 1000,   /* of a transcript */
    RECORDED_WORDS_MAX = 1000,        /* capabilities, notes */
};

/*
 * Fills RESULT in from TEXT, which is reported as FILE; its texts go to ARENA. False with ERROR, and
 * its line where the JSON itself is wrong, when TEXT is no results of schema 1. Nothing in it is trusted: texts may hold any
 * octet but NUL, and are made harmless by whoever prints them.
 */
bool recorded_read(struct bytes text, const char *file, struct arena *arena, struct run_result *ret_result,
                   struct error *error);

#endif
