/*
 * The reply reader, and what reads its lines. Input: one octet that says which replies are due, then what a server
 * sends, as it stands on the wire. Of the first octet, bits 0 to 5 say which of six replies in turn are multi-line
 * ones, and bit 6 that there are many of them, not one: "A" is a multi-line reply and five single ones, over and over;
 * "@" single ones only; "!" one multi-line reply, and what stands behind it stays unread.
 *
 * Oracles: reply-naive (the naive reader says the same), reply-cut (the events are the same at every cut),
 * reply-progress, reply-bound (views stay inside input and storage), stuffing, listing, timestamp, capability,
 * status-line.
 */
#include "check.h"
#include "chunks.h"

#include "pop3/capability.h"
#include "pop3/greeting.h"
#include "pop3/listing.h"
#include "pop3/naive_reader.h"
#include "pop3/stuffing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_OCTETS_MAX = 64 * 1024, REPLIES_MAX = 1000 };

static struct reply_plan plan_of(uint8_t octet)
{
    return (struct reply_plan){octet & 0x3F, (octet & 0x40) != 0 ? REPLIES_MAX : 1};
}

static bool is_within(struct bytes part, struct bytes whole)
{
    return part.data == NULL || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

/* Steps over NUMBER in decimal at the front of *line, and over zeros before it. */
static void check_number(struct bytes *line, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    while (line->size > strlen(text) && line->data[0] == '0' && ascii_is_digit(line->data[1]))
        *line = bytes_from(*line, 1);
    FUZZ_CHECK(bytes_start_with(*line, bytes_of(text)), "listing");
    *line = bytes_from(*line, strlen(text));
}

static void check_listings(struct bytes line)
{
    struct drop_listing drop;
    struct scan_listing scan;
    struct unique_id_listing unique_id;
    bool is_drop = drop_listing_parse(line, &drop) == NULL;
    bool is_scan = scan_listing_parse(line, &scan) == NULL;

    FUZZ_CHECK(is_drop == is_scan, "listing");
    if (unique_id_listing_parse(line, &unique_id) == NULL) {
        FUZZ_CHECK(unique_id.unique_id.size >= 1 && unique_id.unique_id.size <= 70, "listing");
        FUZZ_CHECK(is_within(unique_id.unique_id, line), "listing");
        FUZZ_CHECK(bytes_find_octet(unique_id.unique_id, ' ') == BYTES_NOT_FOUND, "listing");
    }
    if (!is_scan)
        return;
    check_number(&line, scan.number);
    FUZZ_CHECK(line.size > 0 && line.data[0] == ' ', "listing");
    line = bytes_from(line, 1);
    check_number(&line, scan.octets);
    FUZZ_CHECK(scan.more == (line.size > 0) && drop.more == scan.more, "listing");
    FUZZ_CHECK(scan.number == drop.count && scan.octets == drop.octets, "listing");
}

/* Is TEXT from START up to END, exclusive, a timestamp? Written without regard to time. */
static bool is_timestamp(struct bytes text, size_t start, size_t end)
{
    size_t ats = 0;

    if (end - start < 5 || text.data[start] != '<' || text.data[end - 1] != '>')
        return false;
    for (size_t i = start + 1; i < end - 1; i++) {
        if (!ascii_is_visible(text.data[i]) || text.data[i] == '<' || text.data[i] == '>')
            return false;
        ats += text.data[i] == '@' ? 1 : 0;
    }
    return ats == 1 && text.data[start + 1] != '@' && text.data[end - 2] != '@';
}

static void check_timestamp(struct bytes text)
{
    enum { COMPARED_OCTETS_MAX = 64 };
    struct bytes found = greeting_timestamp(text);

    FUZZ_CHECK(is_within(found, text), "timestamp");
    if (found.data != NULL) {
        size_t start = (size_t)(found.data - text.data);

        FUZZ_CHECK(is_timestamp(text, start, start + found.size), "timestamp");
        return;
    }
    if (text.size > COMPARED_OCTETS_MAX)
        return;
    for (size_t start = 0; start < text.size; start++) {
        for (size_t end = start; end <= text.size; end++)
            FUZZ_CHECK(!is_timestamp(text, start, end), "timestamp");
    }
}

static void check_capability(struct bytes line)
{
    static struct capability_set set;
    struct capability capability;
    struct capability found;

    capability_set_init(&set);
    capability_set_add(&set, line);
    if (capability_parse(line, &capability) != NULL)
        return;
    size_t blank = capability.parameters.size > 0 ? 1 : 0;

    FUZZ_CHECK(capability.tag.size + blank + capability.parameters.size == line.size, "capability");
    FUZZ_CHECK(capability_set_find(&set, capability.tag, &found), "capability");
    FUZZ_CHECK(bytes_equal(found.parameters, capability.parameters), "capability");
}

static void check_status_line(struct bytes line)
{
    struct status_line status = status_line_parse(line);

    FUZZ_CHECK(is_within(status.text, line) && is_within(status.code, line), "status-line");
    FUZZ_CHECK(status.indicator != STATUS_NONE || bytes_equal(status.text, line), "status-line");
    if (status.code.data == NULL)
        return;
    FUZZ_CHECK(status.indicator == STATUS_OK || status.indicator == STATUS_ERR, "status-line");
    FUZZ_CHECK(status.code.data == status.text.data + 1 && status.text.data[0] == '[', "status-line");
    FUZZ_CHECK(status.code.data[status.code.size] == ']', "status-line");
    FUZZ_CHECK(bytes_find_octet(status.code, ']') == BYTES_NOT_FOUND, "status-line");
}

/* What reads lines, on each line of the stream, whether the reader makes a first line or a body line of it. */
static void check_lines(struct bytes stream)
{
    struct bytes line;

    while (bytes_split(&stream, '\n', &line)) {
        if (bytes_end_with(line, BYTES_LITERAL("\r")))
            line.size--;
        check_listings(line);
        check_timestamp(line);
        check_capability(line);
        check_status_line(line);
    }
}

static void check_stuffing(struct bytes message)
{
    struct buf wire;
    struct buf again;

    buf_init(&wire, BUF_UNBOUNDED);
    buf_init(&again, BUF_UNBOUNDED);
    FUZZ_CHECK(stuff_append(message, &wire), "stuffing");
    FUZZ_CHECK(unstuff_append(buf_bytes(&wire), &again), "stuffing");
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), message), "stuffing");
    buf_clear(&again);
    FUZZ_CHECK(unstuff_append(message, &again), "stuffing");
    FUZZ_CHECK(again.size <= message.size, "stuffing");
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

