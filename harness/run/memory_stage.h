/*
 * The stage in memory: each venue is a peer called inline on a virtual clock of its own. The same cases, seed and server
 * give the same run every time.
 */
#ifndef RUN_MEMORY_STAGE_H
#define RUN_MEMORY_STAGE_H

#include "net/memory.h"
#include "run/stage.h"

struct memory_stage;

enum { MEMORY_STAGE_VENUES_MAX = 4 };

/* Freed with memory_stage_free (NULL is allowed). */
struct memory_stage *memory_stage_new(void);
void memory_stage_free(struct memory_stage *stage);

/* Adds a venue; at most MEMORY_STAGE_VENUES_MAX. What SERVER, TARGET and PROVISIONER point to outlives the stage. */
void memory_stage_add_venue(struct memory_stage *stage, const struct target *target,
                            struct provisioner provisioner, bool literal, const struct memory_server *server);

/* For run_options; lives as long as STAGE. */
const struct stage *memory_stage_stage(const struct memory_stage *stage);

#endif
