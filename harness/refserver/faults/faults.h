/*
 * Faults: each makes the reference server break one clause in one way. One is a line in faults.def and about ten lines
 * in the file of its seam or topic: a hook of the type below, which changes the event of its seam and answers whether it did.
 * A fault that is wrong in one spot only, and right in others, is a line in positions.def and the hook of another.
 */
#ifndef REFSERVER_FAULTS_FAULTS_H
#define REFSERVER_FAULTS_FAULTS_H

#include "refserver/faults/spots.h"
#include "refserver/seam.h"

enum fault {
#define FAULT(name, id, clause, seam, what, also) FAULT_##name,
#include "refserver/faults/faults.def"
#undef FAULT
#define POSITION(name, id, base, seam, spot, number, clause, what, also) FAULT_##name,
#include "refserver/faults/positions.def"
#undef POSITION
    FAULT_COUNT
};

enum { FAULT_WORDS = (FAULT_COUNT + 63) / 64 };

struct fault_info {
    const char *id;     /* "retr-unstuffed" */
    const char *clause; /* id of the clause that it breaks: the one by which it must be caught */
    enum seam seam;
    const char *what;    /* one line for lists */
    const char *also;    /* ids of clauses that may fail too, separated by spaces; "" for none */
    enum spot_kind spot; /* where it acts */
    uint64_t number;     /* of the spot */
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
/* The fault that does everywhere what this one does in its spot; FAULT_COUNT: there is none. */
enum fault fault_base(enum fault fault);
/* Where servers did it: bugs and advisories by their names, in our own words, "; " between them. NULL: nothing is known. */
const char *fault_history(enum fault fault);
/* False when ID names no fault. */
bool fault_of_id(const char *id, enum fault *ret_fault);

#endif
