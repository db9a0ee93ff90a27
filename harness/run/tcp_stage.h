/* The stage over TCP: one loop, the wall's clock unless it is told otherwise. Whoever serves in the same loop (lab/builtin) reaches it here. */
#ifndef RUN_TCP_STAGE_H
#define RUN_TCP_STAGE_H

#include "net/loop.h"
#include "run/stage.h"

struct tcp_stage;

enum { TCP_STAGE_VENUES_MAX = 4 };

/* NULL with ERROR when the host gives no descriptors. Freed with tcp_stage_free (NULL is allowed). */
struct tcp_stage *tcp_stage_new(struct error *error);
void tcp_stage_free(struct tcp_stage *stage);

/* Its time is virtual from now on (loop_skip_waits()): for a stage whose servers are served by its own loop. */
void tcp_stage_skip_waits(struct tcp_stage *stage);
/*
 * Adds the venue of TARGET, whose name is looked up now (it may take a while) and whose TLS files are read. TARGET and
 * what PROVISIONER points to outlive the stage. ERROR_UNREACHABLE when the name cannot be resolved.
 */
bool tcp_stage_add_venue(struct tcp_stage *stage, const struct target *target, struct provisioner provisioner,
                         bool literal, struct error *error);

/* For run_options; lives as long as STAGE. */
const struct stage *tcp_stage_stage(const struct tcp_stage *stage);
struct loop *tcp_stage_loop(const struct tcp_stage *stage);

#endif
