/*
 * Results: what a run found, as plain data in printable, redacted text. Made by run/, read by the sinks of report/,
 * which only print.
 */
#ifndef RESULT_RESULT_H
#define RESULT_RESULT_H

#include "result/transcript.h"

enum verdict {
#define VERDICT(name, text, what) VERDICT_##name,
#include "result/verdicts.def"
#undef VERDICT
    VERDICT_COUNT
};

/* "pass", "fail", ... */
const char *verdict_name(enum verdict verdict);
bool verdict_of_name(const char *name, enum verdict *ret_verdict);

/* Which verdicts count for the exit code; blocked, error and xpass always do. */
enum fail_on {
#define FAIL_ON(name, text, what) FAIL_ON_##name,
#include "result/fail_on.def"
#undef FAIL_ON
    FAIL_ON_COUNT
};

/* "must", "should", ... */
const char *fail_on_name(enum fail_on fail_on);
bool fail_on_of_name(const char *name, enum fail_on *ret_fail_on);

enum { SHARDS_MAX = 1000 };

/* A part of a run: the INDEXth (from 1) of COUNT. */
struct shard {
    unsigned index; /* 0: the run is whole */
    unsigned count;
};

struct clause_result {
    const char *id;
    const char *level;   /* "must", ... */
    const char *section; /* "RFC 1939 section 5" */
    const char *demand;
    enum verdict verdict;
};

/* A clause that no case of the run speaks of. */
struct clause_gap {
    const char *id;
    const char *level;
    const char *section;
    const char *demand;
    const char *why; /* why nothing on the wire can show it; NULL: no case about it was selected */
};

struct case_result {
    const char *id;        /* scenario id, or "audit/crlf" */
    const char *group;     /* the scenario as it is written: the id without labels of `each`; NULL: the id */
    const char *transport; /* "lines", "octets", ... */
    const char *title;
    const char *impact; /* NULL if not said */
    enum verdict verdict;
    bool unexpected; /* counts for the exit code */
    bool varies;     /* the expectation file says that it may fail or not */
    bool
        flaky; /* --retry: failed first and not at the last try; what is expected, actual and said on the wire is
                          the first try's */
    uint32_t attempts; /* how often it was run; 0 where it was not */
    struct clause_result *clauses;
    size_t clause_count;
    struct printable reason;   /* why skipped, blocked, warned or expected to fail; text NULL if none */
    struct printable evidence; /* what the probe of a missing ability saw; text NULL if none */
    struct printable expected; /* text NULL if the case did not fail */
    struct printable actual;
    const char *file; /* NULL for audit cases */
    uint32_t line;
    int64_t elapsed_us;   /* by the stage's clock, which is virtual where the server is the built-in one */
    uint64_t occurrences; /* audit cases: how often the rule was broken */
    struct transcript_line *transcript;
    size_t transcript_count;
    struct printable again; /* the one command that repeats it */
};

struct target_result {
    const char *name;          /* "dovecot-lab", "127.0.0.1:10110", "built-in" */
    const char *software;      /* "Dovecot 2.3.19.1", as the target file says; NULL if not */
    const char *repeat;        /* the command that sets all of it up and runs it again; NULL as above */
    const char *address;       /* "127.0.0.1:10110" */
    const char *tls;           /* "none", "starttls", "implicit", "starttls, not verified" */
    struct printable greeting; /* text NULL until seen */
    struct printable *capabilities;
    size_t capability_count;
    const char **notes; /* said aloud: certificate not verified, no provision, delays kept */
    size_t note_count;
};

struct run_result {
    struct target_result target;
    const char *selection; /* as given, or "all" */
    const char *command;   /* the command line, redacted */
    const char *started;   /* UTC, RFC 3339 */
    uint64_t seed;
    struct shard shard;
    const char *profile; /* "modern": which clauses count, and how; NULL: not said */
    enum fail_on fail_on;
    int64_t elapsed_us;
    bool interrupted;
    bool target_died;
    struct case_result *cases; /* in order of id, then transport; audit cases first */
    size_t case_count;
    struct clause_result *clauses; /* in order of id: all that some case proves */
    size_t clause_count;
    struct clause_gap *gaps; /* in order of id: the other clauses of the ledger */
    size_t gap_count;
    uint64_t counts[VERDICT_COUNT];
    uint64_t varying_count; /* of cases that the expectation file allows to vary, whichever way they went */
    uint64_t flaky_count;   /* of cases; they have their verdicts among the counts as well */
    int exit_code;
};

#endif
