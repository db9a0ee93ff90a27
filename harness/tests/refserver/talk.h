/*
 * A carrier in a few lines (base/peer.h) that plays scripts against the reference server and writes down all it says.
 *
 * A script is a text of lines:
 *
 *   open [tls]        the next connection; "tls": on the port for implicit TLS
 *   use N             the connection that the following lines are about, from 1; open turns to the new one
 *   C: LINE           LINE and CRLF, in one write; \r \n \0 \t \xHH and \\ stand for octets
 *   R: OCTETS         OCTETS alone
 *   end | drop        FIN | RST from the client
 *   wait SECONDS      time passes
 *   deliver NAME [N]  one more message, see talk_message(), or N of them
 *   full              from now on nothing can be removed from the maildrop
 *   variant NAME      the server is legal in this other way
 *
 * and the output is what all connections said, with <TLS>, <CLOSE> and <ABORT> for the server's wishes. A
 * handshake that is not the usual one says so, on the port for implicit TLS too.
 */
#ifndef TESTS_REFSERVER_TALK_H
#define TESTS_REFSERVER_TALK_H

#include "base/buf.h"
#include "base/check.h"
#include "refserver/refserver.h"
#include "refserver/shell/shell.h"
#include "sasl/saslprep.h"

#include <stdlib.h>
#include <string.h>

enum { TALK_CONNECTIONS_MAX = 5 };

/* What CAPA lists behind SASL. */
#define TALK_MECHANISMS "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 DIGEST-MD5 XOAUTH2 OAUTHBEARER"

struct talk_connection {
    void *peer;
    bool over;
};

struct talk {
    struct refserver *server;
    struct talk_connection connections[TALK_CONNECTIONS_MAX];
    size_t count;
    size_t current;
    time_us now_us;
    size_t cut_octets;      /* what the client sends comes in pieces of so many octets; 0: whole */
    size_t largest_segment; /* of the output so far */
    struct buf output;
};

/* A server with the user "u" (password "secret word", token "a.token-1") and an empty maildrop. */
static inline void talk_init(struct talk *talk)
{
    *talk = (struct talk){.server = refserver_new(1, refserver_shell_digests())};
    CHECK(refserver_add_user(talk->server, "u", "secret word"));
    CHECK(refserver_set_token(talk->server, "u", "a.token-1"));
    CHECK(refserver_add_user(talk->server, "mrose", "tanstaaf"));
    CHECK(refserver_add_user(talk->server, "pel\xC3\xA9", "cl\xC3\xA9-d'\xC3\xA9t\xC3\xA9"));
    refserver_set_saslprep(talk->server, saslprep);
    buf_init(&talk->output, BUF_UNBOUNDED);
}

static inline void talk_release(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++)
        refserver_peer_ops.close(talk->connections[i].peer, talk->now_us);
    refserver_free(talk->server);
    buf_release(&talk->output);
}

static inline struct talk_connection *talk_current(struct talk *talk)
{
    CHECK(talk->current < talk->count);
    return &talk->connections[talk->current];
}

static inline void talk_write_output(struct talk *talk, void *peer)
{
    struct bytes segment;

    while ((segment = refserver_peer_ops.output(peer)).size > 0) {
        if (segment.size > talk->largest_segment)
            talk->largest_segment = segment.size;
        buf_append(&talk->output, segment);
        refserver_peer_ops.wrote(peer, segment.size, talk->now_us);
    }
}

static inline void talk_write_handshake(struct talk *talk, enum peer_handshake handshake)
{
    static const char *const WORDS[] = {
        [PEER_HANDSHAKE_USUAL] = "<TLS>",
        [PEER_HANDSHAKE_OLD] = "<old TLS>",
        [PEER_HANDSHAKE_NONE] = "<no TLS>",
    };

    buf_append_text(&talk->output, WORDS[handshake]);
}

/* Drains the output and obeys the wish, as a carrier does after each call. */
static inline void talk_pump(struct talk *talk)
{
    struct talk_connection *connection = talk_current(talk);

    if (connection->over)
        return;
    talk_write_output(talk, connection->peer);
    switch (refserver_peer_ops.wish(connection->peer)) {
    case PEER_READ:
        return;
    case PEER_START_TLS:
        talk_write_handshake(talk,
                             refserver_peer_ops.handshake(talk->server, connection->peer, talk->now_us));
        refserver_peer_ops.tls_done(connection->peer, true, talk->now_us);
        talk_pump(talk);
        return;
    case PEER_CLOSE:
        buf_append_text(&talk->output, "<CLOSE>");
        break;
    case PEER_CLOSE_UNNOTIFIED:
        buf_append_text(&talk->output, "<CLOSE without notice>");
        break;
    case PEER_ABORT:
        buf_append_text(&talk->output, "<ABORT>");
        break;
    }
    connection->over = true;
}

