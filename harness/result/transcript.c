/*
 * Keeping: the first HEAD_OCTETS_MAX octets stay; behind them the newest stay, and when those are too many all but the
 * newest TAIL_OCTETS_KEPT go at once, so that dropping costs little for each octet.
 */
#include "result/transcript.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEAD_OCTETS_MAX = TRANSCRIPT_OCTETS_MAX / 3,
    TAIL_OCTETS_MAX = TRANSCRIPT_OCTETS_MAX - HEAD_OCTETS_MAX,
    /* What stays of the tail when its older part is dropped. */
    TAIL_OCTETS_KEPT = 48 * 1024,
    /* What stays of a quantity that comes at once: still more lines of a message than a report shows. */
    QUANTITY_OCTETS_KEPT = 24 * 1024,
    /* A hostile server sends single octets far apart: the pieces are bounded like the octets. */
    PIECES_MAX = 16 * 1024,
    HEAD_PIECES_MAX = PIECES_MAX / 3,
    NOTE_OCTETS_MAX = 512,
};

void transcript_init(struct transcript *transcript)
{
    *transcript = (struct transcript){0};
    buf_init(&transcript->octets, TRANSCRIPT_OCTETS_MAX);
}

void transcript_release(struct transcript *transcript)
{
    buf_release(&transcript->octets);
    free(transcript->pieces);
    transcript_init(transcript);
}

static bool head_is_full(const struct transcript *transcript)
{
    return transcript->octets.size >= HEAD_OCTETS_MAX || transcript->count >= HEAD_PIECES_MAX;
}

static size_t head_octets(const struct transcript *transcript)
{
    return transcript->head_count < transcript->count ? transcript->pieces[transcript->head_count].start
                                                      : transcript->octets.size;
}

/* Drops the oldest pieces behind the head until at most OCTETS_MAX octets and COUNT_MAX pieces are left there. */
static void drop_from_tail(struct transcript *transcript, size_t octets_max, size_t count_max)
{
    size_t start = head_octets(transcript);
    size_t first = transcript->head_count;
    size_t kept_octets = transcript->octets.size - start;

    while (first < transcript->count && (kept_octets > octets_max || transcript->count - first > count_max)) {
        kept_octets -= transcript->pieces[first].size;
        first++;
    }
    size_t dropped = transcript->octets.size - start - kept_octets;
    uint8_t *gap = transcript->octets.data + start;

    memmove(gap, gap + dropped, kept_octets);
    transcript->octets.size -= dropped;
    transcript->left_out += dropped;
    for (size_t i = first; i < transcript->count; i++) {
        struct transcript_piece *piece = &transcript->pieces[transcript->head_count + i - first];

        *piece = transcript->pieces[i];
        piece->start -= dropped;
    }
    transcript->count -= first - transcript->head_count;
}

static void make_room(struct transcript *transcript, size_t octets)
{
    size_t tail_octets = transcript->octets.size - head_octets(transcript);

    if (tail_octets + octets > TAIL_OCTETS_MAX || transcript->count == PIECES_MAX)
        drop_from_tail(transcript, TAIL_OCTETS_KEPT, (PIECES_MAX - HEAD_PIECES_MAX) / 2);
}

/*
 * Once something is left out already, what comes at once in a quantity need not be kept only to be dropped soon: a
 * message of a gigabyte passes through here. The result is the end of OCTETS that is kept.
 */
static struct bytes leave_out_quantity(struct transcript *transcript, struct bytes octets)
{
    size_t skipped = 0;

    if (transcript->left_out == 0)
        return octets;
    while (octets.size - skipped >= QUANTITY_OCTETS_KEPT + READER_LINE_OCTETS)
        skipped += READER_LINE_OCTETS;
    if (skipped == 0)
        return octets;
    drop_from_tail(transcript, 0, 0);
    transcript->left_out += skipped;
    return bytes_from(octets, skipped);
}

/*
 * How many of OCTETS simply lengthen the newest piece: the rest of its line, for within a line the time of its first
 * octet counts. Nothing behind the head lengthens a piece of the head.
 */
