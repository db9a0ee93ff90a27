#include "run/transports.h"

#include "run/run.h"

/* The first three are in order of enum security. */
static const struct transport transports[] = {
    {.name = "lines"},
    {.name = "stls", .starttls = true},
    {.name = "implicit", .implicit_tls = true},
    {.name = "octets", .split = SPLIT_OCTETS},
    {.name = "crlf", .split = SPLIT_CRLF},
    {.name = "pipelined", .pipelined = true},
};

enum { TRANSPORT_COUNT = sizeof(transports) / sizeof(transports[0]) };

const struct transport *run_transports(size_t *ret_count)
{
    *ret_count = TRANSPORT_COUNT;
    return transports;
}

const struct transport *transport_find(const char *name)
{
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        if (bytes_equal(bytes_of(transports[i].name), bytes_of(name)))
            return &transports[i];
    return NULL;
}

const struct transport *transport_of_security(enum security security)
{
    return &transports[security];
}

const struct transport *transport_of_target(const struct target *target)
{
    switch (target->tls) {
    case TARGET_TLS_NONE:
        break;
    case TARGET_TLS_STARTTLS:
        return transport_of_security(SECURITY_STLS);
    case TARGET_TLS_IMPLICIT:
        return transport_of_security(SECURITY_IMPLICIT);
    }
    return transport_of_security(SECURITY_NONE);
}

enum security transport_security(const struct transport *transport)
{
    if (transport->starttls)
        return SECURITY_STLS;
    return transport->implicit_tls ? SECURITY_IMPLICIT : SECURITY_NONE;
}