static inline void talk_open(struct talk *talk, bool implicit_tls)
{
    struct peer_info info = {.implicit_tls = implicit_tls, .tls_ready = true};

    CHECK(talk->count < TALK_CONNECTIONS_MAX);
    enum peer_handshake handshake =
        implicit_tls ? refserver_peer_ops.handshake(talk->server, NULL, talk->now_us) : PEER_HANDSHAKE_USUAL;

    if (handshake != PEER_HANDSHAKE_USUAL)
        talk_write_handshake(talk, handshake);
    talk->current = talk->count++;
    talk_current(talk)->peer = refserver_peer_ops.open(talk->server, &info, talk->now_us);
    talk_pump(talk);
}

static inline void talk_send(struct talk *talk, struct bytes octets)
{
    while (octets.size > 0 && !talk_current(talk)->over) {
        struct bytes piece = bytes_slice(octets, 0, talk->cut_octets > 0 ? talk->cut_octets : octets.size);

        refserver_peer_ops.input(talk_current(talk)->peer, piece, talk->now_us);
        talk_pump(talk);
        octets = bytes_from(octets, piece.size);
    }
}

static inline void talk_end(struct talk *talk)
{
    if (talk_current(talk)->over)
        return;
    refserver_peer_ops.end(talk_current(talk)->peer, talk->now_us);
    talk_pump(talk);
}

static inline void talk_drop(struct talk *talk)
{
    if (talk_current(talk)->over)
        return;
    refserver_peer_ops.reset(talk_current(talk)->peer, talk->now_us);
    talk_current(talk)->over = true;
}

/* Time passes, and each connection is told when its deadline comes. */
static inline void talk_wait(struct talk *talk, int64_t seconds)
{
    size_t current = talk->current;

    talk->now_us += seconds * US_PER_S;
    for (talk->current = 0; talk->current < talk->count; talk->current++) {
        struct talk_connection *connection = talk_current(talk);

        if (connection->over || refserver_peer_ops.deadline(connection->peer) > talk->now_us)
            continue;
        refserver_peer_ops.tick(connection->peer, talk->now_us);
        talk_pump(talk);
    }
    talk->current = current;
}

static inline uint8_t talk_hex(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : ascii_lower((uint8_t)digit) - 'a' + 10);
}

static inline void talk_unescape(struct bytes text, struct buf *octets)
{
    for (size_t i = 0; i < text.size; i++) {
        char letter = (char)text.data[i];

        if (letter != '\\' || i + 1 == text.size) {
            buf_append_octet(octets, text.data[i]);
            continue;
        }
        letter = (char)text.data[++i];
        if (letter == 'x' && i + 2 < text.size + 0) {
            buf_append_octet(
                octets, (uint8_t)(talk_hex((char)text.data[i + 1]) << 4 | talk_hex((char)text.data[i + 2])));
            i += 2;
        } else {
            buf_append_octet(octets, letter == 'r'   ? '\r'
                                     : letter == 'n' ? '\n'
                                     : letter == 't' ? '\t'
                                     : letter == '0' ? '\0'
                                                     : (uint8_t)letter);
        }
    }
}

static inline void talk_send_text(struct talk *talk, struct bytes text, bool line)
{
    struct buf octets;

    buf_init(&octets, BUF_UNBOUNDED);
    talk_unescape(text, &octets);
    if (line)
        buf_append_text(&octets, "\r\n");
    talk_send(talk, buf_bytes(&octets));
    buf_release(&octets);
}

