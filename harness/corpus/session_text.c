#include "corpus/session_text.h"

#include "inputs/session_script.h"
#include "pop3/command.h"
#include "scenario/dump.h"

/* Challenges of one AUTH, and one that tells why it failed (RFC 7628 section 3.2.3). */
enum { CHALLENGES_MAX = 3 };

struct client {
    struct buf line; /* said since the last line end */
    bool open;
    bool odd;       /* nobody knows which replies are due */
    int answers;    /* so many of the next lines may be answers to AUTH's challenges */
    bool upgrading; /* the last line was STLS */
    bool quitting;
};

struct writing {
    struct buf *out;
    struct client clients[SCRIPT_CLIENTS];
    int current;
};

/* ---- lines of the dialog ---- */

static void begin_line(struct writing *writing, const char *key)
{
    buf_append_format(writing->out, "      %s", key);
    if (writing->current > 0)
        buf_append_format(writing->out, "%d", writing->current + 1);
}

static void write_verb(struct writing *writing, const char *verb)
{
    begin_line(writing, verb);
    buf_append_text(writing->out, "\n");
}

static void write_comment(struct writing *writing, const char *text)
{
    buf_append_format(writing->out, "      # client %d: %s\n", writing->current + 1, text);
}

/* What only the session target's user knows, and what stands for it. */
static const struct {
    const char *line;
    const char *text;
} SECRETS[] = {
    {"USER u", "USER {user}"},
    {"PASS p", "PASS {pass}"},
    {"AUTH PLAIN AHUAcA==", "AUTH PLAIN {b64 \\0{user}\\0{pass}}"},
    {"AHUAcA==", "{b64 \\0{user}\\0{pass}}"},
    {"dQ==", "{b64 {user}}"},
    {"cA==", "{b64 {pass}}"},
};

/* LINE, without its line end, as a C line says it. */
static void append_line(struct buf *out, struct bytes line)
{
    for (size_t i = 0; i < sizeof(SECRETS) / sizeof(SECRETS[0]); i++)
        if (bytes_equal(line, bytes_of(SECRETS[i].line))) {
            buf_append_text(out, SECRETS[i].text);
            return;
        }
    scenario_dump_octets(line, "", out);
}

/* ---- replies ---- */

/* Facts with which a line may be read in more ways than one: its reply may be of either shape, or none may come. */
enum {
    ODD_FACTS = COMMAND_FACT_BARE_LF | COMMAND_FACT_BARE_CR | COMMAND_FACT_NUL | COMMAND_FACT_CONTROL |
                COMMAND_FACT_8BIT | COMMAND_FACT_TAB | COMMAND_FACT_LEADING_SPACE |
                COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE | COMMAND_FACT_OVERLONG |
                COMMAND_FACT_CUT | COMMAND_FACT_TOO_MANY,
};

static bool is_odd(struct bytes line)
{
    unsigned line_facts = line.size + 2 > 255 ? COMMAND_FACT_OVERLONG : 0;

    return bytes_find_octet(line, '\r') != BYTES_NOT_FOUND ||
           bytes_find_octet(line, '\0') != BYTES_NOT_FOUND ||
           (command_parse(line, line_facts).facts & ODD_FACTS) != 0;
}

static void expect_reply(struct writing *writing, struct bytes line)
{
    struct client *client = &writing->clients[writing->current];
    struct command command = command_parse(line, 0);

    bool answers = client->answers > 0;

    client->quitting = command.verb == COMMAND_QUIT && !answers;
    client->upgrading = command.verb == COMMAND_STLS && !answers;
    client->answers = command.verb == COMMAND_AUTH ? CHALLENGES_MAX : client->answers - (answers ? 1 : 0);
    begin_line(writing, "S");
    buf_append_format(writing->out, ": +OK | -ERR%s | closed\n", client->answers > 0 ? " | +" : "");
}

/* ---- what is said ---- */

/* True when OCTETS are one whole line that nothing was said of before. */
static bool is_line(const struct client *client, struct bytes octets)
{
    return client->line.size == 0 && octets.size > 2 &&
           bytes_find(octets, BYTES_LITERAL("\r\n")) == octets.size - 2;
}

