#include "driver_played.h"

#include "check.h"

#include "base/limits.h"

#include <string.h>

enum { PLACE_FACTOR = 1000003 }; /* more breaches of a rule than an input has */

/* ---- what is noted ---- */

void played_begin(struct played *played)
{
    buf_clear(&played->octets);
    memset(played->breaches, 0, sizeof(played->breaches));
    memset(played->received, 0, sizeof(played->received));
    played->event_count = 0;
}

void played_note(struct played *played, enum event_kind kind, int connection, struct bytes octets)
{
    if (played->event_count == EVENTS_MAX)
        return;
    buf_append(&played->octets, octets);
    played->events[played->event_count++] = (struct event){kind, played->octets.size, connection};
}

struct bytes played_octets(const struct played *played, size_t which)
{
    size_t start = which > 0 ? played->events[which - 1].end : 0;

    return bytes_slice(buf_bytes(&played->octets), start, played->events[which].end);
}

bool played_is_harmless(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

void played_observe(void *context, const struct observation *observation)
{
    struct played *played = context;

    FUZZ_CHECK(played_is_harmless(observation->expected) && played_is_harmless(observation->actual),
               "driver-print");
    FUZZ_CHECK(observation->offset <= played->received[observation->connection], "driver-offset");
    played->breaches[observation->rule] += 1 + PLACE_FACTOR * (observation->offset + 1);
}

/* ---- the model, asked again ---- */

/* A session, and what is known of it without the model. */
struct heard {
    struct conversation *conversation;
    bool behind_bare_lf; /* a dot there may stand inside a line */
};

static bool is_first_line(struct bytes wire)
{
    return bytes_equal_nocase(bytes_slice(wire, 0, 3), BYTES_LITERAL("+OK")) ||
           bytes_equal_nocase(bytes_slice(wire, 0, 4), BYTES_LITERAL("-ERR"));
}

/* True where EVENT, which came BEHIND_BARE_LF, breaks RULE for whoever looks at its octets alone. */
static bool breaks(const struct conversation_event *event, bool behind_bare_lf, enum rule rule)
{
    struct bytes wire = event->reply.wire;
    bool first_line = event->reply.kind == REPLY_STATUS && !event->unasked && is_first_line(wire);
    bool line_begins = event->reply.kind == REPLY_BODY && event->reply.first_piece && !behind_bare_lf;

    if (rule == RULE_CRLF)
        return first_line && bytes_end_with(wire, BYTES_LITERAL("\n")) &&
               !bytes_end_with(wire, BYTES_LITERAL("\r\n"));
    if (rule == RULE_FIRST_LINE_LENGTH)
        return first_line && event->reply.line_octets > REPLY_FIRST_LINE_OCTETS_MAX;
    return line_begins && wire.size > 1 && wire.data[0] == '.' && wire.data[1] != '.';
}

/* A model that accuses nobody has found no rule broken that is broken for anyone. */
static void next_event(struct heard *heard, struct bytes *octets, struct played *found,
                       struct conversation_event *ret_event)
{
    static const enum rule rules[] = {RULE_CRLF, RULE_FIRST_LINE_LENGTH, RULE_BYTE_STUFFING};
    enum { LOOKED_FOR = sizeof(rules) / sizeof(rules[0]) };
    struct conversation *conversation = heard->conversation;
    bool silent = conversation_silent(conversation) || conversation_lost(conversation);
    uint64_t before[LOOKED_FOR];

    for (size_t i = 0; i < LOOKED_FOR; i++)
        before[i] = found->breaches[rules[i]];
    conversation_next(conversation, octets, 0, ret_event);
    silent = silent || conversation_silent(conversation);
    for (size_t i = 0; i < LOOKED_FOR && !silent; i++)
        FUZZ_CHECK(!breaks(ret_event, heard->behind_bare_lf, rules[i]) ||
                       found->breaches[rules[i]] != before[i],
                   "driver-missed");
    if (ret_event->reply.kind == REPLY_STATUS ||
        (ret_event->reply.kind == REPLY_BODY && ret_event->reply.last_piece))
        heard->behind_bare_lf = !bytes_end_with(ret_event->reply.wire, BYTES_LITERAL("\r\n"));
}

static void feed(struct heard *heard, struct bytes octets, enum played_manner manner, struct played *found)
{
    size_t chunk_octets = manner == PLAYED_OCTETS ? 1 : octets.size;
    struct conversation_event event;

    for (size_t at = 0; at < octets.size; at += chunk_octets) {
        struct bytes chunk = bytes_slice(octets, at, at + chunk_octets);

        do {
            if (manner == PLAYED_PASSING)
                conversation_pass_lines(heard->conversation, &chunk);
            next_event(heard, &chunk, found, &event);
        } while (event.reply.kind != REPLY_NONE);
        FUZZ_CHECK(chunk.size == 0, "driver-cut");
    }
}

static void leave(struct heard *heard)
{
    if (heard->conversation != NULL)
        conversation_left(heard->conversation, 0);
    conversation_free(heard->conversation);
    *heard = (struct heard){NULL, false};
}

static struct conversation *meet(int connection, struct played *found)
{
    return conversation_new(&(struct conversation_options){.connection = connection,
                                                           .capa = true,
                                                           .resp_codes = true,
                                                           .pipelining = true,
                                                           .observer = {played_observe, found}});
}

static void go_on(struct heard *heard, const struct event *event, struct bytes octets,
                  enum played_manner manner, struct played *found)
{
    switch (event->kind) {
    case EVENT_OPENED:
        leave(heard);
        found->received[event->connection] = 0;
        heard->conversation = meet(event->connection, found);
        return;
    case EVENT_SENT:
        conversation_sent(heard->conversation, octets, CONVERSATION_BY_COMMAND);
        return;
    case EVENT_RECEIVED:
        found->received[event->connection] += octets.size;
        feed(heard, octets, manner, found);
        return;
    case EVENT_SECURED:
        conversation_secured(heard->conversation, BYTES_EMPTY, 0);
        return;
    case EVENT_ENDED:
    case EVENT_RESET:
        conversation_ended(heard->conversation, event->kind == EVENT_RESET, 0);
        return;
    }
}

/* What the model finds in all sessions, the server's octets handed over in MANNER. */
static void judge_again(const struct played *played, enum played_manner manner, struct played *found)
{
    struct heard heard[CONNECTIONS_MAX + 1] = {{NULL, false}};

    played_begin(found);
    for (size_t i = 0; i < played->event_count; i++)
        go_on(&heard[played->events[i].connection], &played->events[i], played_octets(played, i), manner,
              found);
    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++)
        leave(&heard[connection]);
}

void played_check(const struct played *played, enum played_manner manner, const char *id)
{
    static struct played whole;
    static struct played other;

    judge_again(played, PLAYED_WHOLE, &whole);
    judge_again(played, manner, &other);
    FUZZ_CHECK(memcmp(whole.breaches, other.breaches, sizeof(whole.breaches)) == 0, id);
}
