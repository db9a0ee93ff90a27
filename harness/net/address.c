#include "net/address.h"

#include "base/bytes.h"
#include "net/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static bool host_copy(struct bytes host, struct error *error, struct host_port *ret)
{
    if (host.size == 0)
        return error_set(error, ERROR_USAGE, "the host name is missing");
    if (host.size >= sizeof(ret->host))
        return error_set(error, ERROR_USAGE, "the host name is longer than %d octets", HOST_NAME_SIZE - 1);
    memcpy(ret->host, host.data, host.size);
    ret->host[host.size] = '\0';
    return true;
}

static bool port_parse(struct bytes digits, struct error *error, uint16_t *ret_port)
{
    uint64_t port;

    if (!bytes_to_u64(digits, &port) || port == 0 || port > UINT16_MAX)
        return error_set(error, ERROR_USAGE, "a port is a number from 1 to 65535, not \"%.*s\"",
                         (int)(digits.size < 40 ? digits.size : 40), (const char *)digits.data);
    *ret_port = (uint16_t)port;
    return true;
}

static bool address_split_bracketed(struct bytes text, struct error *error, struct host_port *ret)
{
    size_t end = bytes_find_octet(text, ']');
    struct address address;

    if (end == BYTES_NOT_FOUND)
        return error_set(error, ERROR_USAGE, "the bracket of \"[\" is not closed by \"]\"");
    if (!host_copy(bytes_slice(text, 1, end), error, ret))
        return false;
    if (!address_parse(ret->host, &address) || !address.is_ipv6)
        return error_set(error, ERROR_USAGE, "there must be an IPv6 address between the brackets");
    struct bytes rest = bytes_from(text, end + 1);

    if (rest.size == 0)
        return true;
    if (rest.data[0] != ':')
        return error_set(error, ERROR_USAGE, "only \":port\" may follow behind \"]\"");
    return port_parse(bytes_from(rest, 1), error, &ret->port);
}

bool address_split(const char *text, struct error *error, struct host_port *ret_host_port)
{
    struct bytes bytes = bytes_of(text);
    struct host_port result = {.port = 0};
    bool fine;

    size_t colon = bytes_find_octet(bytes, ':');
    bool bare_ipv6 =
        colon != BYTES_NOT_FOUND && bytes_find_octet(bytes_from(bytes, colon + 1), ':') != BYTES_NOT_FOUND;

    if (bytes.size > 0 && bytes.data[0] == '[')
        fine = address_split_bracketed(bytes, error, &result);
    else if (colon == BYTES_NOT_FOUND || bare_ipv6)
        fine = host_copy(bytes, error, &result);
    else
        fine = host_copy(bytes_slice(bytes, 0, colon), error, &result) &&
               port_parse(bytes_from(bytes, colon + 1), error, &result.port);
    if (fine)
        *ret_host_port = result;
    return fine;
}

static int look_up(const char *host, int flags, struct addrinfo **ret_found)
{
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};

    return getaddrinfo(host, NULL, &wanted, ret_found);
}

bool address_parse(const char *text, struct address *ret_address)
{
    struct addrinfo *found = NULL;

    if (look_up(text, AI_NUMERICHOST, &found) != 0)
        return false;
    bool fine = socket_address_read(found->ai_addr, ret_address, NULL);

    freeaddrinfo(found);
    return fine;
}

static bool list_contains(const struct address_list *list, const struct address *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (address_equal(&list->items[i], address))
            return true;
    return false;
}

bool address_resolve(const char *host, struct error *error, struct address_list *ret_list)
{
    struct addrinfo *found = NULL;
    struct address_list list = {.count = 0};
    int status = look_up(host, 0, &found);

    if (status != 0)
        return error_set(error, ERROR_UNREACHABLE, "the host \"%s\" is unknown: %s", host,
                         gai_strerror(status));
    for (const struct addrinfo *one = found; one != NULL && list.count < ADDRESSES_MAX; one = one->ai_next) {
        struct address address;

        if (socket_address_read(one->ai_addr, &address, NULL) && !list_contains(&list, &address))
            list.items[list.count++] = address;
    }
    freeaddrinfo(found);
    if (list.count == 0)
        return error_set(error, ERROR_UNREACHABLE, "the host \"%s\" has neither an IPv4 nor an IPv6 address",
                         host);
    *ret_list = list;
    return true;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->is_ipv6 == b->is_ipv6 && a->scope == b->scope &&
           memcmp(a->octets, b->octets, a->is_ipv6 ? 16 : 4) == 0;
}

void address_format(const struct address *address, uint16_t port, char ret_text[ADDRESS_TEXT_SIZE])
{
    char number[INET6_ADDRSTRLEN] = "?";
    char scope[16] = "";

    inet_ntop(address->is_ipv6 ? AF_INET6 : AF_INET, address->octets, number, sizeof(number));
    if (address->scope != 0)
        snprintf(scope, sizeof(scope), "%%%u", address->scope);
    if (port == 0)
        snprintf(ret_text, ADDRESS_TEXT_SIZE, "%s%s", number, scope);
    else
        snprintf(ret_text, ADDRESS_TEXT_SIZE, address->is_ipv6 ? "[%s%s]:%u" : "%s%s:%u", number, scope,
                 port);
}
