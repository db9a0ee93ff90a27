/*
 * Faults: each makes the reference server break one clause in one way. One is a line in faults.def and about ten lines
 * in the file of its seam or topic: a hook of the type below, which changes the event of its seam and answers whether it did.
 */
#ifndef REFSERVER_FAULTS_FAULTS_H
#define REFSERVER_FAULTS_FAULTS_H

#include "refserver/seam.h"

enum fault {
#define FAULT(name, id, clause, seam, what, also) FAULT_##name,
#include "refserver/faults/faults.def"
#undef FAULT
    FAULT_COUNT
};

enum { FAULT_WORDS = (FAULT_COUNT + 63) / 64 };

struct fault_info {
    const char *id;     /* "retr-unstuffed" */
    const char *clause; /* id of the clause that it breaks: the one by which it must be caught */
    enum seam seam;
    const char *what; /* one line for lists */
    const char *also; /* ids of clauses that may fail too, separated by spaces; "" for none */
};

union fault_hook {
    bool (*command)(const struct session *session, struct command_event *event);
    bool (*transition)(const struct session *session, struct transition_event *event);
    bool (*view)(const struct session *session, struct view_event *event);
    bool (*reply)(const struct session *session, struct response_event *event);
    bool (*wire)(const struct session *session, struct wire_event *event);
};

const struct fault_info *fault_info(enum fault fault);
/* The member of the fault's own seam. */
union fault_hook fault_hook(enum fault fault);
/* Where servers did it: bugs and advisories by their names, in our own words, "; " between them. NULL: nothing is known. */
const char *fault_history(enum fault fault);
/* False when ID names no fault. */
bool fault_of_id(const char *id, enum fault *ret_fault);

#endif
