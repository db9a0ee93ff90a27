/* The transports by which any scenario can be multiplied. Private to run/, but for run_transports(). */
#ifndef RUN_TRANSPORTS_H
#define RUN_TRANSPORTS_H

#include "exec/machine.h"
#include "target/target.h"

/* NULL if there is none of that name. */
const struct transport *transport_find(const char *name);
/* The one that the target's way of TLS means when no other is asked for. */
const struct transport *transport_of_target(const struct target *target);

/* How a connection is secured: what abilities are learnt for, one by one. */
enum security { SECURITY_NONE, SECURITY_STLS, SECURITY_IMPLICIT, SECURITY_COUNT };

enum security transport_security(const struct transport *transport);
/* Whole lines over connections of that security: what probes use. */
const struct transport *transport_of_security(enum security security);

#endif
