/*
 * Printing joins the pieces of each connection and direction into lines, whatever stood between them. It walks over
 * the pieces twice: to count the lines, and to gather the octets of those that are shown.
 */
#include "result/transcript.h"

#include "base/limits.h"
#include "base/memory.h"
#include "result/redactor.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    LINE_OCTETS_SHOWN = 1024,
    STREAMS = (CONNECTIONS_MAX + 1) * 2, /* connection 0 stands for what is about none */
};

struct gathered_line {
    enum direction direction;
    int connection;
    time_us at_us;
    unsigned ragged_edges;
    size_t marked; /* the octet that is marked, or NOT_MARKED */
    struct buf octets;
};

#define NOT_MARKED SIZE_MAX

struct open_line {
    bool open;
    bool was_cut; /* the stream's last line did not end in LF */
    size_t ordinal;
};

struct walk {
    const struct transcript *transcript;
    const struct transcript_mark *mark; /* NULL: none */
    struct open_line streams[STREAMS];
    size_t line_count;              /* lines begun so far */
    struct gathered_line *gathered; /* NULL: the lines are only counted */
    size_t head_lines;              /* ordinals below it are gathered */
    size_t tail_first;              /* and those from it on */
};

static struct open_line *stream_of(struct walk *walk, enum direction direction, int connection)
{
    int index = connection >= 0 && connection <= CONNECTIONS_MAX ? connection : 0;

    return &walk->streams[index * 2 + (direction == DIRECTION_CLIENT ? 1 : 0)];
}

/* NULL for a line that is not shown. */
static struct gathered_line *gathered_line(struct walk *walk, size_t ordinal)
{
    if (walk->gathered == NULL)
        return NULL;
    if (ordinal < walk->head_lines)
        return &walk->gathered[ordinal];
    if (ordinal >= walk->tail_first)
        return &walk->gathered[walk->head_lines + ordinal - walk->tail_first];
    return NULL;
}

static size_t begin_line(struct walk *walk, enum direction direction, int connection, time_us at_us,
                         unsigned ragged_edges)
{
    struct gathered_line *line = gathered_line(walk, walk->line_count);

    if (line != NULL) {
        *line = (struct gathered_line){.direction = direction,
                                       .connection = connection,
                                       .at_us = at_us,
                                       .ragged_edges = ragged_edges,
                                       .marked = NOT_MARKED};
        buf_init(&line->octets, BUF_UNBOUNDED);
    }
    return walk->line_count++;
}

static void append_to_line(struct walk *walk, size_t ordinal, struct bytes octets)
{
    struct gathered_line *line = gathered_line(walk, ordinal);

    if (line != NULL)
        buf_append(&line->octets, octets);
}

/* What follows on the stream begins a line of its own, though no LF was seen. */
static void cut_line(struct walk *walk, struct open_line *stream)
{
    if (!stream->open)
        return;
    struct gathered_line *line = gathered_line(walk, stream->ordinal);

    if (line != NULL)
        line->ragged_edges |= RAGGED_END;
    stream->open = false;
    stream->was_cut = true;
}

/* OCTETS, the end of PIECE, are about to be appended to the line ORDINAL: is one of the first SIZE the marked one? */
static void mark_line(struct walk *walk, size_t ordinal, const struct transcript_piece *piece,
                      struct bytes octets, size_t size)
{
    struct gathered_line *line = gathered_line(walk, ordinal);
    const struct transcript_mark *mark = walk->mark;
    uint64_t first = piece->stream + (piece->size - octets.size);

    if (line != NULL && mark != NULL && piece->direction == DIRECTION_SERVER &&
        piece->connection == mark->connection && mark->stream >= first && mark->stream - first < size)
        line->marked = line->octets.size + (size_t)(mark->stream - first);
}

static void walk_octets(struct walk *walk, const struct transcript_piece *piece, struct bytes octets)
{
    struct open_line *stream = stream_of(walk, piece->direction, piece->connection);

    while (octets.size > 0) {
        size_t line_end = bytes_find_octet(octets, '\n');
        size_t size = line_end == BYTES_NOT_FOUND ? octets.size : line_end + 1;

        if (!stream->open)
            stream->ordinal = begin_line(walk, piece->direction, piece->connection, piece->at_us,
                                         stream->was_cut ? RAGGED_START : 0);
        mark_line(walk, stream->ordinal, piece, octets, size);
        append_to_line(walk, stream->ordinal, bytes_slice(octets, 0, size));
        stream->open = line_end == BYTES_NOT_FOUND;
        stream->was_cut = false;
        octets = bytes_from(octets, size);
    }
}

