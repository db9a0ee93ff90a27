/*
 * A little server of lines for the drivers' tests. It writes down what happens to it, and has a command for each thing
 * that a server can do to a client:
 *
 *   ECHO text      "+OK text"               SPELL text   text, one octet a segment
 *   SIZE n         n octets in segments      FLOOD        octets for ever
 *   STLS           "+OK", then TLS           QUIT         "+OK", then closes in order
 *   DROP           closes without notice     RESET        "+OK", then RST
 *   LATER          "+OK" after one second    SHUT         closes without a reply
 */
#ifndef TESTS_NET_LINE_PEER_H
#define TESTS_NET_LINE_PEER_H

#include "base/buf.h"
#include "base/memory.h"
#include "base/peer.h"

#include <stdio.h>

enum { LINE_FLOOD_OCTETS = 8192 };

/* The server that all peers belong to. */
struct line_server {
    struct buf log;      /* one line an event */
    bool log_sizes;      /* write down the size of each input() */
    unsigned open_count; /* connections that are open */
    unsigned served_count;
};

struct line_peer {
    struct line_server *server;
    struct buf input;
    struct buf output;
    size_t segment_octets; /* the next output is cut into so many octets */
    uint64_t endless;      /* octets still to come of SIZE or FLOOD */
    enum peer_wish wish;
    time_us deadline_us;
    bool tls_ready;
};

static const uint8_t line_filling[LINE_FLOOD_OCTETS];

static inline void line_server_init(struct line_server *server)
{
    *server = (struct line_server){.log_sizes = false};
    buf_init(&server->log, 1024 * 1024);
}

static inline void line_server_release(struct line_server *server)
{
    buf_release(&server->log);
}

static inline void line_log(struct line_peer *peer, const char *what)
{
    buf_append_format(&peer->server->log, "%s\n", what);
}

static inline void line_say(struct line_peer *peer, struct bytes text)
{
    buf_append_text(&peer->output, "+OK ");
    buf_append(&peer->output, text);
    buf_append_text(&peer->output, "\r\n");
}

static inline void *line_open(void *server, const struct peer_info *info, time_us now_us)
{
    struct line_peer *peer = memory_new(sizeof(*peer));

    (void)now_us;
    peer->server = server;
    peer->server->open_count++;
    peer->server->served_count++;
    peer->deadline_us = TIME_NEVER;
    peer->segment_octets = SIZE_MAX;
    peer->tls_ready = info->tls_ready;
    buf_init(&peer->input, 1024 * 1024);
    buf_init(&peer->output, 1024 * 1024);
    line_log(peer, info->implicit_tls ? "open under TLS" : "open");
    line_say(peer, BYTES_LITERAL("ready"));
    return peer;
}

static inline void line_close_soon(struct line_peer *peer, enum peer_wish wish)
{
    peer->wish = wish;
    buf_clear(&peer->input);
}

static inline void line_command(struct line_peer *peer, struct bytes line, time_us now_us)
{
    struct bytes verb;
    struct bytes rest = line;
    uint64_t number = 0;

    if (!bytes_split(&rest, ' ', &verb))
        return;
    line_log(peer, verb.size > 0 && verb.data[0] < 0x80 ? "command" : "garbage");
    if (bytes_equal(verb, BYTES_LITERAL("ECHO"))) {
        line_say(peer, rest);
    } else if (bytes_equal(verb, BYTES_LITERAL("SPELL"))) {
        line_say(peer, rest);
        peer->segment_octets = 1;
    } else if (bytes_equal(verb, BYTES_LITERAL("SIZE")) && bytes_to_u64(rest, &number)) {
        peer->endless = number;
    } else if (bytes_equal(verb, BYTES_LITERAL("FLOOD"))) {
        peer->endless = UINT64_MAX;
    } else if (bytes_equal(verb, BYTES_LITERAL("STLS")) && peer->tls_ready) {
        line_say(peer, BYTES_LITERAL("begin"));
        peer->wish = PEER_START_TLS;
    } else if (bytes_equal(verb, BYTES_LITERAL("QUIT"))) {
        line_say(peer, BYTES_LITERAL("bye"));
        line_close_soon(peer, PEER_CLOSE);
    } else if (bytes_equal(verb, BYTES_LITERAL("SHUT"))) {
        line_close_soon(peer, PEER_CLOSE);
    } else if (bytes_equal(verb, BYTES_LITERAL("DROP"))) {
        line_close_soon(peer, PEER_CLOSE_UNNOTIFIED);
    } else if (bytes_equal(verb, BYTES_LITERAL("RESET"))) {
        line_say(peer, BYTES_LITERAL("ouch"));
        line_close_soon(peer, PEER_ABORT);
    } else if (bytes_equal(verb, BYTES_LITERAL("LATER"))) {
        peer->deadline_us = time_after(now_us, US_PER_S);
    } else {
        buf_append_text(&peer->output, "-ERR what?\r\n");
    }
}

