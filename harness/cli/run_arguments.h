/* The command line of `pop3spec run`, taken apart but not yet looked into. */
#ifndef CLI_RUN_ARGUMENTS_H
#define CLI_RUN_ARGUMENTS_H

#include "report/report.h"
#include "run/profile.h"

struct text_list {
    const char **items; /* NULL behind the last; owned, the texts are argv's */
    size_t count;
};

struct run_arguments {
    struct text_list positionals;
    const char *target_file;
    const char *user;
    char *pass; /* owned; "-": to be asked for */
    const char *pass_file;
    const char *tls;
    const char *ca;
    const char *cert;
    const char *key;
    const char *source;
    bool insecure;
    int64_t connect_timeout_us; /* 0: the target's */
    int64_t timeout_us;         /* 0: the target's */
    const char *reports[REPORT_FORMAT_COUNT];
    const char *scenarios;
    const char *expect;
    bool update_expectations;
    struct text_list transports;
    struct text_list tags;
    struct text_list skip_tags;
    struct text_list variables;
    unsigned jobs;       /* 0: as many as there are accounts */
    unsigned bad_logins; /* RUN_BAD_LOGINS_DEFAULT if not said */
    int64_t time_scale_percent;
    uint64_t seed;
    bool seed_given;
    bool list;
    unsigned failures_max; /* 0: all may fail */
    unsigned retries;
    enum profile profile;
    enum fail_on fail_on;
    struct shard shard; /* count 0: the whole */
    bool annotations;
    bool verbose;
};

/* Exits with 2 on wrong usage. Passwords in ARGV are overwritten, so that other users' `ps` shows them no longer. */
void run_arguments_parse(struct run_arguments *arguments, int argc, char **argv);
void run_arguments_release(struct run_arguments *arguments);

#endif
