/*
 * An observation: what a target did, seen against a rule. Observations are data: the model and its auditor make them,
 * run/verdict.c alone turns them into verdicts by way of the clause that the rule names.
 *
 * The rules stand in result/rules.def. RULE(id, clause, what): id is permanent and is the case's id, audit/<id>.
 */
#ifndef RESULT_OBSERVATION_H
#define RESULT_OBSERVATION_H

#include "base/bytes.h"
#include "base/time.h"

enum rule {
#define RULE(name, id, clause, what) RULE_##name,
#include "result/rules.def"
#undef RULE
    RULE_COUNT
};

struct rule_info {
    const char *id;     /* "crlf" */
    const char *clause; /* clause id */
    const char *what;   /* one line for lists */
};

const struct rule_info *rule_info(enum rule rule);
/* False when ID names no rule. */
bool rule_of_id(const char *id, enum rule *ret_rule);

struct observation {
    enum rule rule;
    int connection;  /* 1 to CONNECTIONS_MAX */
    uint64_t offset; /* of the offending octet in what the server sent on this connection */
    time_us at_us;
    const char *expected; /* a sentence; borrowed for the call */
    const char *actual;   /* a sentence; borrowed for the call */
    struct bytes wire;    /* the octets it is about, or empty; borrowed for the call */
};

/* Where observations go. */
struct observer {
    void (*observe)(void *context, const struct observation *observation);
    void *context;
};

#endif
