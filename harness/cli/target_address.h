/* What a port on the command line means once --tls is known. */
#ifndef CLI_TARGET_ADDRESS_H
#define CLI_TARGET_ADDRESS_H

#include "target/target.h"

/*
 * With implicit TLS, the port of ADDRESS (host:port; NULL: a target file was read) is the one for it, or 995 where it
 * names none (RFC 8314 section 3.2), and there is no other.
 */
void target_address_settle(struct target *target, const char *address);

#endif