/* A note (opened, closed, TLS) ends the lines of its connection: what comes later is another stream of octets. */
static void walk_note(struct walk *walk, int connection, time_us at_us, struct bytes text)
{
    cut_line(walk, stream_of(walk, DIRECTION_CLIENT, connection));
    cut_line(walk, stream_of(walk, DIRECTION_SERVER, connection));
    append_to_line(walk, begin_line(walk, DIRECTION_NOTE, connection, at_us, 0), text);
}

static void walk_gap(struct walk *walk, time_us at_us)
{
    char text[64];

    for (size_t i = 0; i < STREAMS; i++) {
        cut_line(walk, &walk->streams[i]);
        walk->streams[i].was_cut = true;
    }
    snprintf(text, sizeof(text), "%" PRIu64 " octets left out", walk->transcript->left_out);
    append_to_line(walk, begin_line(walk, DIRECTION_NOTE, 0, at_us, 0), bytes_of(text));
}

static void walk_pieces(struct walk *walk)
{
    const struct transcript *transcript = walk->transcript;

    for (size_t i = 0; i < transcript->count; i++) {
        const struct transcript_piece *piece = &transcript->pieces[i];
        struct bytes octets =
            bytes_slice(buf_bytes(&transcript->octets), piece->start, piece->start + piece->size);

        if (i == transcript->head_count && transcript->left_out > 0)
            walk_gap(walk, piece->at_us);
        if (piece->direction == DIRECTION_NOTE)
            walk_note(walk, piece->connection, piece->at_us, octets);
        else
            walk_octets(walk, piece, octets);
    }
    for (size_t i = 0; i < STREAMS; i++)
        cut_line(walk, &walk->streams[i]);
}

static struct transcript_line printed(const struct gathered_line *line, const struct redactor *redactor,
                                      time_us began_us, struct arena *arena)
{
    struct transcript_line printed = {
        .direction = line->direction, .connection = line->connection, .at_us = line->at_us - began_us};

    printed.text = printable_make_marked(arena, redactor, buf_bytes(&line->octets), LINE_OCTETS_SHOWN,
                                         line->ragged_edges, line->marked, &printed.mark);
    return printed;
}

static struct transcript_line lines_left_out(size_t count, int64_t at_us, struct arena *arena)
{
    const char *text = arena_format(arena, "%zu lines left out", count);

    return (struct transcript_line){
        .direction = DIRECTION_NOTE, .connection = 0, .at_us = at_us, .text = {.text = text}};
}

static const struct transcript_mark *mark_of(const struct transcript *transcript, int topic)
{
    for (size_t i = 0; i < transcript->mark_count; i++)
        if (transcript->marks[i].topic == topic)
            return &transcript->marks[i];
    return NULL;
}

struct transcript_line *transcript_print(const struct transcript *transcript, int topic,
                                         const struct redactor *redactor, time_us began_us, size_t lines_max,
                                         struct arena *arena, size_t *ret_count)
{
    struct walk counting = {.transcript = transcript};

    walk_pieces(&counting);
    size_t total = counting.line_count;
    bool cut = total > lines_max;
    size_t head = cut ? lines_max / 3 : total;
    size_t tail = cut && lines_max > head ? lines_max - head - 1 : 0;
    struct walk walk = {.transcript = transcript,
                        .mark = mark_of(transcript, topic),
                        .gathered = memory_new_array(head + tail, sizeof(struct gathered_line)),
                        .head_lines = head,
                        .tail_first = total - tail};
    struct transcript_line *lines = arena_new_array(arena, head + tail + 1, sizeof(*lines));
    size_t count = 0;

    walk_pieces(&walk);
    for (size_t i = 0; i < head + tail; i++) {
        int64_t at_us = walk.gathered[i].at_us - began_us;

        if (cut && i == head)
            lines[count++] = lines_left_out(total - head - tail, at_us, arena);
        lines[count++] = printed(&walk.gathered[i], redactor, began_us, arena);
        buf_release(&walk.gathered[i].octets);
    }
    if (cut && tail == 0)
        lines[count++] = lines_left_out(total - head, 0, arena);
    free(walk.gathered);
    *ret_count = count;
    return lines;
}
