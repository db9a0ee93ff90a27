/*
 * The built-in target: the reference server as a stage to run cases on, so that `pop3spec run` without a
 * target has something to test. Two flavours stand side by side: the normal one with accounts test1 to test4,
 * and the literal one with the texts, users and messages of the RFCs' own examples. Over TCP on loopback, or
 * in memory on virtual time.
 */
#ifndef LAB_BUILTIN_H
#define LAB_BUILTIN_H

#include "exec/machine.h"
#include "refserver/refserver.h"
#include "run/stage.h"
#include "target/target.h"

struct builtin;

struct builtin_options {
    bool over_memory; /* no sockets, virtual time; else listeners on loopback */
    uint64_t seed;
    bool apop_unmarked;      /* no account is said to log in by APOP */
    enum login_method login; /* of the normal flavour's accounts, for servers that lack USER and PASS */
};

/* Starts it. NULL with ERROR when a listener cannot be opened. */
struct builtin *builtin_new(const struct builtin_options *options, struct error *error);
void builtin_free(struct builtin *builtin);
/* For run_options; both live as long as BUILTIN. */
const struct target *builtin_target(const struct builtin *builtin);
const struct stage *builtin_stage(const struct builtin *builtin);
/* The server itself, to switch faults and variants on before a run; the LITERAL flavour or the normal one. */
struct refserver *builtin_server(const struct builtin *builtin, bool literal);

#endif
