#include "result/transcript_live.h"

#include "base/memory.h"
#include "result/redactor.h"

#include <stdlib.h>

enum {
    LINE_OCTETS_SHOWN = 1024,
    LINE_OCTETS_KEPT = 4096, /* more than is shown, so that a secret at the edge is seen whole */
    PRINTED_OCTETS_MAX = 64 * 1024,
};

struct live_line {
    struct buf octets; /* empty: none is open */
    time_us at_us;
    bool was_cut; /* the one before it did not end in LF */
    bool is_cut;  /* octets of this one were dropped */
};

struct transcript_live {
    const struct redactor *redactor;
    void (*line)(void *context, const struct transcript_line *line);
    void *context;
    bool begun;
    time_us began_us;
    struct live_line streams[CONNECTIONS_MAX + 1][2]; /* by connection, then direction */
};

struct transcript_live *transcript_live_new(const struct redactor *redactor,
                                            void (*line)(void *context, const struct transcript_line *line),
                                            void *context)
{
    struct transcript_live *live = (struct transcript_live *)memory_new(sizeof(*live));

    live->redactor = redactor;
    live->line = line;
    live->context = context;
    for (size_t i = 0; i <= CONNECTIONS_MAX; i++)
        for (size_t direction = 0; direction < 2; direction++)
            buf_init(&live->streams[i][direction].octets, LINE_OCTETS_KEPT);
    return live;
}

static void tell(const struct transcript_live *live, enum direction direction, int connection, time_us at_us,
                 struct bytes octets, unsigned ragged_edges)
{
    struct transcript_line line = {
        .direction = direction, .connection = connection, .at_us = at_us - live->began_us};
    struct arena arena;

    arena_init(&arena, PRINTED_OCTETS_MAX);
    line.text = printable_make_marked(&arena, live->redactor, octets, LINE_OCTETS_SHOWN, ragged_edges,
                                      SIZE_MAX, &line.mark);
    live->line(live->context, &line);
    arena_release(&arena);
}

/* Tells the open line of a stream; ENDED where it ended in LF. */
static void finish_line(struct transcript_live *live, enum direction direction, int connection, bool ended)
{
    struct live_line *line = &live->streams[connection][direction];
    unsigned start = line->was_cut ? RAGGED_START : 0;
    unsigned end = ended && !line->is_cut ? 0 : RAGGED_END;

    if (line->octets.size > 0) {
        tell(live, direction, connection, line->at_us, buf_bytes(&line->octets), start | end);
        line->was_cut = !ended;
    }
    line->is_cut = false;
    buf_clear(&line->octets);
}

static void add_to_line(struct live_line *line, time_us at_us, struct bytes octets)
{
    size_t room = LINE_OCTETS_KEPT - line->octets.size;

    if (line->octets.size == 0)
        line->at_us = at_us;
    line->is_cut = line->is_cut || octets.size > room;
    buf_append(&line->octets, bytes_slice(octets, 0, octets.size < room ? octets.size : room));
}

static void hear_octets(struct transcript_live *live, enum direction direction, int connection, time_us at_us,
                        struct bytes octets)
{
    while (octets.size > 0) {
        size_t line_end = bytes_find_octet(octets, '\n');
        size_t size = line_end == BYTES_NOT_FOUND ? octets.size : line_end + 1;

        add_to_line(&live->streams[connection][direction], at_us, bytes_slice(octets, 0, size));
        if (line_end != BYTES_NOT_FOUND)
            finish_line(live, direction, connection, true);
        octets = bytes_from(octets, size);
    }
}

static void hear(void *context, enum direction direction, int connection, time_us at_us, struct bytes octets)
{
    struct transcript_live *live = (struct transcript_live *)context;
    int known = connection >= 0 && connection <= CONNECTIONS_MAX ? connection : 0;

    if (!live->begun)
        live->began_us = at_us;
    live->begun = true;
    if (direction != DIRECTION_NOTE) {
        hear_octets(live, direction, known, at_us, octets);
        return;
    }
    finish_line(live, DIRECTION_CLIENT, known, false);
    finish_line(live, DIRECTION_SERVER, known, false);
    tell(live, DIRECTION_NOTE, connection, at_us, octets, 0);
}

struct transcript_listener transcript_live_listener(struct transcript_live *live)
{
    return (struct transcript_listener){hear, live};
}

void transcript_live_free(struct transcript_live *live)
{
    if (live == NULL)
        return;
    for (int i = 0; i <= CONNECTIONS_MAX; i++)
        for (size_t direction = 0; direction < 2; direction++) {
            finish_line(live, (enum direction)direction, i, false);
            buf_release(&live->streams[i][direction].octets);
        }
    free(live);
}
