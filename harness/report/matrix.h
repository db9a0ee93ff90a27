/*
 * Runs side by side: a row for each clause, a column for each run; and what changed between two runs of one server. Made
 * from results that were read back (recorded.h).
 */
#ifndef REPORT_MATRIX_H
#define REPORT_MATRIX_H

#include "base/arena.h"
#include "base/buf.h"
#include "result/result.h"

enum { MATRIX_RUNS_MAX = 32 };

struct matrix_row {
    const struct clause_result *clause;                  /* from the first run that has it */
    const struct clause_result *of_run[MATRIX_RUNS_MAX]; /* NULL: that run has no case for it */
};

/* What became of one case, worst first. */
enum change_kind {
    CHANGE_FAILS,  /* fail, xpass, blocked or error, which it was not before */
    CHANGE_WORSE,  /* a warning or a skip where it passed */
    CHANGE_OTHER,  /* another verdict, neither better nor worse */
    CHANGE_MENDED, /* passes now */
    CHANGE_NEW,    /* only in the later run */
    CHANGE_GONE,   /* only in the earlier run */
    CHANGE_REMARK, /* passes as before, and a remark came or went: another of the legal ways was taken, which chance may decide */
    CHANGE_KIND_COUNT,
};

struct change {
    enum change_kind kind;
    const struct case_result *before; /* NULL: not there */
    const struct case_result *after;
};

/* Two runs of one server, in the order in which they were given. */
struct comparison {
    size_t before; /* indexes of runs */
    size_t after;
    struct change *changes; /* by kind, then in order of id */
    size_t change_count;
    size_t difference_count; /* of them; the others are remarks */
};

struct matrix {
    const struct run_result *runs;
    size_t run_count;
    const char *names[MATRIX_RUNS_MAX]; /* of the runs: the server's, and which run where it has several */
    struct matrix_row *rows;            /* in order of clause id */
    size_t row_count;
    struct comparison *comparisons;
    size_t comparison_count;
};

/* Borrows RUNS, at most MATRIX_RUNS_MAX; the rest goes to ARENA. */
void matrix_make(const struct run_result *runs, size_t run_count, struct arena *arena,
                 struct matrix *ret_matrix);

/* "new failure", "worse", ... */
const char *change_kind_name(enum change_kind kind);
/* True when every run that judged the clause of ROW kept it. */
bool matrix_row_is_kept(const struct matrix *matrix, const struct matrix_row *row);
/* True when RESULT's case speaks of the clause ID and did not pass. */
bool matrix_case_matters(const struct case_result *result, const char *id);

/* A table for people, with the clauses that some run did not keep (ALL: every clause), then the differences. */
void matrix_console_write(const struct matrix *matrix, bool all, struct buf *out);
/* One self-contained page. */
void matrix_html_write(const struct matrix *matrix, const char *version, struct buf *out);

#endif
