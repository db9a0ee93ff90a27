#include "corpus/session_seed.h"

#include "base/base64.h"
#include "base/limits.h"
#include "base/time.h"
#include "inputs/session_script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CLIENT_NONE = -1,
    CLIENT_IMPLICIT_TLS = SCRIPT_CLIENTS - 1,
    WAIT_SHORT_S = 10,
    WAIT_LONG_S = 700,
    PIECES_MAX = 64, /* of one write that is cut octet by octet; the rest follows whole */
    SENT_OCTETS_MAX = 64 * 1024,
    VALUE_OCTETS = 64,
};

/* The account of the session target's server. */
#define USER     "u"
#define PASSWORD "p"
#define DIGEST   "00000000000000000000000000000000"

struct cut {
    enum split_mode mode;
    uint64_t at;
};

struct writing {
    const struct scenario *scenario;
    struct script_writer writer;
    int clients[CONNECTIONS_MAX + 1]; /* by connection */
    bool taken[SCRIPT_CLIENTS];
    bool left[SCRIPT_CLIENTS]; /* gone, so that it must come back before it speaks */
    int current;
    struct cut cuts[CONNECTIONS_MAX + 1];
    char value[VALUE_OCTETS]; /* of the last hole */
    bool possible;
};

/* ---- holes ---- */

static size_t number_of(const struct scenario *scenario, const struct hole *hole)
{
    uint32_t copies = 0;

    for (size_t i = 0; i < scenario->mailbox_count; i++) {
        copies += strcmp(scenario->mailbox[i], hole->name) == 0 ? 1 : 0;
        if (copies == hole->ordinal)
            return i + 1;
    }
    return 1;
}

static const char *value_of(struct writing *writing, const struct hole *hole)
{
    switch (hole->kind) {
    case HOLE_USER:
        return hole->number > 1 ? "other" : USER;
    case HOLE_PASS:
    case HOLE_TOKEN:
        return PASSWORD;
    case HOLE_APOP:
        return DIGEST;
    case HOLE_CHALLENGE:
    case HOLE_SASL:
        return USER " " DIGEST;
    case HOLE_NUMBER:
        snprintf(writing->value, sizeof(writing->value), "%zu", number_of(writing->scenario, hole));
        return writing->value;
    case HOLE_COUNT:
    case HOLE_OCTETS:
    case HOLE_UID:
    case HOLE_MESSAGE:
    case HOLE_TOP:
    case HOLE_NAME:
    case HOLE_OTHER:
    case HOLE_BIND:
        break;
    }
    return "1";
}

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    (void)connection;
    *ret_value = (struct hole_value){.texts = {bytes_of(value_of(context, hole))}, .count = 1};
}

static void bind(void *context, const char *name, struct bytes value)
{
    (void)context;
    (void)name;
    (void)value;
}

static void expand(struct writing *writing, const struct step *step, struct buf *out)
{
    const struct resolver resolver = {resolve, bind, writing};
    const char *why;

    if (!template_expand(&step->bytes, step->connection, &resolver, out, &why))
        writing->possible = false;
}

/* ---- who speaks ---- */

static void append(struct writing *writing, struct script_step step)
{
    script_append(&writing->writer, &step);
}

static int free_client(const struct writing *writing)
{
    for (int client = 0; client < CLIENT_IMPLICIT_TLS; client++)
        if (!writing->taken[client])
            return client;
    return CLIENT_NONE;
}

/* The client that CONNECTION is, and by TLS from the first octet on where that is how it opens. */
static int client_of(struct writing *writing, int connection, bool implicit_tls)
{
    int client = writing->clients[connection];

    if (client == CLIENT_NONE || (implicit_tls && client != CLIENT_IMPLICIT_TLS)) {
        client = implicit_tls ? CLIENT_IMPLICIT_TLS : free_client(writing);
        writing->clients[connection] = client;
        if (client != CLIENT_NONE)
            writing->taken[client] = true;
    }
    return client;
}

