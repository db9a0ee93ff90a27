/* What a scenario's steps do outside the wire (ASK_HOST): deliver a message, provoke a failure. Private to run/. */
#ifndef RUN_HOST_WORK_H
#define RUN_HOST_WORK_H

#include "net/driver.h"
#include "run/pause.h"
#include "target/provisioner.h"

struct trial;

/* The one piece of work that a trial has under way. */
struct host_work {
    struct host_call *call; /* NULL: none */
    struct errand errand;   /* actor NULL: none */
    struct pause pause;     /* until the next try at a locked mailbox */
    struct bytes message;
    time_us give_up_us; /* a mailbox that is still locked then stays locked as long as the session */
};

/* The driver's hook; the context is the trial. */
enum host_result host_work_begin(void *context, void *actor, const char *verb, const char *noun,
                                 struct host_call *call, struct buf *ret_reason);
/* Takes back what the trial's scenario may have provoked. */
void host_work_undo(const struct trial *trial);
/* Gives up what is under way. */
void host_work_release(struct host_work *work);

#endif
