/*
 * The reply reader, and byte-stuffing. Input: one octet that says which replies are due, then what a server
 * sends, as it stands on the wire. Of the first octet, bits 0 to 5 say which of six replies in turn are multi-line
 * ones, and bit 6 that there are many of them, not one: "A" is a multi-line reply and five single ones, over and over;
 * "@" single ones only; "!" one multi-line reply, and what stands behind it stays unread.
 *
 * Oracles: reply-naive (the naive reader says the same), reply-cut (the events are the same at every cut), reply-passes
 * (lines that go the short way are those that the long one tells of), reply-progress, reply-bound (views stay inside input
 * and storage), reply-stuffing (what is stuffed has a dot more on each line that begins with one and comes back, and unstuffing
 * never makes more). While fuzzing cuts, the short
 * way and byte-stuffing take turns, by the input's octets.
 */
#include "check.h"
#include "chunks.h"
#include "oracles.h"

#include "pop3/naive_reader.h"
#include "pop3/stuffing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_OCTETS_MAX = 64 * 1024, REPLIES_MAX = 1000 };

enum { CUTS, PASSES, STUFFING, TURNS };

static struct reply_plan plan_of(uint8_t octet)
{
    return (struct reply_plan){octet & 0x3F, (octet & 0x40) != 0 ? REPLIES_MAX : 1};
}

static size_t count_dotted_lines(struct bytes message)
{
    size_t count = 0;

    for (size_t i = 0; i < message.size; i++)
        if (message.data[i] == '.' &&
            (i == 0 || bytes_end_with(bytes_slice(message, 0, i), BYTES_LITERAL("\r\n"))))
            count++;
    return count;
}

static void check_stuffing(struct bytes message)
{
    struct buf wire;
    struct buf again;

    buf_init(&wire, BUF_UNBOUNDED);
    buf_init(&again, BUF_UNBOUNDED);
    FUZZ_CHECK(stuff_append(message, &wire), "reply-stuffing");
    FUZZ_CHECK(wire.size == message.size + count_dotted_lines(message), "reply-stuffing");
    FUZZ_CHECK(unstuff_append(buf_bytes(&wire), &again), "reply-stuffing");
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), message), "reply-stuffing");
    buf_clear(&again);
    FUZZ_CHECK(unstuff_append(message, &again), "reply-stuffing");
    FUZZ_CHECK(again.size <= message.size, "reply-stuffing");
    buf_release(&wire);
    buf_release(&again);
}

static void check_session(struct reply_session *session, struct bytes expected, size_t octets, size_t chunks,
                          const char *id)
{
    reply_session_finish(session);
    FUZZ_CHECK(!session->stalled, "reply-progress");
    /* Each call reads an octet at least, or answers an end that was due, or ends a chunk. */
    FUZZ_CHECK(session->calls <= 2 * octets + session->replies + chunks, "reply-progress");
    FUZZ_CHECK(!session->misplaced, "reply-bound");
    FUZZ_CHECK(bytes_equal(buf_bytes(session->log), expected), id);
}

static void check_whole(struct reply_plan plan, struct bytes stream, struct bytes expected, struct buf *log)
{
    static struct reply_session session;

    buf_clear(log);
    reply_session_init(&session, plan, log);
    reply_session_feed(&session, stream);
    check_session(&session, expected, stream.size, 1, "reply-naive");
}

/* In chunks; PASSING: and what can go the short way of lines without facts does. */
static void check_cut(struct reply_plan plan, struct bytes stream, bool passing, struct bytes expected,
                      struct buf *log)
{
    static struct reply_session session;
    uint64_t number = chunks_number(stream);
    /* Few lines are whole in small chunks. */
    size_t octets_max = chunks_octets_max(passing ? 3 + number / TURNS % 2 : number);
    struct chunk_room room;
    size_t chunks = 0;

    buf_clear(log);
    reply_session_init(&session, plan, log);
    session.passing = passing;
    chunk_room_init(&room, octets_max);
    for (size_t at = 0; at < stream.size; chunks++) {
        struct bytes chunk = bytes_slice(stream, at, at + chunks_next(&number, octets_max));

        reply_session_feed(&session, chunk_place(&room, chunk));
        at += chunk.size;
    }
    chunk_room_release(&room);
    check_session(&session, expected, stream.size, chunks, passing ? "reply-passes" : "reply-cut");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes stream;
    uint64_t number;
    /* Their room stays from one input to the next. */
    static struct buf expected = {.size_max = BUF_UNBOUNDED};
    static struct buf log = {.size_max = BUF_UNBOUNDED};

    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    stream = bytes_make(data + 1, size - 1);
    number = chunks_number(stream);
    buf_clear(&expected);
    naive_replies(stream, plan_of(data[0]), &expected);
    check_whole(plan_of(data[0]), stream, buf_bytes(&expected), &log);
    if (oracle_is_due(number, CUTS, TURNS))
        check_cut(plan_of(data[0]), stream, false, buf_bytes(&expected), &log);
    if (oracle_is_due(number, PASSES, TURNS))
        check_cut(plan_of(data[0]), stream, true, buf_bytes(&expected), &log);
    if (oracle_is_due(number, STUFFING, TURNS))
        check_stuffing(stream);
    return 0;
}