static void use(struct writing *writing, int connection, bool implicit_tls)
{
    int client = client_of(writing, connection, implicit_tls);

    if (client == CLIENT_NONE) {
        writing->possible = false;
        return;
    }
    if (client != writing->current || writing->left[client])
        append(writing, (struct script_step){.action = SCRIPT_CLIENT, .client = client});
    writing->current = client;
    writing->left[client] = false;
}

static void leave(struct writing *writing, int connection, enum script_action action)
{
    use(writing, connection, false);
    append(writing, (struct script_step){.action = action});
    writing->left[writing->current] = true;
}

/* ---- what is said ---- */

/* Octets of the segment that CUT makes of the front of REST. */
static size_t segment_octets(const struct cut *cut, struct bytes rest, size_t piece)
{
    uint8_t end = cut->mode == SPLIT_CRLF ? '\r' : '\n';
    size_t found;

    switch (cut->mode) {
    case SPLIT_OCTETS:
        return piece < PIECES_MAX ? 1 : rest.size;
    case SPLIT_AT:
        return piece == 0 && cut->at < rest.size ? (size_t)cut->at : rest.size;
    case SPLIT_CRLF:
    case SPLIT_LINES:
        found = bytes_find_octet(rest, end);
        return found != BYTES_NOT_FOUND ? found + 1 : rest.size;
    case SPLIT_NONE:
        break;
    }
    return rest.size;
}

static void say(struct writing *writing, int connection, struct bytes octets)
{
    use(writing, connection, false);
    for (size_t piece = 0; octets.size > 0; piece++) {
        size_t size = segment_octets(&writing->cuts[connection], octets, piece);

        append(writing, (struct script_step){.action = SCRIPT_SEND, .octets = bytes_slice(octets, 0, size)});
        octets = bytes_from(octets, size > 0 ? size : octets.size);
    }
}

static void say_text(struct writing *writing, int connection, const char *text)
{
    say(writing, connection, bytes_of(text));
}

static void say_step(struct writing *writing, const struct step *step)
{
    struct buf octets;

    buf_init(&octets, SENT_OCTETS_MAX);
    expand(writing, step, &octets);
    say(writing, step->connection, buf_bytes(&octets));
    buf_release(&octets);
}

/* One write for each connection that the block speaks on. */
static void say_pipeline(struct writing *writing, const struct step *block)
{
    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++) {
        struct buf octets;

        buf_init(&octets, SENT_OCTETS_MAX);
        for (size_t i = 0; i < block->inner_count; i++)
            if (block->inner[i].connection == connection)
                expand(writing, &block->inner[i], &octets);
        if (octets.size > 0)
            say(writing, connection, buf_bytes(&octets));
        buf_release(&octets);
    }
}

static void log_in(struct writing *writing, int connection)
{
    say_text(writing, connection, "USER " USER "\r\n");
    say_text(writing, connection, "PASS " PASSWORD "\r\n");
}

/* LINE in base 64 as a line of its own. */
static void say_answer(struct writing *writing, int connection, struct bytes answer)
{
    struct buf line;

    buf_init(&line, SENT_OCTETS_MAX);
    base64_encode(answer, &line);
    buf_append_text(&line, "\r\n");
    say(writing, connection, buf_bytes(&line));
    buf_release(&line);
}

/* What a client would say whose exchange ends; what it takes to know the server's words is given up by "*". */
static void say_answers(struct writing *writing, int connection, const char *mechanism)
{
    if (strcmp(mechanism, "PLAIN") == 0) {
        say_answer(writing, connection, BYTES_LITERAL("\0" USER "\0" PASSWORD));
    } else if (strcmp(mechanism, "LOGIN") == 0) {
        say_answer(writing, connection, BYTES_LITERAL(USER));
        say_answer(writing, connection, BYTES_LITERAL(PASSWORD));
    } else if (strcmp(mechanism, "CRAM-MD5") == 0) {
        say_answer(writing, connection, BYTES_LITERAL(USER " " DIGEST));
    } else {
        say_text(writing, connection, "*\r\n");
    }
}

