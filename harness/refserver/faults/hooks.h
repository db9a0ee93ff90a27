/* What the files of faults need: HOOK(NAME, seam) { ... } is the body of one fault's hook. */
#ifndef REFSERVER_FAULTS_HOOKS_H
#define REFSERVER_FAULTS_HOOKS_H

#include "refserver/faults/faults.h"
#include "refserver/session.h"

#define HOOK(name, member)                                                                                   \
    bool fault_hook_##name(const struct session *session, struct member##_event *event);                     \
    bool fault_hook_##name(const struct session *session, struct member##_event *event)

#endif