static size_t continued_octets(const struct transcript *transcript, enum direction direction, int connection,
                               struct bytes octets)
{
    bool begins_tail = head_is_full(transcript) && transcript->count == transcript->head_count;

    if (transcript->count == 0 || begins_tail || direction == DIRECTION_NOTE)
        return 0;
    const struct transcript_piece *last = &transcript->pieces[transcript->count - 1];
    uint8_t last_octet = transcript->octets.data[last->start + last->size - 1];

    if (last->direction != direction || last->connection != connection || last_octet == '\n' ||
        last->size >= READER_LINE_OCTETS)
        return 0;
    size_t line_end = bytes_find_octet(octets, '\n');

    return line_end == BYTES_NOT_FOUND ? octets.size : line_end + 1;
}

static size_t known_connection(int connection)
{
    return connection >= 0 && connection <= CONNECTIONS_MAX ? (size_t)connection : 0;
}

static void append_octets(struct transcript *transcript, enum direction direction, int connection,
                          time_us at_us, struct bytes octets)
{
    size_t continued = continued_octets(transcript, direction, connection, octets);
    size_t start = transcript->octets.size + continued;
    const uint64_t *received = &transcript->received[known_connection(connection)];

    buf_append(&transcript->octets, octets);
    if (continued > 0)
        transcript->pieces[transcript->count - 1].size += continued;
    if (continued == octets.size)
        return;
    if (transcript->count == transcript->capacity) {
        transcript->capacity = transcript->capacity > 0 ? transcript->capacity * 2 : 16;
        transcript->pieces =
            memory_resize_array(transcript->pieces, transcript->capacity, sizeof(struct transcript_piece));
    }
    transcript->pieces[transcript->count++] = (struct transcript_piece){.direction = direction,
                                                                        .connection = connection,
                                                                        .at_us = at_us,
                                                                        .start = start,
                                                                        .size = octets.size - continued,
                                                                        .stream = *received + continued};
}

void transcript_add(struct transcript *transcript, enum direction direction, int connection, time_us at_us,
                    struct bytes octets)
{
    uint64_t *received =
        direction == DIRECTION_SERVER ? &transcript->received[known_connection(connection)] : NULL;
    size_t given = octets.size;

    if (transcript->listener.heard != NULL)
        transcript->listener.heard(transcript->listener.context, direction, connection, at_us, octets);
    octets = leave_out_quantity(transcript, octets);
    if (received != NULL)
        *received += given - octets.size;
    while (octets.size > 0) {
        size_t size = octets.size < READER_LINE_OCTETS ? octets.size : READER_LINE_OCTETS;
        bool in_head = !head_is_full(transcript);

        if (!in_head)
            make_room(transcript, size);
        else if (size > HEAD_OCTETS_MAX - transcript->octets.size)
            size = HEAD_OCTETS_MAX - transcript->octets.size;
        append_octets(transcript, direction, connection, at_us, bytes_slice(octets, 0, size));
        if (in_head)
            transcript->head_count = transcript->count;
        if (received != NULL)
            *received += size;
        octets = bytes_from(octets, size);
    }
}

void transcript_restart(struct transcript *transcript, int connection)
{
    size_t index = known_connection(connection);

    transcript->opened_at[index] = transcript->received[index];
}

void transcript_mark(struct transcript *transcript, int topic, int connection, uint64_t offset)
{
    for (size_t i = 0; i < transcript->mark_count; i++)
        if (transcript->marks[i].topic == topic)
            return;
    if (transcript->mark_count < TRANSCRIPT_MARKS_MAX)
        transcript->marks[transcript->mark_count++] = (struct transcript_mark){
            .topic = topic,
            .connection = connection,
            .stream = transcript->opened_at[known_connection(connection)] + offset,
        };
}

void transcript_note(struct transcript *transcript, int connection, time_us at_us, const char *format, ...)
{
    char text[NOTE_OCTETS_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    transcript_add(transcript, DIRECTION_NOTE, connection, at_us, bytes_of(text));
}
