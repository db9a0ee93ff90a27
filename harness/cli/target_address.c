#include "cli/target_address.h"

#include "net/address.h"

enum { IMPLICIT_TLS_PORT = 995 };

void target_address_settle(struct target *target, const char *address)
{
    struct host_port named;
    struct error error;

    if (address == NULL || target->tls != TARGET_TLS_IMPLICIT || target->implicit_port != 0)
        return;
    bool has_port = address_split(address, &error, &named) && named.port != 0;

    target->implicit_port = has_port ? named.port : IMPLICIT_TLS_PORT;
    target->port = 0;
}