static void say_exchange(struct writing *writing, const struct step *step)
{
    struct buf line;

    buf_init(&line, SENT_OCTETS_MAX);
    buf_append_format(&line, "AUTH %s\r\n", step->name);
    say(writing, step->connection, buf_bytes(&line));
    buf_release(&line);
    if (step->sasl->until == 0)
        say_answers(writing, step->connection, step->name);
}

static void wait_for(struct writing *writing, int64_t span_us)
{
    int seconds = span_us >= WAIT_LONG_S / 2 * US_PER_S    ? WAIT_LONG_S
                  : span_us >= WAIT_SHORT_S / 2 * US_PER_S ? WAIT_SHORT_S
                                                           : 0;

    if (seconds > 0)
        append(writing, (struct script_step){.action = SCRIPT_WAIT, .seconds = seconds});
}

/* ---- steps ---- */

static void begin_state(struct writing *writing, int connection)
{
    use(writing, connection, false);
    if (writing->scenario->start == START_TRANSACTION)
        log_in(writing, connection);
}

static void write_steps(struct writing *writing, const struct step *steps, size_t count);

static void write_step(struct writing *writing, const struct step *step)
{
    int connection = step->connection;

    switch (step->kind) {
    case STEP_SEND:
    case STEP_RAW:
    case STEP_FENCE:
        say_step(writing, step);
        return;
    case STEP_OPEN:
        use(writing, connection, step->implicit_tls);
        return;
    case STEP_RECONNECT:
        begin_state(writing, connection);
        return;
    case STEP_TLS:
        use(writing, connection, false);
        append(writing,
               (struct script_step){.action = step->tls == TLS_FAIL ? SCRIPT_TLS_FAILED : SCRIPT_TLS_DONE});
        return;
    case STEP_LOGIN:
        log_in(writing, connection);
        return;
    case STEP_SASL:
        say_exchange(writing, step);
        return;
    case STEP_CLOSE:
    case STEP_ABORT:
        leave(writing, connection, SCRIPT_ABORT);
        return;
    case STEP_HALF_CLOSE:
        leave(writing, connection, SCRIPT_HALF_CLOSE);
        return;
    case STEP_CLOSED:
        use(writing, connection, false);
        writing->left[writing->current] = true;
        return;
    case STEP_QUIET:
        wait_for(writing, step->span_us);
        return;
    case STEP_SPLIT:
        writing->cuts[connection] = (struct cut){step->split, step->split_at};
        return;
    case STEP_DELIVER:
        append(writing, (struct script_step){.action = SCRIPT_DELIVER});
        return;
    case STEP_PIPELINE:
        say_pipeline(writing, step);
        return;
    case STEP_WHEN:
        if (step->when == ALTERNATIVE_OK || step->when == ALTERNATIVE_CONTINUE)
            write_steps(writing, step->inner, step->inner_count);
        return;
    case STEP_TOGETHER:
        write_steps(writing, step->inner, step->inner_count);
        return;
    case STEP_EXPECT:
    case STEP_SLOW:
    case STEP_REPLY:
    case STEP_TIMEOUT:
    case STEP_PROVOKE:
    case STEP_POINT:
    case STEP_KIND_COUNT:
        return;
    }
}

static void write_steps(struct writing *writing, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count && writing->possible; i++)
        write_step(writing, &steps[i]);
}

bool session_seed(const struct scenario *scenario, struct buf *ret_script)
{
    struct writing writing = {
        .scenario = scenario, .writer = {.out = ret_script}, .current = 0, .possible = true};

    for (int i = 0; i <= CONNECTIONS_MAX; i++)
        writing.clients[i] = CLIENT_NONE;
    if (scenario->start == START_TRANSACTION)
        begin_state(&writing, 1);
    write_steps(&writing, scenario->steps, scenario->step_count);
    return writing.possible && !ret_script->overflowed;
}