static inline void line_input(void *context, struct bytes bytes, time_us now_us)
{
    struct line_peer *peer = context;

    if (peer->server->log_sizes)
        buf_append_format(&peer->server->log, "%zu\n", bytes.size);
    buf_append(&peer->input, bytes);
    for (;;) {
        size_t end = bytes_find(buf_bytes(&peer->input), BYTES_LITERAL("\r\n"));

        if (end == BYTES_NOT_FOUND || peer->wish != PEER_READ)
            break;
        struct buf line;

        buf_init(&line, 1024 * 1024);
        buf_append(&line, bytes_slice(buf_bytes(&peer->input), 0, end));
        buf_consume(&peer->input, end + 2);
        line_command(peer, buf_bytes(&line), now_us);
        buf_release(&line);
    }
    if (peer->wish == PEER_START_TLS && peer->input.size > 0) {
        line_log(peer, "dropped octets behind STLS");
        buf_clear(&peer->input);
    }
}

static inline void line_end(void *context, time_us now_us)
{
    struct line_peer *peer = context;

    (void)now_us;
    line_log(peer, "end");
    line_say(peer, BYTES_LITERAL("farewell"));
    peer->wish = PEER_CLOSE;
}

static inline void line_reset(void *context, time_us now_us)
{
    (void)now_us;
    line_log(context, "reset");
}

static inline struct bytes line_output(void *context)
{
    struct line_peer *peer = context;

    if (peer->output.size > 0)
        return bytes_slice(buf_bytes(&peer->output), 0, peer->segment_octets);
    peer->segment_octets = SIZE_MAX;
    return bytes_make(line_filling,
                      peer->endless < LINE_FLOOD_OCTETS ? (size_t)peer->endless : LINE_FLOOD_OCTETS);
}

static inline void line_wrote(void *context, size_t count, time_us now_us)
{
    struct line_peer *peer = context;

    (void)now_us;
    if (peer->output.size > 0)
        buf_consume(&peer->output, count);
    else if (peer->endless != UINT64_MAX)
        peer->endless -= count;
}

static inline enum peer_wish line_wish(const void *context)
{
    return ((const struct line_peer *)context)->wish;
}

static inline void line_tls_done(void *context, bool ok, time_us now_us)
{
    struct line_peer *peer = context;

    (void)now_us;
    line_log(peer, ok ? "tls" : "no tls");
    peer->wish = PEER_READ;
}

static inline time_us line_deadline(const void *context)
{
    return ((const struct line_peer *)context)->deadline_us;
}

static inline void line_tick(void *context, time_us now_us)
{
    struct line_peer *peer = context;

    if (now_us < peer->deadline_us)
        return;
    peer->deadline_us = TIME_NEVER;
    line_say(peer, BYTES_LITERAL("now"));
}

static inline void line_close(void *context, time_us now_us)
{
    struct line_peer *peer = context;

    (void)now_us;
    line_log(peer, "close");
    peer->server->open_count--;
    buf_release(&peer->input);
    buf_release(&peer->output);
    free(peer);
}

static const struct peer_ops line_peer_ops = {
    .open = line_open,
    .input = line_input,
    .end = line_end,
    .reset = line_reset,
    .output = line_output,
    .wrote = line_wrote,
    .wish = line_wish,
    .tls_done = line_tls_done,
    .deadline = line_deadline,
    .tick = line_tick,
    .close = line_close,
};

#endif
