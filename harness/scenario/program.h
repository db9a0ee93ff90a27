/*
 * A compiled scenario: what exec/ runs. Plain data in the suite's arena; nothing here does I/O.
 */
#ifndef SCENARIO_PROGRAM_H
#define SCENARIO_PROGRAM_H

#include "base/tls_version.h"
#include "pop3/command.h"
#include "scenario/pattern.h"

enum step_kind {
#define STEP(name, keyword, argument, what) STEP_##name,
#include "scenario/steps.def"
#undef STEP
    STEP_KIND_COUNT
};

enum tls_expectation { TLS_OK, TLS_FAIL, TLS_EITHER };
enum closed_expectation { CLOSED_ANY, CLOSED_FIN, CLOSED_RESET };
enum split_mode { SPLIT_NONE, SPLIT_OCTETS, SPLIT_CRLF, SPLIT_LINES, SPLIT_AT };
enum shape_override { SHAPE_BY_COMMAND, SHAPE_FORCE_SINGLE, SHAPE_FORCE_MULTI };

/* What `sasl` says of its exchange beyond mechanism and account. */
struct sasl_arguments {
    const struct template *user; /* instead of the account's; NULL: the account's */
    const struct template *pass;
    const struct template *token;
    bool initial; /* the first message goes with the command */
    uint64_t
        until; /* the number of the challenge, from 1, from which the scenario goes on itself; 0: to the end */
};

struct step {
    enum step_kind kind;
    int connection; /* from 1; 0 where the step is about none (HOST, TIMEOUT, blocks) */
    struct place place;
    const char *text;                  /* the line as written, for reports */
    struct template bytes;             /* SEND and FENCE (the line, CRLF included), RAW (the octets) */
    struct reply_pattern reply;        /* EXPECT; SASL: what ends the exchange, or hands it over */
    bool point_within;                 /* EXPECT: a `point` stands between the first line and the body */
    enum tls_expectation tls;          /* TLS */
    enum tls_version tls_version;      /* TLS: the one that is offered */
    bool implicit_tls;                 /* OPEN: `open: tls` */
    enum closed_expectation closed;    /* CLOSED */
    enum split_mode split;             /* SPLIT */
    uint64_t split_at;                 /* SPLIT_AT: the octets of the first segment */
    enum shape_override shape;         /* REPLY: for the next command on this connection */
    int64_t span_us;                   /* QUIET, SLOW (pause between segments), TIMEOUT */
    uint64_t account;                  /* LOGIN, SASL: from 1 */
    const char *name;                  /* SASL: mechanism; DELIVER: fixture; PROVOKE: what */
    const struct sasl_arguments *sasl; /* SASL */
    enum alternative_kind when; /* WHEN: run the inner steps if the last reply on `connection` was this */
    struct step *inner;         /* PIPELINE, TOGETHER, WHEN */
    size_t inner_count;
};

enum start_state {
    START_CLOSED,        /* nothing is open */
    START_AUTHORIZATION, /* connection 1 is open and its greeting read */
    START_TRANSACTION,   /* connection 1 is logged in */
};

/* What running a scenario does to a server, computed by lint from its dialog. */
struct effects {
    bool logs_in;   /* some account is used */
    bool marks;     /* something that can be read as DELE is sent */
    bool commits;   /* QUIT is sent where a mark may exist */
    bool retrieves; /* RETR or TOP is sent */
    bool delivers;
    bool provokes;
    uint32_t bad_logins; /* logins that must fail */
    uint32_t accounts;   /* how many are used, 0 to 9 */
    uint32_t sessions;   /* most connections open at one time */
    uint64_t sent_octets;
};

struct scenario {
    const char *id;    /* "rfc1939/dele/hides-message", labels of `each` behind it: "rfc1939/x/y/noop/lf" */
    const char *group; /* the same without labels: the scenario as it is written */
    const char *title;
    const char *impact; /* why a failure matters; NULL if not said */
    struct place place;
    const char **proves; /* clause ids */
    size_t prove_count;
    const char **needs; /* ability names, those that lint found out included */
    size_t need_count;
    const char **tags;
    size_t tag_count;
    const char **variables; /* names that --variable NAME=VALUE gives a value */
    size_t variable_count;
    enum start_state start;
    bool mailbox_given;   /* false: `mailbox: any`, whatever is there */
    const char **mailbox; /* fixtures in order of delivery; may be empty when given */
    size_t mailbox_count;
    struct step *steps;
    size_t step_count;
    struct effects effects;
};

#endif
