#include "bare_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_OCTETS = 64 * 1024, TERMINATOR_OCTETS = 5, PATIENCE_S = 60 };

/* ---- octets ---- */

static ssize_t receive(struct bare_client *client, char *buffer, size_t size)
{
    ssize_t count = client->tls != NULL ? SSL_read(client->tls, buffer, (int)size)
                                        : recv(client->descriptor, buffer, size, 0);

    if (count > 0)
        client->octets += (uint64_t)count;
    return count;
}

static bool send_line(struct bare_client *client, const char *line)
{
    size_t size = strlen(line);

    if (client->tls != NULL)
        return SSL_write(client->tls, line, (int)size) == (int)size;
    return send(client->descriptor, line, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* ---- where a reply ends: seen from its last octets alone ---- */

static bool receive_line(struct bare_client *client)
{
    char buffer[1024];
    ssize_t count;

    do
        count = receive(client, buffer, sizeof(buffer));
    while (count > 0 && buffer[count - 1] != '\n');
    return count > 0;
}

/* The last octets are carried over in front of the buffer, for the terminator may come in two parts. */
static bool receive_lines(struct bare_client *client)
{
    static const char terminator[] = "\r\n.\r\n";
    char buffer[TERMINATOR_OCTETS + RECEIVE_OCTETS];

    memset(buffer, 0, TERMINATOR_OCTETS);
    for (;;) {
        ssize_t count = receive(client, buffer + TERMINATOR_OCTETS, RECEIVE_OCTETS);

        if (count <= 0)
            return false;
        memmove(buffer, buffer + count, TERMINATOR_OCTETS);
        if (memcmp(buffer, terminator, TERMINATOR_OCTETS) == 0)
            return true;
    }
}

/* ---- the client ---- */

static bool start_tls(struct bare_client *client)
{
    client->context = SSL_CTX_new(TLS_client_method());
    client->tls = client->context != NULL ? SSL_new(client->context) : NULL;
    return client->tls != NULL && SSL_set_fd(client->tls, client->descriptor) == 1 &&
           SSL_connect(client->tls) == 1;
}

bool bare_open(struct bare_client *client, uint16_t port, bool tls)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *client = (struct bare_client){.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return client->descriptor >= 0 &&
           setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
           setsockopt(client->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
           connect(client->descriptor, (struct sockaddr *)&address, sizeof(address)) == 0 &&
           (!tls || start_tls(client)) && receive_line(client);
}

bool bare_exchange(struct bare_client *client, const char *line)
{
    return send_line(client, line) && receive_line(client);
}

bool bare_exchange_multi(struct bare_client *client, const char *line)
{
    return send_line(client, line) && receive_lines(client);
}

bool bare_await_end(struct bare_client *client)
{
    char buffer[1024];
    ssize_t count;

    do
        count = receive(client, buffer, sizeof(buffer));
    while (count > 0);
    return count == 0;
}

void bare_close(struct bare_client *client)
{
    SSL_free(client->tls);
    SSL_CTX_free(client->context);
    if (client->descriptor >= 0)
        close(client->descriptor);
    client->descriptor = -1;
}
