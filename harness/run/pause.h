/* An actor that waits and ends: how the run itself waits on a stage, whatever its clock. Private to run/. */
#ifndef RUN_PAUSE_H
#define RUN_PAUSE_H

#include "base/actor.h"

struct pause {
    time_us until_us;
};

extern const struct actor_ops pause_actor_ops; /* the actor is a struct pause */

#endif
