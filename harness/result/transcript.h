/*
 * The transcript of a case: every octet with direction, time and connection, bounded. Raw while the case runs;
 * transcript_print() turns it into printable, redacted lines, joined across segments, so that a secret cut into
 * single octets is still found.
 */
#ifndef RESULT_TRANSCRIPT_H
#define RESULT_TRANSCRIPT_H

#include "base/buf.h"
#include "base/limits.h"
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
    uint64_t stream; /* SERVER: how much the target had sent on this connection before it */
};

enum { TRANSCRIPT_MARKS_MAX = 16, TRANSCRIPT_OWN_TOPIC = -1 };

/* An octet of the target that is not as it should be. */
struct transcript_mark {
    int topic; /* a rule, or TRANSCRIPT_OWN_TOPIC: what the scenario itself demands */
    int connection;
    uint64_t stream;
};

/* Told everything that goes into a transcript, before any of it is left out. */
struct transcript_listener {
    void (*heard)(void *context, enum direction direction, int connection, time_us at_us,
                  struct bytes octets);
    void *context;
};

struct transcript {
    struct transcript_listener listener; /* heard NULL: nobody listens */
    struct buf octets;
    struct transcript_piece *pieces;
    size_t count;
    size_t capacity;
    uint64_t left_out; /* octets dropped: past TRANSCRIPT_OCTETS_MAX the middle is not kept, only counted */
    size_t head_count; /* pieces before the place where octets are dropped; meaningless until left_out */
    uint64_t received[CONNECTIONS_MAX +
                      1]; /* octets of the target on each connection, however often it was opened */
    uint64_t opened_at[CONNECTIONS_MAX + 1]; /* the same when the connection was opened last */
    struct transcript_mark marks[TRANSCRIPT_MARKS_MAX];
    size_t mark_count;
};

void transcript_init(struct transcript *transcript);
void transcript_release(struct transcript *transcript);
void transcript_add(struct transcript *transcript, enum direction direction, int connection, time_us at_us,
                    struct bytes octets);
void transcript_note(struct transcript *transcript, int connection, time_us at_us, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* CONNECTION is opened, for the first time or anew: what the target sends on it is counted from here. */
void transcript_restart(struct transcript *transcript, int connection);
/*
 * Notes that the octet at OFFSET of what the target has sent on CONNECTION since it was opened is not as it should be. Of
 * each topic the first is kept, of TRANSCRIPT_MARKS_MAX topics.
 */
void transcript_mark(struct transcript *transcript, int topic, int connection, uint64_t offset);

struct transcript_line {
    enum direction direction;
    int connection;
    int64_t at_us;              /* since the case began */
    struct printable text;      /* a whole line with its line end shown ("+OK\r\n"); long ones are cut */
    struct printable_span mark; /* the characters of the octet that is not as it should be; empty: none */
};

/*
 * The lines, in ARENA, of at most LINES_MAX: the first third and the last two, with a note of what was left out. What
 * was marked under TOPIC is marked in them.
 */
struct transcript_line *transcript_print(const struct transcript *transcript, int topic,
                                         const struct redactor *redactor, time_us began_us, size_t lines_max,
                                         struct arena *arena, size_t *ret_count);

#endif