static void check_cut(struct reply_plan plan, struct bytes stream, struct bytes expected, struct buf *log)
{
    static struct reply_session session;
    uint64_t number = chunks_number(stream);
    size_t octets_max = chunks_octets_max(number);
    struct chunk_room room;
    size_t chunks = 0;

    buf_clear(log);
    reply_session_init(&session, plan, log);
    chunk_room_init(&room, octets_max);
    for (size_t at = 0; at < stream.size; chunks++) {
        struct bytes chunk = bytes_slice(stream, at, at + chunks_next(&number, octets_max));

        reply_session_feed(&session, chunk_place(&room, chunk));
        at += chunk.size;
    }
    chunk_room_release(&room);
    check_session(&session, expected, stream.size, chunks, "reply-cut");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes stream;
    struct buf expected;
    struct buf log;

    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    stream = bytes_make(data + 1, size - 1);
    buf_init(&expected, BUF_UNBOUNDED);
    buf_init(&log, BUF_UNBOUNDED);
    naive_replies(stream, plan_of(data[0]), &expected);
    check_whole(plan_of(data[0]), stream, buf_bytes(&expected), &log);
    check_cut(plan_of(data[0]), stream, buf_bytes(&expected), &log);
    check_lines(stream);
    check_stuffing(stream);
    buf_release(&expected);
    buf_release(&log);
    return 0;
}