/* Messages that scripts deliver by name. */
static inline void talk_message(const char *name, struct buf *octets)
{
    if (strcmp(name, "short") == 0)
        buf_append_text(octets, "Subject: one\r\nFrom: a.b@c\r\n\r\nfirst line  \r\nsecond\r\nthird\r\n");
    else if (strcmp(name, "dotted") == 0)
        buf_append_text(octets, ".first: line\r\nSubject: dots\r\n\r\n.\r\n..\r\n.x\r\n\r\na.b\r\n");
    else if (strcmp(name, "lf") == 0)
        buf_append_text(octets, "Subject: lf\n\nbody\n.dot\n");
    else if (strcmp(name, "open") == 0)
        buf_append_text(octets, "Subject: no final newline\r\n\r\nbody");
    else if (strcmp(name, "odd") == 0)
        buf_append(octets,
                   BYTES_LITERAL("Subject: odd\r\n\r\nnul \0 here\r\n\xE4\xF6\r\nbare \r inside\r\n"));
    else if (strcmp(name, "raw") == 0)
        buf_append_text(
            octets, "Subject: gr\xC3\xBC\xC3\x9F\r\n dich\r\nFrom: p\xC3\xA9@b.c\r\nX: y\r\n\r\nbody\r\n");
    else if (strcmp(name, "blank") == 0)
        buf_append_text(octets, "Subject: blanks\r\n folded\r\n\r\nFrom here\r\n .dot\r\n\r\n");
    else if (strcmp(name, "empty") == 0)
        return;
    else if (strcmp(name, "large") == 0) {
        /* Lines of 64 octets that begin with dots, from octet 64 on, then one long line. */
        buf_append_format(octets, "Subject: %-51s\r\n\r\n", "large");
        for (int i = 0; i < 2001; i++)
            buf_append_format(octets, ".%061d\r\n", i);
        for (int i = 0; i < 3000; i++)
            buf_append_octet(octets, 'x');
        buf_append_text(octets, "\r\n");
    } else if (strcmp(name, "huge") == 0) {
        /* More than four million octets, in lines that begin with dots. */
        buf_append_text(octets, "Subject: huge\r\n\r\n");
        for (int i = 0; i < 4100; i++)
            buf_append_format(octets, ".%0995d\r\n", i);
    } else {
        CHECK(strcmp(name, "the name of a message above") == 0);
    }
}

static inline void talk_deliver(struct talk *talk, const char *name, long count)
{
    struct buf octets;
    struct error error;

    buf_init(&octets, BUF_UNBOUNDED);
    talk_message(name, &octets);
    for (long i = 0; i < count; i++)
        CHECK(refserver_deliver(talk->server, "u", buf_bytes(&octets), &error));
    buf_release(&octets);
}

/* ARGUMENT is NAME or NAME N. */
static inline void talk_deliver_line(struct talk *talk, char *argument)
{
    char *space = strchr(argument, ' ');

    if (space != NULL)
        *space = '\0';
    talk_deliver(talk, argument, space != NULL ? strtol(space + 1, NULL, 10) : 1);
}

static inline void talk_vary(struct talk *talk, const char *name)
{
    struct policy policy = *refserver_policy(talk->server);
    enum variant variant;

    CHECK(variant_of_id(name, &variant));
    policy_apply(&policy, variant);
    refserver_set_policy(talk->server, &policy);
}

static inline bool talk_word(struct bytes *line, const char *word)
{
    if (!bytes_start_with(*line, bytes_of(word)))
        return false;
    *line = bytes_from(*line, strlen(word));
    return true;
}

static inline void talk_line(struct talk *talk, struct bytes line)
{
    char argument[64] = "";

    if (talk_word(&line, "C: "))
        talk_send_text(talk, line, true);
    else if (talk_word(&line, "R: "))
        talk_send_text(talk, line, false);
    else {
        size_t space = bytes_find_octet(line, ' ');
        struct bytes word = bytes_from(line, space == BYTES_NOT_FOUND ? line.size : space + 1);

        snprintf(argument, sizeof(argument), "%.*s", (int)word.size, (const char *)word.data);
        if (talk_word(&line, "open"))
            talk_open(talk, strcmp(argument, "tls") == 0);
        else if (talk_word(&line, "use"))
            talk->current = (size_t)(argument[0] - '1');
        else if (talk_word(&line, "end"))
            talk_end(talk);
        else if (talk_word(&line, "drop"))
            talk_drop(talk);
        else if (talk_word(&line, "wait"))
            talk_wait(talk, strtol(argument, NULL, 10));
        else if (talk_word(&line, "deliver"))
            talk_deliver_line(talk, argument);
        else if (talk_word(&line, "full"))
            CHECK(refserver_fail_update(talk->server, "u", true));
        else if (talk_word(&line, "variant"))
            talk_vary(talk, argument);
        else
            CHECK(line.size == 0);
    }
}

static inline void talk_play(struct talk *talk, const char *script)
{
    struct bytes rest = bytes_of(script);
    struct bytes line;

    while (rest.data != NULL && bytes_split(&rest, '\n', &line))
        talk_line(talk, line);
}

/* The output since the last call, as text with "|" for CRLF so that it fits an assertion; the caller frees it. */
static inline char *talk_take(struct talk *talk)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < talk->output.size; i++) {
        uint8_t octet = talk->output.data[i];

        if (octet == '\r' && i + 1 < talk->output.size && talk->output.data[i + 1] == '\n') {
            buf_append_octet(&text, '|');
            i++;
        } else if (octet >= ' ' && octet < 0x7F) {
            buf_append_octet(&text, octet);
        } else {
            buf_append_format(&text, "\\x%02x", octet);
        }
    }
    buf_clear(&talk->output);
    return buf_take_text(&text);
}

#endif
