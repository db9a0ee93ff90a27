#include "corpus/transcript_seed.h"

#include "inputs/controls.h"
#include "inputs/hostile_script.h"
#include "inputs/transcript_line.h"
#include "pop3/command.h"

enum {
    REPLIES_SEEN_MAX = 6, /* of which the reply reader's first octet says the shape */
    REPLIES_MANY = 0x40,
    /* Of inputs/driver_scenarios.h. */
    DRIVER_SESSION = 0,
    DRIVER_TLS = 4,
    DRIVER_SASL = 6,
};

struct reading {
    struct transcript_seed *seed;
    uint8_t shapes; /* bit N: the N-th reply due is a multi-line one */
    unsigned due;
    uint8_t scenario;
    bool spoken; /* the client has, since the server did */
};

/* What each line of OCTETS asks for. */
static void note_commands(struct reading *reading, struct bytes octets)
{
    struct bytes line;

    while (bytes_split(&octets, '\n', &line)) {
        if (line.size == 0 || line.data[line.size - 1] != '\r')
            continue;
        struct command command = command_parse(bytes_slice(line, 0, line.size - 1), 0);

        if (command_reply_is_multi(&command) && reading->due < REPLIES_SEEN_MAX)
            reading->shapes = (uint8_t)(reading->shapes | 1U << reading->due);
        reading->due++;
        if (command.verb == COMMAND_STLS)
            reading->scenario = DRIVER_TLS;
        if (command.verb == COMMAND_AUTH)
            reading->scenario = DRIVER_SASL;
    }
}

static void read_client(struct reading *reading, struct bytes octets)
{
    buf_append(&reading->seed->commands, octets);
    note_commands(reading, octets);
    reading->spoken = true;
}

static void read_server(struct reading *reading, struct bytes octets)
{
    struct transcript_seed *seed = reading->seed;

    if (reading->due == 0)
        reading->due = 1; /* the greeting */
    if (reading->spoken)
        input_append_control(&seed->server, HOSTILE_TURN);
    reading->spoken = false;
    buf_append(&seed->replies, octets);
    input_append_octets(&seed->server, octets);
}

static void read_event(struct reading *reading, const struct transcript_line *line)
{
    struct buf *server = &reading->seed->server;

    switch (line->event) {
    case TRANSCRIPT_CLIENT:
        read_client(reading, line->octets);
        return;
    case TRANSCRIPT_SERVER:
        read_server(reading, line->octets);
        return;
    case TRANSCRIPT_END:
        input_append_control(server, HOSTILE_CLOSE);
        return;
    case TRANSCRIPT_RESET:
        input_append_control(server, HOSTILE_RESET);
        return;
    case TRANSCRIPT_TIMEOUT:
        input_append_control(server, HOSTILE_PAUSE);
        return;
    case TRANSCRIPT_TLS:
        input_append_control(server, HOSTILE_TLS);
        return;
    case TRANSCRIPT_LEFT:
    case TRANSCRIPT_HALF_CLOSE:
        return;
    }
}

/* Steps over what stands above the line of dashes. */
static bool skip_heading(struct bytes *text)
{
    struct bytes line;

    while (bytes_split(text, '\n', &line))
        if (bytes_equal(line, BYTES_LITERAL("---")))
            return true;
    return false;
}

static bool read_lines(struct reading *reading, struct bytes text, struct buf *storage)
{
    struct bytes text_line;
    struct transcript_line line;

    while (bytes_split(&text, '\n', &text_line)) {
        if (text_line.size == 0 || text_line.data[0] == '#')
            continue;
        if (!transcript_line_read(text_line, storage, &line))
            return false;
        read_event(reading, &line);
    }
    return true;
}

bool transcript_seed_init(struct transcript_seed *seed, struct bytes text, size_t octets_max)
{
    struct reading reading = {.seed = seed, .scenario = DRIVER_SESSION};
    struct buf storage;

    buf_init(&seed->commands, octets_max);
    buf_init(&seed->replies, octets_max);
    buf_init(&seed->server, octets_max);
    buf_init(&storage, octets_max);
    buf_append_octet(&seed->replies, REPLIES_MANY);
    buf_append_octet(&seed->server, DRIVER_SESSION);
    bool read = skip_heading(&text) && read_lines(&reading, text, &storage);

    buf_release(&storage);
    seed->replies.data[0] = (uint8_t)(REPLIES_MANY | reading.shapes);
    seed->server.data[0] = reading.scenario;
    return read && !seed->commands.overflowed && !seed->replies.overflowed && !seed->server.overflowed;
}

void transcript_seed_release(struct transcript_seed *seed)
{
    buf_release(&seed->commands);
    buf_release(&seed->replies);
    buf_release(&seed->server);
}
