/*
 * Internet addresses as plain data, so that nobody outside net/ meets a sockaddr: parsing `host:port`, resolving a
 * name once before the run begins, and printing.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/attributes.h"
#include "base/error.h"

#include <stddef.h>

enum {
    ADDRESSES_MAX = 16,     /* addresses of one name that are tried; more only make a failure slower */
    ADDRESS_TEXT_SIZE = 80, /* "[IPv6%scope]:port" and its NUL */
    HOST_NAME_SIZE = 256,   /* RFC 1035 section 2.3.4 allows 255 octets; and the NUL */
};

struct address {
    bool is_ipv6;
    uint8_t octets[16]; /* network order; IPv4 uses the first four */
    uint32_t scope;     /* of a link-local IPv6 address, else 0 */
};

struct address_list {
    struct address items[ADDRESSES_MAX];
    size_t count;
};

struct host_port {
    char host[HOST_NAME_SIZE];
    uint16_t port; /* 0: none was given */
};

/*
 * Takes apart `host`, `host:port`, `192.0.2.1:110`, `[2001:db8::1]:110`, `[2001:db8::1]` and `2001:db8::1` (which,
 * without brackets, cannot carry a port). Looks nothing up.
 */
MUST_USE bool address_split(const char *text, struct error *error, struct host_port *ret_host_port);

/* A numeric address only; false for anything else. */
MUST_USE bool address_parse(const char *text, struct address *ret_address);

/* All addresses of HOST, a name or a number, in the system's order of preference. It may block: call it before a loop. */
MUST_USE bool address_resolve(const char *host, struct error *error, struct address_list *ret_list);

bool address_equal(const struct address *a, const struct address *b);

/* Writes "192.0.2.1:110" or "[2001:db8::1]:110"; without ":110" and brackets when PORT is 0. */
void address_format(const struct address *address, uint16_t port, char ret_text[ADDRESS_TEXT_SIZE]);

#endif