/* Takes OCTETS, already written, line by line, and expects what they ask for. */
static void follow(struct writing *writing, struct bytes octets)
{
    struct client *client = &writing->clients[writing->current];

    for (size_t i = 0; i < octets.size && !client->odd; i++) {
        buf_append_octet(&client->line, octets.data[i]);
        if (octets.data[i] != '\n')
            continue;
        struct bytes line = buf_bytes(&client->line);
        bool whole = bytes_end_with(line, BYTES_LITERAL("\r\n"));

        line = bytes_slice(line, 0, line.size - (whole ? 2 : 1));
        client->odd = !whole || is_odd(line);
        client->upgrading = false;
        if (!client->odd)
            expect_reply(writing, line);
        buf_clear(&client->line);
    }
}

static void write_sent(struct writing *writing, struct bytes octets)
{
    struct client *client = &writing->clients[writing->current];
    struct bytes line = bytes_slice(octets, 0, octets.size - 2);

    if (!client->open || client->quitting) {
        write_comment(writing, "has left, and says nothing");
        return;
    }
    client->upgrading = false;
    if (!client->odd && is_line(client, octets) && !is_odd(line)) {
        begin_line(writing, "C");
        buf_append_text(writing->out, ": ");
        append_line(writing->out, line);
    } else {
        begin_line(writing, "raw");
        buf_append_text(writing->out, ": ");
        scenario_dump_octets(octets, "", writing->out);
    }
    buf_append_text(writing->out, "\n");
    follow(writing, octets);
}

/* ---- what else happens ---- */

static void write_client(struct writing *writing, int number)
{
    struct client *client = &writing->clients[number];

    writing->current = number;
    if (client->open && !client->quitting)
        return;
    if (client->open)
        write_verb(writing, "closed");
    begin_line(writing, "open");
    buf_append_text(writing->out, number == SCRIPT_CLIENTS - 1 ? ": tls\n" : "\n");
    buf_clear(&client->line);
    *client = (struct client){.open = true, .line = client->line};
}

/* What stands for a handshake that fails is a client that begins it with TLS's alert handshake_failure. */
static void write_handshake(struct writing *writing, bool right)
{
    struct client *client = &writing->clients[writing->current];

    if (!client->upgrading || !client->open || client->quitting || client->line.size > 0) {
        write_comment(writing, "would begin TLS here, if the server waited for it");
        return;
    }
    begin_line(writing, "when");
    buf_append_text(writing->out, " +OK:\n  ");
    begin_line(writing, right ? "tls" : "raw");
    buf_append_text(writing->out, right ? "\n" : ": \\x15\\x03\\x01\\x00\\x02\\x02\\x28\n");
    client->odd = client->odd || !right;
    client->upgrading = false;
}

static void write_leaving(struct writing *writing, const char *verb, bool for_good)
{
    struct client *client = &writing->clients[writing->current];

    if (!client->open || client->quitting)
        return;
    write_verb(writing, verb);
    client->open = !for_good;
    client->quitting = true;
}

static void write_step(struct writing *writing, const struct script_step *step)
{
    switch (step->action) {
    case SCRIPT_SEND:
        write_sent(writing, step->octets);
        return;
    case SCRIPT_CLIENT:
        write_client(writing, step->client);
        return;
    case SCRIPT_TLS_DONE:
    case SCRIPT_TLS_FAILED:
        write_handshake(writing, step->action == SCRIPT_TLS_DONE);
        return;
    case SCRIPT_HALF_CLOSE:
        write_leaving(writing, "half-close", false);
        return;
    case SCRIPT_ABORT:
        write_leaving(writing, "abort", true);
        return;
    case SCRIPT_DELIVER:
        buf_append_text(writing->out, "      deliver: short\n");
        return;
    case SCRIPT_WAIT:
        buf_append_format(writing->out, "      # %d seconds pass\n", step->seconds);
        return;
    }
}

static void begin(struct writing *writing, struct buf *out)
{
    *writing = (struct writing){.out = out};
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        buf_init(&writing->clients[i].line, BUF_UNBOUNDED);
    write_client(writing, 0);
}

static void end(struct writing *writing)
{
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        buf_release(&writing->clients[i].line);
}

void session_text(struct bytes script, struct buf *out)
{
    struct writing writing;
    struct script_reader reader;
    struct script_step step;

    begin(&writing, out);
    script_begin(&reader, script);
    while (script_next(&reader, &step))
        write_step(&writing, &step);
    script_end(&reader);
    end(&writing);
}

void octets_text(struct bytes octets, struct buf *out)
{
    struct writing writing;

    begin(&writing, out);
    if (octets.size > 0)
        write_sent(&writing, octets);
    end(&writing);
}
