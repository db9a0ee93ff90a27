/*
 * The audit of a run: how often each rule of result/rules.def was broken, whether the run did anything that it speaks of,
 * and the first transcripts that show a breach. It becomes one case for each rule, audit/<rule>. Private to run/.
 */
#ifndef RUN_AUDIT_H
#define RUN_AUDIT_H

#include "exec/machine.h"
#include "ledger/ledger.h"
#include "result/result.h"

enum { AUDIT_EXAMPLES_MAX = 3, AUDIT_EXAMPLE_LINES_MAX = 40 };

/* A trial in which a rule was broken. */
struct audit_example {
    const void *trial; /* while it runs: by what its transcript will be known */
    const char *name;  /* "rfc1939/dele/hides-message over lines" */
    struct transcript_line *lines;
    size_t line_count;
};

struct audit_entry {
    uint64_t breaches;
    uint64_t flaky_breaches; /* those that were set aside */
    bool exercised;
    struct printable expected; /* of the first breach in a case; until there is one, in a probe */
    struct printable actual;
    const char *first_id; /* the scenario of that breach */
    const char *first_transport;
    struct audit_example examples[AUDIT_EXAMPLES_MAX];
    size_t example_count;
};

struct audit {
    struct audit_entry entries[RULE_COUNT];
    struct arena *arena;
    const struct redactor *redactor;
};

/* A trial as the audit knows it. */
struct audit_trial {
    const void *identity;
    const char *id;
    const char *transport;
};

/* What a person types to see a breach once more. */
struct audit_commands {
    const char *target; /* how the command begins that repeats a case */
    const char *run;    /* repeats the whole run */
};

void audit_init(struct audit *audit, struct arena *arena, const struct redactor *redactor);
/* A rule was broken in TRIAL. */
void audit_observe(struct audit *audit, const struct audit_trial *trial,
                   const struct observation *observation);
/* TRIAL is over: keeps its transcript where it shows a breach, and notes which rules it spoke of. */
void audit_finish(struct audit *audit, const struct audit_trial *trial, const struct machine *machine);
/*
 * BREACHES, by rule, were seen in tries of a case that passed at last (--retry): they count no more, and the rule is flaky
 * unless it was broken elsewhere too.
 */
void audit_set_aside(struct audit *audit, const uint64_t *breaches);
/* The cases, RULE_COUNT of them, in order of id, into RET_CASES. */
void audit_report(const struct audit *audit, const struct ledger *ledger,
                  const struct audit_commands *commands, struct case_result *ret_cases);

#endif
