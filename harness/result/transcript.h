/*
 * The transcript of a case: every octet with direction, time and connection, bounded. Raw while the case runs;
 * transcript_print() turns it into printable, redacted lines, joined across segments, so that a secret cut into
 * single octets is still found.
 */
#ifndef RESULT_TRANSCRIPT_H
#define RESULT_TRANSCRIPT_H

#include "base/buf.h"
#include "base/time.h"
#include "result/printable.h"

enum direction {
    DIRECTION_CLIENT, /* sent by us */
    DIRECTION_SERVER, /* sent by the target */
    DIRECTION_NOTE,   /* something happened: opened, closed by reset, TLS 1.3 */
};

struct transcript_piece {
    enum direction direction;
    int connection;
    time_us at_us;
    size_t start; /* in octets */
    size_t size;
};

struct transcript {
    struct buf octets;
    struct transcript_piece *pieces;
    size_t count;
    size_t capacity;
    uint64_t left_out; /* octets dropped: past TRANSCRIPT_OCTETS_MAX the middle is not kept, only counted */
    size_t head_count; /* pieces before the place where octets are dropped; meaningless until left_out */
};

void transcript_init(struct transcript *transcript);
void transcript_release(struct transcript *transcript);
void transcript_add(struct transcript *transcript, enum direction direction, int connection, time_us at_us,
                    struct bytes octets);
void transcript_note(struct transcript *transcript, int connection, time_us at_us, const char *format, ...)
    PRINTF_LIKE(4, 5);

struct transcript_line {
    enum direction direction;
    int connection;
    int64_t at_us;         /* since the case began */
    struct printable text; /* a whole line with its line end shown ("+OK\r\n"); long ones are cut */
};

/* The lines, in ARENA, of at most LINES_MAX: the first third and the last two, with a note of what was left out. */
struct transcript_line *transcript_print(const struct transcript *transcript, const struct redactor *redactor,
                                         time_us began_us, size_t lines_max, struct arena *arena,
                                         size_t *ret_count);

#endif
