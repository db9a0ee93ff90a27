#include "stream_server.h"

#include "net/tls_filter.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINE_OCTETS = 76, /* what base 64 makes of a message (RFC 2045 section 6.8) */
    LINES_PER_WRITE = 4096,
    DOTTED_EVERY = 64, /* of so many lines one begins with a dot, which is stuffed */
    WRITE_OCTETS = LINES_PER_WRITE * (LINE_OCTETS + 2) + LINES_PER_WRITE / DOTTED_EVERY,
};

#define HEADER "Subject: large\r\n\r\n"

struct service {
    int plain;
    int implicit;
    SSL_CTX *context;
    uint64_t writes; /* of the message */
    char *lines;     /* WRITE_OCTETS: whole lines, sent again and again */
};

/* One connection. */
struct visitor {
    const struct service *service;
    int descriptor;
    SSL *tls; /* NULL: plain */
};

/* ---- octets ---- */

static bool send_all(const struct visitor *visitor, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = visitor->tls != NULL ? SSL_write(visitor->tls, data, (int)size)
                                             : send(visitor->descriptor, data, size, MSG_NOSIGNAL);

        if (count <= 0)
            return false;
        data += count;
        size -= (size_t)count;
    }
    return true;
}

static bool send_text(const struct visitor *visitor, const char *text)
{
    return send_all(visitor, text, strlen(text));
}

/* As RFC 1939 section 11 counts: the dots of byte-stuffing are none of the message's octets. */
static bool send_scan_listing(const struct visitor *visitor)
{
    char line[64];
    uint64_t body = visitor->service->writes * LINES_PER_WRITE * (LINE_OCTETS + 2);

    snprintf(line, sizeof(line), "+OK 1 %" PRIu64 "\r\n", (uint64_t)strlen(HEADER) + body);
    return send_text(visitor, line);
}

static bool send_message(const struct visitor *visitor)
{
    bool sent = send_text(visitor, "+OK message follows\r\n" HEADER);

    for (uint64_t i = 0; sent && i < visitor->service->writes; i++)
        sent = send_all(visitor, visitor->service->lines, WRITE_OCTETS);
    return sent && send_text(visitor, ".\r\n");
}

/* One command, without its line end; these clients send one at a time. */
static bool receive_command(const struct visitor *visitor, char *line, size_t size)
{
    size_t used = 0;

    while (used == 0 || line[used - 1] != '\n') {
        if (used + 1 >= size)
            return false;
        ssize_t count = visitor->tls != NULL ? SSL_read(visitor->tls, line + used, (int)(size - used - 1))
                                             : recv(visitor->descriptor, line + used, size - used - 1, 0);

        if (count <= 0)
            return false;
        used += (size_t)count;
    }
    line[used] = '\0';
    return true;
}

/* ---- sessions ---- */

static bool is_command(const char *line, const char *name)
{
    return strncmp(line, name, strlen(name)) == 0;
}

/* False when the session is over. */
static bool answer(const struct visitor *visitor, const char *line)
{
    if (is_command(line, "RETR 1\r"))
        return send_message(visitor);
    if (is_command(line, "LIST 1\r"))
        return send_scan_listing(visitor);
    if (is_command(line, "CAPA"))
        return send_text(visitor, "+OK\r\nUSER\r\n.\r\n");
    if (is_command(line, "USER ") || is_command(line, "PASS "))
        return send_text(visitor, "+OK\r\n");
    if (is_command(line, "QUIT")) {
        send_text(visitor, "+OK\r\n");
        return false;
    }
    return send_text(visitor, "-ERR not here\r\n");
}

static void talk(const struct visitor *visitor)
{
    char line[512];

    if (!send_text(visitor, "+OK ready\r\n"))
        return;
    while (receive_command(visitor, line, sizeof(line)) && answer(visitor, line))
        continue;
}

static void talk_under_tls(struct visitor *visitor)
{
    visitor->tls = SSL_new(visitor->service->context);
    if (visitor->tls == NULL)
        return;
    if (SSL_set_fd(visitor->tls, visitor->descriptor) == 1 && SSL_accept(visitor->tls) == 1) {
        talk(visitor);
        SSL_shutdown(visitor->tls);
    }
    SSL_free(visitor->tls);
}

/* ---- the process ---- */

static void serve_one(const struct service *service, int listener)
{
    int on = 1;
    struct visitor visitor = {.service = service, .descriptor = accept(listener, NULL, NULL)};

    if (visitor.descriptor < 0)
        return;
    setsockopt(visitor.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (listener == service->implicit)
        talk_under_tls(&visitor);
    else
        talk(&visitor);
    close(visitor.descriptor);
}

/* One visitor after the other, until it is ended. It goes with the benchmark that made it. */
static void serve(const struct service *service)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        struct pollfd listeners[] = {{service->plain, POLLIN, 0}, {service->implicit, POLLIN, 0}};

        if (poll(listeners, 2, -1) < 0)
            _exit(1);
        for (size_t i = 0; i < 2; i++) {
            if (listeners[i].revents != 0)
                serve_one(service, listeners[i].fd);
        }
    }
}

static int listen_on_loopback(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
        listen(descriptor, 8) != 0 || getsockname(descriptor, (struct sockaddr *)&address, &size) != 0)
        return -1;
    *ret_port = ntohs(address.sin_port);
    return descriptor;
}

/* Lines of base 64's alphabet, no two neighbours alike. */
static char *make_lines(void)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *lines = malloc(WRITE_OCTETS);
    size_t used = 0;

    for (size_t line = 0; lines != NULL && line < LINES_PER_WRITE; line++) {
        bool dotted = line % DOTTED_EVERY == 0;

        if (dotted)
            lines[used++] = '.';
        for (size_t i = 0; i < LINE_OCTETS; i++)
            lines[used++] = dotted && i == 0 ? '.' : alphabet[(line * 7 + i * 5) % 64];
        lines[used++] = '\r';
        lines[used++] = '\n';
    }
    return lines;
}

bool stream_server_start(uint64_t message_octets, struct stream_server *ret_server)
{
    struct service service = {
        .plain = listen_on_loopback(&ret_server->port),
        .implicit = listen_on_loopback(&ret_server->tls_port),
        .context = SSL_CTX_new(TLS_server_method()),
        .writes = (message_octets + WRITE_OCTETS - 1) / WRITE_OCTETS,
        .lines = make_lines(),
    };
    bool ready = service.plain >= 0 && service.implicit >= 0 && service.context != NULL &&
                 service.lines != NULL && tls_certificate_make(service.context, false);

    ret_server->process = ready ? fork() : -1;
    if (ret_server->process == 0)
        serve(&service);
    close(service.plain);
    close(service.implicit);
    SSL_CTX_free(service.context);
    free(service.lines);
    return ret_server->process > 0;
}

void stream_server_stop(const struct stream_server *server)
{
    kill(server->process, SIGTERM);
    waitpid(server->process, NULL, 0);
}
